"""Texts are converted in one step, and one by one where something is wrong."""

import typing as t

import msgspec
import pytest

from erlen.api.errors import Fault
from erlen.api.parameters import Parameter
from erlen.api.reading.texts import REQUIRED, Texts

pydantic = pytest.importorskip("pydantic")


class Box(msgspec.Struct):
    width: float
    label: str = ""


def texts(**annotations: t.Any) -> Texts:
    return Texts("query", [Parameter(name, each, "query", "why", name) for name, each in annotations.items()])


def added(
    these: Texts, raw: dict[str, t.Any], values: dict[str, t.Any] | None = None
) -> tuple[dict[str, t.Any], list[Fault]]:
    found: dict[str, t.Any] = {} if values is None else values
    faults: list[Fault] = []
    these.add(raw, found, faults)
    return found, faults


def test_values_are_converted() -> None:
    assert added(texts(a=int, b=list[float]), {"a": "1", "b": ["1", "2.5"]}) == (
        {"a": 1, "b": [1.0, 2.5]},
        [],
    )


def test_values_that_are_there_are_kept() -> None:
    assert added(texts(a=int, b=int), {"a": "1", "b": "2"}, {"a": 9})[0] == {"a": 9, "b": 2}


def test_each_fault_is_noted() -> None:
    values, faults = added(texts(a=int, b=int, c=int), {"a": "x", "c": "3"})
    assert values == {"c": 3}
    assert [(fault.at, fault.detail == REQUIRED) for fault in faults] == [("a", False), ("b", True)]


@pytest.mark.parametrize("text", ["nan", "NaN", "-inf", "+Infinity"])
def test_words_for_no_numbers_are_no_numbers(text: str) -> None:
    assert added(texts(a=float), {"a": text})[1]
    assert added(texts(a=list[float]), {"a": ["1", text]})[1]
    assert added(texts(a=str), {"a": text}) == ({"a": text}, [])


def test_a_record_takes_the_texts_of_its_fields() -> None:
    these = texts(box=Box)
    source = {"width": "1.5", "label": "nan"}
    values: dict[str, t.Any] = {}
    faults: list[Fault] = []
    these.add_spread(lambda key, several: source.get(key), values, faults)
    assert (values, faults) == ({"box": Box(1.5, "nan")}, [])
    these.add_spread(lambda key, several: {"width": "nan"}.get(key), {}, faults)
    assert [fault.at for fault in faults] == ["width"]


class Size(pydantic.BaseModel):
    wide: int = pydantic.Field(1, ge=1, alias="w")
    ratio: float = 1.0


def of_spread(where: str, cls: t.Any, raw: dict[str, str]) -> tuple[t.Any, list[tuple[str, str]]]:
    """Return the record that these texts are, and the faults: where, and the name in the request."""
    values: dict[str, t.Any] = {}
    faults: list[Fault] = []
    these = Texts(where, [Parameter("it", cls, where, "why", "it")])
    these.add_spread(lambda key, several: raw.get(key), values, faults)
    return values.get("it"), [(fault.where, fault.at) for fault in faults]


def test_a_model_of_pydantic_is_spread_over_its_fields() -> None:
    assert of_spread("query", Size, {"w": "5"}) == (Size(w=5), [])
    assert of_spread("query", Size, {}) == (Size(), [])


def test_the_faults_of_a_model_have_the_names_of_the_request() -> None:
    assert of_spread("form", Size, {"w": "0", "ratio": "nan"}) == (None, [("form", "w"), ("form", "ratio")])


class Trace(msgspec.Struct):
    x_trace: int
    own: str = msgspec.field(name="own", default="")


def test_a_record_of_headers_has_hyphens_for_underscores() -> None:
    assert of_spread("header", Trace, {"x-trace": "1", "own": "a"}) == (Trace(1, "a"), [])
    assert of_spread("header", Trace, {"x-trace": "x"}) == (None, [("header", "x-trace")])


class Span(msgspec.Struct):
    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("The last is before the first")


def test_a_record_that_does_not_fit_as_a_whole_is_a_fault() -> None:
    assert of_spread("query", Span, {"first": "1", "last": "2"}) == (Span(1, 2), [])
    assert of_spread("query", Span, {"first": "2", "last": "1"}) == (None, [("query", "it")])
