#!/usr/bin/env python3
"""Writes the vectors of envelope, AMQ1 and AML1: the formats on the way from a gateway to a tenant's log.

A second implementation, from docs/formats alone, beside generate.py and with its tools. Signatures are made as in
RFC 6979, so a run changes nothing unless a format changed. Usage: generate_queue.py [folder]
"""
import datetime
import hashlib
import struct
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from generate import File, KEY, KEY2, RECORD, TENANT, TENANT2, block, cobblestone, field, flip, put, seq, zstd

SEGMENT, SEGMENT2, GATEWAY = seq(0x20, 16), seq(0x21, 16), seq(0x30, 16)
CREATED = 1_795_435_200_123
DAY = 86_400_000
QUEUE_KEY = 2945
RAW = b"From: a@example.org\r\nSubject: hello\r\n\r\nHello.\r\n"


# --- envelope ----------------------------------------------------------------------------------------------------

def u64(value):
    return struct.pack(">Q", value)


ENVELOPE_FIELDS = [
    (1, TENANT), (2, b"a@example.org"), (3, seq(0x90, 16) + b"journal@example.net"), (4, u64(CREATED)),
    (5, b"192.0.2.1"), (6, b"mx.example.org"), (7, b"TLSv1.3"), (8, b"TLS_AES_256_GCM_SHA384"), (10, b"\2"),
    (11, u64(len(RAW)))]


def envelope(fields=None, magic=b"AME1"):
    return block(magic, b"".join(field(tag, value) for tag, value in (fields or ENVELOPE_FIELDS)))


def changed(tag, value):
    return [(t, value if t == tag else v) for t, v in ENVELOPE_FIELDS]


def without(tag):
    return [(t, v) for t, v in ENVELOPE_FIELDS if t != tag]


def envelope_vectors():
    file = File("envelope.vector",
                "Envelope: docs/formats/envelope.md\nA good one encodes to exactly these bytes again.")

    def good(name, comment, data, **fields):
        file.case(name, "ok", comment, envelope=data, **fields)
    good("plain", "what a relay sends", envelope(), tenant=TENANT, sender="a@example.org",
         recipients="journal@example.net", accepted_at=CREATED, client="192.0.2.1", helo="mx.example.org",
         protocol="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", smtputf8=0, eightbit=1, size=len(RAW))
    full = without(11)[:3] + [(3, seq(0x91, 16) + "jörg@example.net".encode())] + without(11)[3:8] + [
        (9, b"relay"), (10, b"\3"), (11, u64(0)), (12, b"QQ314159")]
    good("full", "every field", envelope(full), tenant=TENANT, sender="a@example.org",
         recipients="journal@example.net jörg@example.net", accepted_at=CREATED, client="192.0.2.1",
         helo="mx.example.org", protocol="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", identity="relay", smtputf8=1,
         eightbit=1, size=0, envelope_id="QQ314159")
    good("null-path", "a bounce: no sender", envelope(changed(2, b"")), tenant=TENANT, sender="",
         recipients="journal@example.net", accepted_at=CREATED, client="192.0.2.1", helo="mx.example.org",
         protocol="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", smtputf8=0, eightbit=1, size=len(RAW))
    file.case("later-fields", "ok", "optional fields of a later version are passed over, so they don't come again",
              envelope=envelope(ENVELOPE_FIELDS + [(0x8001, b"?"), (0x8005, b"")]), reads_as=envelope())

    notices = struct.pack(">HBH", 0, 6, 0) + struct.pack(">HBH", 1, 1, 20) + b"rfc822;old+2Bx@a.org"
    extras = [(0x8010, b"\x07"), (0x8011, seq(0x40, 32)), (0x8012, b"\2"), (0x8013, notices)]
    good("extras", "arrival, client certificate, RET and notices for both recipients", envelope(full + extras))
    good("one-notice", "a notice for the second recipient alone", envelope(full + [(0x8013, notices[5:])]))

    def bad(name, expect, comment, data):
        file.case(name, expect, comment, envelope=data)
    for name, tag, value, expect in [
            ("arrival-reserved", 0x8010, b"\x20", "Reserved"), ("arrival-none", 0x8010, b"\0", "Reserved"),
            ("arrival-long", 0x8010, b"\1\1", "Format"), ("certificate-short", 0x8011, bytes(31), "Format"),
            ("ret-reserved", 0x8012, b"\3", "Reserved"), ("notices-none", 0x8013, b"", "Format"),
            ("notice-never-and-more", 0x8013, struct.pack(">HBH", 0, 3, 0), "Reserved"),
            ("notice-reserved", 0x8013, struct.pack(">HBH", 0, 16, 0), "Reserved"),
            ("notice-empty", 0x8013, struct.pack(">HBH", 0, 0, 0), "Format"),
            ("notice-of-nobody", 0x8013, struct.pack(">HBH", 2, 1, 0), "Format"),
            ("notice-twice", 0x8013, notices[:5] + notices[:5], "Format"),
            ("notice-cut", 0x8013, notices[:-1], "Format")]:
        bad(name, expect, "a field that says what can't be", envelope(full + [(tag, value)]))
    bad("other-magic", "Format", "not an envelope", envelope(magic=b"AME2"))
    bad("cut", "Truncated", "the last byte is missing", envelope()[:-1])
    bad("cut-head", "Truncated", "no whole head", envelope()[:7])
    bad("nothing", "Truncated", "no bytes", b"")
    bad("too-long", "Limit", "more than 1 MiB", b"AME1" + struct.pack(">I", (1 << 20) - 7))
    bad("unknown-field", "UnknownField", "a field that must be understood", envelope(ENVELOPE_FIELDS + [(13, b"")]))
    bad("reserved-flag", "Reserved", "flag bit 2", envelope(changed(10, b"\4")))
    bad("no-tenant", "Format", "a missing field", envelope(without(1)))
    bad("no-recipient", "Format", "nobody it is for", envelope(without(3)))
    bad("no-flags", "Format", "a missing field in the trace", envelope(without(10)))
    bad("short-tenant", "Format", "15 bytes", envelope(changed(1, TENANT[:15])))
    bad("short-mailbox", "Format", "a recipient without a whole mailbox", envelope(changed(3, seq(0, 15))))
    bad("short-time", "Format", "a time of seven bytes", envelope(changed(4, bytes(7))))
    bad("time-after-9999", "Format", "no such time", envelope(changed(4, u64(253_402_300_800_000))))
    bad("size-below-zero", "Format", "the highest bit", envelope(changed(11, u64(1 << 63))))
    bad("not-utf8", "Format", "an overlong slash", envelope(changed(2, b"a\xc0\xaf")))
    bad("repeated-sender", "Format", "two senders", envelope(ENVELOPE_FIELDS[:2] + ENVELOPE_FIELDS[1:]))
    bad("out-of-order", "Format", "the sender after the recipient",
        envelope([ENVELOPE_FIELDS[0], ENVELOPE_FIELDS[2], ENVELOPE_FIELDS[1]] + ENVELOPE_FIELDS[3:]))
    bad("later-fields-out-of-order", "Format", "tags must rise",
        envelope(ENVELOPE_FIELDS + [(0x8002, b""), (0x8001, b"")]))
    bad("field-past-the-end", "Format", "a field longer than the envelope",
        block(b"AME1", struct.pack(">HI", 1, 1000) + TENANT))
    bad("tag-0", "Format", "no such tag", envelope([(0, b"")] + ENVELOPE_FIELDS))
    return file


# --- AMQ1 --------------------------------------------------------------------------------------------------------

def moment(days):
    return datetime.datetime.fromtimestamp(CREATED // 1000, datetime.timezone.utc) + datetime.timedelta(days=days)


class Party:
    def __init__(self, number, curve=ec.SECP256R1()):
        self.key = ec.derive_private_key(number, curve)

    def sign(self, data):
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


CA, OTHER_CA, GATEWAY_KEY, OTHER_KEY = Party(0xA11CE), Party(0xA11CF), Party(0xB0B), Party(0xB0C)


def certificate(uri="spiffe://ama/eu/gateway/gw-1", issuer=CA, subject=GATEWAY_KEY, first=-1, last=2, serial=0x4711,
                eku=x509.ExtendedKeyUsageOID.CLIENT_AUTH, own=False):
    ca_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")])
    name = ca_name if own else x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gw-1")])
    builder = (x509.CertificateBuilder().issuer_name(ca_name).subject_name(name).serial_number(serial)
               .not_valid_before(moment(first)).not_valid_after(moment(last)).public_key(subject.key.public_key())
               .add_extension(x509.BasicConstraints(ca=own, path_length=0 if own else None), critical=True))
    if not own:
        builder = builder.add_extension(x509.ExtendedKeyUsage([eku]), critical=False)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), critical=False)
    return builder.sign(issuer.key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


AUTHORITY = certificate(subject=CA, own=True, first=-60, last=700, serial=1)


def public(private):
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


QUEUE, EPHEMERAL = X25519PrivateKey.from_private_bytes(KEY), X25519PrivateKey.from_private_bytes(KEY2)


def fixed_header(cert, version=1, suite=1, flags=0, queue_key=QUEUE_KEY, segment=SEGMENT, created=CREATED, region=1,
                 kem_length=32, cert_length=None, zero=0):
    return (b"AMQ1" + bytes([version, suite]) + struct.pack(">HQ", flags, queue_key) + segment + GATEWAY
            + u64(created) + struct.pack(">HHHH", region, kem_length, cert_length or len(cert), zero))


def segment_key(head):
    shared = EPHEMERAL.exchange(X25519PublicKey.from_public_bytes(public(QUEUE)))
    salt = hashlib.sha256(head + public(QUEUE)).digest()
    return HKDF(hashes.SHA256(), 32, salt, b"ama/queue-segment@v1").derive(shared)


def record(key, number, plain, segment=SEGMENT, streamed=False, kind=1, flags=0, zero=0, length=None, salt=None):
    sealed_length = len(cobblestone(bytes(32), b"", plain))
    stated = 0xFFFFFFFF if streamed else length or sealed_length
    head = struct.pack(">IIBBH", stated, number, kind, flags, zero)
    context = b"ama/queue-record@v1\0" + segment + head
    return head + cobblestone(key, context, plain, salt or seq(0x40 + number, 24))


def segment(records=None, cert=None, signer=GATEWAY_KEY, count=None, share=None, edit=lambda body: body, **fields):
    cert = certificate() if cert is None else cert
    head = fixed_header(cert, **fields) + (share or public(EPHEMERAL))
    key = segment_key(head)
    built = [make(key) for make in (records if records is not None else [mail(0)])]
    body = edit(head + cert + b"".join(built))
    body += struct.pack(">IQQ", len(built) if count is None else count, 7, 6)
    return body + signer.sign(b"ama/queue-segment@v1\0" + hashlib.sha256(body).digest())


def mail(number, raw=RAW, **options):
    return lambda key: record(key, number, envelope() + raw, **options)


def segment_vectors():
    file = File("AMQ1.vector", "Queue segment: docs/formats/AMQ1.md\n"
                "A case is verified with authority, region and queue key, and then all its records are opened with\n"
                "queue-private. queue-private: the private half of queue key 2945, whose public half is queue-public.")
    common = dict(authority=AUTHORITY, queue_private=KEY, queue_public=public(QUEUE))

    def case(name, expect, comment, data, region="eu", first=-1, last=29, key_id=QUEUE_KEY, **fields):
        file.case(name, expect, comment, **{**common, **fields}, region=region, queue_key=key_id,
                  queue_from=CREATED + first * DAY, queue_until=CREATED + last * DAY, segment=data)
    stated = dict(sequence=7, acknowledged=6, gateway="gw-1", created=CREATED, gateway_id=GATEWAY, segment_id=SEGMENT)
    plain = envelope() + RAW
    case("one", "ok", "a single record", segment(), **stated, plain_0=plain)
    case("three", "ok", "records are numbered from 0", segment([mail(0), mail(1, b""), mail(2)]), **stated,
         plain_0=plain, plain_1=envelope(), plain_2=plain)
    case("streamed", "ok", "a record without a length, the last", segment([mail(0), mail(1, streamed=True)]), **stated,
         plain_0=plain, plain_1=plain)
    case("none", "ok", "no record: only a statement of sequences", segment([]), **stated)
    case("after-expiry", "ok", "a gateway that outlived its certificate by four weeks, the queue key still valid",
         segment(cert=certificate(first=-30, last=-28)), **stated, plain_0=plain)

    whole = segment()
    start = 96 + len(certificate())
    case("cut-tail", "Truncated", "the last record reaches into the trailer", whole[:-1])
    case("cut-record", "Truncated", "half a record header where the trailer should be", whole[:start + 90])
    case("cut-head", "Truncated", "no whole header", whole[:95])
    case("cut-certificate", "Truncated", "the certificate ends too early", whole[:150])
    case("no-trailer", "Truncated", "nothing behind the certificate", whole[:start])
    case("nothing", "Truncated", "no bytes", b"")
    case("one-byte-more", "Truncated", "a byte behind the signature shifts the trailer", whole + b"\0")
    case("other-magic", "Format", "not a segment", put(whole, 0, b"AMQ2"))
    for name, fields in (("version", dict(version=2)), ("suite", dict(suite=2)), ("flags", dict(flags=1)),
                         ("zero", dict(zero=1)), ("region", dict(region=3))):
        case(f"reserved-{name}", "Reserved", "signed, but this version doesn't define the value", segment(**fields))
    for name, options in (
            ("record-type", dict(kind=2)), ("record-flags", dict(flags=1)), ("record-zero", dict(zero=1))):
        case(f"reserved-{name}", "Reserved", "sealed and signed, but not defined", segment([mail(0, **options)]))
    case("share-length", "Format", "a key share of 33 bytes", segment(kem_length=33))
    case("share-of-small-order", "Format", "everybody knows the shared secret", segment(share=bytes(32)))
    case("no-certificate", "Limit", "certificate length 0", put(whole, 60, b"\0\0"))
    case("long-certificate", "Limit", "4,097 bytes", put(whole, 60, b"\x10\x01"))
    case("created-after-9999", "Format", "no such time", segment(created=253_402_300_800_000))
    case("flipped-sequence", "Signature", "the trailer is signed", flip(whole, len(whole) - 70))
    case("flipped-body", "Signature", "a byte of a record", flip(whole, start + 80))
    case("flipped-share", "Signature", "the key share", flip(whole, 70))
    case("flipped-segment-id", "Signature", "the id", flip(whole, 20))
    case("flipped-signature", "Signature", "the signature itself", flip(whole, len(whole) - 1))
    case("other-signer", "Signature", "a key that isn't the certificate's", segment(signer=OTHER_KEY))
    case("count-too-high", "Format", "signed, but one record more than there are", segment(count=2))
    case("numbers-from-1", "Format", "signed, but the first record is number 1", segment([mail(1)]))
    case("numbers-twice", "Format", "signed, but two records are number 0", segment([mail(0), mail(0)]))
    case("record-too-short", "Format", "shorter than a seal of nothing",
         segment([lambda key: struct.pack(">IIBBH", 71, 0, 1, 0, 0) + bytes(71)]))
    case("record-too-long", "Truncated", "reaches into the trailer",
         segment([mail(0, length=5000)]))
    case("streamed-first", "Format", "signed, but a record without a length has another behind it: the count shows it",
         segment([mail(0, streamed=True), mail(1)]))
    case("other-authority", "Certificate", "issued by another region's authority, of the same name",
         segment(cert=certificate(issuer=OTHER_CA)))
    case("self-made", "Certificate", "issued by itself", segment(cert=certificate(issuer=GATEWAY_KEY)))
    case("no-client-certificate", "Certificate", "not for identifying anybody",
         segment(cert=certificate(eku=x509.ExtendedKeyUsageOID.CODE_SIGNING)))
    case("no-certificate-at-all", "Certificate", "some bytes", segment(cert=seq(0, 200)))
    case("before-its-certificate", "Certificate", "made before the certificate was valid",
         segment(cert=certificate(first=1, last=3)))
    case("long-after-its-certificate", "Certificate", "31 days after its end",
         segment(cert=certificate(first=-33, last=-31)))
    case("backend", "Role", "a silo may not feed the queue", segment(cert=certificate("spiffe://ama/eu/backend/gw-1")))
    case("nobody", "Certificate", "a certificate for something else", segment(cert=certificate("https://example.org/")))
    case("gateway-of-us", "Region", "a gateway of the other region",
         segment(cert=certificate("spiffe://ama/us/gateway/gw-1")))
    case("segment-of-us", "Region", "a segment of the other region", segment(region=2))
    case("revoked", "Revoked", "a millisecond after the gateway was expelled", whole, revoked="gw-1",
         revoked_until=CREATED - 1)
    case("queue-key-unknown", "QueueKeyUnknown", "no such week", whole, key_id=QUEUE_KEY + 1)
    case("queue-key-ended", "QueueKeyValidity", "made after the queue key's end", whole, first=-30, last=-1)
    case("queue-key-not-yet", "QueueKeyValidity", "made before the queue key's beginning", whole, first=1)
    case("foreign-record", "Commitment", "signed, but sealed for another segment", segment([mail(0, segment=SEGMENT2)]))
    case("exchanged-records", "Commitment", "signed, but two bodies in each other's place",
         segment([mail(0), mail(1)], edit=lambda body: exchanged(body, start)))
    case("flipped-and-signed", "Authentication", "signed, but a chunk isn't what was sealed",
         segment(edit=lambda body: flip(body, start + 12 + 56)))
    return file


def exchanged(body, start):
    length = (len(body) - start) // 2
    one, other = body[start:start + length], body[start + length:]
    return body[:start] + one[:12] + other[12:] + other[:12] + one[12:]


# --- AML1 --------------------------------------------------------------------------------------------------------

def leaf(kind=1, version=1, region=1, epoch=24_436, at=CREATED, tenant=TENANT, ref=0, number=70_000, cls=1, tree=1):
    return (bytes([version, kind]) + struct.pack(">HI", region, epoch) + u64(at) + tenant + RECORD
            + struct.pack(">IHHQ", number, cls, tree, ref) + seq(0x50, 32) + seq(0x70, 32) + bytes(32))


def reference(delivery=None, pack=None, number=0, flags=None, accepted=None):
    known = (1 if delivery else 0) | (2 if pack else 0) | (4 if accepted else 0)
    return (bytes([known if flags is None else flags]) + (delivery or bytes(20)) + (pack or bytes(16))
            + struct.pack(">I", number) + (accepted or bytes(24)))


def acceptance(at=CREATED, source=seq(0xB0, 16)):
    return u64(at) + source


ENTRY = (leaf(), reference(SEGMENT + struct.pack(">I", 3), seq(0x30, 16), 7))


def batch(entries=None, number=4, tenant=TENANT, fence=17, first=100, comp=0, count=None, version=1, zero=bytes(2),
          more=bytes(24), body=None, magic=b"AML1", tallies=(), tallied=None):
    entries = [ENTRY] if entries is None else entries
    plain = b"".join(one for one, _ in entries) + b"".join(other for _, other in entries)
    plain += b"".join(tallies)
    head = (magic + bytes([version, comp]) + zero + u64(number) + tenant + seq(0x80, 32) + u64(fence) + GATEWAY
            + u64(first) + struct.pack(">I", len(entries) if count is None else count)
            + struct.pack(">I", len(tallies) if tallied is None else tallied) + more)
    data = head + ((zstd(plain) if comp == 1 else plain) if body is None else body)
    return data + hashlib.sha256(data).digest()


def tally(source=seq(0xB0, 16), archived=1, further=0, size=4_711, at=CREATED):
    return source + struct.pack(">II", archived, further) + u64(size) + u64(at)


def batch_vectors():
    file = File("AML1.vector",
                "Log batch: docs/formats/AML1.md\nleaf-N and reference-N: entry N, as it stands in the body; tally-N\nlikewise.")

    def good(name, comment, entries=None, **options):
        shown = {}
        for number, (one, other) in enumerate(entries or [ENTRY]):
            shown[f"leaf_{number}"], shown[f"reference_{number}"] = one, other
        for number, one in enumerate(options.get("tallies", ())):
            shown[f"tally_{number}"] = one
        data = batch(entries, **options)
        file.case(name, "ok", comment, batch=data, number=options.get("number", 4), fence=options.get("fence", 17),
                  first=options.get("first", 100), previous=seq(0x80, 32), nonce=GATEWAY, hash=data[-32:], **shown)
    good("one", "a record, not compressed")
    good("zstd", "a frame of one raw block", comp=1)
    kinds = [(leaf(kind=kind, ref=5 if kind == 9 else 0), reference()) for kind in range(1, 11)]
    good("every-type", "leaves of all types, without references", kinds)
    good("edges", "the largest numbers", [(
        leaf(region=2, epoch=0xFFFFFFFF, at=253_402_300_799_999, ref=(1 << 64) - 1, number=0xFFFFFFFF, cls=0xFFFF,
             tree=0xFFFF), reference(b"\xff" * 20, b"\xff" * 16, 0x7FFFFFFF))], number=(1 << 63) - 1,
         fence=(1 << 63) - 1, first=(1 << 63) - 1)

    good("accepted", "when, and from which source", [
        (leaf(), reference(seq(1, 20), seq(0x30, 16), 7, accepted=acceptance())),
        (leaf(kind=9), reference(seq(2, 20), seq(0x30, 16), 8, accepted=acceptance(253_402_300_799_999, bytes(16))))])
    good("tallies", "three entries of two sources, one of them not named", [ENTRY] * 3,
         tallies=[tally(bytes(16), 1, 0), tally(archived=0, further=2)])
    good("tallies-zstd", "the same, compressed; the largest numbers", [ENTRY], comp=1,
         tallies=[tally(b"\xff" * 16, 0, 1, (1 << 63) - 1, 253_402_300_799_999)])

    def bad(name, expect, comment, data):
        file.case(name, expect, comment, batch=data)
    whole = batch()
    bad("cut", "Hash", "the last byte is missing", whole[:-1])
    bad("cut-body", "Hash", "half a leaf", whole[:200])
    bad("cut-head", "Truncated", "a header and a hash, but nothing between", whole[:160])
    bad("nothing", "Truncated", "no bytes", b"")
    bad("trailing", "Hash", "a byte behind the hash", whole + b"\0")
    for name, at in (("number", 15), ("tenant", 16), ("previous-hash", 40), ("fence", 71), ("nonce", 80), ("first", 95),
                     ("leaf", 200), ("reference", 300), ("hash", len(whole) - 1)):
        bad(f"flipped-{name}", "Hash", "a bit changed", flip(whole, at))
    bad("other-magic", "Format", "not a batch", batch(magic=b"AML2"))
    bad("reserved-version", "Reserved", "a later version", batch(version=2))
    bad("reserved-compression", "Reserved", "an unknown compression", batch(comp=2))
    bad("reserved-zero", "Reserved", "bytes 6 and 7", batch(zero=b"\0\1"))
    bad("reserved-end", "Reserved", "bytes 104 to 127", batch(more=bytes(23) + b"\1"))
    bad("number-0", "Format", "batches are numbered from 1", batch(number=0))
    bad("no-entries", "Limit", "a batch of nothing", batch(count=0))
    bad("too-many-entries", "Limit", "65,537: refused before memory is spent", batch(count=65_537))
    bad("fewer-entries", "Format", "the body is shorter than the count says", batch(count=2))
    bad("more-entries", "Format", "the body is longer than the count says", batch([ENTRY, ENTRY], count=1))
    bad("zstd-bomb", "Format", "the frame states more than the count allows",
        batch(comp=1, body=zstd(bytes(225), stated=0xFFFFFFFF)))
    bad("zstd-less", "Format", "the frame holds less than the count says", batch(comp=1, body=zstd(bytes(100))))
    bad("zstd-trailing", "Format", "bytes behind the frame", batch(comp=1, body=zstd(b"".join(ENTRY)) + b"\0"))
    bad("not-zstd", "Format", "not compressed at all", batch(comp=1, body=b"".join(ENTRY)))
    bad("foreign-leaf", "Format", "a leaf of another tenant", batch([(leaf(tenant=TENANT2), reference())]))
    bad("leaf-version", "Reserved", "a later leaf", batch([(leaf(version=2), reference())]))
    bad("leaf-type-0", "Reserved", "no such type", batch([(leaf(kind=0), reference())]))
    bad("leaf-type-11", "Reserved", "no such type yet", batch([(leaf(kind=11), reference())]))
    bad("leaf-region", "Reserved", "no such region", batch([(leaf(region=3), reference())]))
    bad("leaf-time", "Format", "after the year 9999", batch([(leaf(at=253_402_300_800_000), reference())]))
    bad("reference-flags", "Reserved", "bit 3", batch([(leaf(), reference(flags=8))]))
    bad("accepted-without-flag", "Format", "one of two readings",
        batch([(leaf(), reference(seq(1, 20), flags=1, accepted=acceptance()))]))
    bad("accepted-without-delivery", "Format", "of what?", batch([(leaf(), reference(accepted=acceptance()))]))
    bad("accepted-time", "Format", "after the year 9999",
        batch([(leaf(), reference(seq(1, 20), accepted=acceptance(253_402_300_800_000)))]))
    bad("delivery-without-flag", "Format", "one of two readings", batch([(leaf(), reference(seq(1, 20), flags=0))]))
    bad("pack-without-flag", "Format", "one of two readings", batch([(leaf(), reference(None, seq(1, 16), flags=0))]))
    bad("number-without-pack", "Format", "a number in no pack", batch([(leaf(), reference(number=1))]))
    bad("number-below-zero", "Format", "the highest bit", batch([(leaf(), reference(None, seq(1, 16), 1 << 31))]))
    bad("more-tallies", "Limit", "than entries", batch(tallies=[tally(bytes(16), 1, 0), tally(archived=0, further=1)]))
    bad("fewer-tallies", "Format", "the body is shorter than the count says", batch(tallied=1))
    bad("tallies-order", "Format", "they fall", batch([ENTRY] * 3, tallies=[tally(), tally(bytes(16))]))
    bad("tallies-twice", "Format", "one source, two tallies", batch([ENTRY] * 3, tallies=[tally(), tally()]))
    bad("tally-of-nothing", "Format", "no delivery", batch(tallies=[tally(archived=0)]))
    bad("tally-of-too-many", "Format", "two deliveries of one entry", batch(tallies=[tally(further=1)]))
    bad("tally-bytes", "Format", "the highest bit", batch(tallies=[tally(size=1 << 63)]))
    bad("tally-time", "Format", "after the year 9999", batch(tallies=[tally(at=253_402_300_800_000)]))
    return file


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    for make in (envelope_vectors, segment_vectors, batch_vectors):
        make().write(folder)


if __name__ == "__main__":
    main()
