"""The compressed copies: who makes them, and of which files."""

from __future__ import annotations

import gzip
import importlib
import os
import typing as t

Compress: t.TypeAlias = t.Callable[[bytes], bytes]

# Files of more bytes are not compressed: that would take minutes, and all of it in memory.
LARGEST = 64 << 20
# What is compressed already, by the end of its name.
_COMPRESSED = frozenset(
    (
        *(".7z", ".apk", ".br", ".bz2", ".gz", ".jar", ".rar", ".tgz", ".whl", ".xz", ".z", ".zip", ".zst"),
        *(".docx", ".epub", ".odp", ".ods", ".odt", ".pdf", ".pptx", ".xlsx"),
        *(".avif", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".jxl", ".png", ".webp"),
        *(".aac", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus"),
        *(".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".webm"),
        *(".woff", ".woff2"),
    )
)


def is_compressed(name: str) -> bool:
    """Tell whether a file of this name is compressed already."""
    return os.path.splitext(name)[1].lower() in _COMPRESSED


def compressors() -> dict[str, Compress]:
    """Return what compresses, by content coding: gzip, and those others that are installed."""
    found = {"gzip": _gzip, "br": _brotli(), "zstd": _zstd()}
    return {coding: compress for coding, compress in found.items() if compress is not None}


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)  # without a time, so that it is the same each time


def _brotli() -> Compress | None:
    try:
        import brotli
    except ImportError:
        return None
    return lambda content: brotli.compress(content, quality=11)


# The highest level with a window of at most 8 MiB: browsers have no more (RFC 9659).
_ZSTD_LEVEL = 19


def _zstd() -> Compress | None:
    try:
        zstd = importlib.import_module("compression.zstd")  # from Python 3.14 on
    except ImportError:
        pass
    else:
        return lambda content: bytes(zstd.compress(content, level=_ZSTD_LEVEL))
    try:
        import zstandard
    except ImportError:
        return None
    return lambda content: zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(content)
