"""No two workers of the tests are given one port, and none that the kernel could give to somebody else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests import ports

ASK = "from tests.ports import free_port; print(*sorted(free_port() for _ in range(300)))"


def of_worker(name: str) -> list[int]:
    command = [sys.executable, "-c", ASK]
    given = subprocess.check_output(command, env={**os.environ, "PYTEST_XDIST_WORKER": name}, text=True)
    return [int(port) for port in given.split()]


def test_workers_have_ports_of_their_own_below_those_of_the_kernel() -> None:
    first, second = of_worker("gw0"), of_worker("gw1")
    assert len({*first, *second}) == 600
    with socket.create_server(("127.0.0.1", 0)) as kernels:
        assert max(*first, *second) < kernels.getsockname()[1]


def test_a_port_on_which_somebody_listens_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "_part", range(port, port + 2))
        monkeypatch.setattr(ports, "_size", 2)
        assert ports.free_port() == port + 1


def test_no_port_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_size", 0)
    with pytest.raises(AssertionError, match="All ports of"):
        ports.free_port()
