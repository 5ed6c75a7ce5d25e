"""The edge by ASGI: WebSockets, scopes, and the lifespan."""

from __future__ import annotations

import typing as t

import pytest

from erlen import Erlen, Response, websocket
from tests.gateway.asgi.driver import CONNECT, Server, ask, ask_once, http, run
from tests.gateway.asgi.driver import websocket as scope_of

STRANGER = "203.0.113.7"
FORWARDED = [("X-Forwarded-For", STRANGER), ("X-Forwarded-Proto", "https")]


def application(**keys: t.Any) -> Erlen:
    app = Erlen("app")
    app.logger.disabled = True
    app.config.update(keys)

    @app.websocket("/socket")
    async def socket() -> t.Any:
        if "deny" in websocket.args:
            return Response("no", 401)
        await websocket.send(f"{websocket.remote_addr} {websocket.scheme} {websocket.host} {websocket.url}")
        return None

    @app.get("/")
    async def view() -> str:
        return "view"

    return app


def opened(app: Erlen, *headers: tuple[str, str], path: str = "/socket", **given: t.Any) -> list[t.Any]:
    """Open a WebSocket; return what was sent."""

    async def main() -> list[t.Any]:
        server = Server(scope_of(path, *headers, **given), CONNECT)
        await server.start(app)
        return list(server.sent)

    return run(main())


def said(messages: list[t.Any]) -> str:
    (text,) = [message["text"] for message in messages if message["type"] == "websocket.send"]
    return str(text)


def test_a_websocket_has_the_clients_address_and_scheme() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1")
    assert said(opened(app, *FORWARDED)) == f"{STRANGER} wss localhost wss://localhost/socket"
    assert (
        said(opened(app, *FORWARDED, client=(STRANGER, 1)))
        == f"{STRANGER} ws localhost ws://localhost/socket"
    )
    assert (
        said(opened(app, *FORWARDED[:1], scheme="wss")) == f"{STRANGER} wss localhost wss://localhost/socket"
    )


def test_a_websocket_has_the_prefix_of_its_proxy() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1", TRUSTED_PROXY_HEADERS="X-Forwarded-Prefix")
    assert said(opened(app, ("X-Forwarded-Prefix", "/base"))).endswith("ws://localhost/base/socket")


def test_the_origin_of_a_page_is_compared_with_the_clients_scheme() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1")
    origin = ("Origin", "https://localhost")
    assert said(opened(app, *FORWARDED, origin))
    assert opened(app, *FORWARDED, origin, client=(STRANGER, 1))[0]["status"] == 403


def test_a_websocket_without_tls_is_refused_with_a_reason() -> None:
    start, body = opened(application(FORCE_HTTPS=True))
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert body["body"] == b"This WebSocket needs TLS: wss://\n"


def test_a_websocket_without_tls_is_closed_where_no_answer_is_possible() -> None:
    assert [message["type"] for message in opened(application(FORCE_HTTPS=True), extensions={})] == [
        "websocket.close"
    ]


def test_a_client_that_has_left_before_the_handshake_is_told_nothing() -> None:
    async def main() -> list[t.Any]:
        server = Server(scope_of("/socket"), {"type": "websocket.disconnect", "code": 1006})
        await server.start(application(FORCE_HTTPS=True))
        return server.sent

    assert run(main()) == []


def test_a_websocket_with_tls_is_opened() -> None:
    app = application(FORCE_HTTPS=True, HSTS_SECONDS=60, TRUSTED_PROXIES="127.0.0.1")
    assert said(opened(app, scheme="wss"))
    assert said(opened(app, *FORWARDED))


def test_a_denial_has_hsts() -> None:
    start, _ = opened(application(HSTS_SECONDS=60), path="/socket?deny=1", scheme="wss")
    assert start["status"] == 401
    assert (b"strict-transport-security", b"max-age=60") in start["headers"]


# requests


def test_a_request_is_answered_on_the_loop_all_the_same() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1", FORCE_HTTPS=True, HSTS_SECONDS=60)
    answer = ask(app, http("/", "GET", *FORWARDED))
    assert (answer.status, answer.headers["strict-transport-security"]) == (200, "max-age=60")


def test_the_scope_names_the_proxy_to_middleware() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1")
    inner, seen = app.asgi_app, []

    async def middleware(scope: t.Any, receive: t.Any, send: t.Any) -> None:
        seen.append(scope.get("erlen.proxy"))
        await inner(scope, receive, send)

    app.asgi_app = middleware  # type: ignore[method-assign]
    for client in ("127.0.0.1", STRANGER):
        ask_once(app, http("/", client=(client, 1)))
    assert seen == ["127.0.0.1", None]


def test_the_scope_of_the_server_is_left_as_it_is() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1", FORCE_HTTPS=True, HSTS_SECONDS=60)
    scope = http("/", "GET", *FORWARDED)
    before = {**scope, "extensions": dict(scope["extensions"])}

    async def main() -> None:
        await Server(scope, {"type": "http.request"}).serve(app)

    run(main())
    assert scope == before


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_malformed_scope_is_refused_as_ever(scheme: str) -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1", FORCE_HTTPS=True, HSTS_SECONDS=60)
    scope = http("/", scheme=scheme) | {"headers": [(b"host", b"a"), (b"host", b"b")]}
    answer = ask_once(app, scope)
    assert (answer.status, "strict-transport-security" in answer.headers) == (400, scheme == "https")


def test_a_scope_without_its_optional_keys_is_answered() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1", HSTS_SECONDS=60)
    scope = http("/", scheme="https")
    for key in ("query_string", "root_path", "client", "extensions", "raw_path"):
        del scope[key]
    assert ask_once(app, scope).headers["strict-transport-security"] == "max-age=60"


def test_a_wrong_value_ends_the_start_of_the_server() -> None:
    async def main() -> list[t.Any]:
        server = Server({"type": "lifespan"}, {"type": "lifespan.startup"})
        await server.start(application(TRUSTED_PROXIES="proxy.example"))
        return server.sent

    (message,) = run(main())
    assert message["type"] == "lifespan.startup.failed"
    assert "TRUSTED_PROXIES has 'proxy.example'" in message["message"]
