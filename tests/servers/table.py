"""What each server answers to each request.

`EXPECTED` is what is right; one answer, or a pair where WSGI and ASGI differ. `OTHERWISE` is where a server
does not do it, with the reason. So every server has an answer in every row.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from .servers import Server

WHOLE = "200, whole"
UPGRADE = "426, upgrade to websocket"
NOT_RUN = "the view did not run"
EACH = "text/event-stream, each at once"

EXPECTED: dict[str, str | tuple[str, str]] = {
    # one request
    "protocol": ("wsgi", "asgi"),
    "plain view": "200 hello",
    "coroutine view": "200 hello, you",
    "view that fails": "500 and 500",
    "head": "200, length told, 0 bytes",
    "http 1 0": "200, whole, until close",
    # more than one on a connection
    "keep alive": "kept, 200 hello",
    "keep alive after a stream": "kept, 200 hello",
    "keep alive after an unread body": "not mixed up",
    # uploads; the application takes 4 MiB
    "upload": WHOLE,
    "upload to a coroutine": WHOLE,
    "upload beyond the limit": "413",
    "upload to nowhere": "404",
    "chunked upload": WHOLE,
    "chunked upload beyond the limit": "413",
    "expecting 100": f"100, then {WHOLE}",
    "expecting 100 beyond the limit": "413 at once",
    "form with a file": WHOLE,
    # files
    "file": "200, whole, by length",
    "range of a file": "206, these bytes",
    "unchanged file": "304, 0 bytes",
    # slow clients, and some that go
    "slow sender": f"{WHOLE}; others are answered",
    "slow reader": f"{WHOLE}; others are answered",
    "gone while downloading": "generator closed",
    "gone while downloading from a coroutine": "generator closed",
    "gone when the download is held up": "generator closed",
    "gone when the download from a coroutine is held up": "generator closed",
    "gone while uploading": "refused 400",
    "gone while uploading in chunks": "refused 400",
    # as it comes
    "events": EACH,
    "events from a coroutine": EACH,
    # WebSockets; the largest message has 1 MiB
    "websocket text": (UPGRADE, "echo"),
    "websocket binary": (UPGRADE, "echo"),
    "websocket message too large": (UPGRADE, "1009"),
    "websocket closed with a code": (UPGRADE, "4001"),
    "websocket closed before it was accepted": (UPGRADE, "403"),
    "websocket subprotocol": (UPGRADE, "chat.2 of chat.1,chat.2"),
    "websocket from the same origin": (UPGRADE, "hello"),
    "websocket from a foreign origin": (UPGRADE, "403"),
    "websocket to nowhere": "404",
    "websocket of a client that vanishes": (UPGRADE, "torn down"),
    "websocket of a client that vanishes before it is accepted": ("426", "torn down"),
    "websocket of a client that vanishes before the handler": ("426", "torn down"),
    "websocket accepted with what cannot be sent": (UPGRADE, "12 refused, chat.1"),
    "websocket denied with what cannot be sent": (UPGRADE, "500"),
    "get of a websocket": UPGRADE,
    # HTTP/2
    "http 2": ("HTTP/2 to wsgi", "HTTP/2 to asgi"),
    "http 2 upload": WHOLE,
    "http 2 upload beyond the limit": "413",
    "http 2 upload of unknown length": WHOLE,
    "http 2 streams": "whole",
    "http 2 requests at once": "side by side",
    "http 2 events": EACH,
    "http 2 download given up": "generator closed",
    "http 2 download from a coroutine given up": "generator closed",
    # typed into a terminal
    "curl twice": "one connection",
    "curl upload": WHOLE,
    "curl upload beyond the limit": "413",
    "curl upload of unknown length": WHOLE,
    "curl range": "206, these bytes",
    "curl http 2": "200 by 2",
    # the end
    "stop": "200 waited, after serving, ends with 0",
    "stop with nothing to do": "after serving, ends with 0",
}


class Deviation(NamedTuple):
    answer: str
    reason: str


Deviations: TypeAlias = dict[str, Deviation]

ASKS_TOO_SOON = Deviation("100, then 413", "it says 100 to every request, before the application is asked")
NO_HTTP_2 = Deviation("not spoken", "it has no HTTP/2")
WITHOUT_HTTP_2: Deviations = {"http 2": NO_HTTP_2, "curl http 2": NO_HTTP_2}
ENDS_WITH_SIGNAL: Deviations = {
    request: Deviation(f"{answer} -15", "it ends by the signal that it was sent, when all is done")
    for request, answer in {
        "stop": "200 waited, after serving, ends with",
        "stop with nothing to do": "after serving, ends with",
    }.items()
}
BARE_426: Deviations = {
    request: Deviation("426", "it takes no `Upgrade` from an application (PEP 3333)")
    for request, answer in EXPECTED.items()
    if UPGRADE in answer
}
TRUSTS_THE_END = Deviation("got 1000", "it says `wsgi.input_terminated`, and ends a body that breaks off")

OTHERWISE: dict[str, Deviations] = {
    "gunicorn-sync": {
        "keep alive": Deviation("closed", "this worker closes after each answer"),
        "keep alive after a stream": Deviation("closed", "this worker closes after each answer"),
        "curl twice": Deviation("two connections", "this worker closes after each answer"),
        "expecting 100 beyond the limit": ASKS_TOO_SOON,
        "slow sender": Deviation(f"{WHOLE}; others wait", "this worker has one thread"),
        "slow reader": Deviation(f"{WHOLE}; others wait", "this worker has one thread"),
        "gone while uploading": TRUSTS_THE_END,
    },
    "gunicorn-gthread": {
        "expecting 100 beyond the limit": ASKS_TOO_SOON,
        "gone while uploading": TRUSTS_THE_END,
    },
    "gunicorn-gevent": {
        "expecting 100 beyond the limit": ASKS_TOO_SOON,
        "gone while uploading": TRUSTS_THE_END,
    },
    "uwsgi": {
        "keep alive": Deviation("closed without a word", "`http-socket` closes after each answer"),
        "keep alive after a stream": Deviation("closed", "`http-socket` closes after each answer"),
        "curl twice": Deviation("two connections", "`http-socket` closes after each answer"),
        "expecting 100": Deviation(f"nothing, then {WHOLE}", "`http-socket` knows no 100"),
        "stop": Deviation(
            "200 waited, ends with 0", "it leaves Python's exit out where it still takes a worker for busy"
        ),
    },
    "waitress": BARE_426
    | {
        "keep alive after a stream": Deviation("closed", "it closes after answers of unknown length"),
        "expecting 100 beyond the limit": ASKS_TOO_SOON,
        "gone while uploading": Deviation(NOT_RUN, "it reads the body before it calls the application"),
        "gone while uploading in chunks": Deviation(
            NOT_RUN, "it reads the body before it calls the application"
        ),
    },
    "granian-wsgi": {
        "gone while uploading": TRUSTS_THE_END,
        "gone while uploading in chunks": Deviation("got 994", "it ends a body that breaks off"),
    },
    "uvicorn": {
        "http 1 0": Deviation(
            "200, whole, until chunked", "with httptools it sends chunks to a client that knows none"
        ),
        **ENDS_WITH_SIGNAL,
    },
    "uvicorn-h11": ENDS_WITH_SIGNAL,
    "granian-asgi": {
        request: Deviation(
            "torn down when it goes on", "it tells of a client that has gone only when it has accepted it"
        )
        for request in (
            "websocket of a client that vanishes before it is accepted",
            "websocket of a client that vanishes before the handler",
        )
    },
    "gunicorn-asgi": {
        "websocket denied with what cannot be sent": Deviation(
            "403", "it knows no answer to a handshake but this"
        ),
        "websocket to nowhere": Deviation("403", "it knows no answer to a handshake but this"),
    },
    "hypercorn": {"expecting 100 beyond the limit": ASKS_TOO_SOON},
}


def expected(server: Server, request: str) -> str | None:
    """Return the answer that is expected; None where asking makes no sense."""
    deviations = OTHERWISE.get(server.name, {}) | ({} if server.http_2 else WITHOUT_HTTP_2)
    if request in deviations:
        return deviations[request].answer
    if request.startswith("http 2 ") and not server.http_2:
        return None
    answer = EXPECTED[request]
    return answer if isinstance(answer, str) else answer[server.protocol == "asgi"]
