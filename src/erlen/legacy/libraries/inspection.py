"""``inspect.getargspec``, which knew neither keyword-only parameters nor annotations."""

from __future__ import annotations

import inspect
import typing as t


class ArgSpec(t.NamedTuple):
    """The parameters of a function, as Python 2 had them."""

    args: list[str]
    varargs: str | None
    keywords: str | None
    defaults: tuple[t.Any, ...] | None


def getargspec(func: t.Callable[..., t.Any]) -> ArgSpec:
    """Return the parameters of a function; ValueError if it has keyword-only ones or annotations."""
    found = inspect.getfullargspec(func)
    if found.kwonlyargs or found.annotations:
        raise ValueError(
            "The function has keyword-only parameters or annotations: use inspect.getfullargspec() or"
            " inspect.signature()."
        )
    return ArgSpec(found.args, found.varargs, found.varkw, found.defaults)
