"""What hangs does not hold `erlen serve` up: open streams at the end, and stuck threads."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from .driver import is_gone, until
from .erlen_serve import erlen_serves, is_answered, stacks_in
from .http1 import Address

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

STREAM = {
    "wsgi": """

@app.get("/events")
def events():
    def pieces():
        while True:
            yield "data: again\\n\\n"
            time.sleep(0.1)
    return app.response_class(pieces(), mimetype="text/event-stream")
""",
    "asgi": """

@app.get("/events")
async def events():
    async def pieces():
        while True:
            yield "data: again\\n\\n"
            await asyncio.sleep(0.1)
    return pieces(), {"Content-Type": "text/event-stream"}
""",
}

STUCK = {
    "wsgi": """

@app.get("/stuck")
def never_answers():
    import threading
    threading.Event().wait()
""",
    # It holds up the loop, and every other coroutine with it.
    "asgi": """

@app.get("/stuck")
async def never_answers():
    import threading
    threading.Event().wait()
""",
}


def asked(address: Address, path: str) -> socket.socket:
    """Send a request, and do not wait for its answer."""
    client = socket.socket(socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET)
    client.settimeout(60)
    client.connect(str(address) if isinstance(address, Path) else address)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return client


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_an_open_event_stream_is_ended_by_the_grace(tmp_path: Path, interface: str) -> None:
    with erlen_serves(tmp_path, interface, "--grace", "2", more=STREAM[interface]) as at:
        with asked(at.address, "/events") as client:
            assert b"data: again" in client.recv(65536) + client.recv(65536)
            start = time.monotonic()
            at.served.signal(signal.SIGTERM)
            while client.recv(65536):
                pass
            assert at.served.wait_for_its_end(30) == 0, at.served.log
        assert time.monotonic() - start > 2, "The grace is given."
        assert "/events" in at.served.log or "1 requests were cut off" in at.served.log
        assert at.served.processes() == []


@pytest.mark.parametrize(("interface", "stuck"), [("wsgi", 2), ("asgi", 1)])
def test_a_worker_whose_threads_are_all_stuck_is_replaced(tmp_path: Path, interface: str, stuck: int) -> None:
    options = ["--workers", "1", "--threads", "2", "--request-timeout", "3", "--grace", "1"]
    more = STUCK[interface]
    with ExitStack() as clients, erlen_serves(tmp_path, interface, *options, more=more) as at:
        children = set(at.served.processes()) - {at.served.process.pid}
        for _ in range(stuck):
            clients.enter_context(asked(at.address, "/stuck?secret=1"))
        start = time.monotonic()
        time.sleep(0.5)  # they are stuck by then; were they not, the next would be answered at once
        answered = threading.Event()
        asking = threading.Thread(
            target=lambda: until(lambda: is_answered(at.address, 1), 60) and answered.set()
        )
        asking.start()
        assert answered.wait(60), at.served.log
        assert time.monotonic() - start < 10, at.served.log
        asking.join()
        assert until(lambda: stacks_in(at.served.log, "never_answers") >= stuck), at.served.log
        assert "GET /stuck" in at.served.log
        assert "secret" not in at.served.log
        assert until(lambda: all(map(is_gone, children)), 30), "The stuck worker is still there."
