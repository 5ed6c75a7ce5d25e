"""The user's own functions are something else than plain functions that leave the plan alone."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any

import erlen
from tests.serve.specialised.general_form import Function, GeneralForm
from tests.serve.specialised.switch import switch
from tests.serve.specialised.switches.hooks import make_the_plan_stale


@switch(probe="hooked", takes="erlen.plan.routes:plain_call")
def all_functions_are_callable_objects_without_a_hash(form: GeneralForm) -> None:
    form.wrappers_of_functions.append(CallableObject)


class CallableObject:
    """A function in an object that has no hash."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.__module__ = function.__module__

    def __eq__(self, other: object) -> bool:
        # With this method and no other, Python gives the class no hash.
        return self is other

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return as_plain(self.function)(*args, **kwargs)


@switch(takes="erlen:Erlen.finalize_request")
def all_functions_make_the_plan_stale(form: GeneralForm) -> None:
    form.wrappers_of_functions.append(making_the_plan_stale)


def making_the_plan_stale(function: Function) -> Function:
    """Make a function that does the same, and makes the plan stale whatever comes of it."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return as_plain(function)(*args, **kwargs)
        finally:
            make_the_plan_stale()

    wrapped.__module__ = function.__module__
    return wrapped


def as_plain(function: Function) -> Function:
    """Make a coroutine function plain, without asking ``ensure_sync``, which a test may have patched."""
    return erlen.current_app.async_to_sync(function) if iscoroutinefunction(function) else function
