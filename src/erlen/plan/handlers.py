"""The error handler that concerns an exception."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .. import typing as ft

_NONE: dict[t.Any, t.Any] = {}


def find_handler(
    spec: ft.HandlerTable, kind: type[Exception], code: int | None, blueprints: t.Sequence[str]
) -> ft.ErrorHandlerCallable | None:
    """Return the handler for an exception of this class.

    Handlers by code go before handlers by class; within these, blueprints innermost first, then the
    application; within one of these, the most specific class.
    """
    names = (*blueprints, None)
    for key in (None,) if code is None else (code, None):
        for name in names:
            handlers: t.Mapping[type, t.Any] | None = spec.get(name, _NONE).get(key)
            if handlers:
                for cls in kind.__mro__:
                    handler: ft.ErrorHandlerCallable | None = handlers.get(cls)
                    if handler is not None:
                        return handler
    return None
