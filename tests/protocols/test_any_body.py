"""Random applications that read bodies everywhere answer alike by WSGI, by ASGI and on a real ASGI server.

Hooks, converters, views, error handlers and teardown functions, of either colour, read what they like of the
body of a request, on addresses that exist and that do not, and some of them raise. Each request is sent
twice: the first one of an application to a host takes another way than the later ones. Status, headers,
body and the order of functions, with what each of them has read, are the same.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import threading
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import BaseConverter, Rule, ValidationError

from erlen import Erlen, abort, request
from tests.amounts import CHOSEN_ANEW, part_of

READS: dict[str, t.Callable[[], t.Any]] = {
    "nothing": lambda: None,
    "form": lambda: sorted(request.form.items(multi=True)),
    "files": lambda: sorted((name, len(file.read()), file.seek(0)) for name, file in request.files.items()),
    "json": lambda: request.get_json(silent=True),
    "data": lambda: request.get_data(),
    "values": lambda: sorted(request.values.items(multi=True)),
    "argument": lambda: request.args.get("q"),
}
ENDS = ("goes on", "goes on", "goes on", "refuses", "raises", "answers")
KINDS = ("before", "before", "value preprocessor", "after", "teardown", "error handler")
PATHS = ("/view", "/werkzeug", "/defaults", "/own/x", "/own/no", "/own/key", "/slash", "/nowhere", "/get")


@dataclass(frozen=True)
class Described:
    """A function: what it reads, how it ends, and whether it is a coroutine function."""

    kind: str
    reads: str
    end: str
    is_coroutine: bool


@dataclass(frozen=True)
class Sent:
    """A request."""

    method: str
    path: str
    content_type: str
    body: bytes
    chunked: bool


@dataclass(frozen=True)
class Story:
    """An application and the requests that it gets."""

    functions: tuple[Described, ...]
    view: Described
    converter: str
    limit: int | None
    requests: tuple[Sent, ...]


MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n%s\r\n--b--\r\n'
)
BODIES = {
    "application/x-www-form-urlencoded": (b"a=1&b=2", b"a=" + b"x" * 2_000),
    "application/json": (b'{"a": [1]}', b'["' + b"x" * 200_000 + b'"]', b"{"),
    "text/plain": (b"", b"text", b"x" * 100_000),
    "multipart/form-data; boundary=b": (MULTIPART % b"file", MULTIPART % (b"z" * 300_000), b"--b\r\n"),
}


def functions(kind: st.SearchStrategy[str]) -> st.SearchStrategy[Described]:
    return st.builds(Described, kind, st.sampled_from(sorted(READS)), st.sampled_from(ENDS), st.booleans())


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    content_type = draw(st.sampled_from(sorted(BODIES)))
    path = draw(st.sampled_from(PATHS)) + draw(st.sampled_from(("", "?q=1")))
    body = draw(st.sampled_from(BODIES[content_type]))
    return Sent(draw(st.sampled_from(("POST", "PUT", "POST"))), path, content_type, body, draw(st.booleans()))


STORIES = st.builds(
    Story,
    st.lists(functions(st.sampled_from(KINDS)), max_size=4).map(tuple),
    functions(st.just("view")),
    st.sampled_from(sorted(READS)),
    st.sampled_from((None, None, 50, 150_000)),
    st.lists(requests(), min_size=1, max_size=3).map(tuple),
)


@dataclass
class Told:
    """An application made of a story, and what its functions told."""

    app: Erlen
    log: list[tuple[str, t.Any]] = field(default_factory=list)
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


def made_of(story: Story) -> Told:
    told = Told(Erlen("app"))
    app = told.app
    app.logger.disabled = True
    app.config["MAX_CONTENT_LENGTH"] = story.limit

    class Own(BaseConverter):
        def to_python(self, value: str) -> str:
            told.log.append(("converter", _read(story.converter)))
            if value == "no":
                raise ValidationError
            if value == "key":
                raise KeyError(value)
            return value

    app.url_map.converters["own"] = Own
    # The first to be registered is the last to run.
    app.teardown_appcontext(lambda error: told.ended.release())
    for number, function in enumerate(story.functions):
        _register(told, function, f"{function.kind} {number}")
    view = _made(told, story.view, "view")
    app.add_url_rule("/view", "view", view, methods=["POST", "PUT"])
    app.add_url_rule("/own/<own:value>", "own", view, methods=["POST", "PUT"])
    app.add_url_rule("/defaults", "defaults", view, methods=["POST", "PUT"], defaults={"c": "d"})
    app.add_url_rule("/defaults/<c>", "defaults", view, methods=["POST", "PUT"])
    app.url_map.add(Rule("/werkzeug", endpoint="view", methods=["POST", "PUT"]))
    app.add_url_rule("/slash/", "slash", view, methods=["POST"])
    app.add_url_rule("/get", "get", view, methods=["GET"])
    return told


def _read(what: str) -> t.Any:
    try:
        return READS[what]()
    except Exception as error:
        return type(error).__name__


def _made(told: Told, function: Described, name: str) -> t.Callable[..., t.Any]:
    def plain(*arguments: t.Any, **values: t.Any) -> t.Any:
        told.log.append((name, _read(function.reads)))
        if function.end == "refuses" and function.kind in ("before", "view", "value preprocessor"):
            abort(403)
        if function.end == "raises" and function.kind in ("before", "view", "after"):
            raise LookupError(name)
        if function.kind == "after":
            return arguments[0]
        if function.kind == "error handler":
            return name, 418
        if function.kind == "view" or (function.kind == "before" and function.end == "answers"):
            return f"{name} {values}"
        return None

    async def coroutine(*arguments: t.Any, **values: t.Any) -> t.Any:
        await asyncio.sleep(0)
        return plain(*arguments, **values)

    return coroutine if function.is_coroutine else plain


def _register(told: Told, function: Described, name: str) -> None:
    made, app = _made(told, function, name), told.app
    if function.kind == "before":
        app.before_request(made)
    elif function.kind == "value preprocessor":
        app.url_value_preprocessor(made)
    elif function.kind == "after":
        app.after_request(made)
    elif function.kind == "teardown":
        app.teardown_request(made)
    else:
        for code in (400, 403, 404, 405, 413, 500):
            app.register_error_handler(code, made)


# the ways


Answer: t.TypeAlias = tuple[int, list[tuple[str, str]], bytes]
Ask: t.TypeAlias = t.Callable[[Erlen, Sent], Answer]


def by_client(protocol: str) -> Ask:
    def ask(app: Erlen, sent: Sent) -> Answer:
        client = app.test_client(protocol=protocol)
        more: dict[str, t.Any] = {"data": sent.body}
        if sent.chunked:
            # No Content-Length: the client would put one there.
            environ = {
                "wsgi.input_terminated": True,
                "HTTP_TRANSFER_ENCODING": "chunked",
                "CONTENT_LENGTH": "",
            }
            more = {"input_stream": io.BytesIO(sent.body), "environ_overrides": environ}
        with client.open(
            sent.path, method=sent.method, content_type=sent.content_type, buffered=True, **more
        ) as answer:
            return answer.status_code, list(answer.headers), answer.data

    return ask


class Uvicorn:
    """One server for all applications: it serves the one that is its turn."""

    def __init__(self) -> None:
        self.app: t.Any = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._answer, port=0, interface="asgi3", lifespan="off", log_level="critical", http="h11"
            )
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    async def _answer(self, scope: t.Any, receive: t.Any, send: t.Any) -> None:
        await self.app(scope, receive, send)

    def __enter__(self) -> Uvicorn:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive()
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    def ask(self, app: Erlen, sent: Sent) -> Answer:
        self.app = app
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": sent.content_type, "Host": "localhost"}
        pieces = [sent.body[at : at + 30_000] for at in range(0, len(sent.body), 30_000)]
        try:
            if sent.chunked:
                connection.request(sent.method, sent.path, iter(pieces), headers, encode_chunked=True)
            else:
                connection.request(sent.method, sent.path, sent.body, headers)
            answer = connection.getresponse()
            told = [pair for pair in answer.getheaders() if pair[0] not in ("date", "server", "connection")]
            return answer.status, told, answer.read()
        finally:
            connection.close()


def outcome(story: Story, ask: Ask) -> list[t.Any]:
    told, outcomes = made_of(story), []
    for sent in story.requests * 2:
        status, headers, body = ask(told.app, sent)
        assert told.ended.acquire(timeout=30)
        # What ASGI sends has its names in small letters.
        named = sorted((name.title(), value) for name, value in headers)
        outcomes.append((sent.path, status, named, body, list(told.log)))
        told.log.clear()
    return outcomes


def examples(number: int) -> settings:
    return settings(
        max_examples=CHOSEN_ANEW or part_of(number),
        derandomize=not CHOSEN_ANEW,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@given(STORIES)
@examples(150)
def test_every_way_to_read_the_body_reads_the_same_by_either_protocol(story: Story) -> None:
    assert outcome(story, by_client("asgi")) == outcome(story, by_client("wsgi"))


@pytest.fixture(scope="module")
def server() -> Iterator[Uvicorn]:
    with Uvicorn() as running:
        yield running


@pytest.mark.servers
@given(story=STORIES)
@examples(200)
def test_every_way_to_read_the_body_reads_the_same_on_a_server(server: Uvicorn, story: Story) -> None:
    assert outcome(story, server.ask) == outcome(story, by_client("wsgi"))
