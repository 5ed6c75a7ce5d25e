"""One call for both protocols: what servers take it for, and what happens when it is replaced."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sys
import typing as t
import warnings
import weakref

import pytest

from erlen import Erlen
from tests.gateway.asgi.driver import ask, http
from tests.gateway.asgi.greetings import BOTH, greeting, greetings
from tests.serve.beside import call, environ

Call: t.TypeAlias = "t.Callable[..., t.Any]"


def is_coroutine_function_to_asyncio(function: t.Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from Python 3.14 on
        return asyncio.iscoroutinefunction(function)


# how it looks


class Subclass(Erlen): ...


class Calling(Erlen):
    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        return super().__call__(environ, start_response)


class CallingBoth(Erlen):
    def __call__(self, *args: t.Any) -> t.Any:
        return super().__call__(*args)


@pytest.mark.parametrize("cls", [Erlen, Subclass, Calling])
def test_servers_take_the_call_for_a_coroutine_function(cls: type[Erlen]) -> None:
    """That is how uvicorn and hypercorn tell ASGI 3 from ASGI 2 and from WSGI."""
    app = cls("app")

    assert inspect.iscoroutinefunction(app.__call__)
    assert is_coroutine_function_to_asyncio(app.__call__)
    assert is_coroutine_function_to_asyncio(app.asgi_app) or sys.version_info < (3, 12)
    if sys.version_info >= (3, 12):
        assert inspect.iscoroutinefunction(app)


def test_the_application_is_neither_a_function_nor_a_class_to_them() -> None:
    app = Erlen("app")

    assert callable(app)
    assert not inspect.isfunction(app)
    assert not inspect.isclass(app)


def test_the_mark_does_not_keep_the_application_alive() -> None:
    app = Erlen("app")
    marked, reference = app.__call__, weakref.ref(app)
    assert marked is not None
    if sys.version_info >= (3, 12):
        del marked

    del app
    gc.collect()

    assert reference() is None


def test_the_call_that_servers_look_at_answers_both() -> None:
    app = greeting()

    assert call(app.__call__, environ("/plain")).body == b"plain"
    assert ask(app.__call__, http("/plain")).text == "plain"


# who replaces it


@pytest.fixture
def unpatched() -> t.Iterator[None]:
    original = vars(Erlen)["__call__"]
    yield
    Erlen.__call__ = original  # type: ignore[method-assign]
    assert vars(Erlen)["__call__"] is original


@pytest.mark.usefixtures("unpatched")
def test_a_function_of_two_arguments_may_replace_it_and_asgi_still_answers() -> None:
    """Sentry does so; what comes by ASGI goes through it, too."""
    before, app, seen = Erlen.__call__, greeting(), []
    assert greetings(app) == BOTH

    def traced(self: Erlen, environ: t.Any, start_response: t.Any) -> t.Any:
        seen.append(environ["PATH_INFO"])
        return before(self, environ, start_response)

    Erlen.__call__ = traced  # type: ignore[method-assign]

    assert greetings(app) == BOTH
    assert greetings(greeting()) == BOTH
    assert seen == ["/plain", "/coroutine"] * 4
    assert inspect.iscoroutinefunction(app.__call__)

    Erlen.__call__ = before  # type: ignore[method-assign]

    assert greetings(app) == BOTH
    assert len(seen) == 8


@pytest.mark.usefixtures("unpatched")
def test_it_may_be_replaced_more_than_once() -> None:
    app, seen = greeting(), []

    def wrap(name: str, inner: Call) -> Call:
        def traced(self: Erlen, environ: t.Any, start_response: t.Any) -> t.Any:
            seen.append(name)
            return inner(self, environ, start_response)

        return traced

    Erlen.__call__ = wrap("inner", Erlen.__call__)  # type: ignore[method-assign]
    Erlen.__call__ = wrap("outer", Erlen.__call__)  # type: ignore[method-assign]

    assert greetings(app) == BOTH
    assert seen == ["outer", "inner"] * 4


@pytest.mark.usefixtures("unpatched")
def test_a_replacement_that_answers_both_protocols_is_called_as_it_is() -> None:
    before, app, seen = Erlen.__call__, greeting(), []

    def traced(self: Erlen, *args: t.Any) -> t.Any:
        seen.append(len(args))
        return before(self, *args)

    Erlen.__call__ = traced  # type: ignore[method-assign]

    assert vars(Erlen)["__call__"] is traced
    assert greetings(app) == BOTH
    assert seen == [2, 2, 3, 3]


def test_a_subclass_may_define_it_for_wsgi_alone() -> None:
    seen: list[str] = []

    class Traced(Erlen):
        def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
            seen.append(environ["PATH_INFO"])
            return super().__call__(environ, start_response)

    assert greetings(greeting(Traced)) == BOTH
    assert seen == ["/plain", "/coroutine"] * 2


@pytest.mark.parametrize("cls", [Subclass, Calling, CallingBoth])
def test_a_subclass_answers_both(cls: type[Erlen]) -> None:
    assert greetings(greeting(cls)) == BOTH


@pytest.mark.usefixtures("unpatched")
def test_a_replaced_call_of_the_class_reaches_a_subclass_that_has_none() -> None:
    before, app, seen = Erlen.__call__, greeting(Subclass), []

    def traced(self: Erlen, environ: t.Any, start_response: t.Any) -> t.Any:
        seen.append(1)
        return before(self, environ, start_response)

    Erlen.__call__ = traced  # type: ignore[method-assign]

    assert greetings(app) == BOTH
    assert len(seen) == 4


@pytest.mark.usefixtures("unpatched")
def test_what_a_replaced_call_answers_by_itself_is_sent_by_asgi() -> None:
    def closed(self: Erlen, environ: t.Any, start_response: t.Any) -> t.Any:
        start_response("503 Closed", [("Content-Type", "text/plain")])
        return [b"closed"]

    Erlen.__call__ = closed  # type: ignore[method-assign]

    answer = ask(greeting(), http("/plain"))

    assert (answer.status, answer.text) == (503, "closed")
