"""Record functions for the start and the end of serving, once for each worker; the names are Quart's."""

from __future__ import annotations

import typing as t
from inspect import isasyncgenfunction

from .. import typing as ft
from .registrar import setupmethod

T_serving = t.TypeVar("T_serving", bound=ft.ServingCallable)
T_while_serving = t.TypeVar("T_while_serving", bound=ft.WhileServingCallable)


class ServingRegistrar:
    """The decorators for functions at the start and the end of serving."""

    before_serving_funcs: list[ft.ServingCallable]
    after_serving_funcs: list[ft.ServingCallable]
    while_serving_gens: list[t.Callable[[], t.AsyncGenerator[None, None]]]

    def make_serving_lists(self) -> None:
        """Make the lists that the decorators fill."""
        self.before_serving_funcs = []
        self.after_serving_funcs = []
        self.while_serving_gens = []

    @setupmethod
    def before_serving(self, f: T_serving) -> T_serving:
        """Call *f* before the first request of each worker, with the application's context."""
        self.before_serving_funcs.append(f)
        return f

    @setupmethod
    def after_serving(self, f: T_serving) -> T_serving:
        """Call *f* when a worker stops serving, with the application's context."""
        self.after_serving_funcs.append(f)
        return f

    @setupmethod
    def while_serving(self, f: T_while_serving) -> T_while_serving:
        """Run the asynchronous generator *f* to its ``yield`` before serving, and on from there after it."""
        given = f
        if not isasyncgenfunction(f):
            name = getattr(f, "__name__", repr(f))
            raise TypeError(f"'while_serving' takes an 'async def' function with one 'yield', not {name!r}.")
        self.while_serving_gens.append(f)
        return given
