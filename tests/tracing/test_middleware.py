"""Middleware around an application that an ASGI server calls: where it runs, and where views then run."""

from __future__ import annotations

import asyncio
import io
import typing as t

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import erlen
from erlen import Erlen
from tests.load.asking import Answer, Lifespan, Socket, ask
from tests.tracing.around import COLOURS, Around, Marking, application, here, run, told

"""Where a view of each colour runs."""


# any WSGI middleware


@pytest.mark.parametrize("colour", COLOURS)
def test_middleware_runs_on_a_thread_and_coroutine_views_on_the_servers_loop(colour: str) -> None:
    app = application()
    app.wsgi_app = around = Around(app.wsgi_app)  # type: ignore[method-assign]

    assert run(told(app, f"/{colour}/x"))["at"] == COLOURS[colour]
    assert around.called == ["erlen-pool"]


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
            del app.full_dispatch_request
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


def test_both_kinds_of_middleware_can_wrap_one_application() -> None:
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
