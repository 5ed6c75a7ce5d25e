"""`erlen serve` on systemd's socket: the first request starts it, and a stop and a start lose nothing."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

from .driver import MARK, Served, serving, steady, until
from .erlen_serve import RATE, is_answered, words_for
from .http1 import Address
from .load import Load
from .releases import Site

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

ACTIVATE = shutil.which("systemd-socket-activate")

# What systemd does before it starts a unit of a socket: descriptor 3, and whom it is meant for.
LAUNCHER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), "LISTEN_FDNAMES": "web"}
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("kind", ["tcp", "unix"])
@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_the_first_request_starts_it_and_is_answered(tmp_path: Path, interface: str, kind: str) -> None:
    assert ACTIVATE, "`make services` installs systemd-socket-activate."
    site = Site(tmp_path, interface=interface, seconds=0.3)
    address: Address = ("127.0.0.1", free_port()) if kind == "tcp" else tmp_path / "socket"
    listen = str(address) if isinstance(address, Path) else f"{address[0]}:{address[1]}"
    words = [ACTIVATE, "--listen", listen, "--setenv", MARK, *words_for(site, interface, "--workers", "2")]
    with serving(words, tmp_path) as served:
        assert until(lambda: served.ended or f"Listening on {listen}" in served.log), served.log
        assert "Serving" not in served.log
        with Load(address, rate=20, requests=10) as load:
            tally = load.wait()
        assert tally.fates() == {"answered": 10}, f"{tally}\n{served.log}"
        assert len(served.processes()) == 3
        served.signal(signal.SIGTERM)
        assert served.wait_for_its_end() == 0, served.log


class Unit:
    """What systemd is to a service with a socket: it keeps the socket, and starts the service anew."""

    def __init__(self, sock: socket.socket, site: Site, interface: str) -> None:
        self._words = [sys.executable, "-c", LAUNCHER, str(sock.fileno())]
        self._words += words_for(site, interface, "--workers", "2", "--grace", "10")
        self._sock = sock
        self._folder = site.folder
        self._goes_on = True
        self.statuses: list[int] = []
        self.served: Served
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Unit:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._goes_on = False
        self.served.signal(signal.SIGTERM)
        self._thread.join(60)

    def _run(self) -> None:
        while self._goes_on:
            with serving(self._words, self._folder, pass_fds=[self._sock.fileno()]) as self.served:
                status = self.served.wait_for_its_end(120)
                self.statuses.append(-1 if status is None else status)
                assert until(lambda: self.served.processes() == [], 5)


@contextlib.contextmanager
def listening(kind: str, folder: Path) -> Iterator[tuple[socket.socket, Address]]:
    path = folder / "socket"
    with socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET) as sock:
        sock.bind(str(path) if kind == "unix" else ("127.0.0.1", 0))
        sock.listen(4096)  # systemd's own default, as far as the kernel lets it
        yield sock, path if kind == "unix" else sock.getsockname()


@pytest.mark.parametrize("kind", ["tcp", "unix"])
@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_a_stop_and_a_start_under_load_lose_nothing(tmp_path: Path, interface: str, kind: str) -> None:
    site = Site(tmp_path, interface=interface, seconds=0.3)
    with listening(kind, tmp_path) as (sock, address), Unit(sock, site, interface) as unit:
        assert until(lambda: is_answered(address))
        with Load(address, rate=RATE) as load:
            assert steady(load, "one")
            for version in ("two", "three"):
                load.phase = f"restart to {version}"
                site.change(version)
                unit.served.signal(signal.SIGTERM)
                assert steady(load, version), unit.served.log
            time.sleep(0.5)
        log = unit.served.log
    tally = load.tally
    print(tally)
    assert tally.lost() == [], f"{tally}\n{log}"
    assert set(tally.versions()) == {"one", "two", "three"}
    assert tally.closings == []
    assert unit.statuses == [0, 0, 0]
    assert kind == "tcp" or address.exists(), "The socket is not the service's to remove."
