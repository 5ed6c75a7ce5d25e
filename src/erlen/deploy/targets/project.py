"""What the folder of a project says about it: what it needs, what it reads from its environment."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from erlen.deploy.env.statements import statements

# What is installed from the project itself, or read from other files of it.
_OTHER_FILES = re.compile(r"^\s*(-[rce]\b|--(requirement|constraint|editable)\b|\.|/|file:)", re.MULTILINE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Project(t.NamedTuple):
    """A project, as its files say. Each default is that of a folder without such a file."""

    # Whether there is a requirements.txt; whether each of its lines stands for itself; whether it has hashes.
    has_requirements: bool = False
    requirements_stand_alone: bool = True
    requirements_have_hashes: bool = False
    # Whether pyproject.toml has a table [project], and whether it is a package that pip can build.
    has_dependencies: bool = False
    is_package: bool = False
    # Whether any of them asks for Erlen, so that its version is said there.
    asks_for_erlen: bool = False
    # The names in .env.example; None without that file.
    variables: tuple[str, ...] | None = None
    # The path of `app.instance_path` in the project, with "/"; None where it is elsewhere.
    instance: str | None = None


# What a folder without any of these files says.
NO_PROJECT = Project()


def read_project(folder: Path, instance_path: str) -> Project:
    """Return what is known of the project in a folder."""
    requirements = _text(folder / "requirements.txt")
    pyproject = _text(folder / "pyproject.toml") or ""
    asked = f"{requirements or ''}\n{pyproject}"
    return Project(
        has_requirements=requirements is not None,
        requirements_stand_alone=_OTHER_FILES.search(requirements or "") is None,
        requirements_have_hashes="--hash=" in (requirements or ""),
        has_dependencies=_has_table(pyproject, "project"),
        is_package=_has_table(pyproject, "build-system") and _has_table(pyproject, "project"),
        asks_for_erlen=re.search(r"""^\s*(.*["'])?erlen\b(?!-)""", asked, re.MULTILINE) is not None,
        variables=_variables(folder / ".env.example"),
        instance=_inside(folder, instance_path),
    )


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return None


# tomllib is there from Python 3.11 on only.
def _has_table(text: str, name: str) -> bool:
    return re.search(rf"^\s*\[\s*{name}\s*\]", text, re.MULTILINE) is not None


def _variables(path: Path) -> tuple[str, ...] | None:
    text = _text(path)
    if text is None:
        return None
    names = (each.name for each in statements(text) if each.name is not None)
    return tuple(sorted({name for name in names if _VARIABLE.fullmatch(name)}))


def _inside(folder: Path, path: str) -> str | None:
    try:
        inside = Path(path).resolve().relative_to(folder.resolve()).as_posix()
    except (OSError, ValueError):
        return None
    return None if inside == "." else inside
