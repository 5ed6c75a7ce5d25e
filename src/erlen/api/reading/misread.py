"""Texts that msgspec reads as a type, and the document does not.

They are `nan` and the like, and numbers of seconds for moments and durations.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta
from decimal import Decimal

from ..shapes import Choice, Listing, Scalar, Shape, shape_of

Test: t.TypeAlias = "t.Callable[[str], bool]"

# What stands in for a text that is not to be read.
_UNFIT = "unfit"


def misread_test(annotation: t.Any) -> Test | None:
    """Return the test of texts that are not to be read as a type; None where msgspec reads none of them."""
    types = set(_simple_types(shape_of(annotation)))
    if str in types:
        return None
    if float in types or Decimal in types:
        return _is_no_number
    if datetime in types and int not in types:
        return _is_no_moment
    if timedelta in types and int not in types:
        return _is_no_duration
    return None


def _simple_types(shape: Shape) -> t.Iterator[t.Any]:
    if isinstance(shape, Listing):
        yield from _simple_types(shape.item)
    elif isinstance(shape, Choice):
        for option in shape.options:
            yield from _simple_types(option)
    elif isinstance(shape, Scalar):
        yield shape.inner


_DIGITS = frozenset("0123456789")


def _is_no_number(text: str) -> bool:
    # PERF: numbers begin with a digit, nearly all of them.
    return text[:1] not in _DIGITS and text.strip().lower().lstrip("+-").startswith(("nan", "inf", "snan"))


def _is_no_moment(text: str) -> bool:
    return ":" not in text and text.lower() != "null"


def _is_no_duration(text: str) -> bool:
    return "p" not in text.lower() and text.lower() != "null"


def read_right(given: t.Any, is_misread: Test) -> t.Any:
    """Return a text or texts, with those that are not to be read made unfit."""
    if type(given) is list:
        return [_UNFIT if is_misread(text) else text for text in given]
    return _UNFIT if is_misread(given) else given
