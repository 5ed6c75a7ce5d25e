"""The installed distributions that extend Flask."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from importlib import metadata

_NAMED_SO = re.compile(r"^(pytest-)?flask-|-flask(-|$)|^flask\d")
_NOT_EXTENSIONS = ("flask", "erlen")
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")


@dataclass(frozen=True)
class Installed:
    """An installed extension."""

    name: str
    version: str

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return normalized(self.name)


def normalized(name: str) -> str:
    """Return a distribution's name as package indexes compare it: lower case, and hyphens alone."""
    return re.sub(r"[-_.]+", "-", name).lower()


def extensions(
    known: t.Container[str], found: t.Iterable[metadata.Distribution] | None = None
) -> list[Installed]:
    """Return the extensions among the installed distributions, by name.

    An extension requires Flask, or has it in its name, or is among the *known* ones.
    """
    every = metadata.distributions() if found is None else found
    # The first of a name is the one that is imported: later folders of the path are hidden by it.
    first: dict[str, Installed] = {}
    for distribution in every:
        # Asked first: a missing one is a KeyError soon, and warns from Python 3.12 on.
        if "Name" not in distribution.metadata:
            continue
        name = distribution.metadata["Name"]
        if _is_extension(normalized(name), distribution, known):
            first.setdefault(normalized(name), Installed(name, distribution.version))
    return [first[key] for key in sorted(first)]


def _is_extension(key: str, distribution: metadata.Distribution, known: t.Container[str]) -> bool:
    if key in _NOT_EXTENSIONS:
        return False
    return key in known or bool(_NAMED_SO.search(key)) or _requires_flask(distribution)


def _requires_flask(distribution: metadata.Distribution) -> bool:
    """Tell whether a distribution always needs Flask, and not only for one of its extras."""
    for requirement in distribution.requires or ():
        name = _REQUIREMENT.match(requirement)
        _, _, marker = requirement.partition(";")
        if name and normalized(name[1]) == "flask" and "extra" not in marker:
            return True
    return False
