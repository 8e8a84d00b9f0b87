#!/usr/bin/env python3
"""Combines the shares of a recovery set without hsm-sim. Needs Python 3 and nothing else.

    combine.py [--manifest FILE] [FILE ...]   shares, one a line, from the files or standard input; prints the secret in hexadecimal
    combine.py --each                         JSON lines {"shares": [...], "manifest": "..."}; {"secret": ...} or {"error": ...} each

Case, blanks and hyphens in a share do not count; empty lines and lines that begin with # are skipped. A share that came encrypted is
opened first, with age -d. The manifest's signature is not checked, since Python has no Ed25519: the shares vouch for its core instead.

Written from the description in hsm-sim/RECOVERY.md alone. It shares no code with hsm-sim, and is the proof that nobody depends on it.
"""
import argparse
import hashlib
import hmac
import json
import sys

CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
BECH32M = 0x2BC830A3
TITLE = "hsm-sim recovery manifest 1\n"


class Refused(Exception):
    """Why there is no secret."""


def checksum(values):
    """BIP-350: the remainder of five-bit values."""
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(GENERATOR):
            remainder ^= term if top >> bit & 1 else 0
    return remainder


def decode(text):
    """A share's text as (rehearsal, bytes)."""
    text = "".join(text.split()).replace("-", "").lower()
    human, one, data = text.partition("1")
    if not one or human not in ("hsmshare", "hsmrehearsal"):
        raise Refused("is no share: one begins with hsmshare1")
    values = [CHARACTERS.find(character) for character in data]
    spread = [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human]
    if len(values) < 6 or -1 in values or checksum(spread + values) != BECH32M:
        raise Refused("has a typing error in it: the checksum does not hold")
    bits = "".join(f"{value:05b}" for value in values[:-6])
    whole = len(bits) // 8 * 8
    if len(bits) - whole > 4 or "1" in bits[whole:]:
        raise Refused("has bits left over")
    return human == "hsmrehearsal", bytes(int(bits[at : at + 8], 2) for at in range(0, whole, 8))


class Share:
    def __init__(self, text):
        self.rehearsal, payload = decode(text)
        if payload[:1] != b"\x01":
            raise Refused("has a version that is not known here")
        if not 26 + 16 <= len(payload) <= 26 + 64:
            raise Refused("is too short or too long")
        self.set, self.epoch = payload[1:9].hex(), int.from_bytes(payload[9:11], "big")
        self.index, self.threshold, self.total = payload[11:14]
        self.check, self.manifest, self.point = payload[14:18].hex(), payload[18:26].hex(), payload[26:]
        self.hash = hashlib.sha256(b"hsm-sim recovery share 1\0" + payload).hexdigest()
        if not 2 <= self.threshold <= self.total:
            raise Refused(f"has an impossible policy: {self.threshold} of {self.total}")
        if not 1 <= self.index <= self.total:
            raise Refused(f"has index {self.index}, and there are {self.total}")

    def common(self):
        """What all shares of a dealing have in common."""
        return {
            "rehearsal": self.rehearsal, "set": self.set, "epoch": self.epoch, "threshold": self.threshold, "total": self.total,
            "key check value": self.check, "manifest check": self.manifest, "length": len(self.point),
        }


class Manifest:
    def __init__(self, text):
        core, share, _ = text.partition("\nshare: ")
        if not text.startswith(TITLE) or not share:
            raise Refused("the manifest is none: it begins with the line " + TITLE.strip())
        self.lines = [line.partition(": ")[::2] for line in text.split("\n")]
        self.custodians = [value.partition(" ")[2] for value in self.every("custodian")]
        self.hashes, self.commitment = self.every("share"), self.one("commitment")
        if len(self.hashes) != len(self.custodians):
            raise Refused(f"the manifest has {len(self.hashes)} hashes for {len(self.custodians)} custodians")
        self.common = {
            "rehearsal": self.one("rehearsal") == "yes", "set": self.one("set"), "epoch": int(self.one("epoch")),
            "threshold": int(self.one("threshold")), "total": len(self.custodians), "key check value": self.commitment[:8],
            "manifest check": hashlib.sha256((core + "\n").encode()).hexdigest()[:16], "length": int(self.one("key-bytes")),
        }

    def every(self, name):
        return [value for found, value in self.lines if found == name]

    def one(self, name):
        found = self.every(name)
        if len(found) != 1:
            raise Refused(f"the manifest has {len(found)} lines {name}, not one")
        return found[0]


# The powers of 2 in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1, and their logarithms.
EXP = [1] * 255
for power in range(1, 255):
    EXP[power] = EXP[power - 1] << 1 ^ (0x11D if EXP[power - 1] & 0x80 else 0)
LOG = {value: power for power, value in enumerate(EXP)}


def value_at(x, shares):
    """The polynomials of GF(256) through the shares' points, at x: Lagrange."""
    total = bytes(len(shares[0].point))
    for share in shares:
        power = 0
        for other in shares:
            if other is not share:
                if other.index == x:
                    break
                power += LOG[x ^ other.index] - LOG[share.index ^ other.index]
        else:
            weighted = (EXP[(LOG[byte] + power) % 255] if byte else 0 for byte in share.point)
            total = bytes(a ^ b for a, b in zip(total, weighted))
    return total


def commitment(secret):
    """HKDF-SHA-256 (RFC 5869) without salt, 32 bytes: one block."""
    key = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(key, b"hsm-sim recovery commitment 1\x01", "sha256").hex()


def combine(texts, manifest=None):
    """The secret of shares, each given as (where it is from, text)."""
    shares, expected, whole = {}, manifest and manifest.common, "manifest" if manifest else "first share"
    for where, text in texts:
        try:
            share = Share(text)
            expected = expected or share.common()
            for what, value in share.common().items():
                if value != expected[what]:
                    raise Refused(f"does not belong to the {whole}: its {what} is {value}, not {expected[what]}")
            if share.index in shares:
                raise Refused(f"is there twice: index {share.index}")
            if manifest and manifest.hashes[share.index - 1] != share.hash:
                raise Refused(f"was altered: it is not the one that {manifest.custodians[share.index - 1]} was given")
            shares[share.index] = share
        except Refused as why:
            raise Refused(f"the share of {where} {why}") from None
    shares, needed = list(shares.values()), expected["threshold"] if expected else 2
    if len(shares) < needed:
        raise Refused(f"{len(shares)} shares are too few: it takes {needed}")
    enough, more = shares[:needed], shares[needed:]
    secret, full = value_at(0, enough), manifest.commitment if manifest else expected["key check value"]
    if not commitment(secret).startswith(full) or any(value_at(share.index, enough) != share.point for share in more):
        hint = "" if manifest else "; the manifest tells which"
        raise Refused("the shares combine to another secret than they commit to: at least one was altered" + hint)
    return secret.hex(), expected["rehearsal"]


def each(line):
    request = json.loads(line)
    texts = [(f"place {place}", text) for place, text in enumerate(request["shares"], 1)]
    try:
        return {"secret": combine(texts, request.get("manifest") and Manifest(request["manifest"]))[0]}
    except (Refused, ValueError) as why:
        return {"error": str(why)}


def lines(paths):
    for path in paths or ["-"]:
        with sys.stdin if path == "-" else open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip() and not line.startswith("#"):
                    yield f"{'standard input' if path == '-' else path}, line {number},", line


def main():
    parser = argparse.ArgumentParser(description="Combines the shares of a recovery set; prints the secret in hexadecimal.")
    parser.add_argument("--manifest", metavar="FILE", help="check the shares against this manifest")
    parser.add_argument("--each", action="store_true", help="JSON lines from standard input")
    parser.add_argument("files", nargs="*", metavar="FILE", help="shares, one a line; standard input without any")
    options = parser.parse_args()
    if options.each:
        for line in sys.stdin:
            print(json.dumps(each(line)))
        return
    manifest = options.manifest and Manifest(open(options.manifest, encoding="utf-8", newline="").read())
    secret, rehearsal = combine(lines(options.files), manifest)
    if rehearsal:
        print("combine.py: these are the shares of a rehearsal; their secret is no key", file=sys.stderr)
    print(secret)


if __name__ == "__main__":
    try:
        main()
    except (Refused, OSError, ValueError) as problem:
        sys.exit(f"combine.py: {problem}")
