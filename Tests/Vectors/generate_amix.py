#!/usr/bin/env python3
"""Writes AMIX.vector from docs/formats/AMIX.md alone, as generate.py does for its formats. Usage: generate_amix.py [folder]"""
import hashlib
import struct
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from generate import KEY, KEY2, SALT, File, flip, put, seq

CHUNK = 8192
LABEL = b"ama/index-file@v1+AEAD_AES_256_GCM\0"
INDEX, INDEX2, NAME, VERSION = seq(0x10, 16), seq(0x11, 16), "_0.cfs", 7


def sealed_file(plain, key=KEY, index=INDEX, name=NAME, key_version=VERSION, version=1, suite=1, shift=13, zero=0):
    head = b"AMIX" + bytes([version, suite, shift, zero]) + struct.pack(">Q", key_version) + SALT
    encoded = name.encode()
    context = head + index + struct.pack(">H", len(encoded)) + encoded
    derived = HKDFExpand(hashes.SHA512(), 76, LABEL + SALT + context).derive(key)
    gcm, base = AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big")
    out, number = head + derived[44:], 0
    while True:
        part = plain[number * CHUNK:(number + 1) * CHUNK]
        out += gcm.encrypt((base ^ number).to_bytes(12, "big"), part, None)
        if len(part) < CHUNK:
            return out
        number += 1


def vectors():
    file = File("AMIX.vector", "Sealed index file: docs/formats/AMIX.md\n"
                "Written under this name into this index, the plain bytes give these; read back they give the plain ones.")
    shared = {"key": KEY, "version": VERSION, "index": INDEX, "file": NAME, "salt": SALT}
    for size in (0, 1, 100):
        file.case(f"plain-{size}", "ok", "short files", **shared, plain=seq(1, size), sealed=sealed_file(seq(1, size)))
    for size in (8191, 8192, 8193, 40000, 65536):
        plain = b"a" * size
        file.case(f"plain-{size}", "ok", "around the chunk size; the last chunk is short, or empty", **shared,
                  plain=plain, sealed_sha256=hashlib.sha256(sealed_file(plain)).digest())
    name = "_ünlike.tim"
    file.case("long-name", "ok", "a name is UTF-8", **(shared | {"file": name}), plain=b"x",
              sealed=sealed_file(b"x", name=name))
    whole, two = sealed_file(seq(1, 20)), sealed_file(b"a" * 8200)

    def bad(case, expect, comment, data, **changes):
        file.case(case, expect, comment, **(shared | changes), sealed=data)
    bad("nothing", "Truncated", "no bytes at all", b"")
    bad("cut-header", "Truncated", "no whole header", whole[:71])
    bad("no-chunk", "Truncated", "the header alone", whole[:72])
    bad("cut-tag", "Truncated", "less than a tag", whole[:72 + 15])
    bad("impossible-length", "Truncated", "a full chunk and no last one", two[:72 + 8192 + 16])
    bad("magic", "Format", "another format", put(whole, 0, b"AMIY"))
    bad("version-0", "Reserved", "no such version", sealed_file(seq(1, 20), version=0))
    bad("version-2", "Reserved", "a later version", sealed_file(seq(1, 20), version=2))
    bad("suite-2", "Reserved", "a later suite", sealed_file(seq(1, 20), suite=2))
    bad("shift-14", "Reserved", "another chunk size", sealed_file(seq(1, 20), shift=14))
    bad("zero", "Reserved", "zero is not zero", sealed_file(seq(1, 20), zero=1))
    bad("wrong-key", "Commitment", "never reaches the cipher", whole, key=KEY2)
    bad("other-index", "Commitment", "a file of another index", whole, index=INDEX2)
    bad("other-name", "Commitment", "a file under another's name", whole, file="_1.cfs")
    bad("key-version", "Commitment", "says another key version", put(whole, 8, struct.pack(">Q", VERSION + 1)))
    bad("flipped-salt", "Commitment", "the salt is in the derivation", flip(whole, 16))
    bad("flipped-commitment", "Commitment", "the commitment itself", flip(whole, 71, 0x80))
    bad("flipped-chunk", "Authentication", "first byte of the only chunk", flip(whole, 72))
    bad("flipped-tag", "Authentication", "last byte of the tag", flip(whole, len(whole) - 1))
    bad("flipped-first-of-two", "Authentication", "the last chunk is whole, the first is not", flip(two, 80))
    bad("cut-last-byte", "Authentication", "a shorter last chunk is another chunk", whole[:-1])
    bad("one-byte-more", "Authentication", "bytes behind the end lengthen the last chunk", whole + b"\0")
    bad("cut-last-chunk", "Authentication", "the rest of the first chunk is taken for a last one", two[:72 + 5000])
    return file


if __name__ == "__main__":
    vectors().write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
