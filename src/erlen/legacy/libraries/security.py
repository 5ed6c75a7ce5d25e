"""``werkzeug.security`` as it was: comparison in constant time, PBKDF2."""

from __future__ import annotations

import hashlib
import hmac
import typing as t

_DEFAULT_ITERATIONS = 260000


def safe_str_cmp(a: str | bytes, b: str | bytes) -> bool:
    """Compare two texts in a time that does not tell where they differ."""
    return hmac.compare_digest(_bytes(a), _bytes(b))


def pbkdf2_bin(
    data: str | bytes,
    salt: str | bytes,
    iterations: int = _DEFAULT_ITERATIONS,
    keylen: int | None = None,
    hashfunc: t.Any = None,
) -> bytes:
    """Derive a key from a password; *hashfunc* is a name or a function of hashlib, SHA-256 by default."""
    name = hashfunc or "sha256"
    return hashlib.pbkdf2_hmac(
        name if isinstance(name, str) else name().name, _bytes(data), _bytes(salt), iterations, keylen
    )


def pbkdf2_hex(
    data: str | bytes,
    salt: str | bytes,
    iterations: int = _DEFAULT_ITERATIONS,
    keylen: int | None = None,
    hashfunc: t.Any = None,
) -> str:
    """Derive a key from a password, as a text of hexadecimal digits."""
    return pbkdf2_bin(data, salt, iterations, keylen, hashfunc).hex()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
