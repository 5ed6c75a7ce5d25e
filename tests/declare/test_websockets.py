"""Declaring WebSockets and what runs around serving: what is refused at set-up, and what is in the tables."""

from __future__ import annotations

import typing as t
from functools import partial

import pytest

from erlen import Blueprint, Erlen, websocket
from erlen.testing import WebSocketDenied


async def echo(**values: t.Any) -> None:
    await websocket.send(f"{websocket.endpoint} {values}")


def said(app: Erlen, path: str) -> str | bytes:
    with app.test_client().websocket(path) as ws:
        return ws.receive()


def test_a_rule_has_converters_defaults_and_an_endpoint_as_those_of_requests_have() -> None:
    app = Erlen("app")
    app.websocket("/a/<int:n>")(echo)
    app.websocket("/b", endpoint="other", defaults={"n": 7})(echo)
    app.add_websocket("/c", "third", echo)

    assert said(app, "/a/5") == "echo {'n': 5}"
    assert said(app, "/b") == "other {'n': 7}"
    assert said(app, "/c") == "third {}"
    assert [rule.websocket for rule in app.url_map.iter_rules() if rule.endpoint != "static"] == [True] * 3


def test_a_decorator_may_be_used_again() -> None:
    app = Erlen("app")
    decorate = app.websocket("/<name>", endpoint="named")

    assert decorate(echo) is echo

    assert said(app, "/x") == "named {'name': 'x'}"


def test_a_handler_of_a_blueprint_has_its_prefix_and_its_name() -> None:
    app, outer, inner = (
        Erlen("app"),
        Blueprint("outer", __name__, url_prefix="/o"),
        Blueprint("inner", __name__),
    )
    inner.websocket("/<x>")(echo)
    outer.register_blueprint(inner, url_prefix="/i")
    app.register_blueprint(outer)
    app.register_blueprint(outer, name="again", url_prefix="/again")

    assert said(app, "/o/i/1") == "outer.inner.echo {'x': '1'}"
    assert said(app, "/again/i/1") == "again.inner.echo {'x': '1'}"


def test_one_url_may_be_a_page_and_a_websocket() -> None:
    app = Erlen("app")
    app.add_url_rule("/", "page", lambda: "page")
    app.websocket("/")(echo)

    for protocol in ("wsgi", "asgi"):
        assert app.test_client(protocol=protocol).get("/").text == "page"
    assert said(app, "/") == "echo {}"


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_request_for_a_websocket_is_told_to_upgrade(protocol: str, method: str) -> None:
    app = Erlen("app")
    app.websocket("/")(echo)

    response = app.test_client(protocol=protocol).open("/", method=method)

    assert (response.status_code, response.headers["Upgrade"]) == (426, "websocket")
    assert "Upgrade" in response.headers["Connection"]
    if method == "GET":
        assert "uvicorn" in response.text


def test_a_websocket_has_no_redirect_for_a_missing_slash_that_loses_it() -> None:
    app = Erlen("app")
    app.websocket("/slash/")(echo)

    with pytest.raises(WebSocketDenied) as denied, app.test_client().websocket("/slash"):
        pass

    assert denied.value.response.status_code == 308
    assert denied.value.response.headers["Location"] in ("ws://localhost/slash/", "http://localhost/slash/")


@pytest.mark.parametrize("plain", [lambda: None, partial(lambda: None), print])
def test_a_plain_function_is_refused_with_its_name_and_the_way_out(plain: t.Any) -> None:
    with pytest.raises(TypeError, match="async def"):
        Erlen("app").websocket("/")(plain)


def test_a_partial_of_a_coroutine_function_is_taken() -> None:
    app = Erlen("app")
    app.add_websocket("/", "partial", partial(echo, x=1))

    assert said(app, "/") == "partial {'x': 1}"


def test_an_endpoint_has_one_handler() -> None:
    app = Erlen("app")
    app.websocket("/", endpoint="name")(echo)

    async def other() -> None: ...

    with pytest.raises(AssertionError, match="name"):
        app.websocket("/other", endpoint="name")(other)


def test_a_blueprints_hooks_for_the_application_run_around_every_websocket() -> None:
    app, blueprint = Erlen("app"), Blueprint("b", __name__)
    log: list[str] = []

    @blueprint.before_app_websocket
    def before() -> None:
        log.append("before")

    @blueprint.after_app_websocket
    def after(response: t.Any) -> t.Any:
        log.append("after")
        return response

    @blueprint.teardown_app_websocket
    def teardown(error: BaseException | None) -> None:
        log.append("teardown")

    @app.websocket("/")
    async def handler() -> None:
        await websocket.send("hello")

    app.register_blueprint(blueprint)
    with app.test_client().websocket("/") as connection:
        assert connection.receive() == "hello"
    assert log == ["before", "after", "teardown"]
