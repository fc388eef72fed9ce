#!/usr/bin/env python3
"""Writes key-roots.vector: a software key root's files, from docs/formats/key-roots.md and AMK1.md alone.

Another language over another library (python3-cryptography with Argon2id, 44 or later). Everything is fixed, so a run
changes nothing unless a format changed. Usage: generate_roots.py [folder]
"""
import hashlib
import hmac
import struct
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def seq(first, count):
    return bytes((first + i) & 0xFF for i in range(count))


MASTER, ROOT_KEY, PLAIN, SALT = seq(0x00, 32), seq(0x20, 32), seq(0x40, 32), seq(0x60, 16)
KEY_ID = bytes.fromhex("019aae1f7a0070008000000000000001")
NONCE = seq(0x80, 12)
PASSPHRASE, CREDENTIAL = b"quiet harbour", seq(0xA0, 32)
MEMORY_KIB, PASSES = 8192, 3


def amk1(wrapping, identity, kind, context, key, version=1):
    bound = context.encode()
    head = b"AMK1" + bytes([1, 1, kind, 0]) + identity + struct.pack(">IH", version, len(bound)) + bound
    return head + NONCE + AESGCM(wrapping).encrypt(NONCE, key + hashlib.sha256(bound).digest(), head)


def head(kind, secret):
    memory, passes = (MEMORY_KIB, PASSES) if kind == 1 else (0, 0)
    if kind == 1:
        key = Argon2id(salt=SALT, length=32, iterations=passes, lanes=1, memory_cost=memory).derive(secret)
    else:
        key = HKDF(hashes.SHA256(), 32, SALT, b"ama/root-credential@v1").derive(secret)
    fixed = b"AMR1" + bytes([1, kind, 0, 0]) + struct.pack(">II", memory, passes) + SALT
    return fixed + amk1(key, SALT, 16, "ama/root@v1|master", MASTER)


MASTER_ID = hmac.new(MASTER, b"ama/root-id@v1", hashlib.sha256).digest()[:16]
KEY_FILE = amk1(MASTER, MASTER_ID, 16, f"ama/root@v1|key|rkek-eu|3|{KEY_ID.hex()}", ROOT_KEY)
BLOB = amk1(ROOT_KEY, KEY_ID, 1, "ama/v1|rkek|eu||||", PLAIN, version=3)
OLD_BLOB = amk1(MASTER, MASTER_ID, 1, "ama/v1|rkek|eu||||", PLAIN)


def case(name, comment, expect="ok", kind=1, secret=PASSPHRASE, sealed=None, key_file=KEY_FILE, blob=BLOB):
    sealed = head(kind, secret) if sealed is None else sealed
    return "\n".join([
        f"name: {name}", f"expect: {expect}", f"comment: {comment}", f"kind: {kind}", f"secret: {secret.hex()}",
        f"head: {sealed.hex()}", f"key-file: {key_file.hex()}", f"blob: {blob.hex()}", f"plain-key: {PLAIN.hex()}",
    ])


def changed(data, at, value):
    return data[:at] + bytes([value]) + data[at + 1:]


def cases():
    good = head(1, PASSPHRASE)
    yield case("passphrase", "Argon2id, 8 MiB to be quick")
    yield case("credential", "HKDF", kind=2, secret=CREDENTIAL)
    yield case("blob-of-the-master", "written before keys had files", blob=OLD_BLOB)
    yield case("wrong-passphrase", "one letter", "Denied", secret=b"quiet harbor", sealed=good)
    yield case("other-cost", "the head's own, not a fixed one", "Denied", sealed=changed(good, 15, 2))
    yield case("later-version", "", "Misconfigured", sealed=changed(good, 4, 2))
    yield case("too-much-memory", "more than 1 GiB", "Misconfigured", sealed=changed(good, 8, 1))
    yield case("not-zero", "byte 6", "Misconfigured", sealed=changed(good, 6, 1))
    yield case("key-of-another-master", "no key of this root", "Missing", key_file=changed(KEY_FILE, 8, 0xFF))
    yield case("damaged-key-file", "its last bit", "Misconfigured", key_file=changed(KEY_FILE, -1 + len(KEY_FILE), KEY_FILE[-1] ^ 1))
    yield case("damaged-blob", "its last bit", "Tampered", blob=changed(BLOB, len(BLOB) - 1, BLOB[-1] ^ 1))


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    text = ("# docs/formats/key-roots.md, software. Key file: keys/rkek-eu.3.amk1. Faults are those of a key root.\n\n"
            + "\n\n".join(cases()) + "\n")
    (folder / "key-roots.vector").write_text(text, encoding="utf-8")


main()
