"""What became of each request of a load."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


class Fate(enum.Enum):
    """How a request ended."""

    ANSWERED = "answered"
    WRONG = "wrong answer"
    """Another status than 200, or a body that is not the application's."""
    REFUSED = "refused"
    """No connection was to be had."""
    RESET = "reset before the first byte"
    """On a kept connection, too: a client may not know whether its request has had effects."""
    CUT = "cut inside the answer"
    SILENT = "no answer"
    """Given up after the client's patience."""


@dataclass
class Record:
    """One request; times are those of `time.monotonic`."""

    number: int
    phase: str
    """What was done to the server when the request began."""
    quick: bool
    kept: bool
    began: float
    ended: float = 0.0
    fate: Fate = Fate.SILENT
    status: int = 0
    version: str = ""
    """The release that answered."""
    pid: int = 0
    """The process that answered; of a request that was lost, the one that its kept connection belonged to."""
    sent_again: int = 0
    """How often HTTP/2 gave the request back unread (RFC 9113, section 6.8)."""
    why: str = ""

    @property
    def lost(self) -> bool:
        return self.fate is not Fate.ANSWERED

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def __str__(self) -> str:
        kind = f"{'quick' if self.quick else 'slow'}, {'kept' if self.kept else 'new'}"
        said = f"{self.fate.value} {self.status or ''}".strip()
        return f"{self.phase}: {said} after {self.seconds:.3f} s ({kind}, pid {self.pid or '?'}) {self.why}"


@dataclass
class Closing:
    """A kept connection that the server closed while no request was on it."""

    phase: str
    at: float
    pid: int


@dataclass
class Tally:
    """All that became of a load."""

    records: list[Record] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    latest: float = 0.0
    """The seconds by which the client itself was late at worst."""

    def of(self, *phases: str) -> Tally:
        """Return the part that began in some phases."""
        return Tally(
            [record for record in self.records if record.phase in phases],
            [closing for closing in self.closings if closing.phase in phases],
            self.latest,
        )

    def lost(self, excused: Callable[[Record], bool] = lambda record: False) -> list[Record]:
        return [record for record in self.records if record.lost and not excused(record)]

    def slowest_quick(self) -> float:
        """Return the seconds of the slowest quick request that was answered; 0 if there is none."""
        return max((each.seconds for each in self.records if each.quick and not each.lost), default=0.0)

    def fates(self) -> dict[str, int]:
        return dict(Counter(record.fate.value for record in self.records))

    def versions(self) -> dict[str, int]:
        return _counted(record.version for record in self.records)

    def pids(self) -> dict[int, int]:
        return _counted(record.pid for record in self.records if not record.lost)

    def last_of(self, version: str) -> float:
        """Return when the last request began that a release answered; 0 if there is none."""
        return max((record.began for record in self.records if record.version == version), default=0.0)

    def __str__(self) -> str:
        lines = [
            f"{len(self.records)} requests: {self.fates()}, {len(self.closings)} connections closed while"
            f" idle, slowest quick {self.slowest_quick():.2f} s, client late by {self.latest:.2f} s",
            *map(str, sorted(self.lost(), key=lambda record: record.fate is Fate.REFUSED)[:20]),
            *(f"{each.phase}: pid {each.pid} closed an idle connection" for each in self.closings[:20]),
        ]
        return "\n".join(lines)


def _counted(values: Iterable[object]) -> dict:  # type: ignore[type-arg]
    return dict(Counter(value for value in values if value))
