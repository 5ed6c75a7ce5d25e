"""Record WebSockets and their hooks; the names are Quart's."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from inspect import iscoroutinefunction

from .. import typing as ft
from ..wrappers.websocket import http_view
from .registrar import Registrar, T_before_request, T_teardown, setupmethod

T_websocket = t.TypeVar("T_websocket", bound=ft.WebSocketCallable)
T_after_websocket = t.TypeVar("T_after_websocket", bound=ft.AfterWebSocketCallable)

WEBSOCKET_TABLES = ("before_websocket_funcs", "after_websocket_funcs", "teardown_websocket_funcs")


class WebSocketRegistrar(Registrar):
    """The decorators for WebSocket routes and the hooks around them."""

    before_websocket_funcs: ft.HookTable
    after_websocket_funcs: ft.HookTable
    teardown_websocket_funcs: ft.HookTable

    def _make_tables(self, hook_table: t.Callable[[], ft.HookTable]) -> None:
        super()._make_tables(hook_table)
        for name in WEBSOCKET_TABLES:
            setattr(self, name, defaultdict(list))

    @setupmethod
    def websocket(self, rule: str, **options: t.Any) -> t.Callable[[T_websocket], T_websocket]:
        """Decorate the coroutine function that handles the WebSockets whose URL matches *rule*."""

        def decorator(f: T_websocket) -> T_websocket:
            self.add_websocket(rule, options.pop("endpoint", None), f, **options)
            return f

        return decorator

    @setupmethod
    def add_websocket(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.WebSocketCallable | None = None,
        **options: t.Any,
    ) -> None:
        """Route the WebSockets of *rule* to *endpoint*, and that to the coroutine function *view_func*.

        *options* go to the rule. Raises TypeError for a plain function: it could not wait for messages.
        """
        view = None
        if view_func is not None:
            if not iscoroutinefunction(view_func):
                name = getattr(view_func, "__name__", repr(view_func))
                raise TypeError(
                    f"The WebSocket handler {name!r} is a plain function, which cannot wait for"
                    " messages. Define it with 'async def'."
                )
            view = http_view(view_func)
        options["websocket"] = True
        self.add_url_rule(rule, endpoint, view, provide_automatic_options=False, methods=["GET"], **options)

    @setupmethod
    def before_websocket(self, f: T_before_request) -> T_before_request:
        """Call *f* before each WebSocket handler; what it returns, if not None, refuses the WebSocket."""
        self.before_websocket_funcs[None].append(f)
        return f

    @setupmethod
    def after_websocket(self, f: T_after_websocket) -> T_after_websocket:
        """Pass the response that refuses a WebSocket, or None, through *f* when a handler has ended."""
        self.after_websocket_funcs[None].append(f)
        return f

    @setupmethod
    def teardown_websocket(self, f: T_teardown) -> T_teardown:
        """Call *f* with the exception, or None, when the context of a WebSocket ends."""
        self.teardown_websocket_funcs[None].append(f)
        return f
