"""Annotations are resolved one by one, whatever form they have."""

from __future__ import annotations

import functools
import typing as t

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


@pytest.mark.parametrize("function", [Called(), Called().method], ids=["object", "method"])
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
