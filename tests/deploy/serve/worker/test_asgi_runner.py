"""What the runner for ASGI makes of an application, without granian."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from erlen.deploy.serve.worker import asgi_runner
from erlen.deploy.serve.worker.asgi_runner import make_runner, read
from erlen.deploy.serve.worker.requests_under_way import RequestsUnderWay
from tests.calls import count_calls

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"Connection", b"keep-alive"), (b"x-a", b"b")],
}
BODY = {"type": "http.response.body", "body": b"hello"}
KEPT = [(b"Connection", b"keep-alive"), (b"x-a", b"b")]
CLOSING = [(b"x-a", b"b"), (b"connection", b"close")]


class Watcher:
    """What granian passes, and its protocol object."""

    def __init__(self, **scope: Any) -> None:
        self.scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/", **scope}
        self.proto = self
        self.sent: list[Any] = []
        self.sent_response_code = 500
        self.ended: list[Any] = []

    async def receive(self) -> Any: ...

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self.sent_response_code = message.get("status", self.sent_response_code)

    def done(self) -> None:
        self.ended.append("done")

    def err(self, error: BaseException) -> None:
        self.ended.append(error)

    @property
    def headers(self) -> Any:
        (start,) = [message for message in self.sent if message["type"] == "http.response.start"]
        return start["headers"]


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(BODY)


@pytest.fixture
def requests() -> RequestsUnderWay:
    return RequestsUnderWay(read)


def run(application: Any, watcher: Watcher, requests: RequestsUnderWay, state: Any = None) -> Watcher:
    asyncio.run(make_runner(application, requests, state or {})(watcher))
    assert requests.under_way() == 0
    assert requests.total == 1
    return watcher


def test_the_application_gets_the_scope_with_a_state_of_its_own(requests: RequestsUnderWay) -> None:
    state = {"pool": 1}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        assert (scope["root_path"], scope["state"]) == ("", {"pool": 1})
        scope["state"]["pool"] = 2
        await hello(scope, receive, send)

    watcher = run(application, Watcher(), requests, state)
    assert (watcher.sent, watcher.ended, state) == ([START, BODY], ["done"], {"pool": 1})


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_connections_of_http_1_are_asked_to_close(version: str, requests: RequestsUnderWay) -> None:
    requests.closing = True
    assert run(hello, Watcher(http_version=version), requests).headers == CLOSING
    assert START["headers"] == KEPT


def test_http_2_has_no_such_header(requests: RequestsUnderWay) -> None:
    requests.closing = True
    assert run(hello, Watcher(http_version="2"), requests).headers == KEPT


def test_a_websocket_has_no_such_header(requests: RequestsUnderWay) -> None:
    requests.closing = True
    accept = {"type": "websocket.accept"}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send(accept)

    assert run(application, Watcher(type="websocket"), requests).sent == [accept]


@pytest.mark.parametrize("begins", [True, False])
def test_what_has_begun_before_asks_too_unless_its_answer_has_begun(
    begins: bool, requests: RequestsUnderWay
) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        if begins:
            await send(START)
        requests.closing = True
        asgi_runner.say_close(requests)
        if not begins:
            await send(START)
        await send(BODY)

    assert run(application, Watcher(), requests).headers == (KEPT if begins else CLOSING)


def test_an_error_is_told_to_granian(requests: RequestsUnderWay) -> None:
    error = ValueError()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        raise error

    assert run(application, Watcher(), requests).ended == [error]


def test_a_request_that_is_cut_off_is_no_error(requests: RequestsUnderWay) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        raise asyncio.CancelledError

    assert run(application, Watcher(), requests).ended == ["done"]


def test_the_tasks_of_requests_are_found_with_their_lines(requests: RequestsUnderWay) -> None:
    async def other() -> None:
        watcher = "of another's"
        await asyncio.sleep(100, watcher)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        another = asyncio.create_task(other())
        await asyncio.sleep(0)
        ((request, task),) = asgi_runner.tasks(asyncio.get_running_loop(), requests)
        assert (request.line, task) == ("GET /a%0Ab HTTP/1.1", asyncio.current_task())
        another.cancel()

    assert run(application, Watcher(path="/a\nb"), requests).ended == ["done"]


@pytest.mark.parametrize(
    ("scope", "line", "is_answering"),
    [
        ({}, "GET / HTTP/1.1", False),
        ({"path": "/\N{SNOWMAN}", "method": "POST", "http_version": "2"}, "POST /%E2%98%83 HTTP/2", False),
        ({"type": "websocket", "path": "/\udcff"}, "WEBSOCKET /%3F HTTP/1.1", True),
    ],
)
def test_an_entry_is_read(scope: Any, line: str, is_answering: bool, requests: RequestsUnderWay) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        (request,) = requests.all()
        assert (request.line, request.is_answering) == (line, is_answering)
        await send(START)
        assert requests.all()[0].is_answering

    assert run(application, Watcher(**scope), requests).ended == ["done"]


def test_websockets_are_closed_though_one_is_closed_already(requests: RequestsUnderWay) -> None:
    class Broken(Watcher):
        async def send(self, message: Any) -> None:
            raise RuntimeError("It is closed.")

    watchers = [Watcher(type="websocket"), Broken(type="websocket"), Watcher()]
    for watcher in watchers:
        requests.entries[watcher] = None
    asyncio.run(asgi_runner.close_websockets(requests))
    assert [watcher.sent for watcher in watchers] == [[{"type": "websocket.close", "code": 1012}], [], []]


def test_the_runner_adds_few_calls(requests: RequestsUnderWay) -> None:
    """This number only falls: calls that a request costs beside those of the application."""
    runner = make_runner(bare, requests, {})
    step(runner(Watcher()))
    watcher = Watcher()
    own = count_calls(lambda: step(bare(watcher.scope, watcher.receive, watcher.send)))
    # The runner itself, the number, the copy of the state, the time, the partial, and `done`.
    assert count_calls(lambda: step(runner(watcher))) - own <= 9


async def bare(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None: ...


def step(coroutine: Any) -> None:
    with pytest.raises(StopIteration):
        coroutine.send(None)
