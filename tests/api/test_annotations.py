"""Annotations are resolved one by one, whatever form they have."""

from __future__ import annotations

import functools
import importlib
import sys
import typing as t
from datetime import date
from pathlib import Path

import pytest

from erlen.api.annotations import Unresolved, signature_of

if t.TYPE_CHECKING:
    import decimal
    from datetime import date as day

    from nowhere import Missing  # type: ignore[import-not-found]  # pyright: ignore[reportMissingImports]


def test_strings_and_names_for_type_checkers_are_resolved() -> None:
    def show(a: int, b: day, c: decimal.Decimal) -> list[day]: ...  # type: ignore[empty-body]

    import datetime
    import decimal as real

    signature = signature_of(show)
    assert {name: each.annotation for name, each in signature.parameters.items()} == {
        "a": int,
        "b": datetime.date,
        "c": real.Decimal,
    }
    assert signature.returns == list[datetime.date]


def test_names_of_the_function_around_are_resolved() -> None:
    class Local: ...

    def show(a: Local) -> Local:
        return Local()

    assert signature_of(show).parameters["a"].annotation is Local


def test_what_cannot_be_resolved_is_kept_with_its_reason() -> None:
    def show(a: Missing, b: int) -> str: ...  # type: ignore[empty-body]

    signature = signature_of(show)
    assert isinstance(signature.parameters["a"].annotation, Unresolved)
    assert repr(signature.parameters["a"].annotation).startswith(
        "'Missing' (KeyError"
    ) or "NameError" in repr(signature.parameters["a"].annotation)
    assert signature.parameters["b"].annotation is int


def test_the_signature_is_never_that_of_a_wrapped_function() -> None:
    def inside(a: int) -> str: ...  # type: ignore[empty-body]

    @functools.wraps(inside)
    def around(*args: t.Any, **kwargs: t.Any) -> t.Any: ...

    signature = signature_of(around)
    assert list(signature.parameters) == ["args", "kwargs"]


class Called:
    def __call__(self, a: int) -> day: ...  # type: ignore[empty-body]

    def method(self, a: day) -> None: ...


@pytest.mark.parametrize(
    "function",
    [Called(), Called().method, functools.partial(Called.method, Called()), functools.partial(Called())],
    ids=["object", "method", "partial", "partial of an object"],
)
def test_objects_and_methods_have_signatures(function: t.Any) -> None:
    assert list(signature_of(function).parameters) == ["a"]
    assert not isinstance(signature_of(function).parameters["a"].annotation, (str, Unresolved))


def test_a_decorator_that_shows_a_signature_shows_annotations_of_another_module() -> None:
    import inspect

    from tests.protocols.web import COROUTINE

    def show(a: Unresolved) -> str: ...  # type: ignore[empty-body]

    around = COROUTINE(show)
    assert inspect.signature(around).parameters.keys() == {"a"}
    assert signature_of(around).parameters["a"].annotation is Unresolved


def annotated(**annotations: t.Any) -> t.Any:
    """Return a function with annotations as they are without ``from __future__ import annotations``."""

    def show(a: t.Any, b: t.Any = None) -> t.Any: ...

    show.__annotations__ = annotations
    return show


@pytest.mark.parametrize(
    ("annotation", "meant"),
    [
        (t.Optional["day"], t.Optional[date]),  # noqa: UP045  # a string and None have no `|`
        (t.List["day"], t.List[date]),  # noqa: UP006
        (list["day"], list[date]),
        ("list['day']", list[date]),
        (dict[str, list["day"]], dict[str, list[date]]),
        (t.Optional[list["day"]], t.Optional[list[date]]),  # noqa: UP045
        (list["day"] | None, list[date] | None),
        (t.Annotated["day", "as day"], t.Annotated[date, "as day"]),
        (t.Annotated[list["day"], "day"], t.Annotated[list[date], "day"]),
        (t.Literal["day"], t.Literal["day"]),
        (t.Callable[["day"], int], t.Callable[[date], int]),
    ],
    ids=str,
)
def test_strings_inside_of_an_annotation_are_resolved(annotation: t.Any, meant: t.Any) -> None:
    signature = signature_of(annotated(a=annotation, **{"return": annotation}))
    assert signature.parameters["a"].annotation == meant
    assert signature.returns == meant


@pytest.mark.parametrize("annotation", [list["Missing"], t.Optional["Missing"], "nowhere.Missing | None"])
def test_one_that_cannot_be_resolved_leaves_the_others_alone(annotation: t.Any) -> None:
    signature = signature_of(annotated(a=annotation, b="day"))
    assert isinstance(signature.parameters["a"].annotation, Unresolved)
    assert signature.parameters["b"].annotation is date


# Python 3.14 evaluates annotations when they are asked for, without a word in the module.
LATE = """
import typing as t
from typing import Annotated, TYPE_CHECKING

if TYPE_CHECKING:
    import decimal
    from datetime import date as day
    from nowhere import Missing

def show(a: day, b: list[day], c: day | None, d: Annotated[day, "as day"], e: t.Optional[decimal.Decimal],
         f: Later, g: list[Later | day], h: "day") -> dict[str, Later]: ...

def make():
    class Local: ...
    def show(a: Local, b: Local | day, c: list["day"]) -> Local: ...
    return show, Local

class Page:
    class Inner: ...
    def get(self, a: Inner, b: Inner | day) -> list[Inner]: ...

def with_missing(a: Missing, b: list[Missing], c: int, d: day | Missing) -> Missing: ...

class Later: ...
"""


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[t.Any]:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "late_annotations.py").write_text(LATE)
    yield importlib.import_module("late_annotations")
    del sys.modules["late_annotations"]


def annotations_of(function: t.Any) -> dict[str, t.Any]:
    signature = signature_of(function)
    return {name: each.annotation for name, each in signature.parameters.items()} | {"": signature.returns}


since_314 = pytest.mark.skipif(
    sys.version_info < (3, 14), reason="before Python 3.14, names have to be there when a function is made"
)


@since_314
def test_late_annotations_are_resolved_with_names_for_type_checkers_and_of_later_classes(late: t.Any) -> None:
    import decimal as real

    assert annotations_of(late.show) == {
        "a": date,
        "b": list[date],
        "c": date | None,
        "d": t.Annotated[date, "as day"],
        "e": real.Decimal | None,
        "f": late.Later,
        "g": list[late.Later | date],
        "h": date,
        "": dict[str, late.Later],
    }


@since_314
def test_late_annotations_know_the_function_and_the_class_around(late: t.Any) -> None:
    show, local = late.make()
    assert annotations_of(show) == {"a": local, "b": local | date, "c": list[date], "": local}
    inner = late.Page.Inner
    found = annotations_of(late.Page.get)
    del found["self"]
    assert found == {"a": inner, "b": inner | date, "": list[inner]}


@since_314
def test_a_late_annotation_that_cannot_be_resolved_leaves_the_others_alone(late: t.Any) -> None:
    found = annotations_of(late.with_missing)
    assert found.pop("c") is int
    assert all(isinstance(each, Unresolved) for each in found.values())
    assert repr(found["b"]) == "'list[Missing]' (NameError: name 'Missing' is not defined)"
