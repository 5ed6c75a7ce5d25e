"""The types of an ASGI application's arguments (ASGI 3.0)."""

from __future__ import annotations

import typing as t

Scope: t.TypeAlias = "t.MutableMapping[str, t.Any]"
Message: t.TypeAlias = "t.MutableMapping[str, t.Any]"
Receive: t.TypeAlias = "t.Callable[[], t.Awaitable[Message]]"
Send: t.TypeAlias = "t.Callable[[Message], t.Awaitable[None]]"
