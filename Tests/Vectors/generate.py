#!/usr/bin/env python3
"""Writes the vectors of Cobblestone-256, key agreement, AMA1, preamble, AMP1, AMK1 and the key tree.

A second implementation, from docs/formats alone and with another library (python3-cryptography): what it seals the
product must open, and the other way round for deterministic parts. Everything is fixed, so a run changes nothing
unless a format changed. Usage: generate.py [folder]
"""
import hashlib
import hmac
import struct
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CHUNK = 16384
LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
MESSAGE_LABEL = b"ama/sealed-message@v1\0"


def seq(first, count):
    return bytes((first + i) & 0xFF for i in range(count))


KEY, KEY2, SALT = seq(0x00, 32), seq(0x80, 32), seq(0x40, 24)
TENANT, TENANT2, RECORD, PACK = seq(0x10, 16), seq(0x11, 16), seq(0x20, 16), seq(0x30, 16)
POLICY, OPENING, LINK = seq(0x50, 32), seq(0x60, 32), seq(0x70, 32)
EPOCH, LEAF, SEALED_AT, GENERATION = 2031 * 12 + 4, 0x00010002, 1_800_000_000_123, 1
RAW = b"From: a@example.org\r\nSubject: hello\r\n\r\nHello.\r\n"


# --- formats -----------------------------------------------------------------------------------------------------

def cobblestone(key, context, plain, salt=SALT):
    derived = HKDFExpand(hashes.SHA512(), 76, LABEL + salt + context).derive(key)
    gcm, base = AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big")
    out, number = salt + derived[44:], 0
    while True:
        part = plain[number * CHUNK:(number + 1) * CHUNK]
        out += gcm.encrypt((base ^ number).to_bytes(12, "big"), part, None)
        if len(part) < CHUNK:
            return out
        number += 1


def header(comp=0, flags=0, region=1, cls=1, tenant=TENANT, record=RECORD, epoch=EPOCH, leaf=LEAF, at=SEALED_AT,
           policy=POLICY, generation=GENERATION, version=1, suite=1, pad=0, length=184, shift=14, zero=bytes(28)):
    return (b"AMA1" + bytes([version, suite, comp, pad]) + struct.pack(">HBBHH", length, shift, flags, region, cls)
            + tenant + record + struct.pack(">IIQ", epoch, leaf, at) + policy + struct.pack(">I", generation) + zero)


def message(payload, key=KEY, salt=SALT, **fields):
    head = header(**fields)
    return head + cobblestone(key, MESSAGE_LABEL + head, payload, salt)


def field(tag, value):
    return struct.pack(">HI", tag, len(value)) + value


def block(magic, fields):
    return magic + struct.pack(">I", len(fields)) + fields


def envelope():
    return block(b"AME1", b"".join([
        field(1, TENANT), field(2, b"a@example.org"), field(3, seq(0x90, 16) + b"journal@example.net"),
        field(4, struct.pack(">Q", SEALED_AT - 5)), field(5, b"192.0.2.1"), field(6, b"mx.example.org"),
        field(7, b"TLSv1.3"), field(8, b"TLS_AES_256_GCM_SHA384"), field(10, bytes([2])),
        field(11, struct.pack(">Q", len(RAW)))]))


def preamble(raw=RAW, link=None, flags=None, length=None, more=b"", magic=b"AMM1"):
    return block(magic, b"".join([
        field(1, OPENING), field(2, hashlib.sha256(raw).digest()),
        field(3, struct.pack(">Q", len(raw) if length is None else length)),
        field(4, seq(0xA0, 16) + struct.pack(">I", 7)), field(5, envelope()),
        field(6, link) if link is not None else b"", field(7, flags) if flags is not None else b"", more]))


def zstd(content, stated=None, with_size=True):
    """A frame of raw blocks: no compressor needed, and every reader must take it."""
    size = len(content) if stated is None else stated
    head = b"\x28\xb5\x2f\xfd" + (b"\xa0" + struct.pack("<I", size) if with_size else b"\x00\x58")
    return head + ((len(content) << 3) | 1).to_bytes(3, "little") + content


def wrap(key, wrapping=KEY, wrapping_id=seq(0xC0, 16), version=3, kind=8, context=b"", alg=1, inner=None, zero=0,
         nonce=seq(0xD0, 12)):
    head = (b"AMK1" + bytes([1, alg, kind, zero]) + wrapping_id + struct.pack(">IH", version, len(context)) + context)
    plain = key + hashlib.sha256(context if inner is None else inner).digest()
    return head + nonce + AESGCM(wrapping).encrypt(nonce, plain, head)


def child(node, bit):
    return hashlib.sha256(b"\0\0\0\1" + node + b"ama-ggm-v1" + bytes([bit])).digest()


def walk(node, leaf, depth_from, depth_to):
    for level in range(depth_from, depth_to):
        node = child(node, leaf >> (31 - level) & 1)
    return node


def state(nodes, version=1, count=None):
    return (b"AMT" + bytes([version]) + struct.pack(">I", len(nodes) if count is None else count)
            + b"".join(struct.pack(">BI", depth, first) + key for depth, first, key in nodes))


def punctured(root, leaf):
    """The co-path, in order of first leaves."""
    nodes, node = [], root
    for level in range(32):
        bit = leaf >> (31 - level) & 1
        first = (leaf >> (31 - level) ^ 1) << (31 - level)
        nodes.append((level + 1, first, child(node, 1 - bit)))
        node = child(node, bit)
    return sorted(nodes, key=lambda entry: entry[1])


def pack(messages, footer_edit=lambda b: b, head_edit=lambda b: b, streamed=False, entries_edit=lambda e: e):
    first = messages[0]
    head = head_edit(b"AMP1" + bytes([1, 1, 0, 14]) + first[12:16] + first[48:52] + first[16:32] + PACK + first[96:100]
                     + bytes(12) + first[64:96])
    body, entries = b"", []
    for number, sealed in enumerate(messages):
        rest = sealed[128:]
        last = number == len(messages) - 1
        length = 0xFFFFFFFF if streamed and last else len(rest)
        body += (struct.pack(">I", length) + sealed[6:7] + sealed[11:12] + sealed[32:48] + sealed[52:56]
                 + sealed[56:64] + rest)
        entries.append(sealed[32:48] + sealed[52:56] + struct.pack(">I", len(rest)) + sealed[6:7] + sealed[11:12]
                       + hashlib.sha256(sealed).digest())
    entries = entries_edit(entries)
    footer = b"".join(entries) + b"AMPF" + struct.pack(">IQ", len(entries), len(head) + len(body))
    return head + body + footer_edit(footer + hashlib.sha256(head + footer).digest())


# --- vectors -----------------------------------------------------------------------------------------------------

class File:
    def __init__(self, name, about):
        self.name, self.text = name, "".join(f"# {line}\n" for line in about.strip().splitlines())

    def case(self, name, expect, comment, **fields):
        self.text += f"\nname: {name}\nexpect: {expect}\ncomment: {comment}\n"
        for key, value in fields.items():
            shown = self.show(value)
            self.text += key.replace("_", "-") + ":" + (shown if shown[:1] in ("", "\n") else " " + shown) + "\n"

    @staticmethod
    def show(value):
        if not isinstance(value, bytes):
            return str(value)
        if len(value) > 512 and len(set(value)) == 1:
            return f"{value[0]:02x}*{len(value)}"
        digits = value.hex()
        if len(digits) <= 96:
            return digits
        return "".join("\n  " + digits[i:i + 96] for i in range(0, len(digits), 96))

    def write(self, folder):
        (folder / self.name).write_text(self.text)


def flip(data, at, bit=1):
    changed = bytearray(data)
    changed[at] ^= bit
    return bytes(changed)


def put(data, at, value):
    return data[:at] + value + data[at + len(value):]


def cobblestone_vectors():
    file = File("cobblestone.vector", "Cobblestone-256: docs/formats/cobblestone.md\n"
                "Sealing with this key, context and salt gives these bytes; opening them gives the plain ones.")
    context = b"ama/test@v1\0"
    for size in (0, 1, 100):
        plain = seq(1, size)
        file.case(f"plain-{size}", "ok", "short messages", key=KEY, context=context, salt=SALT, plain=plain,
                  sealed=cobblestone(KEY, context, plain))
    for size in (16383, 16384, 16385, 40000, 65536):
        plain = b"a" * size
        file.case(f"plain-{size}", "ok", "around the chunk size; the last chunk is short, or empty", key=KEY,
                  context=context, salt=SALT, plain=plain,
                  sealed_sha256=hashlib.sha256(cobblestone(KEY, context, plain)).digest())
    file.case("no-context", "ok", "an empty context", key=KEY, context=b"", salt=SALT, plain=b"x",
              sealed=cobblestone(KEY, b"", b"x"))
    sealed = cobblestone(KEY, context, seq(1, 20))

    def bad(name, expect, comment, data, key=KEY, bound=context):
        file.case(name, expect, comment, key=key, context=bound, sealed=data)
    bad("wrong-key", "Commitment", "never reaches the cipher", sealed, key=KEY2)
    bad("wrong-context", "Commitment", "sealed for another place", sealed, bound=b"ama/test@v2\0")
    bad("flipped-salt", "Commitment", "the salt is in the derivation", flip(sealed, 0))
    bad("flipped-commitment", "Commitment", "the commitment itself", flip(sealed, 55, 0x80))
    bad("flipped-chunk", "Authentication", "first byte of the only chunk", flip(sealed, 56))
    bad("flipped-tag", "Authentication", "last byte of the tag", flip(sealed, len(sealed) - 1))
    bad("cut-last-byte", "Authentication", "a shorter last chunk is another chunk", sealed[:-1])
    bad("one-byte-more", "Authentication", "bytes behind the end lengthen the last chunk", sealed + b"\0")
    bad("no-chunk", "Truncated", "the head alone", sealed[:56])
    bad("cut-tag", "Truncated", "less than a tag", sealed[:56 + 15])
    bad("cut-head", "Truncated", "no whole head", sealed[:55])
    bad("nothing", "Truncated", "no bytes at all", b"")
    file.case("two-key-commitment", "Commitment", "an attacker's key with the victim's commitment", key=KEY2,
              context=context, sealed=put(cobblestone(KEY2, context, seq(1, 20)), 24, sealed[24:56]))
    return file


def agreement_vectors():
    file = File("key-agreement.vector", "X25519: docs/formats/cobblestone.md, \"Key agreement\"")
    mine, theirs = X25519PrivateKey.from_private_bytes(KEY), X25519PrivateKey.from_private_bytes(KEY2)

    def public(private):
        return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    file.case("own-pair", "ok", "two fixed keys", private=KEY, public=public(theirs), own_public=public(mine),
              shared=mine.exchange(X25519PublicKey.from_public_bytes(public(theirs))))
    file.case("rfc7748", "ok", "RFC 7748, section 6.1",
              private=bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
              public=bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
              own_public=bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
              shared=bytes.fromhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"))
    file.case("zero", "WeakKey", "the point of order 1: everybody knows the secret", private=KEY, public=bytes(32))
    file.case("order-2", "WeakKey", "small order", private=KEY, public=b"\1" + bytes(31))
    file.case("order-8", "WeakKey", "small order", private=KEY, public=bytes.fromhex(
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"))
    file.case("short", "Format", "31 bytes", private=KEY, public=public(theirs)[:31])
    return file


def message_vectors():
    file = File("AMA1.vector", "Sealed message: docs/formats/AMA1.md")
    whole = message(b"payload")
    file.case("plain", "ok", "no compression", key=KEY, salt=SALT, message=whole, payload=b"payload", compression=0,
              flags=0, region=1, **{"class": 1}, tenant=TENANT, record=RECORD, epoch=EPOCH, leaf=LEAF,
              sealed_at=SEALED_AT, policy=POLICY, generation=GENERATION)
    other = dict(comp=1, flags=1, region=2, cls=0xFFFE, epoch=0xFFFFFFFF, leaf=0xFFFFFFFF, at=0, policy=bytes(32),
                 generation=0xFFFFFFFF)
    file.case("edges", "ok", "a delivery, with the largest numbers", key=KEY, salt=SALT, message=message(b"", **other),
              payload=b"", compression=1, flags=1, region=2, **{"class": 0xFFFE}, tenant=TENANT, record=RECORD,
              epoch=0xFFFFFFFF, leaf=0xFFFFFFFF, sealed_at=0, policy=bytes(32), generation=0xFFFFFFFF)

    def bad(name, expect, comment, data, key=KEY):
        file.case(name, expect, comment, key=key, message=data)
    bad("wrong-key", "Commitment", "another leaf's key", whole, key=KEY2)
    for name, at in (("class", 15), ("tenant", 16), ("record", 32), ("epoch", 51), ("leaf", 55), ("sealed-at", 63),
                     ("policy", 64), ("generation", 99)):
        bad(f"changed-{name}", "Commitment", "every byte of the header is in the derivation", flip(whole, at))
    bad("swapped-tenant", "Commitment", "another tenant's header over the same body",
        header(tenant=TENANT2) + whole[128:])
    bad("changed-compression", "Commitment", "a known value, but not the sealed one", put(whole, 6, b"\1"))
    bad("changed-flags", "Commitment", "a message made a delivery", put(whole, 11, b"\1"))
    bad("changed-region", "Commitment", "eu made us", put(whole, 13, b"\2"))
    bad("flipped-chunk", "Authentication", "first byte of the payload", flip(whole, 184))
    bad("cut-last-byte", "Authentication", "a shorter last chunk", whole[:-1])
    bad("cut-chunks", "Truncated", "head without chunks", whole[:184])
    bad("cut-header", "Truncated", "no whole header", whole[:127])
    bad("other-magic", "Format", "not a sealed message", put(whole, 0, b"AMB1"))
    bad("time-below-zero", "Format", "no such time", message(b"x", at=1 << 63))
    for name, fields in (("version", dict(version=2)), ("suite", dict(suite=2)), ("padding", dict(pad=1)),
                         ("dictionary", dict(comp=2)), ("mime-decoded", dict(comp=3)), ("flags", dict(flags=2)),
                         ("region", dict(region=3)), ("header-length", dict(length=185)),
                         ("chunk-shift", dict(shift=13)), ("zeroes", dict(zero=bytes(27) + b"\1"))):
        bad(f"reserved-{name}", "Reserved", "properly sealed, but this version doesn't define the value",
            message(b"x", **fields))
    return file


def payload_vectors():
    file = File("preamble.vector", "Preamble and payload: docs/formats/preamble.md")
    commit = hmac.new(OPENING, b"ama/content@v1\0" + hashlib.sha256(RAW).digest(), hashlib.sha256).digest()
    content = preamble() + RAW

    def good(name, comment, payload, compression=0, flags=0, raw=RAW, **fields):
        file.case(name, "ok", comment, compression=compression, flags=flags, payload=payload, raw=raw, opening=OPENING,
                  delivery=seq(0xA0, 16) + struct.pack(">I", 7), content_commit=commit, **fields)
    good("plain", "no compression", content)
    good("zstd", "one frame, one raw block", zstd(content), compression=1)
    good("link-and-flags", "all optional fields", preamble(link=LINK, flags=b"\0\0\0\5") + RAW, link=LINK, odd=5)
    good("later-field", "a field of a later version that may be passed over", preamble(more=field(0x8001, b"?")) + RAW)
    good("delivery", "flag bit 0: the preamble alone", preamble(), flags=1, raw=b"")
    empty = b""
    file.case("empty-message", "ok", "a message of no bytes", compression=0, flags=0, payload=preamble(raw=empty),
              raw=empty, opening=OPENING)

    def bad(name, expect, comment, payload, compression=0, flags=0, **fields):
        file.case(name, expect, comment, compression=compression, flags=flags, payload=payload, **fields)
    bad("other-raw", "Content", "another message of the same length", preamble() + RAW.replace(b"Hello", b"Hallo"))
    bad("cut-raw", "Truncated", "a byte less than the preamble says", content[:-1])
    bad("longer-raw", "Trailing", "a byte more", content + b"\n")
    bad("delivery-with-raw", "Trailing", "a delivery holds no message", content, flags=1)
    bad("message-without-raw", "Truncated", "a delivery's payload in a message", preamble())
    bad("other-magic", "Format", "no preamble", preamble(magic=b"AMM2") + RAW)
    bad("cut-preamble", "Truncated", "the preamble ends too early", content[:100])
    bad("no-preamble", "Truncated", "nothing at all", b"")
    bad("unknown-field", "Reserved", "a field that must be understood", preamble(more=field(0x0008, b"?")) + RAW)
    bad("repeated-field", "Format", "the opening twice", preamble(more=field(1, OPENING)) + RAW)
    bad("later-fields-out-of-order", "Format", "tags must rise",
        preamble(more=field(0x8002, b"") + field(0x8001, b"")) + RAW)
    bad("zero-flags", "Format", "no flags are written as no field", preamble(flags=bytes(4)) + RAW)
    bad("short-link", "Format", "a link tag of 31 bytes", preamble(link=LINK[:31]) + RAW)
    bad("field-past-the-end", "Format", "a field longer than the preamble",
        block(b"AMM1", struct.pack(">HI", 1, 1000) + OPENING) + RAW)
    bad("negative-length", "Format", "a length below zero", preamble(length=1 << 63) + RAW)
    bad("too-long-preamble", "Limit", "more than a preamble may take", b"AMM1" + struct.pack(">I", 1 << 24) + RAW)
    bad("over-the-limit", "Limit", "a message longer than the caller allows", content, limit=len(RAW) - 1)
    bad("zstd-no-size", "Content", "a frame must state its size", zstd(content, with_size=False), compression=1)
    bad("zstd-bomb", "Limit", "states 4 GiB: refused before memory is spent", zstd(content, stated=0xFFFFFFFF),
        compression=1)
    bad("zstd-less", "Content", "states more than it holds", zstd(content, stated=len(content) + 1), compression=1)
    bad("zstd-trailing", "Trailing", "bytes behind the frame", zstd(content) + b"\0", compression=1)
    bad("zstd-two-frames", "Trailing", "a second frame", zstd(content) + zstd(b"x"), compression=1)
    bad("zstd-cut", "Truncated", "half a frame", zstd(content)[:-1], compression=1)
    bad("not-zstd", "Content", "not compressed at all", content, compression=1)
    return file


def pack_vectors():
    file = File("AMP1.vector", "Pack: docs/formats/AMP1.md\n"
                "message-N: what record N is when it is taken out. key: of every leaf in it.")
    one = message(preamble() + RAW, record=seq(0x20, 16), leaf=1)
    two = message(zstd(preamble() + RAW), comp=1, record=seq(0x21, 16), leaf=2, at=SEALED_AT + 1, salt=seq(0x41, 24))
    three = message(preamble(), flags=1, record=seq(0x22, 16), leaf=3, salt=seq(0x42, 24))
    whole = pack([one, two, three])
    file.case("three", "ok", "plain, compressed, a delivery", key=KEY, pack=whole, pack_id=PACK, message_0=one,
              message_1=two, message_2=three)
    file.case("one", "ok", "a single record", key=KEY, pack=pack([one]), pack_id=PACK, message_0=one)
    file.case("streamed", "ok", "the last record without a length", key=KEY, pack=pack([one, two], streamed=True),
              pack_id=PACK, message_0=one, message_1=two)

    def bad(name, expect, comment, data):
        file.case(name, expect, comment, key=KEY, pack=data)
    end = len(whole)
    bad("cut-end", "Truncated", "the last byte is missing", whole[:-1])
    bad("cut-footer", "Truncated", "records without a footer", whole[:end - 48 - 3 * 58])
    bad("nothing", "Truncated", "no bytes", b"")
    bad("bytes-behind", "Truncated", "a byte behind the trailer: no trailer at the end", whole + b"\0")
    bad("flipped-entry", "Content", "a leaf in the footer changed", flip(whole, end - 48 - 3 * 58 + 19))
    bad("flipped-header", "Content", "the shared header is in the footer's hash", flip(whole, 16))
    bad("flipped-hash", "Content", "the footer's hash itself", flip(whole, end - 1))
    bad("flipped-record-head", "Format", "the record's head contradicts the footer", flip(whole, 96 + 6))
    bad("flipped-body", "Authentication", "a chunk changed", flip(whole, 96 + 34 + 56))
    bad("flipped-sealed-at", "Commitment", "the only field that the record's head alone holds", flip(whole, 96 + 33))
    bad("more-records-than-bytes", "Format", "the trailer counts one more", put(whole, end - 44, struct.pack(">I", 4)))
    bad("too-many-records", "Limit", "more than a pack may hold", put(whole, end - 44, struct.pack(">I", 65537)))
    bad("no-records", "Format", "an empty pack", pack([one], entries_edit=lambda entries: []))
    bad("one-leaf-twice", "Format", "erasing one would erase both", pack([one, one]))
    bad("other-magic", "Format", "not a pack", pack([one], head_edit=lambda head: b"AMB1" + head[4:]))
    for name, at, value in (("version", 4, 2), ("suite", 5, 2), ("padding", 6, 1), ("chunk-shift", 7, 13),
                            ("region", 9, 3), ("zeroes", 52, 1)):
        bad(f"reserved-{name}", "Reserved", "this version doesn't define the value",
            pack([one], head_edit=lambda head, at=at, value=value: put(head, at, bytes([value]))))
    bad("reserved-compression", "Reserved", "in an entry",
        pack([one], entries_edit=lambda entries: [put(entries[0], 24, b"\2")]))
    bad("length-of-no-message", "Truncated", "an entry whose length no sealing gives",
        pack([one], entries_edit=lambda entries: [put(entries[0], 20, struct.pack(">I", 60))]))
    bad("streamed-first", "Format", "only the last record may be without a length",
        put(whole, 96, b"\xff\xff\xff\xff"))
    twin = message(preamble() + RAW, record=seq(0x23, 16), leaf=4, salt=seq(0x43, 24))
    pair, length = pack([one, twin]), len(one) - 128
    exchanged = put(put(pair, 96 + 34, twin[128:]), 96 + 34 + length + 34, one[128:])
    bad("exchanged-bodies", "Commitment", "two records' bodies of one length, in each other's place", exchanged)
    return file


def blob_vectors():
    file = File("AMK1.vector", "Wrapped key: docs/formats/AMK1.md")
    context, key_id = b"ama/v1|ekt|eu|" + TENANT.hex().encode() + b"|1|24376|1", seq(0xC0, 16)

    def case(name, expect, comment, blob, context=context, kind=8, wrapping=KEY, wrapping_id=key_id, **fields):
        file.case(name, expect, comment, wrapping_key=wrapping, wrapping_key_id=wrapping_id, type=kind,
                  context=context.decode(), blob=blob, **fields)
    whole = wrap(KEY2, context=context)
    case("tree", "ok", "32 bytes", whole, plain_key=KEY2, wrapping_version=3, nonce=seq(0xD0, 12))
    case("long", "ok", "a key of 100 bytes", wrap(seq(0, 100), context=context), plain_key=seq(0, 100),
         wrapping_version=3, nonce=seq(0xD0, 12))
    case("wrong-key", "Authentication", "another wrapping key under the same id", whole, wrapping=KEY2)
    case("flipped-key", "Authentication", "the sealed key changed", flip(whole, len(whole) - 60))
    case("flipped-version", "Authentication", "the head is authenticated", flip(whole, 27))
    case("other-context", "Context", "asked for another epoch", whole, context=context[:-1] + b"2")
    case("other-type", "Context", "asked for an index key", whole, kind=9)
    case("other-wrapping-key", "Context", "asked for another wrapping key's", whole, wrapping_id=seq(0xC1, 16))
    case("context-inside", "Context", "the hash inside is of another context",
         wrap(KEY2, context=context, inner=b"ama/v1|other"))
    case("cut", "Authentication", "the last byte is missing", whole[:-1])
    case("cut-head", "Truncated", "no whole head", whole[:29])
    case("no-key", "Truncated", "nothing but a hash inside", wrap(b"", context=context))
    case("other-magic", "Format", "not a wrapped key", put(whole, 0, b"AMK2"))
    case("reserved-version", "Reserved", "a later version", put(whole, 4, b"\2"))
    case("reserved-algorithm-2", "Reserved", "wrapped in a device", wrap(KEY2, context=context, alg=2))
    case("reserved-algorithm-4", "Reserved", "an unknown algorithm", wrap(KEY2, context=context, alg=4))
    case("reserved-type", "Reserved", "an unknown type", wrap(KEY2, context=context, kind=99))
    case("reserved-zero", "Reserved", "byte 7", wrap(KEY2, context=context, zero=1))
    case("bad-utf8", "Format", "the context is not UTF-8", wrap(KEY2, context=b"ama/v1|\xff"), context=b"ama/v1|")
    case("long-context", "Limit", "a context of 513 bytes", wrap(KEY2, context=b"a" * 513), context=b"a")
    return file


def tree_vectors():
    file = File("key-tree.vector", "Key tree: docs/formats/key-tree.md\n"
                "leaf-N: the key of leaf N, or 'none'. puncture: a leaf to erase, after which the state is 'after'.")
    root = [(0, 0, KEY)]

    def leaves(*numbers):
        return {f"leaf_{leaf}": walk(KEY, leaf, 0, 32) for leaf in numbers}
    file.case("root", "ok", "a fresh tree", state=state(root), **leaves(0, 1, 12345678, 0x80000000, 0xFFFFFFFF))
    file.case("subtree", "ok", "2^16 leaves from 65536 on", state=state([(16, 65536, walk(KEY, 65536, 0, 16))]),
              leaf_65535="none", leaf_131072="none", **leaves(65536, 65537, 131071))
    file.case("puncture-first", "ok", "leaf 0 erased", state=state(root), puncture=0, after=state(punctured(KEY, 0)),
              leaf_0="none", **leaves(1, 0xFFFFFFFF))
    file.case("puncture-last", "ok", "the last leaf erased", state=state(root), puncture=0xFFFFFFFF,
              after=state(punctured(KEY, 0xFFFFFFFF)), leaf_4294967295="none", **leaves(0xFFFFFFFE))
    file.case("puncture-middle", "ok", "a leaf in the middle", state=state(root), puncture=0x12345678,
              after=state(punctured(KEY, 0x12345678)), leaf_305419896="none", **leaves(305419895, 305419897))
    file.case("empty", "ok", "everything erased", state=state([]), leaf_0="none")
    file.case("held-leaves", "ok", "two leaves only", leaf_6="none", **leaves(5, 7),
              state=state([(32, 5, walk(KEY, 5, 0, 32)), (32, 7, walk(KEY, 7, 0, 32))]))

    def bad(name, expect, comment, data):
        file.case(name, expect, comment, state=data)
    bad("other-magic", "Format", "not a tree", b"AMX\1" + state(root)[4:])
    bad("reserved-version", "Reserved", "a later version", state(root, version=2))
    bad("cut", "Truncated", "half a node", state(root)[:-1])
    bad("cut-head", "Truncated", "no whole head", state(root)[:7])
    bad("trailing", "Trailing", "a byte behind the last node", state(root) + b"\0")
    bad("too-many", "Limit", "more nodes than a tree may have", state(root, count=900_001))
    bad("askew", "Format", "a subtree of two leaves from leaf 1 on", state([(31, 1, KEY)]))
    bad("too-deep", "Format", "depth 33", state([(33, 0, KEY)]))
    bad("overlap", "Format", "a leaf under the root again", state([(0, 0, KEY), (32, 5, KEY2)]))
    bad("out-of-order", "Format", "the later leaf first", state([(32, 7, KEY), (32, 5, KEY2)]))
    bad("twice", "Format", "one leaf with two keys", state([(32, 5, KEY), (32, 5, KEY2)]))
    return file


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    for make in (cobblestone_vectors, agreement_vectors, message_vectors, payload_vectors, pack_vectors, blob_vectors,
                 tree_vectors):
        make().write(folder)


if __name__ == "__main__":
    main()
