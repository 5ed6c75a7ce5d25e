"""What a switch is, and the table of all switches, which the modules in ``switches`` fill."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from tests.serve.specialised.by_name import name_of
from tests.serve.specialised.general_form import GeneralForm

# Functions by name, "module:function" as pkgutil resolves it: one of them or several.
Names: t.TypeAlias = str | tuple[str, ...]


@dataclass(frozen=True)
class Switch:
    """A way to the general form, and what shows that a request to the view *probe* takes it."""

    turn_on: Callable[[GeneralForm], object]
    probe: str
    # Called on the straight form, and no longer when the switch is on.
    leaves: tuple[str, ...]
    # Not called on the straight form, but when the switch is on.
    takes: tuple[str, ...]
    # True of the plan on the straight form, and no longer when the switch is on.
    plan_loses: tuple[str, ...]


SWITCHES: dict[str, Switch] = {}


def switch(
    *,
    probe: str = "text",
    leaves: Names = (),
    takes: Names = (),
    plan_loses: Names = (),
    for_each: Iterable[str] | None = None,
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Make a switch of a function that does something to a GeneralForm; its name is the function's.

    With *for_each* there is a switch for each of these words: the function takes it as its second argument.
    """

    def add(function: Callable[..., object]) -> Callable[..., object]:
        name = name_of(function)
        proof = (probe, _tuple(leaves), _tuple(takes), _tuple(plan_loses))
        if for_each is None:
            SWITCHES[name] = Switch(function, *proof)
        else:
            for word in for_each:
                SWITCHES[f"{name} {word}"] = Switch(partial(_call_with_word, function, word), *proof)
        return function

    return add


def _call_with_word(function: Callable[..., object], word: str, form: GeneralForm) -> object:
    return function(form, word)


def _tuple(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


def form_with(names: Iterable[str]) -> GeneralForm:
    """Return the general form with these switches turned on."""
    form = GeneralForm()
    for name in names:
        SWITCHES[name].turn_on(form)
    return form
