"""`erlen serve` as the tests start it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

from .driver import Served, serving, until
from .http1 import Address
from .load import Load
from .releases import Site

SECONDS = float(os.environ.get("ERLEN_LOST_SECONDS", "20"))
"""How long a whole sequence takes at least: `ERLEN_LOST_SECONDS=60` for a longer look."""
RATE = 200
ERLEN = Path(sys.executable).with_name("erlen")


@dataclass
class Serving:
    """A server, the code that it serves, and where."""

    served: Served
    site: Site
    address: Address
    pid_file: Path


def place(kind: str, folder: Path) -> tuple[Address, list[str]]:
    """Choose an address; return it with the words that ask for it."""
    if kind == "unix":
        return folder / "socket", ["--unix", str(folder / "socket")]
    port = free_port()
    return ("127.0.0.1", port), ["--host", "127.0.0.1", "--port", str(port)]


def words_for(site: Site, interface: str, *more: str) -> list[str]:
    """Return the command without an address."""
    words = ["--app", "hello", "serve", "--interface", interface, "--chdir", str(site.current)]
    return [str(ERLEN), *words, "--threads", "32", *more]


@contextmanager
def erlen_serves(
    folder: Path,
    interface: str = "wsgi",
    *options: str,
    kind: str = "tcp",
    seconds: float = 0.3,
    more: str = "",
) -> Iterator[Serving]:
    """Serve until the block ends; *seconds* is the time of the import, *more* is code."""
    site = Site(folder, interface=interface, seconds=seconds, more=more)
    address, where = place(kind, folder)
    pid_file = folder / "pid"
    words = words_for(site, interface, *where, "--pid-file", str(pid_file), *options)
    with serving(words, folder) as served:
        assert until(lambda: served.ended or is_answered(address)), served.log
        assert not served.ended, served.log
        yield Serving(served, site, address, pid_file)


def is_answered(address: Address, patience: float = 5, **options: object) -> bool:
    """Ask twice, once on a connection that could be kept."""
    load = Load(address, requests=2, patience=patience, **options)  # type: ignore[arg-type]
    with load:
        return not load.wait().lost()


def stacks_in(log: str, function: str) -> int:
    """Count the stacks that are in a function."""
    return sum(line.strip().endswith(f"in {function}") for line in log.splitlines())


def lines_with(log: str, words: Sequence[str]) -> list[str]:
    return [line for line in log.splitlines() if all(word in line for word in words)]
