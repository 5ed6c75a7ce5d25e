"""The records that the matrix is made from: one JSON file for each run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
KINDS = ("suite", "application", "imports", "installation")
"""What can be run, the most telling first: an extension's tests, a program that uses it, its modules' import,
and nothing, since it does not install."""


@dataclass(frozen=True)
class Loss:
    """Something that holds on Flask and not on Erlen."""

    protocol: str
    """`wsgi`, `asgi`, or `both`."""
    what: str
    """The test, the request, or the module."""
    reason: str


@dataclass
class Record:
    """What one run told."""

    name: str
    version: str
    kind: str
    python: str
    date: str
    flask: str = "3.1.3"
    erlen: str = ""
    legacy: str = ""
    """The level of the legacy layer that was asked for, if any; then `flask` is the old release beside it."""
    detail: str = ""
    """What was run, in a few words."""
    on_flask: int = 0
    """How many tests, answers or modules were right on Flask: the measure of the next two."""
    by_wsgi: int | None = None
    by_asgi: int | None = None
    losses: list[Loss] = field(default_factory=list)
    note: str = ""

    @property
    def path(self) -> Path:
        """The file that the record is kept in."""
        return self._path_of(self.kind)

    def _path_of(self, kind: str) -> Path:
        legacy = f".legacy-{self.legacy}" if self.legacy else ""
        return RESULTS / f"{normalized(self.name)}.{kind}{legacy}.json"

    def save(self) -> Path:
        """Write the record, in place of what else was tried last time without a suite, and give its file."""
        if self.kind != "suite":
            for kind in KINDS[1:]:
                self._path_of(kind).unlink(missing_ok=True)
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        self.path.write_text(text + "\n", encoding="utf-8")
        return self.path


def normalized(name: str) -> str:
    """Give a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(path: Path) -> Record:
    """Read one record."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    losses = [Loss(**loss) for loss in told.pop("losses")]
    return Record(**told, losses=losses)


def read_all(folder: Path = RESULTS) -> list[Record]:
    """Read every record: by name, then the most telling kind first."""
    found: Iterable[Record] = map(read, folder.glob("*.json"))
    return sorted(
        found, key=lambda record: (normalized(record.name), record.legacy, KINDS.index(record.kind))
    )
