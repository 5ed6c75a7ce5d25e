"""Applications whose functions have one colour, or both, and forms that are sent to them."""

from __future__ import annotations

import asyncio
import typing as t

from erlen import Erlen
from tests.gateway.asgi.driver import Answer, ask_once, body, http

FORM = ("Content-Type", "application/x-www-form-urlencoded")


def coroutine_of(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    async def coroutine(*args: t.Any, **kwargs: t.Any) -> t.Any:
        await asyncio.sleep(0)
        return function(*args, **kwargs)

    return coroutine


class Coloured:
    """An application whose functions have a colour; "mixed" has coroutine hooks and plain views."""

    def __init__(self, colour: str, **config: t.Any) -> None:
        self.app = app = Erlen("app")
        app.secret_key = "key"
        app.logger.disabled = True
        app.config.update(config)
        self._view_is_plain = colour in ("plain", "mixed")
        self._hook_is_plain = colour in ("plain", "wrapped")
        if colour == "wrapped":
            inner = app.wsgi_app
            app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]

    def view(self, function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        return function if self._view_is_plain else coroutine_of(function)

    def hook(self, function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        return function if self._hook_is_plain else coroutine_of(function)


def post(app: Erlen, path: str, *pieces: bytes, headers: t.Sequence[tuple[str, str]] = (FORM,)) -> Answer:
    length = ("Content-Length", str(sum(map(len, pieces))))
    return ask_once(app, http(path, "POST", length, *headers), *body(*pieces))
