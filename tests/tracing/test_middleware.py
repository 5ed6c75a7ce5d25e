"""What stands around an application, seen from an ASGI server: where it runs, and where views then run."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
import typing as t

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

import erlen
from erlen import Erlen
from tests.load.asking import Answer, Lifespan, Socket, ask

R = t.TypeVar("R")


def run(main: t.Coroutine[t.Any, t.Any, R]) -> R:
    """Be the server: its loop is this thread's."""
    return asyncio.run(asyncio.wait_for(main, 60))


def here() -> str:
    """Say on which thread this is called: the loop's, or one of the pool."""
    current = threading.current_thread()
    return "loop" if current is threading.main_thread() else current.name.rpartition("-")[0]


def application(**names: str) -> Erlen:
    """Make an application whose views tell where they run and what they are given."""
    app = Erlen(names.get("name", "app"))

    def told() -> dict[str, t.Any]:
        request = erlen.request
        return {
            "app": app.name,
            "at": here(),
            "path": request.path,
            "root": request.root_path,
            "url": request.url,
            "from": request.remote_addr,
            "method": request.method,
            "body": request.get_data(as_text=True),
        }

    @app.route("/plain/<path:x>", methods=["GET", "POST", "PUT"])
    def plain(x: str) -> t.Any:
        return told()

    @app.route("/coroutine/<path:x>", methods=["GET", "POST", "PUT"])
    async def coroutine(x: str) -> t.Any:
        assert asyncio.get_running_loop() is not None
        await asyncio.sleep(0)
        return told()

    @app.websocket("/coroutine/socket")
    async def socket() -> None:
        websocket = erlen.websocket
        secure = "secure" if websocket.is_secure else "open"
        await websocket.send(f"{websocket.remote_addr} {secure} {websocket.url.partition('://')[2]}")

    return app


async def told(app: t.Any, path: str, **values: t.Any) -> dict[str, t.Any]:
    answer = await ask(app, path, **values)
    assert answer.status == 200, answer.text
    return t.cast("dict[str, t.Any]", erlen.json.loads(answer.text))


class Around:
    """Be WSGI middleware of no known kind: note where it was called."""

    def __init__(self, app: t.Any) -> None:
        self.app = app
        self.called: list[str] = []

    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        self.called.append(here())
        return self.app(environ, start_response)


COLOURS = {"plain": "erlen-pool", "coroutine": "loop"}
"""Where a view of each colour runs."""


# any WSGI middleware


@pytest.mark.parametrize("colour", COLOURS)
def test_middleware_runs_on_a_thread_and_coroutine_views_on_the_servers_loop(colour: str) -> None:
    app = application()
    app.wsgi_app = around = Around(app.wsgi_app)  # type: ignore[method-assign]

    assert run(told(app, f"/{colour}/x"))["at"] == COLOURS[colour]
    assert around.called == ["erlen-pool"]


def test_a_line_at_the_start_tells_of_middleware_once(caplog: pytest.LogCaptureFixture) -> None:
    app = application(name="wrapped")
    app.wsgi_app = Around(Around(app.wsgi_app))  # type: ignore[method-assign]

    assert [line.count("wrapped") for line in lines_of(app, caplog)] == [1]


@pytest.mark.parametrize("what", ["nothing", "ProxyFix", "ASGI middleware"])
def test_what_costs_no_thread_is_not_told_of(what: str, caplog: pytest.LogCaptureFixture) -> None:
    app = application()
    if what == "ProxyFix":
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    elif what == "ASGI middleware":
        app.asgi_app = Marking(app.asgi_app)  # type: ignore[method-assign]

    assert lines_of(app, caplog) == []


def lines_of(app: Erlen, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Start the application, ask it, stop it; return what was logged meanwhile."""
    caplog.set_level(logging.INFO, logger=app.name)

    async def main() -> None:
        async with Lifespan(app):
            for path in ("/plain/x", "/coroutine/x", "/plain/y"):
                await told(app, path)

    run(main())
    assert {record.levelname for record in caplog.records} <= {"INFO"}
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("colour", COLOURS)
def test_middleware_that_rewrites_the_path_decides_what_matches(colour: str) -> None:
    app = application()
    inner = app.wsgi_app

    def rewriting(environ: t.Any, start_response: t.Any) -> t.Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].replace("/old/", f"/{colour}/")
        return inner(environ, start_response)

    app.wsgi_app = rewriting  # type: ignore[method-assign]

    answer = run(told(app, "/old/a%20b?c=d"))
    assert (answer["path"], answer["url"]) == (f"/{colour}/a b", f"http://localhost/{colour}/a%20b?c=d")


@pytest.mark.parametrize("colour", COLOURS)
def test_middleware_may_override_the_method(colour: str) -> None:
    app = application()
    inner = app.wsgi_app

    def overriding(environ: t.Any, start_response: t.Any) -> t.Any:
        environ["REQUEST_METHOD"] = environ.get("HTTP_X_METHOD", environ["REQUEST_METHOD"])
        return inner(environ, start_response)

    app.wsgi_app = overriding  # type: ignore[method-assign]

    assert run(told(app, f"/{colour}/x", method="POST", headers=[("X-Method", "PUT")]))["method"] == "PUT"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("large", [False, True], ids=["in memory", "on disk"])
def test_middleware_may_read_the_body_and_hand_on_another(colour: str, large: bool) -> None:
    app = application()
    app.config["ASGI_BODY_MEMORY"] = 4
    inner, seen = app.wsgi_app, []

    def reading(environ: t.Any, start_response: t.Any) -> t.Any:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        seen.append(len(body))
        environ["wsgi.input"] = io.BytesIO(body[::-1])
        return inner(environ, start_response)

    app.wsgi_app = reading  # type: ignore[method-assign]
    pieces = [b"abc", b"def"] * (10_000 if large else 1)

    assert (
        run(told(app, f"/{colour}/x", method="POST", body=pieces))["body"] == b"".join(pieces).decode()[::-1]
    )
    assert seen == [sum(map(len, pieces))]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_view_behind_middleware_that_has_read_a_part_reads_the_rest(colour: str) -> None:
    app = application()
    inner, seen = app.wsgi_app, []

    def peeking(environ: t.Any, start_response: t.Any) -> t.Any:
        seen.append(environ["wsgi.input"].read(4))
        environ["CONTENT_LENGTH"] = str(int(environ["CONTENT_LENGTH"]) - 4)
        return inner(environ, start_response)

    app.wsgi_app = peeking  # type: ignore[method-assign]

    answer = run(told(app, f"/{colour}/x", method="POST", body=[b"abc", b"def", b"gh"]))
    assert (seen, answer["body"]) == ([b"abcd"], "efgh")


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("inner", ["wsgi_app", "application"])
def test_mounted_applications_stay_on_the_servers_loop(colour: str, inner: str) -> None:
    app, other = application(name="outer"), application(name="other")
    mounted = other if inner == "application" else other.wsgi_app
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/other": mounted})  # type: ignore[method-assign]

    async def main() -> list[dict[str, t.Any]]:
        return [await told(app, f"/{colour}/x"), await told(app, f"/other/{colour}/x")]

    first, second = run(main())
    assert (first["app"], first["root"], first["path"]) == ("outer", "", f"/{colour}/x")
    assert (second["app"], second["root"], second["path"]) == ("other", "/other", f"/{colour}/x")
    assert {first["at"], second["at"]} == {COLOURS[colour]}


# ProxyFix, which is known

FORWARDED = [
    ("X-Forwarded-For", "203.0.113.9, 198.51.100.2"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "example.org"),
    ("X-Forwarded-Prefix", "/base"),
]


def proxied(x_for: int = 1, **values: t.Any) -> Erlen:
    app = application()
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=x_for, x_host=1, x_prefix=1, **values)  # type: ignore[method-assign]
    return app


@pytest.mark.parametrize("colour", COLOURS)
def test_proxyfix_is_applied_to_the_scope(colour: str) -> None:
    answer = run(told(proxied(), f"/{colour}/x", headers=FORWARDED))
    assert answer["from"] == "198.51.100.2"
    assert answer["url"] == f"https://example.org/base/{colour}/x"
    assert (answer["root"], answer["at"]) == ("/base", COLOURS[colour])


def test_behind_proxyfix_a_coroutine_view_needs_no_thread() -> None:
    app = proxied()

    async def main() -> dict[str, t.Any]:
        before = set(threading.enumerate())
        answer = await told(app, "/coroutine/x", headers=FORWARDED, method="POST", body=[b"a", b"b"])
        assert set(threading.enumerate()) <= before  # others may end meanwhile
        return answer

    answer = run(main())
    assert (answer["at"], answer["body"], answer["from"]) == ("loop", "ab", "198.51.100.2")


def test_proxyfix_around_proxyfix_is_applied_outermost_first() -> None:
    app = application()
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=0, x_host=1)  # type: ignore[method-assign]
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=2)  # type: ignore[method-assign]

    answer = run(told(app, "/coroutine/x", headers=FORWARDED))
    assert (answer["from"], answer["url"]) == ("203.0.113.9", "https://example.org/coroutine/x")
    assert answer["at"] == "loop"


def test_proxyfix_keeps_what_it_replaced_as_it_does_under_wsgi() -> None:
    app = proxied()
    kept: list[t.Any] = []

    @app.before_request
    async def look() -> None:
        kept.append(erlen.request.environ["werkzeug.proxy_fix.orig"])

    run(told(app, "/coroutine/x", headers=FORWARDED))
    assert (
        app.test_client().get("/coroutine/x", headers=FORWARDED, base_url="http://localhost").status_code
        == 200
    )
    by_asgi, by_wsgi = kept
    assert by_asgi["HTTP_HOST"] == by_wsgi["HTTP_HOST"] == "localhost"
    assert (by_asgi["REMOTE_ADDR"], by_asgi["wsgi.url_scheme"]) == ("192.0.2.7", "http")
    assert by_asgi.keys() == by_wsgi.keys()


def test_proxyfix_is_applied_to_websockets() -> None:
    async def main() -> str:
        async with Socket(proxied(), "/coroutine/socket", FORWARDED) as socket:
            return await socket.receive()

    assert run(main()) == "198.51.100.2 secure example.org/base/coroutine/socket"


def test_headers_beyond_those_that_proxyfix_trusts_are_nobodys() -> None:
    answer = run(told(proxied(x_for=3), "/coroutine/x", headers=FORWARDED))
    assert answer["from"] == "192.0.2.7"


@pytest.mark.parametrize("outermost", ["ProxyFix", "other"])
def test_proxyfix_beside_other_middleware_is_called_as_it_is(outermost: str) -> None:
    app = application()
    if outermost == "ProxyFix":
        around = Around(app.wsgi_app)
        app.wsgi_app = ProxyFix(around)  # type: ignore[method-assign]
    else:
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
        app.wsgi_app = around = Around(app.wsgi_app)  # type: ignore[method-assign]

    answer = run(told(app, "/coroutine/x", headers=FORWARDED))
    assert (answer["from"], answer["at"]) == ("198.51.100.2", "loop")
    assert around.called == ["erlen-pool"]


def test_a_subclass_of_proxyfix_is_middleware_like_any_other() -> None:
    called: list[str] = []

    class Own(ProxyFix):
        def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
            called.append(here())
            return super().__call__(environ, start_response)

    app = application()
    app.wsgi_app = Own(app.wsgi_app)  # type: ignore[method-assign]

    assert run(told(app, "/coroutine/x", headers=FORWARDED))["from"] == "198.51.100.2"
    assert called == ["erlen-pool"]


# steps that are replaced


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("where", ["instance", "class"])
def test_a_wrapper_of_full_dispatch_request_sees_requests_that_came_by_asgi(colour: str, where: str) -> None:
    class Own(Erlen):
        pass

    app = Own("app")
    called: list[str] = []

    @app.get("/plain")
    def plain() -> str:
        return here()

    @app.get("/coroutine")
    async def coroutine() -> str:
        await asyncio.sleep(0)
        return here()

    original = Own.full_dispatch_request

    def wrapper(self: t.Any) -> t.Any:
        called.append(erlen.request.path)
        return original(self)

    async def main() -> list[str]:
        texts = [(await ask(app, f"/{colour}")).text]
        if where == "class":
            Own.full_dispatch_request = wrapper  # type: ignore[method-assign]
        else:
            app.full_dispatch_request = wrapper.__get__(app)  # type: ignore[method-assign]
        texts.append((await ask(app, f"/{colour}")).text)
        if where == "class":
            del Own.full_dispatch_request
        else:
            del app.full_dispatch_request  # type: ignore[misc]
        return [*texts, (await ask(app, f"/{colour}")).text]

    assert run(main()) == [COLOURS[colour]] * 3
    assert called == [f"/{colour}"]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_call_of_two_arguments_is_given_what_came_by_asgi(colour: str) -> None:
    class Own(Erlen):
        pass

    app = Own("app")
    called: list[str] = []
    app.add_url_rule("/plain", view_func=here, endpoint="plain")

    @app.get("/coroutine")
    async def coroutine() -> str:
        return here()

    original = Own.__call__

    def call(self: t.Any, environ: t.Any, start_response: t.Any) -> t.Any:
        called.append(f"{here()} {environ['PATH_INFO']}")
        return original(self, environ, start_response)

    Own.__call__ = call  # type: ignore[method-assign]
    app.asgi_app = marking = Marking(app.asgi_app)  # type: ignore[method-assign]

    answer = run(ask(app, f"/{colour}"))
    assert (answer.text, called) == (COLOURS[colour], [f"erlen-pool /{colour}"])
    assert (marking.kinds, answer.values("X-Marked")) == (["http"], ["yes"])


# ASGI middleware


class Marking:
    """Be ASGI middleware: note what comes, and mark what goes."""

    def __init__(self, app: t.Any) -> None:
        self.app = app
        self.kinds: list[str] = []

    async def __call__(self, scope: t.Any, receive: t.Any, send: t.Any) -> None:
        self.kinds.append(scope["type"])

        async def marking(message: t.Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-marked", b"yes")]}
            await send(message)

        await self.app({**scope, "client": ("198.51.100.9", 1)}, receive, marking)


@pytest.mark.parametrize("colour", COLOURS)
def test_asgi_middleware_sees_every_request_and_costs_no_thread(colour: str) -> None:
    app = application()
    app.asgi_app = marking = Marking(app.asgi_app)  # type: ignore[method-assign]

    async def main() -> Answer:
        return await ask(app, f"/{colour}/x")

    answer = run(main())
    body = erlen.json.loads(answer.text)
    assert (body["at"], body["from"]) == (COLOURS[colour], "198.51.100.9")
    assert (answer.values("X-Marked"), marking.kinds) == (["yes"], ["http"])


def test_asgi_middleware_sees_websockets_and_the_servers_life() -> None:
    app = application()
    app.asgi_app = marking = Marking(app.asgi_app)  # type: ignore[method-assign]

    async def main() -> str:
        async with Lifespan(app), Socket(app, "/coroutine/socket") as socket:
            return await socket.receive()

    assert run(main()).startswith("198.51.100.9 ")
    assert marking.kinds == ["lifespan", "websocket"]


def test_asgi_middleware_is_not_asked_by_a_wsgi_server() -> None:
    app = application()
    app.asgi_app = marking = Marking(app.asgi_app)  # type: ignore[method-assign]

    assert "X-Marked" not in app.test_client().get("/plain/x").headers
    assert marking.kinds == []


def test_both_kinds_of_middleware_stand_around_one_request() -> None:
    app = application()
    app.asgi_app = marking = Marking(app.asgi_app)  # type: ignore[method-assign]
    app.wsgi_app = around = Around(app.wsgi_app)  # type: ignore[method-assign]

    answer = run(told(app, "/coroutine/x"))
    assert (answer["from"], answer["at"]) == ("198.51.100.9", "loop")
    assert (marking.kinds, around.called) == (["http"], ["erlen-pool"])


def test_asgi_middleware_may_answer_itself() -> None:
    app = application()
    inner = app.asgi_app

    async def health(scope: t.Any, receive: t.Any, send: t.Any) -> None:
        if scope["path"] != "/health":
            await inner(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"well"})

    app.asgi_app = health  # type: ignore[method-assign]

    async def main() -> list[str]:
        return [(await ask(app, "/health")).text, (await told(app, "/plain/x"))["path"]]

    assert run(main()) == ["well", "/plain/x"]
