"""A Procfile and the version of Python, for Heroku and its kin."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .files import File
from .image import settings_files, without
from .quoting import procfile
from .start_command import start_command

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site

# Heroku kills a process 30 seconds after SIGTERM; `erlen serve` takes a few more than its grace.
_GRACE = 25
_PORT = "$PORT"


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    lines = [f"web: {_web(site)}"]
    if release := list(_release(site)):
        lines.append(f"release: {' && '.join(release)}")
    yield File("Procfile", "\n".join(lines) + "\n", tuple(_steps(site)))
    yield from settings_files(_in_dyno(site))
    yield File(".python-version", f"{site.python}\n", ("Goes beside the Procfile.",))


def _steps(site: Site) -> Iterator[str]:
    yield "Goes into the folder that is pushed ('--out .' writes it there)."
    yield "Settings and SECRET_KEY are variables of the platform: heroku config:set SECRET_KEY=…"
    if not site.project.has_requirements:
        yield "requirements.txt is missing there: 'erlen[serve]' and what else the application needs."


def _web(site: Site) -> str:
    command = start_command(_in_dyno(site), port=_PORT)
    program, *words = (command.words[0].rpartition("/")[2], *command.words[1:])
    if site.server == "erlen":
        # It reads PORT itself, and nobody reads its pid file. A `.flaskenv` that is pushed may ask for debug
        # mode, which is refused.
        words = ["--no-debug", *without(words, "--host", "--port", "--pid-file", "--grace")]
        words += ["--grace", str(_GRACE)]
    variables = [f"{name}={value}" for name, value in command.environment.items()]
    return " ".join([*variables, program, *map(_word, words)])


def _in_dyno(site: Site) -> Site:
    return replace(site, socket=None, folder=".", settings="./heroku")


def _word(word: str) -> str:
    """Quote a word; the variable with the port is left for the shell."""
    if word in (_PORT, f"0.0.0.0:{_PORT}"):
        return f'"{word}"'
    return procfile(word)


def _release(site: Site) -> Iterator[str]:
    """Yield what runs once for each version, before it gets requests; if it fails, the old one goes on."""
    erlen = f"erlen --no-debug --app {procfile(site.application)}"
    if site.project.variables is not None:
        yield f"{erlen} env --check .env.example"
    if site.has_migrations:
        yield f"{erlen} db upgrade"
