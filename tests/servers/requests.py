"""What is asked of each server over HTTP/1: every function asks one thing, and says in a few words what came.

The words are compared with those of the table. Nothing is asserted here, so that a server that behaves in
another way is told with what it does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TypeAlias

from .servers import Running
from .wire import Answer, Connection, chunked

Request: TypeAlias = Callable[[Running], str]

REQUESTS: dict[str, Request] = {}
"""By name, in the order of the table."""

WITHIN = bytes(range(251)) * 4000  # about 1 MB
BEYOND = bytes(range(251)) * 20_000  # about 5 MB; the application takes 4 MiB
FILE = bytes(range(256)) * 2048  # what the application has in its file, and streams


def asked(request: Request) -> Request:
    """Put a function into the table of requests, under its name in plain words."""
    REQUESTS[request.__name__.replace("_", " ")] = request
    return request


def get(server: Running, path: str, *headers: str, method: str = "GET") -> Answer:
    """Ask over a connection of its own."""
    with Connection(server.port) as connection:
        connection.say(f"{method} {path}", *headers)
        return connection.answer(to_head=method == "HEAD")


def in_words(answer: Answer) -> str:
    """Return the status, and the text where it is the application's."""
    return f"{answer.status} {answer.body.decode()}" if answer.status == 200 else str(answer.status)


def arrival(answer: Answer, sent: bytes) -> str:
    """Say whether the application got what was sent."""
    return arrival_of(answer.status, answer.body, sent)


def arrival_of(status: int, text: bytes, sent: bytes) -> str:
    if status != 200:
        return str(status)
    got = json.loads(text)
    if (got["length"], got["digest"]) == (len(sent), hashlib.sha256(sent).hexdigest()):
        return "200, whole"
    return f"200, {got['length']} of {len(sent)} bytes"


def length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


# one request


@asked
def protocol(server: Running) -> str:
    return str(json.loads(get(server, "/protocol").body)["protocol"])


@asked
def plain_view(server: Running) -> str:
    return in_words(get(server, "/"))


@asked
def coroutine_view(server: Running) -> str:
    return in_words(get(server, "/coroutine?name=you"))


@asked
def view_that_fails(server: Running) -> str:
    answers = [get(server, path).status for path in ("/error", "/error/coroutine")]
    assert server.log.count("this view always fails") >= 2, "The log has no traceback."
    return " and ".join(map(str, answers))


@asked
def head(server: Running) -> str:
    with Connection(server.port) as connection:
        connection.say("HEAD /file", "Connection: close")
        answer = connection.head()
        body = connection.reader.read()
    return f"{answer.status}, length {'told' if answer.left == len(FILE) else answer.left}, {len(body)} bytes"


@asked
def http_1_0(server: Running) -> str:
    """A client that knows neither keep-alive nor chunks."""
    with Connection(server.port) as connection:
        connection.say("GET /stream HTTP/1.0")
        answer = connection.answer()
        closed = connection.reader.read() == b""
    assert closed
    return f"{answer.status}, {'whole' if answer.body == FILE else 'not whole'}, until {answer.framing}"


# more than one on a connection


@asked
def keep_alive(server: Running) -> str:
    return _twice(server, lambda connection: connection.say("GET /coroutine?name=you"))


@asked
def keep_alive_after_a_stream(server: Running) -> str:
    return _twice(server, lambda connection: connection.say("GET /stream"))


@asked
def keep_alive_after_an_unread_body(server: Running) -> str:
    """What a view leaves of a body must not be taken for the next request; the server may hang up."""
    body = b"GET /error HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2000

    def ask(connection: Connection) -> None:
        connection.say("POST /ignored", length(body))
        # All of it, also where an answer comes before: what is left out would be made up of what follows.
        connection.send(body)

    came = _twice(server, ask)
    return "not mixed up" if came in ("kept, 200 hello", "closed", "closed without a word") else came


def _twice(server: Running, ask: Callable[[Connection], None]) -> str:
    with Connection(server.port) as connection:
        ask(connection)
        first = connection.answer()
        if first.status != 200:
            return str(first.status)
        if first.keeps_alive:
            connection.say("GET /")
            try:
                return f"kept, {in_words(connection.answer())}"
            except ConnectionError:
                return "closed without a word"
        assert connection.reader.read() == b""
        return "closed"


# uploads


@asked
def upload(server: Running) -> str:
    return _upload(server, "/upload", WITHIN)


@asked
def upload_to_a_coroutine(server: Running) -> str:
    return _upload(server, "/upload/coroutine", WITHIN)


@asked
def upload_beyond_the_limit(server: Running) -> str:
    return _upload(server, "/upload", BEYOND)


@asked
def upload_to_nowhere(server: Running) -> str:
    return _upload(server, "/nowhere", BEYOND)


def _upload(server: Running, path: str, body: bytes) -> str:
    with Connection(server.port) as connection:
        connection.say(f"POST {path}", length(body), body=body)
        return arrival(connection.answer(), body)


@asked
def chunked_upload(server: Running) -> str:
    return _upload_in_chunks(server, WITHIN)


@asked
def chunked_upload_beyond_the_limit(server: Running) -> str:
    return _upload_in_chunks(server, BEYOND)


def _upload_in_chunks(server: Running, body: bytes) -> str:
    with Connection(server.port) as connection:
        connection.say("POST /upload", "Transfer-Encoding: chunked", body=chunked(body))
        return arrival(connection.answer(), body)


@asked
def expecting_100(server: Running) -> str:
    return _expecting_100(server, WITHIN)


@asked
def expecting_100_beyond_the_limit(server: Running) -> str:
    return _expecting_100(server, BEYOND)


def _expecting_100(server: Running, body: bytes) -> str:
    """Send a body when the server asks for it, or says nothing for a second (RFC 9110, section 10.1.1)."""
    with Connection(server.port) as connection:
        connection.say("POST /upload", length(body), "Expect: 100-continue")
        first = "nothing"
        if connection.hears(1):
            answer = connection.answer()
            if answer.status != 100:
                return f"{answer.status} at once"
            first = "100"
        connection.upload(body)
        return f"{first}, then {arrival(connection.answer(), body)}"


@asked
def form_with_a_file(server: Running) -> str:
    boundary = "-" * 20 + "servers"
    head = 'Content-Disposition: form-data; name="{}"\r\n\r\n'
    body = (
        f"--{boundary}\r\n{head.format('title')}tall\r\n--{boundary}\r\n"
        + head.format('file"; filename="file.bin')
    ).encode() + WITHIN
    body += f"\r\n--{boundary}--\r\n".encode()
    with Connection(server.port) as connection:
        kind = f"Content-Type: multipart/form-data; boundary={boundary}"
        connection.say("POST /form", length(body), kind, body=body)
        answer = connection.answer()
    got = json.loads(answer.body)
    same = got == {"fields": {"title": "tall"}, "files": {"file": hashlib.sha256(WITHIN).hexdigest()}}
    return f"{answer.status}, {'whole' if same else got}"


# files


@asked
def file(server: Running) -> str:
    answer = get(server, "/file")
    return f"{answer.status}, {'whole' if answer.body == FILE else 'not whole'}, by {answer.framing}"


@asked
def range_of_a_file(server: Running) -> str:
    answer = get(server, "/file", "Range: bytes=1000-1999")
    assert answer.headers["Content-Range"] == f"bytes 1000-1999/{len(FILE)}"
    return f"{answer.status}, {'these bytes' if answer.body == FILE[1000:2000] else 'others'}"


@asked
def unchanged_file(server: Running) -> str:
    etag = get(server, "/file", method="HEAD").headers["ETag"]
    with Connection(server.port) as connection:
        connection.say("GET /file", f"If-None-Match: {etag}", "Connection: close")
        answer = connection.head()
        body = connection.reader.read()
    return f"{answer.status}, {len(body)} bytes"


# slow clients, and some that go


@asked
def slow_sender(server: Running) -> str:
    half = len(WITHIN) // 2
    with Connection(server.port) as connection:
        connection.say("POST /upload", length(WITHIN), body=WITHIN[:half])
        others = _others(server)
        for start in range(half, len(WITHIN), 50_000):
            connection.send(WITHIN[start : start + 50_000])
        return f"{arrival(connection.answer(), WITHIN)}; {others}"


@asked
def slow_reader(server: Running) -> str:
    with Connection(server.port, window=4096) as connection:
        connection.say("GET /large")
        answer = connection.head()
        others = _others(server)
        body = b"".join(iter(lambda: connection.part(answer), b""))
        whole = body == FILE * (len(body) // len(FILE)) and len(body) == 16 << 20
        return f"{answer.status}, {'whole' if whole else 'not whole'}; {others}"


def _others(server: Running) -> str:
    """Ask for something while another request is under way."""
    if server.server.one_at_a_time:
        return "others wait"
    return "others are answered" if get(server, "/").status == 200 else "others are not"


@asked
def gone_while_downloading(server: Running) -> str:
    return _gone_while_downloading(server, "/download")


@asked
def gone_while_downloading_from_a_coroutine(server: Running) -> str:
    return _gone_while_downloading(server, "/download/coroutine")


@asked
def gone_when_the_download_is_held_up(server: Running) -> str:
    """No buffer takes any more, and the server waits for a client that does not read."""
    return _gone_while_downloading(server, "/download", held_up=True)


@asked
def gone_when_the_download_from_a_coroutine_is_held_up(server: Running) -> str:
    return _gone_while_downloading(server, "/download/coroutine", held_up=True)


def _gone_while_downloading(server: Running, path: str, held_up: bool = False) -> str:
    token = server.token()
    with Connection(server.port, window=4096) as connection:
        connection.say(f"GET {path}?token={token}")
        connection.part(connection.head())
        if held_up:
            server.stands_still(f"{token}.pieces")
    server.until(lambda: server.events_about(token))
    return "generator " + (server.events_about(token) or ["left open"])[-1].replace(f" {token}", "")


@asked
def gone_while_uploading(server: Running) -> str:
    return _gone_while_uploading(server, length(WITHIN), WITHIN[:1000])


@asked
def gone_while_uploading_in_chunks(server: Running) -> str:
    return _gone_while_uploading(server, "Transfer-Encoding: chunked", chunked(WITHIN)[:1000])


def _gone_while_uploading(server: Running, field: str, part: bytes) -> str:
    token = server.token()
    with Connection(server.port) as connection:
        connection.say(f"POST /upload?token={token}", field, body=part)
        if not server.server.reads_ahead:
            assert server.heard(f"reading {token}")
    if not server.server.reads_ahead:
        server.until(lambda: not server.events_about(token)[-1].startswith("reading"))
    get(server, "/")
    return (server.events_about(token) or ["the view did not run"])[-1].replace(f"{token} ", "")


# as it comes


@asked
def events(server: Running) -> str:
    return _events(server, "/events")


@asked
def events_from_a_coroutine(server: Running) -> str:
    return _events(server, "/events/coroutine")


def _events(server: Running, path: str) -> str:
    """Read the first event; only then let the second be made."""
    token = server.token()
    with Connection(server.port) as connection:
        connection.say(f"GET {path}?token={token}", "Accept: text/event-stream")
        connection.socket.settimeout(20)
        try:
            answer = connection.head()
            first = connection.part(answer)
        except TimeoutError:
            return "held back until the last"
        server.open(token)
        rest = b"".join(iter(lambda: connection.part(answer), b""))
    assert (first, rest) == (b"data: first\n\n", f"data: second of {path}\n\n".encode())
    return f"{answer.headers['Content-Type'].partition(';')[0]}, each at once"
