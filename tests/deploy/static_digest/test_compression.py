"""The compressed copies."""

from __future__ import annotations

import gzip
import importlib
import io
import sys

import brotli
import pytest

from erlen.deploy.static_digest.compression import compressors, is_compressed

TEXT = b"a line of text\n" * 1000


def unzstd(content: bytes) -> bytes:
    """Decompress, with the window that a browser has."""
    if sys.version_info >= (3, 14):
        zstd = importlib.import_module("compression.zstd")
        limits = {zstd.DecompressionParameter.window_log_max: 23}
        return bytes(zstd.decompress(content, options=limits))
    import zstandard

    with zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(io.BytesIO(content)) as reader:
        return reader.read()


DECOMPRESS = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": unzstd}


@pytest.mark.parametrize("coding", DECOMPRESS)
def test_a_copy_is_smaller_and_has_the_content(coding: str) -> None:
    compressed = compressors()[coding](TEXT)
    assert len(compressed) < len(TEXT) / 10
    assert DECOMPRESS[coding](compressed) == TEXT


@pytest.mark.parametrize("coding", DECOMPRESS)
def test_a_copy_is_the_same_each_time(coding: str) -> None:
    assert compressors()[coding](TEXT) == compressors()[coding](TEXT)


def test_a_browsers_window_is_enough() -> None:
    large = bytes(range(256)) * (36 << 10)  # 9 MiB
    assert unzstd(compressors()["zstd"](large)) == large


def test_what_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "zstandard", "compression.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    assert list(compressors()) == ["gzip"]


@pytest.mark.parametrize("name", ["a.png", "a.JPG", "fonts/a.woff2", "a.tar.gz", "a.mp4", "a.pdf"])
def test_compressed_types_are_known(name: str) -> None:
    assert is_compressed(name)


@pytest.mark.parametrize("name", ["a.css", "a.svg", "a.wasm", "a.ttf", "README", "png", "a.map", "a.ico"])
def test_all_others_are_tried(name: str) -> None:
    assert not is_compressed(name)
