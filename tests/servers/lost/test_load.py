"""The load sees each way to lose a request, and takes nothing for lost that is not."""

from __future__ import annotations

import contextlib
import resource
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .http1 import Address, Answer
from .load import Load
from .tally import Fate, Tally

BODY = b"one 7"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + BODY
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n" + BODY
Script = Callable[[socket.socket, "Heard"], None]


class Heard:
    """The requests of one connection."""

    def __init__(self, client: socket.socket) -> None:
        self._file = client.makefile("rb")

    def request(self) -> str:
        """Read a request and return its path and what it says of the connection; nothing at the end."""
        lines = []
        while (line := self._file.readline().strip()) or not lines:
            if not line:
                return ""
            lines.append(line.decode())
        return " ".join([lines[0].split()[1], *(each for each in lines if each.startswith("Connection"))])

    def close(self) -> None:
        self._file.close()


@contextlib.contextmanager
def served(script: Script, family: int = socket.AF_INET, backlog: int = 100) -> Iterator[Address]:
    """Run a script for each connection, in a thread of its own."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder, socket.socket(family) as listening:
        listening.bind(f"{folder}/a" if family == socket.AF_UNIX else ("127.0.0.1", 0))
        listening.listen(backlog)
        threads = [threading.Thread(target=_accept, args=(listening, script))]
        threads[0].start()
        try:
            yield Path(folder, "a") if family == socket.AF_UNIX else listening.getsockname()
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            threads[0].join()


def _accept(listening: socket.socket, script: Script) -> None:
    threads = []
    with contextlib.suppress(OSError):
        while True:
            client, _ = listening.accept()
            threads.append(threading.Thread(target=_carry_out, args=(client, script)))
            threads[-1].start()
    for thread in threads:
        thread.join()


def _carry_out(client: socket.socket, script: Script) -> None:
    heard = Heard(client)
    with client, contextlib.closing(heard), contextlib.suppress(OSError):
        script(client, heard)


def asked(script: Script, *, requests: int = 20, **more: object) -> Tally:
    with served(script) as address:
        return counted(address, requests, **more)


def counted(address: Address, requests: int = 20, **more: object) -> Tally:
    load = Load(address, rate=200, requests=requests, **{"patience": 10.0, **more})  # type: ignore[arg-type]
    with load:
        return load.wait()


def always(*parts: bytes) -> Script:
    """Answer each request of a connection, in parts that arrive one after the other."""

    def script(client: socket.socket, heard: Heard) -> None:
        while said := heard.request():
            for part in parts:
                client.sendall(part)
                time.sleep(0.001 if len(parts) > 1 else 0)
            if "close" in said:
                break

    return script


def then(answer: bytes, *, reset: bool = False) -> Script:
    """Answer once as told, and close."""

    def script(client: socket.socket, heard: Heard) -> None:
        heard.request()
        client.sendall(answer)
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    return script


def bytes_of(data: bytes) -> tuple[bytes, ...]:
    return tuple(data[at : at + 1] for at in range(len(data)))


@pytest.mark.parametrize(
    "parts",
    [
        (WHOLE,),
        bytes_of(WHOLE),
        bytes_of(CHUNKED + b"3;a=b\r\none\r\n2\r\n 7\r\n0\r\nX-Trailer: a\r\n\r\n"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + WHOLE,),
        (b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE),
    ],
    ids=["whole", "bytes", "chunks", "hints", "continue"],
)
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX], ids=["tcp", "unix"])
def test_whole_answers_are_counted(parts: tuple[bytes, ...], family: int) -> None:
    with served(always(*parts), family) as address:
        tally = counted(address)
    assert tally.fates() == {"answered": 20}
    assert tally.versions() == {"one": 20}
    assert tally.pids() == {7: 20}
    assert tally.closings == []


def test_half_are_on_kept_connections_and_a_tenth_is_slow() -> None:
    said: list[str] = []

    def script(client: socket.socket, heard: Heard) -> None:
        while words := heard.request():
            said.append(words)
            client.sendall(WHOLE)

    tally = asked(script, requests=100)
    assert len([words for words in said if words.endswith("Connection: close")]) == 50
    assert len([words for words in said if words.startswith("/slow")]) == 10
    assert {(each.quick, each.kept) for each in tally.records} == {
        (quick, kept) for quick in (True, False) for kept in (True, False)
    }


@pytest.mark.parametrize(
    ("answer", "reset", "fate"),
    [
        (b"", False, Fate.RESET),
        (b"", True, Fate.RESET),
        (b"HTT", False, Fate.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", False, Fate.CUT),
        (WHOLE[:-1], False, Fate.CUT),
        (WHOLE[:-1], True, Fate.CUT),
        (CHUNKED + b"5\r\none 7\r\n", False, Fate.CUT),
        (CHUNKED + b"5\r\none 7\r\n0\r\n", False, Fate.CUT),
        (CHUNKED + b"4\r\none 7\r\n0\r\n\r\n", False, Fate.CUT),
        (b"nonsense\r\n\r\n", False, Fate.CUT),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 5\r\n\r\none 7", False, Fate.WRONG),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", False, Fate.WRONG),
        (b"HTTP/1.1 204 None\r\n\r\n", False, Fate.WRONG),
    ],
)
def test_each_loss_has_its_name(answer: bytes, reset: bool, fate: Fate) -> None:
    tally = asked(then(answer, reset=reset))
    assert tally.fates() == {fate.value: 20}
    assert len(tally.lost()) == 20


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX], ids=["tcp", "unix"])
def test_nobody_listens(family: int) -> None:
    with served(always(WHOLE), family) as address:
        pass
    assert counted(address).fates() == {"refused": 20}


def test_no_answer_in_time_is_a_loss_too() -> None:
    def script(client: socket.socket, heard: Heard) -> None:
        while heard.request():
            pass

    assert asked(script, patience=0.3).fates() == {"no answer": 20}


def test_a_connection_that_the_server_gives_up_in_time_is_no_loss() -> None:
    tally = asked(then(LAST), requests=40)
    assert tally.fates() == {"answered": 40}
    assert tally.closings == []


def test_an_answer_that_only_the_end_ends_is_one() -> None:
    assert asked(then(b"HTTP/1.1 200 OK\r\n\r\n" + BODY)).fates() == {"answered": 20}


@pytest.mark.parametrize("pause", [0, 0.002])
def test_kept_connections_that_are_closed_while_idle_are_counted(pause: float) -> None:
    def script(client: socket.socket, heard: Heard) -> None:
        heard.request()
        client.sendall(WHOLE)
        time.sleep(pause)

    tally = asked(script, requests=60)
    assert len(tally.closings) > 10
    assert {closing.pid for closing in tally.closings} == {7}
    # A busy machine may bring the end of a connection too late for the next request on it.
    assert {(each.fate, each.kept) for each in tally.lost()} <= {(Fate.RESET, True)}


def test_a_request_on_a_kept_connection_that_is_closed_then_is_lost_and_not_sent_again() -> None:
    said = []

    def script(client: socket.socket, heard: Heard) -> None:
        said.append(first := heard.request())
        client.sendall(WHOLE)
        if "close" not in first:
            said.append(heard.request())

    tally = asked(script, requests=60)
    assert len(list(filter(None, said))) == len(tally.records) == 60
    lost = tally.lost()
    assert len(lost) > 5
    assert {(each.fate, each.kept, each.pid) for each in lost} == {(Fate.RESET, True, 7)}


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX], ids=["tcp", "unix"])
def test_a_full_queue_is_waited_for(family: int) -> None:
    """A server that takes nobody for a while, with room for two: nobody is lost."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder, socket.socket(family) as listening:
        listening.bind(f"{folder}/a" if family == socket.AF_UNIX else ("127.0.0.1", 0))
        listening.listen(1)
        address = Path(folder, "a") if family == socket.AF_UNIX else listening.getsockname()
        with Load(address, rate=200, requests=40) as load:
            while len(load.under_way) < 40:
                time.sleep(0.01)
            accepting = threading.Thread(target=_accept, args=(listening, always(WHOLE)))
            accepting.start()
            tally = load.wait()
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
    assert tally.fates() == {"answered": 40}


def test_phases_are_told_apart() -> None:
    with served(always(WHOLE)) as address, Load(address) as load:
        while len(load.tally.records) < 10:
            time.sleep(0.01)
        load.phase = "reload"
        while len(load.tally.of("reload").records) < 10:
            time.sleep(0.01)
    assert len(load.tally.of("start").records) + len(load.tally.of("reload").records) == len(
        load.tally.records
    )
    assert load.tally.lost() == []


def test_the_slowest_quick_request_is_told() -> None:
    def script(client: socket.socket, heard: Heard) -> None:
        while words := heard.request():
            time.sleep(0.5 if words.startswith("/slow") else 0.1)
            client.sendall(WHOLE)

    assert 0.1 <= asked(script).slowest_quick() < 0.5


def test_a_failure_of_the_load_itself_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(self: Load) -> None:
        raise RuntimeError("a fault of the load")

    monkeypatch.setattr(Load, "_send_all", fails)
    with pytest.raises(RuntimeError, match="a fault of the load"):
        counted(("127.0.0.1", 9))


def test_an_answer_keeps_a_connection_only_where_it_says_where_it_ends() -> None:
    def keeps(data: bytes) -> bool:
        answer = Answer()
        answer.feed(data)
        assert answer.whole
        return answer.keeps_alive

    assert keeps(WHOLE)
    assert not keeps(LAST)
    assert not keeps(WHOLE + b"surplus")
    assert not keeps(WHOLE.replace(b"1.1", b"1.0"))
    assert not keeps(LAST.replace(b"close", b"a, Close"))


def test_open_files_are_enough_for_a_server_that_is_away() -> None:
    counted(("127.0.0.1", 9), 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft >= min(4096, hard if hard > 0 else 4096)
