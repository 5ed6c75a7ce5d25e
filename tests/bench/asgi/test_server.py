"""The driver is a fair ASGI server, and nothing is measured that is not right."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from bench.asgi.__main__ import CASES
from bench.asgi.apps import load
from bench.asgi.server import Clients, Server, headers_of
from bench.measure import CannotMeasure, Effort, WrongAnswer, measure
from bench.wsgi import Request

HELLO = replace(CASES[0], frameworks=("bare", "other"))
BRIEF = Effort(rounds=3, milliseconds=0.05)
POST = Request("POST", "/form", "q=1", b"name=Ada", "text/plain", {"HTTP_COOKIE": "session=abc"})


@pytest.fixture
def server():
    with Server() as server:
        yield server


async def answer(send, body: bytes = b"", status: int = 200):
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Witness:
    """An application that keeps what it was given."""

    def __init__(self) -> None:
        self.scopes: list[dict] = []
        self.callables: list[object] = []
        self.messages: list[dict] = []
        self.tasks: list[object] = []

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        self.callables += [receive, send]
        self.tasks.append(asyncio.current_task())
        self.messages.append(await receive())
        scope["marked.by.application"] = True
        await answer(send)
        self.messages.append(await receive())


@pytest.fixture
def witness(server) -> Witness:
    witness = Witness()
    server.drive(witness, POST, 5)
    return witness


def test_each_call_gets_a_scope_and_callables_of_its_own(witness):
    assert len({id(scope) for scope in witness.scopes}) == 5
    assert len({id(scope["headers"]) for scope in witness.scopes}) == 5
    assert len({id(scope["state"]) for scope in witness.scopes}) == 5
    assert len({each.__self__ for each in witness.callables}) == 5
    first, *others = witness.scopes
    assert all(other == first for other in others)


@pytest.mark.parametrize("key", ["method", "path", "raw_path", "query_string"])
def test_what_a_client_sends_is_never_the_same_object_twice(witness, key):
    values = [scope[key] for scope in witness.scopes]
    assert len({id(value) for value in values}) == 5
    assert len(set(values)) == 1


def test_names_and_values_of_headers_are_never_the_same_objects_twice(witness):
    headers = [scope["headers"] for scope in witness.scopes]
    for number, (name, value) in enumerate(headers[0]):
        assert len({id(each[number][0]) for each in headers}) == 5, name
        assert len({id(each[number][1]) for each in headers}) == 5, value


def test_the_headers_are_those_of_the_wsgi_request(witness):
    names = [name for name, _ in witness.scopes[0]["headers"]]
    assert len(names) == len(set(names)) == 9
    assert {b"host", b"user-agent", b"accept", b"accept-encoding", b"cookie", b"content-type"} < set(names)
    assert dict(headers_of(POST))["content-length"] == "8"
    assert "content-length" not in dict(headers_of(Request("GET", "/")))


def test_each_call_gets_its_whole_body_and_a_disconnect_when_the_answer_is_over(witness):
    body = {"type": "http.request", "body": b"name=Ada", "more_body": False}
    assert witness.messages == [body, {"type": "http.disconnect"}] * 5


def test_who_waits_for_the_disconnect_waits_until_the_answer_is_over(server):
    order = []

    async def app(scope, receive, send):
        await receive()

        async def listen():
            order.append((await receive())["type"])

        listening = asyncio.gather(listen(), listen())
        await asyncio.sleep(0)
        order.append("answered")
        await answer(send)
        await listening

    server.drive(app, POST, 1)
    assert order == ["answered", "http.disconnect", "http.disconnect"]


def test_all_calls_of_a_round_are_made_in_one_task(witness):
    assert len(set(witness.tasks)) == 1


def test_threads_that_anyio_made_are_kept_from_round_to_round(server):
    to_thread = pytest.importorskip("anyio.to_thread", reason="the peers need the group `bench-asgi`")
    seen = set()

    async def app(scope, receive, send):
        seen.add(await to_thread.run_sync(threading.current_thread))
        await answer(send)

    for _ in range(3):
        server.drive(app, POST, 2)
    assert len(seen) == 1


class Living:
    """An application with a life."""

    def __init__(self, *told: dict) -> None:
        self.told = told
        self.seen: list[str] = []

    async def __call__(self, scope, receive, send):
        assert scope["type"] == "lifespan"
        for message in self.told:
            self.seen.append((await receive())["type"])
            await send(message)


def test_an_application_is_started_and_ended_by_the_lifespan_protocol():
    app = Living({"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"})
    with Server() as server:
        assert server.start(app) is app
        assert app.seen == ["lifespan.startup"]
    assert app.seen == ["lifespan.startup", "lifespan.shutdown"]
    assert not server.thread.is_alive()


@pytest.mark.parametrize(
    ("app", "why"),
    [
        (Living({"type": "lifespan.startup.failed", "message": "no database"}), "no database"),
        (Living(), "ended before its startup was complete"),
    ],
)
def test_an_application_that_does_not_start_is_not_measured(server, app, why):
    with pytest.raises(CannotMeasure, match=why):
        server.start(app)


def test_what_an_application_raises_at_its_start_is_the_cause(server):
    async def app(scope, receive, send):
        raise ValueError("broken")

    with pytest.raises(CannotMeasure) as caught:
        server.start(app)
    assert repr(caught.value.__cause__) == "ValueError('broken')"


def test_all_who_take_part_are_measured(server):
    rounds = []
    apps = {"bare": load("bare_asgi"), "stranger": None}
    times = measure(HELLO, apps, BRIEF, rounds.append, server)
    assert rounds == [1, 2, 3]
    assert times.keys() == {"bare"}
    assert times["bare"] >= 0


def test_a_wrong_answer_stops_the_measurement(server):
    async def wrong(scope, receive, send):
        await answer(send, b"Hello, World?")

    with pytest.raises(WrongAnswer, match=r"other answers the case 'hello' with 200 OK: b'Hello, World\?'"):
        measure(HELLO, {"bare": load("bare_asgi"), "other": wrong}, BRIEF, print, server)


def test_half_an_answer_is_an_error(server):
    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    with pytest.raises(CannotMeasure, match="no whole answer"):
        server.ask(half, HELLO.request)


@pytest.mark.parametrize("count", [8, 9, 50])
def test_clients_ask_at_the_same_time_and_no_more_often_than_they_should(server, count):
    under_way, most, asked = 0, 0, 0

    async def app(scope, receive, send):
        nonlocal under_way, most, asked
        asked, under_way = asked + 1, under_way + 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        await answer(send, b"right")

    Clients(server, 8, b"right").drive(app, HELLO.request, count)
    assert (asked, most, under_way) == (count, 8, 0)


@pytest.mark.parametrize(("body", "status"), [(b"wrong", 200), (b"right", 500)])
def test_one_wrong_answer_to_one_client_is_noticed(server, body, status):
    asked = []

    async def app(scope, receive, send):
        asked.append(scope)
        await asyncio.sleep(0)
        await answer(send, *((b"right", 200) if len(asked) < 40 else (body, status)))

    with pytest.raises(CannotMeasure, match="with 8 clients an answer went wrong"):
        Clients(server, 8, b"right").drive(app, HELLO.request, 40)
