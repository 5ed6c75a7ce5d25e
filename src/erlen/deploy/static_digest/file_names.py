"""How a hash is put into the name of a file, and found there.

A version is a file with a hash of its content in its name: `css/app-0f3c….css` of `css/app.css`. So whoever
reads the file can tell whether the name is true.
"""

from __future__ import annotations

import hashlib
import re
import typing as t

# 80 bits: nobody gains from a second file with the same hash, and by chance there is none.
TAG_LENGTH = 20
# The suffix of a compressed copy, by content coding (RFC 9110, section 8.4.1).
SUFFIXES = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}

_split_version = re.compile(rf"(.+)-([0-9a-f]{{{TAG_LENGTH}}})((?:\.[^/]*)?)", re.DOTALL).fullmatch
_COMPRESSED = frozenset((*SUFFIXES.values(), ".bz2", ".xz", ".z"))


def new_hash() -> t.Any:
    """Return the hash that tags are taken from."""
    return hashlib.sha256(usedforsecurity=False)


def tag_of(content: bytes) -> str:
    """Return what stands in the name of a file with this content."""
    digest = new_hash()
    digest.update(content)
    return tag_in(digest)


def tag_in(digest: t.Any) -> str:
    """Return the tag that a hash is written as."""
    text: str = digest.hexdigest()
    return text[:TAG_LENGTH]


def version_name(name: str, tag: str) -> str:
    """Return a file's name with a tag; what MIME types are guessed from stays at its end."""
    folder, slash, base = name.rpartition("/")
    stem, extension = _split(base)
    return f"{folder}{slash}{stem}-{tag}{extension}"


def split_version(name: str) -> tuple[str, str] | None:
    """Return the plain name and the tag; None for a name that is none of a version."""
    folder, slash, base = name.rpartition("/")
    found = _split_version(base)
    if found is None:
        return None
    plain = f"{folder}{slash}{found[1]}{found[3]}"
    return (plain, found[2]) if version_name(plain, found[2]) == name else None


def original_of_copy(name: str) -> str | None:
    """Return the version that a file is named after as a compressed copy; None for any other name."""
    for suffix in SUFFIXES.values():
        original = name.removesuffix(suffix)
        if original != name and split_version(original) is not None:
            return original
    return None


def _split(base: str) -> tuple[str, str]:
    stem, dot, last = base.rpartition(".")
    if not stem:
        return base, ""
    extension = f"{dot}{last}"
    inner_stem, dot, inner = stem.rpartition(".")
    if inner_stem and extension.lower() in _COMPRESSED:
        return inner_stem, f"{dot}{inner}{extension}"
    return stem, extension
