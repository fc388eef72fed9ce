#!/usr/bin/env python3
"""Writes local-file.vector from docs/formats/local-file.md alone, as generate.py does for its formats. Usage: generate_local.py [folder]"""
import hashlib
import struct
import sys
from pathlib import Path

from generate import KEY, KEY2, SALT, File, cobblestone, flip, put, seq

REGION, PARTITION, NAME, VERSION = "eu", "archive-1", "00112233445566778899aabbccddeeff/place.ama", 7


def local_file(plain, key=KEY, region=REGION, partition=PARTITION, name=NAME, key_version=VERSION, version=1, zero=bytes(3)):
    head = b"AMD1" + bytes([version]) + zero + struct.pack(">Q", key_version)
    context = b"ama/local-file@v1\0" + head + b"\0".join(text.encode() for text in (region, partition, name))
    return head + cobblestone(key, context, plain)


def vectors():
    file = File("local-file.vector", "Local file: docs/formats/local-file.md\n"
                "Written with this key, of this version, for this place and name, the plain bytes give these; no other version is known.")
    shared = {"key": KEY, "version": VERSION, "region": REGION, "partition": PARTITION, "file": NAME, "salt": SALT}
    for size in (0, 1, 100):
        file.case(f"plain-{size}", "ok", "short files", **shared, plain=seq(1, size), sealed=local_file(seq(1, size)))
    for size in (16383, 16384, 40000):
        plain = b"a" * size
        file.case(f"plain-{size}", "ok", "around the chunk size", **shared, plain=plain,
                  sealed_sha256=hashlib.sha256(local_file(plain)).digest())
    file.case("other-place", "ok", "names are UTF-8", **(shared | {"region": "us", "partition": "b", "file": "ü"}),
              plain=b"x", sealed=local_file(b"x", region="us", partition="b", name="ü"))
    whole = local_file(seq(1, 20))

    def bad(case, expect, comment, data, **changes):
        file.case(case, expect, comment, **(shared | changes), sealed=data)
    bad("nothing", "Truncated", "no bytes at all", b"")
    bad("cut", "Truncated", "shorter than an empty content", whole[:16 + 56 + 15])
    bad("magic", "Format", "another format", put(whole, 0, b"AMD2"))
    bad("version-0", "Reserved", "no such version", local_file(seq(1, 20), version=0))
    bad("version-2", "Reserved", "a later version", local_file(seq(1, 20), version=2))
    bad("zero", "Reserved", "zero is not zero", local_file(seq(1, 20), zero=b"\0\0\1"))
    bad("key-gone", "Context", "its key version is not there", local_file(seq(1, 20), key_version=6))
    bad("wrong-key", "Commitment", "never reaches the cipher", whole, key=KEY2)
    bad("other-region", "Commitment", "of another region", whole, region="us")
    bad("other-partition", "Commitment", "another silo's disk", whole, partition="archive-2")
    bad("other-name", "Commitment", "a file under another's name", whole, file="other/place.ama")
    bad("joined-otherwise", "Commitment", "names are kept apart", whole, partition="archive-", file="1" + NAME)
    bad("flipped-salt", "Commitment", "the salt is in the derivation", flip(whole, 16))
    bad("flipped-chunk", "Authentication", "first byte of the only chunk", flip(whole, 72))
    bad("cut-last-byte", "Authentication", "a shorter last chunk is another chunk", whole[:-1])
    bad("one-byte-more", "Authentication", "bytes behind the end lengthen the last chunk", whole + b"\0")
    return file


if __name__ == "__main__":
    vectors().write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
