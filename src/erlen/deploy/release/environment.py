"""The virtual environment of a release, and what is installed into it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from . import programs
from .errors import ReleaseError

FOLDER = ".venv"
_REQUIREMENTS = "requirements.txt"
# A pyproject.toml may have nothing but settings of tools.
_IS_PROJECT = re.compile(r"^\s*\[\s*(project|build-system)\s*\]", re.MULTILINE)


@dataclass(frozen=True)
class Installation:
    """What is to be installed, and how."""

    python: str
    """The interpreter that makes the environment."""
    wheel: str | None = None
    more: tuple[str, ...] = ()
    """Requirements beside those of the project."""
    pip_options: tuple[str, ...] = ()


def python_of(release: Path) -> str:
    """Return the path of the interpreter of a release."""
    return str(release / FOLDER / "bin" / "python")


def erlen_of(release: Path) -> str:
    """Return the path of the command `erlen` of a release."""
    return str(release / FOLDER / "bin" / "erlen")


def make(release: Path, python: str) -> None:
    """Make the environment of a release."""
    # -I: a module of the project that is called like one of Python's own is not to be imported for it.
    words = [python, "-I", "-m", "venv", FOLDER]
    try:
        programs.run(words, cwd=release, env=programs.environment_for_installing())
    except programs.Failed as error:
        raise ReleaseError(
            f"{error.message}\nOn Debian, 'apt install python3-venv' brings what that needs; '--python' names"
            " another interpreter."
        ) from error


def install(release: Path, what: Installation) -> None:
    """Install what a release needs. Raises ReleaseError also where Erlen is not among it."""
    requirements = words_of(release, what)
    if requirements:
        words = [
            python_of(release),
            "-I",
            "-m",
            "pip",
            "install",
            "--quiet",
            *what.pip_options,
            *requirements,
        ]
        programs.run(words, cwd=release, env=programs.environment_for_installing())
    if not os.path.exists(erlen_of(release)):
        raise ReleaseError(
            "Erlen is not in the environment of the release: write 'erlen[serve,dotenv]' into"
            " requirements.txt or the dependencies of the project, or use --with 'erlen[serve,dotenv]'."
        )


def words_of(release: Path, what: Installation) -> list[str]:
    """Return what pip is to install: the wheel; or else the requirements; or else the project."""
    return [*_words_of_project(release, what.wheel), *what.more]


def _words_of_project(release: Path, wheel: str | None) -> list[str]:
    if wheel is not None:
        return [f"./{wheel}"]
    if (release / _REQUIREMENTS).is_file():
        return ["--requirement", _REQUIREMENTS]
    return ["."] if _is_project(release) else []


def _is_project(release: Path) -> bool:
    if (release / "setup.py").is_file():
        return True
    project = release / "pyproject.toml"
    return project.is_file() and _IS_PROJECT.search(project.read_text("utf-8", "replace")) is not None
