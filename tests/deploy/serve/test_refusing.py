"""Nobody is taken any more, and nobody who was taken is dropped."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import select
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from erlen.deploy.serve import refusing
from erlen.deploy.serve.listening import Listener, listen_tcp
from erlen.deploy.serve.refusing import leave_handshakes_unanswered, queue_is_empty
from tests.deploy.serve.loopback import HAS_IPV6

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="filters are Linux's")

PATIENCE = 20.0
# Instructions of a filter that drops what is no SYN: a client's handshake stays half done.
ONLY_SYN = (
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x02),
    (0x15, 1, 0, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFFFFFF),
)


@pytest.fixture(params=["127.0.0.1", *(["::1", "::"] if HAS_IPV6 else [])])
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    """A listening socket; the last one is of both versions, and is connected to by IPv4."""
    opened = listen_tcp(request.param, 0, 16)
    yield opened
    opened.close()


def port_of(listener: Listener) -> int:
    port: int = listener.socket.getsockname()[1]
    return port


def host_of(listener: Listener) -> str:
    host: str = listener.socket.getsockname()[0]
    return "127.0.0.1" if host == "::" else host


def connect(listener: Listener) -> socket.socket:
    return socket.create_connection((host_of(listener), port_of(listener)), PATIENCE)


def begin(listener: Listener) -> socket.socket:
    """Begin to connect, and do not wait."""
    host = host_of(listener)
    client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    client.setblocking(False)
    client.connect_ex((host, port_of(listener)))
    return client


def attach(listener: Listener, code: tuple[tuple[int, int, int, int], ...]) -> None:
    data = b"".join(struct.pack("=HBBI", *line) for line in code)
    buffer = ctypes.create_string_buffer(data, len(data))
    program = struct.pack("@HP", len(code), ctypes.addressof(buffer))
    listener.socket.setsockopt(socket.SOL_SOCKET, 26, program)


def test_who_waits_in_the_queue_is_accepted_and_answered_after_the_filter(listener: Listener) -> None:
    with connect(listener) as client:
        client.sendall(b"early")
        assert leave_handshakes_unanswered(listener.socket)
        accepted, _ = listener.socket.accept()
        with accepted:
            accepted.settimeout(PATIENCE)
            client.sendall(b" and late")
            received = b""
            while received != b"early and late":
                received += accepted.recv(100)
            accepted.sendall(b"answer")
            assert client.recv(100) == b"answer"


def test_who_comes_later_is_not_answered_and_is_refused_once_nobody_listens(listener: Listener) -> None:
    assert leave_handshakes_unanswered(listener.socket)
    with begin(listener) as late:
        # Nothing would be seen of a handshake that is not answered, but one that is answered on loopback
        # takes no time.
        assert select.select([], [late], [], 0.3)[1] == []
        with pytest.raises(BlockingIOError):
            listener.socket.accept()
        listener.close()
        # It asks again after a second.
        assert select.select([], [late], [], PATIENCE)[1] == [late]
        assert late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def test_who_comes_later_is_served_by_the_next_server() -> None:
    old = listen_tcp("127.0.0.1", 0, 16)
    assert leave_handshakes_unanswered(old.socket)
    with begin(old) as late:
        port = port_of(old)
        old.close()
        new = listen_tcp("127.0.0.1", port, 16)
        try:
            assert select.select([new.socket], [], [], PATIENCE)[0] == [new.socket]
            accepted, _ = new.socket.accept()
            with accepted:
                accepted.sendall(b"answer")
                late.setblocking(True)
                late.settimeout(PATIENCE)
                assert late.recv(100) == b"answer"
        finally:
            new.close()


def test_a_handshake_under_way_is_waited_for(listener: Listener) -> None:
    attach(listener, ONLY_SYN)
    with begin(listener) as client:
        # For the client the handshake is over; its last packet was dropped, as by a full queue.
        assert select.select([], [client], [], PATIENCE)[1] == [client]
        with pytest.raises(BlockingIOError):
            listener.socket.accept()
        assert leave_handshakes_unanswered(listener.socket)

        accepted: list[socket.socket] = []

        def accept() -> None:
            if select.select([listener.socket], [], [], PATIENCE)[0]:
                accepted.append(listener.socket.accept()[0])

        worker = threading.Thread(target=accept)
        worker.start()
        assert asyncio.run(queue_is_empty(listener.socket, PATIENCE))
        listener.close()
        worker.join(PATIENCE)
        assert len(accepted) == 1
        with accepted[0]:
            accepted[0].sendall(b"answer")
            client.setblocking(True)
            client.settimeout(PATIENCE)
            assert client.recv(100) == b"answer"


def test_a_handshake_that_never_ends_is_not_waited_for_long(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusing, "_HANDSHAKE", 0.3)
    attach(listener, ONLY_SYN)
    with begin(listener) as client:
        assert select.select([], [client], [], PATIENCE)[1] == [client]
        start = time.monotonic()
        assert asyncio.run(queue_is_empty(listener.socket, PATIENCE))
        assert 0.3 <= time.monotonic() - start < PATIENCE


def test_a_queue_that_nobody_empties_is_given_up_at_the_deadline(listener: Listener) -> None:
    with connect(listener):
        assert not asyncio.run(queue_is_empty(listener.socket, 0.2))


def test_an_empty_queue_is_empty_whatever_the_deadline(listener: Listener) -> None:
    assert asyncio.run(queue_is_empty(listener.socket, 0))


def test_handshakes_of_other_ports_are_not_waited_for() -> None:
    ours, other = listen_tcp("127.0.0.1", 0, 16), listen_tcp("127.0.0.1", 0, 16)
    attach(other, ONLY_SYN)
    with begin(other) as client:
        assert select.select([], [client], [], PATIENCE)[1] == [client]
        start = time.monotonic()
        assert asyncio.run(queue_is_empty(ours.socket, 0))
        assert time.monotonic() - start < refusing._HANDSHAKE
    ours.close()
    other.close()


def test_a_socket_without_filters_is_left_as_it_is(listener: Listener) -> None:
    """A filter that was locked cannot be replaced: to the caller that is as if there were none at all."""
    attach(listener, ((0x06, 0, 0, 0xFFFFFFFF),))
    listener.socket.setsockopt(socket.SOL_SOCKET, 44, 1)  # SO_LOCK_FILTER
    assert not leave_handshakes_unanswered(listener.socket)
    with connect(listener):
        assert select.select([listener.socket], [], [], PATIENCE)[0]


def test_other_systems_have_no_filters(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not leave_handshakes_unanswered(listener.socket)


class Hammer:
    """Clients that connect, ask and hear, over and over, until they are refused."""

    def __init__(self, listener: Listener, clients: int = 8) -> None:
        self.counts: Counter[str] = Counter()
        self._address = host_of(listener), port_of(listener)
        self._threads = [threading.Thread(target=self._ask_until_refused) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _ask_until_refused(self) -> None:
        for _ in range(20_000):
            try:
                client = socket.create_connection(self._address, PATIENCE)
            except OSError as error:
                self.counts[f"connect: {type(error).__name__}"] += 1
                return
            with client:
                try:
                    client.sendall(b"?")
                    answer = client.recv(10)
                except OSError as error:
                    answer = type(error).__name__.encode()
                self.counts["answered" if answer == b"!" else f"lost: {answer!r}"] += 1

    def wait_for(self, answers: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.counts["answered"] < answers:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(2 * PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads)


class Workers:
    """Threads in the place of workers: they accept from duplicates of the socket."""

    def __init__(self, listener: Listener, count: int = 2) -> None:
        self._stops = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(listener.socket.dup(),)) for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, sock: socket.socket) -> None:
        with sock:
            while not self._stops.is_set():
                if not select.select([sock], [], [], 0.02)[0]:
                    continue
                with contextlib.suppress(BlockingIOError):
                    accepted, _ = sock.accept()
                    with accepted:
                        accepted.settimeout(PATIENCE)
                        if accepted.recv(10):
                            accepted.sendall(b"!")
                        time.sleep(0.002)  # so that a queue forms

    def stop(self) -> None:
        self._stops.set()
        for thread in self._threads:
            thread.join(PATIENCE)


def test_under_load_nobody_is_lost(listener: Listener) -> None:
    workers = Workers(listener)
    hammer = Hammer(listener)
    hammer.wait_for(300)
    assert asyncio.run(listener.close_gently(PATIENCE))
    workers.stop()
    hammer.join()
    assert hammer.counts.pop("answered") >= 300
    assert set(hammer.counts) == {"connect: ConnectionRefusedError"}


def test_nobody_is_lost_where_the_queue_was_full() -> None:
    """Then last packets of handshakes are dropped, and clients take a handshake for done that is not."""
    listener = listen_tcp("127.0.0.1", 0, 1)
    workers = Workers(listener, count=1)
    hammer = Hammer(listener, clients=24)
    hammer.wait_for(300)
    assert asyncio.run(listener.close_gently(PATIENCE))
    workers.stop()
    hammer.join()
    assert [outcome for outcome in hammer.counts if outcome.startswith("lost")] == []


def test_the_same_load_meets_resets_where_the_socket_is_just_closed(listener: Listener) -> None:
    """Otherwise the test above would prove nothing."""
    hammer = Hammer(listener)
    deadline = time.monotonic() + PATIENCE
    while not select.select([listener.socket], [], [], 0)[0]:
        assert time.monotonic() < deadline
    listener.close()
    hammer.join()
    assert any(outcome.startswith("lost") for outcome in hammer.counts)
