"""What every story needs: a register, a small application, a way to tell a response."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import (
    Flask,
    Response,
    g,
    has_request_context,
    session,
)

from .. import differences
from ..application.events import note

ALL: dict[str, Callable[[], Any]] = {}


def scenario(function: Callable[[], Any]) -> Callable[[], Any]:
    ALL[function.__name__] = function
    return function


def combinations(*parts: Iterable[Any], one_in: int) -> Iterator[tuple[Any, ...]]:
    """Give all combinations of the parts where ERLEN_EXAMPLES asks for more, else one in so many.

    Every two values of different parts still meet where *one_in* has no factor in common with the
    numbers of values, and is small beside them.
    """
    step = 1 if int(os.environ.get("ERLEN_EXAMPLES", "0")) else one_in
    return itertools.islice(itertools.product(*parts), 0, None, step)


def small_app(cls: type[Flask] = Flask, **config: Any) -> Flask:
    """An application with one of each hook and a few views."""
    app = cls(__name__)
    app.config.update({"SECRET_KEY": "k", **config})
    app.before_request(lambda: note("before", has_request_context(), sorted(g)))
    app.teardown_request(lambda error: note("teardown", type(error).__name__))
    app.teardown_appcontext(lambda error: note("teardown app", type(error).__name__, sorted(g)))

    @app.after_request
    def after(response: Response) -> Response:
        note("after", response.status_code)
        return response

    @app.route("/")
    def index() -> str:
        g.visits = g.get("visits", 0) + 1
        return f"visit {g.visits}"

    @app.route("/fail")
    def fail() -> None:
        raise ValueError("a failing view")

    @app.route("/session/<word>")
    def put(word: str) -> str:
        session["word"] = word
        return word

    @app.route("/touch")
    def touch() -> str:
        return str(session.get("word"))

    return app


def tell(response: Any) -> list[Any]:
    """What is compared of a response."""
    headers = [[name, value] for name, value in response.headers]
    return [response.status, response.get_data(as_text=True), differences.headers(headers)]
