"""Bytes that wait to be read: in memory, on disk, and given back in their order."""

from __future__ import annotations

import io
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.gateway.asgi.spool import Spool


@given(
    memory=st.integers(0, 40),
    steps=st.lists(st.one_of(st.binary(max_size=20), st.integers(0, 30)), max_size=40),
)
def test_bytes_come_out_as_they_went_in(memory: int, steps: list[bytes | int]) -> None:
    spool, expected = Spool(memory), b""
    for step in steps:
        if isinstance(step, bytes):
            spool.put(step)
            expected += step
        else:
            assert spool.look(0, step) == expected[:step]
            taken = spool.take(step)
            assert taken == expected[:step]
            expected = expected[step:]
        assert len(spool) == len(expected)
    assert spool.take(1_000) == expected
    spool.close()


def test_what_is_read_as_it_comes_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    spool = Spool(10)

    for _ in range(100):
        assert not spool.is_on_disk_with(8)
        spool.put(b"a" * 8)
        assert spool.take(8) == b"a" * 8


def test_what_was_read_takes_no_room_while_something_behind_it_waits() -> None:
    spool = Spool(1 << 20)
    spool.put(b"abc")
    for _ in range(10_000):
        spool.put(b"abc")
        spool.take(3)

    assert isinstance(spool._file, io.BytesIO)
    assert len(spool._file.getvalue()) < 100


def test_a_closed_spool_on_disk_cannot_be_read() -> None:
    spool = Spool(2)
    spool.put(b"ab")
    spool.put(b"cd")
    spool.close()

    with pytest.raises(ValueError, match="closed file"):
        spool.take(1)
