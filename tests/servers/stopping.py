"""What is asked of each server last: to stop."""

from __future__ import annotations

import socket
import time

from .requests import asked, in_words
from .servers import Running
from .wire import Connection


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
    status = server.wait_for_its_end()
    hooks = "after serving" if "after serving" in server.events else "no after serving"
    return f"{came}, {hooks}, {'runs on' if status is None else f'ends with {status}'}"


def _wait_until_it_listens_no_more(port: int) -> None:
    """Wait for the first sign that the signal has arrived; some servers give none, so a second at most."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        time.sleep(0.01)
