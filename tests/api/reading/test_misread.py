"""Texts that msgspec would read, and that are no values by the document."""

import datetime as dt
import decimal
import typing as t

import pytest

from erlen.api.reading.misread import misread_test, read_right


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (float, "nan", True),
        (float, "-Infinity", True),
        (float, "+inf", True),
        (float, "1.5", False),
        (float | None, "null", False),
        (decimal.Decimal, "sNaN12", True),
        (decimal.Decimal, " nan ", True),
        (list[float], "NAN", True),
        (dt.datetime, "5", True),
        (dt.datetime, "1e3", True),
        (dt.datetime, "2026-01-01T00:00:00", False),
        (dt.datetime | None, "null", False),
        (dt.timedelta, "5", True),
        (dt.timedelta, "p1d", False),
    ],
    ids=str,
)
def test_what_is_no_value(annotation: t.Any, text: str, expected: bool) -> None:
    test = misread_test(annotation)
    assert test is not None
    assert test(text) is expected


@pytest.mark.parametrize("annotation", [int, str, float | str, dt.date, dt.datetime | int, bool], ids=str)
def test_other_types_need_no_test(annotation: t.Any) -> None:
    assert misread_test(annotation) is None


def test_texts_that_are_no_values_are_made_unfit() -> None:
    test = misread_test(float)
    assert test is not None
    assert read_right("1", test) == "1"
    assert read_right("nan", test) == "unfit"
    assert read_right(["1", "nan"], test) == ["1", "unfit"]
