"""A server under load, four times: reloaded, reloaded to broken code, a worker killed, told to stop."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.ports import free_port
from tests.servers.lost.driver import Served, serving, steady, until
from tests.servers.lost.load import Load
from tests.servers.lost.releases import Site
from tests.servers.lost.tally import Fate, Tally

from ..measure import CannotMeasure
from .servers import Server

Figures = dict[str, Any]


@dataclass(frozen=True)
class Effort:
    rate: int  # requests per second
    reloads: int
    before: float  # seconds until something is done
    after: float  # seconds until one looks what it has done
    patience: float  # seconds for a reload


FULL = Effort(rate=100, reloads=3, before=1, after=8, patience=25)
QUICK = Effort(rate=50, reloads=1, before=0.5, after=3, patience=15)


@dataclass
class Trial:
    """A server that is asked all the time."""

    server: Server
    effort: Effort
    folder: Path
    served: Served
    site: Site
    load: Load


@contextmanager
def trial(server: Server, effort: Effort) -> Iterator[Trial]:
    """Serve and ask; raises CannotMeasure where the server does not come up."""
    with TemporaryDirectory(prefix="reload-") as name:
        folder, port = Path(name), free_port()
        site = Site(folder, interface=server.interface)
        path = {"PYTHONPATH": str(site.current)}
        with serving(server.command(port, folder), folder, path) as served:
            address = ("127.0.0.1", port)
            if not until(lambda: served.ended or answers(address), 20) or served.ended:
                raise CannotMeasure(f"{server.title} did not start:\n{served.log[-2000:]}")
            with Load(address, rate=effort.rate, patience=effort.patience) as load:
                steady(load, "one")
                time.sleep(effort.before)
                yield Trial(server, effort, folder, served, site, load)


def answers(address: tuple[str, int]) -> bool:
    with Load(address, requests=2) as load:
        return not load.wait().lost()


def reload(at: Trial) -> Callable[[Tally], Figures]:
    """Reload several times, to other code each time."""
    began = []
    for number in range(at.effort.reloads):
        version = f"again-{number}"
        at.site.change(version)
        at.load.phase = "reload"
        began.append(at.server.reload(at.served, at.folder))
        steady(at.load, version, at.effort.patience)
        time.sleep(1)
    at.load.phase = "end"

    def figures(tally: Tally) -> Figures:
        old = ["one", *(f"again-{number}" for number in range(at.effort.reloads))]
        ends = [tally.last_of(version) for version in old[:-1]]
        return {
            **counted(tally.of("reload")),
            "versions": tally.versions(),
            "seconds": [max(0.0, end - start) for start, end in zip(began, ends, strict=True)],
            "slowest_quick": tally.of("reload").slowest_quick(),
            "closed_while_idle": len(tally.of("reload").closings),
            "loaded": at.effort.reloads == len(tally.versions().keys() - {"one"}),
        }

    return figures


def broken(at: Trial) -> Callable[[Tally], Figures]:
    """Reload to code that does not import."""
    at.site.break_code()
    at.load.phase = "broken"
    at.server.reload(at.served, at.folder)
    time.sleep(at.effort.after)
    ended = at.served.ended
    return lambda tally: {**counted(tally.of("broken")), "ended": ended}


def kill(at: Trial) -> Callable[[Tally], Figures]:
    """Kill a worker that has answered."""
    before = set(at.load.tally.pids())
    at.load.phase = "kill"
    at.served.kill_worker(at.load)
    time.sleep(at.effort.after)
    ended = at.served.ended
    return lambda tally: {
        **counted(tally.of("start", "kill")),
        "ended": ended,
        "replaced": bool(set(tally.pids()) - before),
    }


def stop(at: Trial) -> Callable[[Tally], Figures]:
    """Ask it to end; a connection that it takes is a promise to answer."""
    at.load.phase = "stop"
    start = at.served.signal(signal.SIGTERM)
    ended = until(lambda: at.served.ended, at.effort.patience)
    seconds = time.monotonic() - start

    def figures(tally: Tally) -> Figures:
        lost = tally.lost(lambda record: record.fate is Fate.REFUSED and record.phase == "stop")
        return {"taken_not_answered": len(lost), "ended": ended, "seconds": seconds}

    return figures


RUNS = {"reload": reload, "broken": broken, "kill": kill, "stop": stop}


def measure(server: Server, effort: Effort, progress: Callable[[int], None]) -> dict[str, Figures]:
    """Do each thing to a server of its own."""
    taken = {}
    for number, (name, run) in enumerate(RUNS.items(), 1):
        with trial(server, effort) as at:
            figures = run(at)
        # The tally is whole when the load has ended: before, requests were under way.
        taken[name] = {**figures(at.load.tally), "client_late": at.load.tally.latest}
        progress(number)
    return taken


def counted(tally: Tally) -> Figures:
    return {"requests": len(tally.records), "lost": len(tally.lost()), "fates": tally.fates()}
