#!/usr/bin/env python3
"""Writes lease-seal.vector from docs/formats/lease.md, "Sealed keys": a second implementation, over OpenSSL. An ML-KEM
ciphertext can't be asked for twice: one that lies in the file already is opened and used again."""
import hashlib
import struct
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SILO = bytes(range(32))
EPHEMERAL = bytes(range(0x60, 0x80))
SEED = bytes(range(0x80, 0xC0))
REQUEST = bytes(range(256)) * 2
LEASE_ID = bytes(range(0x10, 0x20))
FENCE, TTL = 7, 3600
NONCE = bytes(range(0xC0, 0xE0))


def key(kind, depth=0, part=(0, 0, 0, 0), key_id=0, value=0x11):
    return struct.pack(">BBHIIIQ", kind, depth, *part, key_id) + bytes([value]) * 32


KEYS = [
    key(1, key_id=2960, value=0x21),
    key(2, depth=16, part=(1, 24435, 3, 65536), value=0x22),
    key(3, depth=32, part=(65535, 2**32 - 1, 2**32 - 1, 2**32 - 1), value=0x23),
    key(8, key_id=2**64 - 1, value=0x24),
]


def public(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def agree(private, other):
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(other))


class Suite:
    def __init__(self, number, kept):
        self.number = number
        self.private, self.public, self.ciphertext = SILO, public(SILO), public(EPHEMERAL)
        self.shared = agree(EPHEMERAL, public(SILO))
        if number == 1:
            return
        kem = MLKEM768PrivateKey.from_seed_bytes(SEED)
        sent = kept[32:] if kept else kem.public_key().encapsulate()[1]
        self.private += SEED
        self.public += kem.public_key().public_bytes_raw()
        self.ciphertext += sent
        self.shared = kem.decapsulate(sent) + self.shared

    def seal(self, plain, request=REQUEST, fence=FENCE):
        bound = bytes([self.number]) + hashlib.sha256(self.ciphertext + self.public).digest()
        derived = HKDF(hashes.SHA256(), 44, hashlib.sha256(request).digest(), b"ama/lease-grant@v1\0" + bound).derive(
            self.shared)
        aad = LEASE_ID + struct.pack(">QI", fence, TTL) + NONCE
        return AESGCM(derived[:32]).encrypt(derived[32:], plain, aad)


def listed(keys, count=None):
    return struct.pack(">I", len(keys) if count is None else count) + b"".join(keys)


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def wrapped(data):
    text = data.hex()
    return "\n".join("  " + text[at:at + 116] for at in range(0, len(text), 116))


def kept_ciphertext(path):
    """Of the first good case of suite 2."""
    if not path.exists():
        return None
    case = path.read_text().split("name: suite-2-keys\n", 1)[-1].split("\n\n", 1)[0]
    return bytes.fromhex("".join(case.split("kem-ciphertext:", 1)[1].split("sealed:", 1)[0].split()))


def cases(suite, case):
    good, which = suite.seal(listed(KEYS)), f"suite-{suite.number}"
    case(f"{which}-keys", "ok", "one key of four kinds, with the greatest numbers", suite, good, plain=listed(KEYS))
    case(f"{which}-none", "ok", "a renewal may carry an empty list", suite, suite.seal(listed([])), plain=listed([]))
    case(f"{which}-bit", "Authentication", "one bit of the keys", suite, flipped(good, 9))
    case(f"{which}-other-request", "Authentication", "sealed for another request", suite,
         suite.seal(listed(KEYS), request=flipped(REQUEST, 100)))
    case(f"{which}-other-fence", "Authentication", "sealed under another fence", suite,
         suite.seal(listed(KEYS), fence=FENCE + 1))
    case(f"{which}-ciphertext", "Authentication", "one bit of the last byte that makes the secret", suite, good,
         ciphertext=flipped(suite.ciphertext, len(suite.ciphertext) - 2))
    case(f"{which}-ciphertext-short", "Format", "no ciphertext of the suite", suite, good,
         ciphertext=suite.ciphertext[:-1])
    case(f"{which}-zero", "WeakKey", "an ephemeral key of small order", suite, good,
         ciphertext=bytes(32) + suite.ciphertext[32:])
    case(f"{which}-short", "Truncated", "no count", suite, good[:19])
    case(f"{which}-cut", "Authentication", "the last byte is missing", suite, good[:-1])
    case(f"{which}-count", "Format", "one key less than the count says", suite, suite.seal(listed(KEYS, 5)))
    case(f"{which}-count-negative", "Format", "a count beyond every limit", suite,
         suite.seal(listed(KEYS, 2**32 - 1)))
    case(f"{which}-kind-0", "Reserved", "a kind that nobody gave", suite, suite.seal(listed([key(0)])))
    case(f"{which}-kind-9", "Reserved", "a kind of a later version", suite, suite.seal(listed([key(9)])))


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    path = folder / "lease-seal.vector"
    out = ["# Keys of a lease: docs/formats/lease.md, \"Sealed keys\". private: X25519 32, in suite 2 followed by the",
           "# ML-KEM seed d || z; plain: what is sealed"]

    def case(name, expect, comment, suite, sealed, ciphertext=None, plain=None):
        out.append(f"\nname: {name}\nexpect: {expect}\ncomment: {comment}\nsuite: {suite.number}")
        fields = [("private", suite.private), ("public", suite.public), ("request", REQUEST), ("lease", LEASE_ID)]
        out.extend(f"{field}:\n{wrapped(value)}" for field, value in fields)
        out.append(f"fence: {FENCE}\nttl: {TTL}")
        fields = [("nonce", NONCE), ("kem-ciphertext", ciphertext or suite.ciphertext), ("sealed", sealed)]
        if plain is not None:
            fields.append(("plain", plain))
        out.extend(f"{field}:\n{wrapped(value)}" for field, value in fields)

    for number in (1, 2):
        cases(Suite(number, kept_ciphertext(path)), case)
    path.write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
