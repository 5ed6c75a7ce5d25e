"""What passes a quick test is what msgspec takes; what may be wrong is looked at."""

from __future__ import annotations

import typing as t

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from erlen.api.quick_checks import doubtful_parts, test_of
from erlen.api.shapes import Record, shape_of
from tests.serve.beside import examples

make_test = test_of
del test_of  # pytest would take it for a test

ANNOTATIONS: list[t.Any] = [
    str,
    t.Annotated[str, Meta(min_length=2)],
    t.Annotated[str, Meta(min_length=1, max_length=3)],
    int,
    t.Annotated[int, Meta(ge=0, le=9)],
    t.Annotated[int, Meta(gt=0, lt=9)],
    float,
    t.Annotated[float, Meta(ge=0, le=9)],
    bool,
    type(None),
    t.Optional[int],  # noqa: UP045  # as older code has it
    t.Union[int, str, None],  # noqa: UP007
    t.Optional[t.Annotated[str, Meta(max_length=2)]],  # noqa: UP045
]
UNKNOWN: list[t.Any] = [
    t.Literal["a"],
    list[int],
    dict[str, int],
    bytes,
    t.Annotated[str, Meta(pattern="a")],
    t.Annotated[int, Meta(multiple_of=2)],
    t.Annotated[float, Meta(gt=0)],
    t.Annotated[float, Meta(ge=0.5)],
    t.Annotated[t.Optional[int], Meta(ge=0)],  # noqa: UP045
    t.Annotated[int, "somebody else's"],
    t.Annotated[t.Annotated[int, Meta(ge=0)], Meta(ge=3)],
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-12, 12),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


def takes(annotation: t.Any, value: t.Any) -> bool:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        return False
    return True


@given(VALUES)
@examples(300)
def test_what_passes_is_what_msgspec_takes(value: t.Any) -> None:
    for annotation in ANNOTATIONS:
        test = make_test(shape_of(annotation), "value")
        assert test is not None, annotation
        if eval(test, {"value": value}):
            assert takes(annotation, value), (annotation, value)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (str, "a"),
        (t.Annotated[str, Meta(min_length=1, max_length=3)], "abc"),
        (int, -3),
        (t.Annotated[int, Meta(gt=0, lt=9)], 8),
        (float, 1.5),
        (float, 2),
        (bool, False),
        (t.Optional[int], None),  # noqa: UP045
        (t.Optional[int], 3),  # noqa: UP045
    ],
    ids=str,
)
def test_usual_values_pass(annotation: t.Any, value: t.Any) -> None:
    test = make_test(shape_of(annotation), "value")
    assert test is not None
    assert eval(test, {"value": value})


@pytest.mark.parametrize("annotation", UNKNOWN, ids=str)
def test_of_other_types_only_msgspec_can_tell(annotation: t.Any) -> None:
    assert make_test(shape_of(annotation), "value") is None


class Line(msgspec.Struct):
    product: t.Annotated[str, Meta(min_length=1)]
    count: int
    note: str = ""
    tags: list[str] = []


@pytest.mark.parametrize(
    ("value", "doubtful"),
    [
        ({"product": "a", "count": 1, "note": "b"}, ["tags"]),
        ({"product": "", "count": 1, "note": "b"}, ["product", "tags"]),
        ({"count": "1"}, ["product", "count", "note", "tags"]),
    ],
)
def test_missing_fields_and_those_that_do_not_pass_are_returned(
    value: dict[str, t.Any], doubtful: list[str]
) -> None:
    shape = shape_of(Line)
    assert isinstance(shape, Record)
    assert [key for key, _, _ in doubtful_parts(shape)(value)] == doubtful
