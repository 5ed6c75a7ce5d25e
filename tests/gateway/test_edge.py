"""The edge by both protocols: HTTPS is demanded, HSTS is added, and middleware sees what proxies say."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import run_wsgi_app

import erlen
from erlen import Erlen, redirect, request
from erlen.deploy import health

PROTOCOLS = pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
HSTS = "max-age=60"
STRANGER = "203.0.113.7"


def application(folder: Path | None = None, **keys: t.Any) -> Erlen:
    app = Erlen("app", static_folder=folder, static_url_path="/static")
    app.logger.disabled = True
    app.config.update(keys)
    app.add_url_rule("/", "plain", lambda: "plain", methods=["GET", "POST"])
    app.add_url_rule("/slash/", "slash", lambda: "slash")
    app.add_url_rule("/away", "away", lambda: redirect("/"))
    app.add_url_rule("/fails", "fails", lambda: 1 // 0)
    app.add_url_rule("/stream", "stream", lambda: (piece for piece in ("a", "b")))
    app.add_url_rule("/object", "object", lambda: erlen.Response("object"))
    app.add_url_rule("/own", "own", lambda: ("own", {"strict-transport-security": "max-age=1"}))
    app.add_url_rule("/address", "address", lambda: f"{request.remote_addr} {request.scheme}")

    async def coroutine() -> str:
        return "coroutine"

    async def pieces() -> t.AsyncIterator[str]:
        yield "a"

    async def stream() -> t.Any:
        return pieces()

    app.add_url_rule("/coroutine", "coroutine", coroutine)
    app.add_url_rule("/coroutine/stream", "coroutine_stream", stream)
    return app


# FORCE_HTTPS


@PROTOCOLS
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/", "https://localhost/"),
        ("/nowhere", "https://localhost/nowhere"),
        ("/slash", "https://localhost/slash"),
        (
            "/a%2525%20b/%C3%A9/;x=1?q=%20%2B+/&r=%25&q",
            "https://localhost/a%2525%20b/%C3%A9/;x=1?q=%20%2B+/&r=%25&q",
        ),
        ("/%0d%0aSet-Cookie:%20a=b?%0d%0a", "https://localhost/%0D%0ASet-Cookie:%20a=b?%0d%0a"),
    ],
)
def test_a_request_without_tls_is_sent_to_the_same_url_with_it(
    protocol: str, path: str, location: str
) -> None:
    app = application(FORCE_HTTPS=True)
    url, _, query = path.partition("?")
    response = app.test_client(protocol=protocol).get(f"http://localhost{url}", query_string=query or None)
    assert (response.status_code, response.headers["Location"]) == (308, location)


@PROTOCOLS
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PURGE"])
def test_no_function_of_the_application_runs_for_it(protocol: str, method: str) -> None:
    app = application(FORCE_HTTPS=True)
    called: list[str] = []
    app.before_request(lambda: called.append("before"))
    app.teardown_request(lambda _: called.append("teardown"))
    response = app.test_client(protocol=protocol).open("/", method=method, data="x")
    assert (response.status_code, called) == (308, [])
    assert response.text == ("" if method == "HEAD" else "This site is at https://localhost/\n")


@PROTOCOLS
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_probes_need_no_tls(protocol: str, is_wrapped: bool) -> None:
    app = application(FORCE_HTTPS=True, TRUSTED_HOSTS=["shop.example"])
    health.init_app(app)
    if is_wrapped:
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    client = app.test_client(protocol=protocol)
    for _ in range(2):
        for path in ("/livez", "/readyz"):
            assert client.get(path, headers={"Host": "10.0.0.7"}).status_code == 200
        assert client.get("/", headers={"Host": "shop.example"}).status_code == 308


@PROTOCOLS
def test_with_tls_it_is_answered_as_ever(protocol: str) -> None:
    client = application(FORCE_HTTPS=True).test_client(protocol=protocol)
    for path in ("/", "/coroutine"):
        assert client.get(path, base_url="https://localhost").status_code == 200


@PROTOCOLS
def test_behind_a_trusted_proxy_the_scheme_is_the_clients(protocol: str) -> None:
    app = application(FORCE_HTTPS=True, TRUSTED_PROXIES="127.0.0.1")
    client = app.test_client(protocol=protocol)
    secure = {"X-Forwarded-Proto": "https"}
    assert client.get("/", headers=secure).status_code == 200
    assert client.get("/").status_code == 308
    assert (
        client.get("/", base_url="https://localhost", headers={"X-Forwarded-Proto": "http"}).status_code
        == 308
    )
    assert client.get("/", headers=secure, environ_base={"REMOTE_ADDR": STRANGER}).status_code == 308


@PROTOCOLS
def test_the_redirect_has_the_port_and_prefix_that_the_client_sees(protocol: str) -> None:
    app = application(FORCE_HTTPS=True, TRUSTED_PROXIES="127.0.0.1")
    app.config["TRUSTED_PROXY_HEADERS"] = "X-Forwarded-Host X-Forwarded-Port X-Forwarded-Prefix"
    headers = {"X-Forwarded-Host": "shop.example", "X-Forwarded-Port": "8080", "X-Forwarded-Prefix": "/shop"}
    response = app.test_client(protocol=protocol).get("/cart", headers=headers)
    assert response.headers["Location"] == "https://shop.example:8080/shop/cart"


@PROTOCOLS
@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost@evil.example", "localhost/x", "localhost:x", "localhost evil", "", "a:99999"],
)
def test_a_host_that_is_not_trusted_or_none_is_no_place_to_be_sent_to(protocol: str, host: str) -> None:
    app = application(FORCE_HTTPS=True, TRUSTED_HOSTS=["localhost"])
    response = app.test_client(protocol=protocol).get("/", headers={"Host": host})
    assert (response.status_code, response.headers.get("Location")) == (400, None)


@PROTOCOLS
@pytest.mark.parametrize(
    "host", ["localhost@evil.example", "a/b", "a b", "a\\b", "a?b", "a#b", "[::1", "a:99999"]
)
def test_without_a_list_of_hosts_only_what_can_be_one_is_taken(protocol: str, host: str) -> None:
    response = application(FORCE_HTTPS=True).test_client(protocol=protocol).get("/", headers={"Host": host})
    assert (response.status_code, response.headers.get("Location")) == (400, None)


def test_the_list_of_hosts_of_a_request_class_counts() -> None:
    class Own(erlen.Request):
        trusted_hosts = ["shop.example"]

    app = application(FORCE_HTTPS=True)
    app.request_class = Own
    assert app.test_client().get("/").status_code == 400
    assert app.test_client().get("/", base_url="http://shop.example").status_code == 308


@pytest.mark.parametrize("path", ["@evil.example/", "a.example", "", "*", ".evil.example", "//evil.example"])
def test_a_path_does_not_become_a_part_of_the_host(path: str) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
    }
    _, _, headers = run_wsgi_app(application(FORCE_HTTPS=True), environ)
    assert headers["Location"].startswith("https://localhost/")


def test_an_environ_with_hardly_anything_is_no_error() -> None:
    app = application(FORCE_HTTPS=True, HSTS_SECONDS=60, TRUSTED_PROXIES="unix")
    _, status, _ = run_wsgi_app(app, {"HTTP_X_FORWARDED_PROTO": "x", "HTTP_X_FORWARDED_FOR": "y"})
    assert status == "400 BAD REQUEST"
    _, status, _ = run_wsgi_app(app, {"SERVER_NAME": "localhost", "SERVER_PORT": "80"})
    assert status == "308 PERMANENT REDIRECT"


# HSTS

PATHS = {
    "/": 200,
    "/object": 200,
    "/coroutine": 200,
    "/stream": 200,
    "/coroutine/stream": 200,
    "/static/file.txt": 200,
    "/static/none": 404,
    "/slash": 308,
    "/away": 302,
    "/fails": 500,
    "/nowhere": 404,
}


@PROTOCOLS
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_with_tls_has_hsts_and_no_other_one(protocol: str, path: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("text")
    app = application(tmp_path, HSTS_SECONDS=60)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client(protocol=protocol)
    secure, plain = client.get(path, base_url="https://localhost"), client.get(path)
    secure.close()
    plain.close()
    assert (secure.status_code, secure.headers.getlist("Strict-Transport-Security")) == (PATHS[path], [HSTS])
    assert (plain.status_code, plain.headers.getlist("Strict-Transport-Security")) == (PATHS[path], [])


@PROTOCOLS
def test_a_refused_host_and_a_method_that_is_not_allowed_have_it_too(protocol: str) -> None:
    app = application(HSTS_SECONDS=60, TRUSTED_HOSTS=["localhost"])
    client = app.test_client(protocol=protocol)
    for options in (
        {"base_url": "https://evil.example"},
        {"base_url": "https://localhost", "method": "DELETE"},
    ):
        response = client.open("/", **options)
        assert response.status_code in (400, 405)
        assert response.headers["Strict-Transport-Security"] == HSTS


@PROTOCOLS
def test_a_view_may_have_one_of_its_own(protocol: str) -> None:
    client = application(HSTS_SECONDS=60).test_client(protocol=protocol)
    response = client.get("/own", base_url="https://localhost")
    assert response.headers.getlist("Strict-Transport-Security") == ["max-age=1"]


@PROTOCOLS
def test_a_forwarded_scheme_counts_only_from_a_trusted_proxy(protocol: str) -> None:
    client = application(HSTS_SECONDS=60, TRUSTED_PROXIES="127.0.0.1").test_client(protocol=protocol)
    headers = {"X-Forwarded-Proto": "https"}
    assert client.get("/", headers=headers).headers["Strict-Transport-Security"] == HSTS
    strangers = client.get("/", headers=headers, environ_base={"REMOTE_ADDR": STRANGER})
    assert "Strict-Transport-Security" not in strangers.headers


# where


@PROTOCOLS
def test_a_change_of_a_key_is_noticed_by_the_next_request(protocol: str) -> None:
    app = application()
    client = app.test_client(protocol=protocol)
    headers = {"X-Forwarded-For": STRANGER, "X-Forwarded-Proto": "https"}
    for key, value, came in (
        ("SECRET_KEY", "x", "127.0.0.1 http"),
        ("TRUSTED_PROXIES", ["127.0.0.1"], f"{STRANGER} https"),
        ("TRUSTED_PROXIES", ["127.0.0.2"], "127.0.0.1 http"),
        ("TRUSTED_PROXIES", ["127.0.0.2", "127.0.0.1"], f"{STRANGER} https"),
        ("TRUSTED_PROXY_HEADERS", "X-Forwarded-Proto", "127.0.0.1 https"),
        ("TRUSTED_PROXIES", None, "127.0.0.1 http"),
    ):
        app.config[key] = value
        assert client.get("/address", headers=headers).text == came


def change_a_step(app: Erlen) -> None:
    app.dispatch_request = lambda dispatch=app.dispatch_request: dispatch()  # type: ignore[method-assign]


def start_first(app: Erlen) -> None:
    app.before_serving(lambda: None)


def seen_by_middleware(app: Erlen) -> None:
    inner = app.wsgi_app

    def middleware(environ: t.Any, start_response: t.Any) -> t.Any:
        assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == (STRANGER, "https")
        return inner(environ, start_response)

    app.wsgi_app = middleware  # type: ignore[method-assign]


def seen_by_asgi_middleware(app: Erlen) -> None:
    inner = app.asgi_app

    async def middleware(scope: t.Any, receive: t.Any, send: t.Any) -> None:
        assert (scope["client"], scope["scheme"]) == ((STRANGER, 0), "https")
        await inner(scope, receive, send)

    app.asgi_app = middleware  # type: ignore[method-assign]


@PROTOCOLS
@pytest.mark.parametrize(
    "change",
    [change_a_step, start_first, seen_by_middleware, seen_by_asgi_middleware],
    ids=lambda f: f.__name__,
)
def test_the_edge_is_around_everything(protocol: str, change: t.Callable[[Erlen], None]) -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1", FORCE_HTTPS=True, HSTS_SECONDS=60)
    change(app)
    headers = {"X-Forwarded-For": STRANGER, "X-Forwarded-Proto": "https"}
    for _ in range(2):
        client = app.test_client(protocol=protocol)
        response = client.get("/address", headers=headers)
        assert (response.text, response.headers.getlist("Strict-Transport-Security")) == (
            f"{STRANGER} https",
            [HSTS],
        )
        assert client.get("/address").status_code == 308
    with client:
        assert client.get("/address", headers=headers).text == f"{STRANGER} https"
        assert request.remote_addr == STRANGER


def test_a_subclass_may_call_wsgi_app_of_its_base() -> None:
    class Own(Erlen):
        def wsgi_app(self, environ: t.Any, start_response: t.Any) -> t.Any:
            calls.append(environ["REMOTE_ADDR"])
            return super().wsgi_app(environ, start_response)

    calls: list[str] = []
    app = Own("app")
    app.config["TRUSTED_PROXIES"] = "127.0.0.1"
    app.add_url_rule("/", "view", lambda: f"{request.remote_addr}")
    for protocol in ("wsgi", "asgi"):
        assert (
            app.test_client(protocol=protocol).get("/", headers={"X-Forwarded-For": STRANGER}).text
            == STRANGER
        )
    assert calls == [STRANGER, STRANGER]


def test_the_middleware_itself_is_covered_where_it_answers() -> None:
    app = application(FORCE_HTTPS=True, HSTS_SECONDS=60)

    def answer(environ: t.Any, start_response: t.Any) -> t.Any:
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/metrics": answer})  # type: ignore[method-assign]
    for protocol in ("wsgi", "asgi"):
        client = app.test_client(protocol=protocol)
        assert client.get("/metrics").status_code == 308
        assert (
            client.get("/metrics", base_url="https://localhost").headers["Strict-Transport-Security"] == HSTS
        )


def test_who_calls_wsgi_app_gets_it_too() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/address",
        "SERVER_NAME": "a",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_FORWARDED_FOR": STRANGER,
        "wsgi.url_scheme": "http",
    }
    data, _, _ = run_wsgi_app(app.wsgi_app, environ)
    assert b"".join(data) == b"203.0.113.7 http"


def test_an_application_below_another_one_does_not_read_the_headers_once_more() -> None:
    outer, inner = (application(TRUSTED_PROXIES=["127.0.0.1", STRANGER], TRUSTED_PROXY_HOPS=1) for _ in "12")
    inner.config["HSTS_SECONDS"] = outer.config["HSTS_SECONDS"] = 60
    outer.wsgi_app = DispatcherMiddleware(outer.wsgi_app, {"/inner": inner})  # type: ignore[method-assign]
    headers = {"X-Forwarded-For": f"1.2.3.4, {STRANGER}", "X-Forwarded-Proto": "https"}
    for protocol in ("wsgi", "asgi"):
        response = outer.test_client(protocol=protocol).get("/inner/address", headers=headers)
        assert response.text == f"{STRANGER} https"
        assert response.headers.getlist("Strict-Transport-Security") == [HSTS]


def test_proxyfix_goes_on_with_what_the_edge_has_found() -> None:
    app = application(TRUSTED_PROXIES="127.0.0.1", TRUSTED_PROXY_HEADERS="X-Forwarded-For")
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0)  # type: ignore[method-assign]
    headers = {"X-Forwarded-For": STRANGER, "X-Forwarded-Proto": "https"}
    for protocol in ("wsgi", "asgi"):
        assert app.test_client(protocol=protocol).get("/address", headers=headers).text == f"{STRANGER} https"
