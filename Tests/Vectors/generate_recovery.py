#!/usr/bin/env python3
"""Writes recovery-share.vector from docs/formats/recovery-share.md: a second implementation, by tables."""
import hashlib
import sys
from pathlib import Path

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY = bytes(range(0x40, 0x60))
PUBLIC = bytes(range(0xA0, 0xC0))
OTHER = bytes(range(0xB0, 0xD0))

EXP, LOG = [0] * 510, [0] * 256
value = 1
for power in range(255):
    EXP[power] = EXP[power + 255] = value
    LOG[value] = power
    value ^= value << 1
    if value & 0x100:
        value ^= 0x11B


def times(left, right):
    return EXP[LOG[left] + LOG[right]] if left and right else 0


def factors(degree):
    return hashlib.sha256(b"factors of degree %d" % degree).digest()


def values(key, place, needed):
    result = []
    for at, byte in enumerate(key):
        total, power = byte, 1
        for degree in range(1, needed):
            power = times(power, place)
            total ^= times(factors(degree)[at], power)
        result.append(total)
    return bytes(result)


def text(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    symbols = "".join(ALPHABET[int(bits[i:i + 5], 2)] for i in range(0, len(bits), 5))
    return "-".join(symbols[i:i + 4] for i in range(0, len(symbols), 4))


def share(place, needed=3, total=5, version=1, public=PUBLIC, key=KEY):
    set_id = hashlib.sha256(b"ama/recovery-set@v1\0" + public).digest()[:9]
    head = bytes([version, needed, total, place]) + set_id + values(key, place, needed)
    return text(head + hashlib.sha256(b"ama/recovery-share@v1\0" + head).digest()[:5])


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    out = ["# Recovery shares: docs/formats/recovery-share.md. shares: as typed, separated by commas"]

    def case(name, expect, comment, shares, **fields):
        out.append(f"\nname: {name}\nexpect: {expect}\ncomment: {comment}\nshares:")
        out.append(",\n".join(f"  {one}" for one in shares))
        out.extend(f"{field}: {shown}" for field, shown in fields.items())

    def good(name, comment, shares):
        plain = shares[0].strip().replace(" ", "-").upper()
        case(name, "ok", comment, shares, checksum=plain[-9:], public=PUBLIC.hex(), key=KEY.hex())

    good("first-three", "three of five", [share(1), share(2), share(3)])
    good("last-three", "three of five, in another order", [share(5), share(4), share(3)])
    good("more-than-needed", "all five", [share(place) for place in range(1, 6)])
    good("typed-by-hand", "lower case, blanks for hyphens",
         [share(2).lower().replace("-", " "), share(4), share(1)])
    good("two-of-two", "other numbers of shares", [share(1, 2, 2), share(2, 2, 2)])

    case("too-few", "Format", "two of three needed", [share(1), share(2)])
    case("same-twice", "Format", "the same share twice is one", [share(1), share(2), share(2)])
    case("other-key", "Context", "one of another key", [share(1), share(2), share(3, public=OTHER)])
    case("other-threshold", "Context", "one of another split", [share(1), share(2), share(3, 4)])
    wrong = share(1)
    wrong = wrong[:20] + ("1" if wrong[20] != "1" else "2") + wrong[21:]
    case("mistyped", "Content", "one character wrong", [wrong, share(2), share(3)])
    case("swapped", "Content", "two groups in each other's place",
         [share(1)[5:10] + share(1)[:5] + share(1)[10:], share(2), share(3)])
    case("cut", "Truncated", "the last character is missing", [share(1)[:-1], share(2), share(3)])
    case("longer", "Trailing", "one character more", [share(1) + "0", share(2), share(3)])
    case("not-a-letter", "Format", "U is in no share", ["U" + share(1)[1:], share(2), share(3)])
    case("version", "Reserved", "a later version", [share(1, version=2), share(2), share(3)])
    case("place-0", "Format", "the secret itself", [share(0), share(2), share(3)])
    case("place-6", "Format", "the sixth of five", [share(6), share(2), share(3)])
    case("one-needed", "Format", "a share that would be the key", [share(1, 1, 5)])
    (folder / "recovery-share.vector").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
