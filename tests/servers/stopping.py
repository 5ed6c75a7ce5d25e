"""What is asked of each server last: to stop."""

from __future__ import annotations

import socket
import time

from .requests import asked, get, in_words
from .servers import Running
from .wire import Connection

IDLE = 1  # seconds after which a server has nothing left to do for the request it has answered


@asked
def stop(server: Running) -> str:
    """Ask it to stop while a request is under way; the request goes on when the server knows."""
    token = server.token()
    with Connection(server.port) as connection:
        connection.say(f"GET /wait?token={token}")
        assert server.heard(f"waiting {token}")
        server.ask_to_stop()
        _wait_until_it_listens_no_more(server.port)
        server.open(token)
        try:
            came = in_words(connection.answer())
        except ConnectionError:
            came = "cut off"
    end = _end(server) if server.server.always_exits else [_status(server)]
    return ", ".join([came, *end])


@asked
def stop_with_nothing_to_do(server: Running) -> str:
    """Ask it to stop some time after a request."""
    get(server, "/")
    time.sleep(IDLE)
    server.ask_to_stop()
    return ", ".join(_end(server))


def _end(server: Running) -> list[str]:
    """Wait for the end; say whether the hook has run, and the status."""
    status = _status(server)
    return ["after serving" if "after serving" in server.events else "no after serving", status]


def _status(server: Running) -> str:
    status = server.wait_for_its_end()
    return "runs on" if status is None else f"ends with {status}"


def _wait_until_it_listens_no_more(port: int) -> None:
    """Wait for the first sign that the signal has arrived; some servers give none, so a second at most."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        time.sleep(0.01)
