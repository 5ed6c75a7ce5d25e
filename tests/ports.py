"""Ports for servers that are started by their own programs, and so cannot be given a socket that is bound."""

from __future__ import annotations

import itertools
import os
import random
import socket
from pathlib import Path

# A port that the kernel chooses is given to the next one who asks as soon as the probe is closed: to another
# worker of the tests, or to a client's end of a connection. Hence ports from below those that the kernel
# gives, and a part of them for each worker of pytest-xdist.
_LOWEST = 10_000
_PARTS = 16


def _below_the_kernels() -> int:
    chosen = Path("/proc/sys/net/ipv4/ip_local_port_range")
    return int(chosen.read_text().split()[0]) if chosen.exists() else 32_768


_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _PARTS
_size = (_below_the_kernels() - _LOWEST) // _PARTS
_part = range(_LOWEST + _worker * _size, _LOWEST + (_worker + 1) * _size)
# Tests start Python and pytest, which begin elsewhere in the same part.
_turns = itertools.count(random.SystemRandom().randrange(_size))


def free_port() -> int:
    """Return a port on which nobody listens, and which nobody else is given for a while."""
    for turn in itertools.islice(_turns, _size):
        port = _part[turn % _size]
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"All ports of {_part} are taken.")
