"""Tracebacks as lists of frames."""

from __future__ import annotations

import pytest

from erlen.legacy.libraries.tracebacks import get_current_traceback


def fail() -> None:
    raise LookupError("lost")


def test_a_traceback_has_frames_with_their_lines() -> None:
    try:
        fail()
    except LookupError:
        found = get_current_traceback()
    assert [frame.function_name for frame in found.frames] == [
        "test_a_traceback_has_frames_with_their_lines",
        "fail",
    ]
    (current,) = (line for line in found.frames[1].get_annotated_lines() if line.current)
    assert current.code.strip() == 'raise LookupError("lost")'
    assert current.lineno == found.frames[1].lineno
    assert found.exception == "LookupError: lost"
    assert found.plaintext.startswith("Traceback")
    assert found.plaintext.endswith("LookupError: lost")


def test_the_first_frames_can_be_left_out() -> None:
    try:
        fail()
    except LookupError:
        found = get_current_traceback(skip=9)
    assert [frame.function_name for frame in found.frames] == ["fail"]


def test_system_exceptions_can_be_passed_on() -> None:
    def look() -> None:
        try:
            raise SystemExit
        except SystemExit:
            get_current_traceback(ignore_system_exceptions=True)

    with pytest.raises(SystemExit):
        look()


def test_there_has_to_be_an_exception() -> None:
    with pytest.raises(RuntimeError, match="No exception"):
        get_current_traceback()
