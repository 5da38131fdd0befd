"""Encrypts and decrypts one stored object, written from docs/decisions/0062-encryption-at-rest.md alone.

python3 encrypted-object.py encrypt|decrypt BASE64_KEY NAME [HEX_SALT] < in > out
"""
import base64
import os
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = bytes.fromhex("8e4e4949454e4301")
SEGMENT = 65536


def derive(key, salt, info, length):
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)


def cipher(key, salt):
    return AESGCM(derive(key, salt, b"nii-hub object", 32))


def nonce(index, is_last):
    return index.to_bytes(11, "big") + bytes([is_last])


def pieces(body, size):
    return [body[at : at + size] for at in range(0, len(body), size)] or [b""]


def encrypt(key, name, plain, salt):
    out = MAGIC + derive(key, b"", b"nii-hub key id", 8) + salt
    parts = pieces(plain, SEGMENT)
    for index, part in enumerate(parts):
        out += cipher(key, salt).encrypt(nonce(index, index == len(parts) - 1), part, name)
    return out


def decrypt(key, name, stored):
    assert stored[:8] == MAGIC
    assert stored[8:16] == derive(key, b"", b"nii-hub key id", 8)
    parts = pieces(stored[48:], SEGMENT + 16)
    opened = cipher(key, stored[16:48])
    return b"".join(
        opened.decrypt(nonce(index, index == len(parts) - 1), part, name)
        for index, part in enumerate(parts)
    )


action, key64, name, *salt = sys.argv[1:]
key = base64.b64decode(key64)
given = sys.stdin.buffer.read()
if action == "encrypt":
    made = encrypt(key, name.encode(), given, bytes.fromhex(salt[0]) if salt else os.urandom(32))
else:
    made = decrypt(key, name.encode(), given)
sys.stdout.buffer.write(made)
