"""`erlen serve` loses no request while code is replaced, workers are killed and it is told to stop."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .driver import steady, until
from .erlen_serve import ERLEN, RATE, SECONDS, Serving, erlen_serves
from .load import Load
from .tally import Fate, Record, Tally

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]


@dataclass
class Killed:
    """A worker that was killed: what it had not answered could not be saved."""

    pid: int
    from_: float
    until: float

    def had(self, record: Record) -> bool:
        """Tell whether a request was under way there, as far as can be known: nobody else lost it."""
        return record.began <= self.until and record.ended >= self.from_ and record.pid in (0, self.pid)


@dataclass
class Sequence:
    """What is done to a server, one thing after the other."""

    at: Serving
    load: Load
    killed: list[Killed] = field(default_factory=list)

    def reload_by_signal(self, version: str) -> None:
        self.load.phase = f"reload to {version}"
        self.at.site.change(version)
        self.at.served.signal(signal.SIGHUP)
        self._answers_with(version)

    def reload_over_the_link(self, version: str) -> None:
        self.load.phase = f"reload to {version}"
        self.at.site.release(version)
        assert self._reload() == 0
        self._answers_with(version)

    def reload_to_broken_code(self) -> None:
        self.load.phase = "reload to broken code"
        self.at.site.break_code()
        assert self._reload() == 8
        assert "broken on purpose" in self.at.served.log
        self.at.site.mend_code()

    def kill_a_worker(self) -> None:
        self.load.phase = "kill"
        before, start = set(self.load.tally.pids()), time.monotonic()
        pid, gone = self.at.served.kill_worker(self.load)
        self.killed.append(Killed(pid, start, gone))
        assert until(lambda: set(self.load.tally.pids()) - before), "It is not replaced."

    def stop(self) -> None:
        self.load.phase = "stop"
        self.at.served.signal(signal.SIGTERM)
        assert self.at.served.wait_for_its_end() == 0, self.at.served.log
        assert until(lambda: self.at.served.processes() == [], 5)

    def lost(self, tally: Tally) -> list[Record]:
        """Return what was lost for another reason than a killed worker, or that nobody listens at the end."""
        return tally.lost(self._is_excused)

    def _is_excused(self, record: Record) -> bool:
        if record.fate is Fate.REFUSED:
            return record.phase == "stop"
        return any(killed.had(record) for killed in self.killed)

    def _reload(self) -> int:
        words = [ERLEN, "serve", "--reload", "--pid-file", self.at.pid_file]
        return subprocess.run(words, timeout=100, capture_output=True).returncode

    def _answers_with(self, version: str) -> None:
        assert steady(self.load, version), f"{version} does not answer:\n{self.at.served.log}"


@pytest.mark.parametrize("kind", ["tcp", "unix"])
@pytest.mark.parametrize(
    ("interface", "workers", "seconds"),
    [("wsgi", 2, 0.3), ("asgi", 2, 0.3), ("wsgi", 1, 5)],
    ids=["wsgi", "asgi", "one worker, long import"],
)
def test_nothing_is_lost_but_what_was_under_way_in_a_killed_worker(
    tmp_path: Path, interface: str, workers: int, seconds: float, kind: str
) -> None:
    start = time.monotonic()
    options = ["--workers", str(workers), "--grace", "10"]
    with erlen_serves(tmp_path, interface, *options, kind=kind, seconds=seconds) as at:
        with Load(at.address, rate=RATE) as load:
            done = Sequence(at, load)
            assert steady(load, "one")
            done.reload_by_signal("two")
            done.kill_a_worker()
            done.reload_to_broken_code()
            done.reload_over_the_link("three")
            done.kill_a_worker()
            load.phase = "rest"
            time.sleep(max(1, SECONDS - (time.monotonic() - start)))
            done.stop()
        log = at.served.log
    tally = load.tally
    print(tally)
    assert done.lost(tally) == [], f"{tally}\n{log}"
    assert set(tally.versions()) == {"one", "two", "three"}
    reloads = tally.of(*(record.phase for record in tally.records if record.phase.startswith("reload")))
    dead = [killed.pid for killed in done.killed]
    assert [each for each in reloads.closings if each.pid not in dead] == []
    assert not at.pid_file.exists()
