"""Tables of functions by their names, so that no list has to repeat them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


def add_to(table: dict[str, F]) -> Callable[[F], F]:
    """Add a function to *table* under its name, with spaces for underscores."""

    def add(function: F) -> F:
        table[name_of(function)] = function
        return function

    return add


def name_of(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", " ").strip()
