"""The other side of interop/python.rs: the package cryptography checks what the module computed.

Reads a JSON array of cases on standard input, each with a name, a kind and fields in hexadecimal; writes the names of those that do
not hold, one a line. A kind this version of the package has not is left out, and told on standard error.
"""

import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import cmac, hashes, hmac, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes
from cryptography.hazmat.primitives.kdf import hkdf, pbkdf2

HASHES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512, "sha3-256": hashes.SHA3_256}


def public(case):
    return serialization.load_der_public_key(case["key"])


def rsa(case):
    hash = HASHES[case["hash"]]()
    how = padding.PSS(padding.MGF1(hash), hash.digest_size) if case["pss"] else padding.PKCS1v15()
    public(case).verify(case["signature"], case["message"], how, hash)


def ecdsa(case):
    raw, half = case["signature"], len(case["signature"]) // 2
    signature = utils.encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    public(case).verify(signature, case["message"], ec.ECDSA(HASHES[case["hash"]]()))


def eddsa(case):
    public(case).verify(case["signature"], case["message"])


def mldsa(case):
    public(case).verify(case["signature"], case["message"])


def sealed(case):
    kind = {"gcm": aead.AESGCM, "ccm": aead.AESCCM, "chacha": aead.ChaCha20Poly1305}[case["cipher"]]
    assert kind(case["key"]).decrypt(case["nonce"], case["sealed"], case["aad"]) == case["message"]


def ctr(case):
    decryptor = Cipher(algorithms.AES(case["key"]), modes.CTR(case["nonce"])).decryptor()
    assert decryptor.update(case["sealed"]) + decryptor.finalize() == case["message"]


def mac(case):
    algorithm = cmac.CMAC(algorithms.AES(case["key"])) if case["cmac"] else hmac.HMAC(case["key"], HASHES[case["hash"]]())
    algorithm.update(case["message"])
    algorithm.verify(case["mac"])


def wrapped(case):
    unwrap = keywrap.aes_key_unwrap_with_padding if case["padded"] else keywrap.aes_key_unwrap
    assert unwrap(case["key"], case["wrapped"]) == case["message"]


def derived(case):
    hash = HASHES[case["hash"]]()
    if case["rounds"]:
        kdf = pbkdf2.PBKDF2HMAC(hash, len(case["value"]), case["salt"], case["rounds"])
    else:
        kdf = hkdf.HKDF(hash, len(case["value"]), case["salt"], case["info"])
    assert kdf.derive(case["key"]) == case["value"]


def agreed(case):
    if case["curve"] == "x25519":
        ours = x25519.X25519PrivateKey.from_private_bytes(case["key"])
        assert ours.exchange(x25519.X25519PublicKey.from_public_bytes(case["peer"])) == case["value"]
        return
    curve = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1, "secp256k1": ec.SECP256K1}[case["curve"]]()
    ours = ec.derive_private_key(int.from_bytes(case["key"], "big"), curve)
    assert ours.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, case["peer"])) == case["value"]


CHECKS = {f.__name__: f for f in (rsa, ecdsa, eddsa, mldsa, sealed, ctr, mac, wrapped, derived, agreed)}
PLAIN = {"name", "kind", "hash", "cipher", "curve"}

for case in json.load(sys.stdin):
    case = {k: v if k in PLAIN or not isinstance(v, str) else bytes.fromhex(v) for k, v in case.items()}
    try:
        CHECKS[case["kind"]](case)
    except (InvalidSignature, AssertionError) as error:
        print(case["name"])
        print(f"{case['name']}: {error!r}", file=sys.stderr)
    except (ValueError, ImportError) as error:
        if "unsupported" in str(error).lower() or isinstance(error, ImportError):
            print(f"left out: {case['name']}: {error}", file=sys.stderr)
        else:
            print(case["name"])
            print(f"{case['name']}: {error!r}", file=sys.stderr)
