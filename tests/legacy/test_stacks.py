"""The stacks of contexts."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from erlen import Flask, current_app, g, request
from erlen.legacy.stacks import app_stack, identify, lookup_app_object, lookup_request_object, request_stack

PROTOCOLS = pytest.mark.parametrize("protocol", ["wsgi", "asgi"])


@PROTOCOLS
@pytest.mark.parametrize("coroutine", [False, True])
def test_the_top_is_the_context_and_takes_attributes(protocol: str, coroutine: bool) -> None:
    app = Flask(__name__)

    def view() -> str:
        request_stack.top.mine = request_stack.top.request.path
        app_stack.top.other = "other"
        return f"{request_stack.top.app.name}"

    async def view_on_loop() -> str:
        return view()

    def after(response: Any) -> Any:
        response.headers["X-Mine"] = request_stack.top.mine + app_stack.top.other
        return response

    app.add_url_rule("/", "view", view_on_loop if coroutine else view)
    app.after_request(after)
    response = app.test_client(protocol=protocol).get("/")
    assert (response.text, response.headers["X-Mine"]) == (__name__, "/other")


def test_outside_there_is_none() -> None:
    assert request_stack.top is app_stack.top is request_stack.pop() is app_stack.pop() is None


def test_nested_contexts() -> None:
    app, other = Flask("app"), Flask("other")
    with app.app_context() as outer:
        assert app_stack.top is outer
        with other.test_request_context("/") as inner:
            assert request_stack.top is inner
            assert app_stack.top.app is other
        assert app_stack.top is outer
        assert request_stack.top is None


@pytest.mark.parametrize("kind", ["app", "request"])
def test_a_context_is_pushed_without_its_push(kind: str) -> None:
    app, ended = Flask(__name__), []
    app.teardown_appcontext(ended.append)
    stack = app_stack if kind == "app" else request_stack
    context: Any = app.app_context() if kind == "app" else app.test_request_context()
    stack.push(context)
    stack.push(context)
    assert stack.pop() is stack.top is context
    assert stack.pop() is context
    assert stack.top is None
    assert ended == []


def test_a_context_that_pushed_itself_ends_by_pop() -> None:
    app, ended = Flask(__name__), []
    app.teardown_appcontext(ended.append)
    context = app.test_request_context()
    context.push()
    assert request_stack.pop() is context
    assert ended == [None]


def test_an_identity_is_that_of_the_thread() -> None:
    found: list[Any] = [identify()]
    thread = threading.Thread(target=lambda: found.append(identify()))
    thread.start()
    thread.join()
    assert found[0] == identify() == app_stack.__ident_func__() == request_stack.__ident_func__()
    assert found[0] != found[1]


@PROTOCOLS
@pytest.mark.parametrize("coroutine", [False, True])
def test_all_functions_of_a_request_have_one_identity(protocol: str, coroutine: bool) -> None:
    app, seen = Flask(__name__), []

    async def view_on_loop() -> str:
        await asyncio.sleep(0)
        return view()

    def view() -> str:
        seen.append(identify())
        return ""

    app.add_url_rule("/", "view", view_on_loop if coroutine else view)
    if coroutine and protocol == "wsgi":
        # Its plain functions run on another thread, and old extensions have no coroutines.
        pytest.skip("A coroutine under WSGI has an identity of its own.")
    app.before_request(lambda: seen.append(identify()))
    app.teardown_appcontext(lambda error: seen.append(identify()))
    app.test_client(protocol=protocol).get("/")
    assert (len(seen), len(set(seen))) == (3, 1)


def test_coroutines_of_one_loop_have_their_own() -> None:
    app = Flask(__name__)

    async def one() -> Any:
        with app.app_context():
            await asyncio.sleep(0)
            return identify()

    async def both() -> list[Any]:
        return list(await asyncio.gather(one(), one()))

    first, second = asyncio.run(both())
    assert first != second


def test_objects_by_name() -> None:
    app = Flask(__name__)
    with app.test_request_context("/x"):
        g.name = "of g"
        assert lookup_request_object("request") is request._get_current_object()
        assert lookup_app_object("g").name == "of g"
        assert lookup_app_object("app") is current_app._get_current_object()
    for look_up, name in ((lookup_request_object, "request"), (lookup_app_object, "g")):
        with pytest.raises(RuntimeError, match="Working outside of"):
            look_up(name)
