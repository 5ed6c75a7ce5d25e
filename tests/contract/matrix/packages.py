"""The list of packages that the matrix tries, and the environments that they are installed into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).parent / "packages.txt"
PROBES = Path(__file__).parent / "probes"


@dataclass(frozen=True)
class Package:
    """A distribution of the list."""

    name: str
    group: str
    """The environment it is installed into, with all others of the same group."""
    extras: tuple[str, ...]
    """What else is installed for its probe."""

    @property
    def probe(self) -> Path | None:
        """The program that uses it, if there is one."""
        path = PROBES / f"{self.name.replace('-', '_')}.py"
        return path if path.exists() else None


def packages() -> dict[str, Package]:
    """Read the list: name, environment, and what else is needed, on each line."""
    found = {}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, group, *extras = line.split()
            found[name] = Package(name, group, tuple(extras))
    return found
