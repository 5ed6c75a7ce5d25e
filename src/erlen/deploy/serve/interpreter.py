"""How another interpreter is started as this one was."""

from __future__ import annotations

import os
import sys
import typing as t

# Options of `python` whose value may be a word of its own.
_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")
# What comes behind one of these belongs to the program.
_LAST = ("-c", "-m", "-")


def options_of(words: t.Sequence[str]) -> list[str]:
    """Return the options of the interpreter in a command line, which begins with its path."""
    options: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word in _LAST or not word.startswith("-"):
            break
        options.append(word)
        if word in _WITH_VALUE:
            options += [value for value in [next(rest, None)] if value is not None]
    return options


def path_called() -> str:
    """Return the path of this interpreter, by the folder that the program was called in.

    `/srv/shop/current/.venv/bin/erlen` may be a script of a release, whose first line names the interpreter
    by the path `/srv/shop/releases/1/…`. What counts is the link `current`: it leads to another one later.
    """
    program = _program_of(sys.orig_argv)
    folder, name = os.path.split(sys.executable)
    if program is not None and os.path.isfile(program):
        called_in = os.path.dirname(os.path.abspath(program))
        if os.path.isfile(os.path.join(called_in, name)) and os.path.samefile(called_in, folder):
            return os.path.join(called_in, name)
    return sys.executable


def _program_of(words: t.Sequence[str]) -> str | None:
    """Return the path of the script in a command line; None where there is none, as with `-m`."""
    rest = words[1 + len(options_of(words)) :]
    return None if not rest or rest[0] in _LAST else rest[0]


def followed(interpreter: str) -> str:
    """Return the path of an interpreter without links to folders, where they lead now.

    It imports from that release for ever, also what it imports after the link has moved. The interpreter
    itself is often a link, to one that is outside of the environment: that link is not followed.
    """
    folder, name = os.path.split(interpreter)
    return os.path.join(os.path.realpath(folder), name)


def command_for(module: str, *arguments: str, interpreter: str | None = None) -> list[str]:
    """Return the command that runs *module* with the options of this interpreter (-W, -X, -O, …)."""
    executable = sys.executable if interpreter is None else followed(interpreter)
    return [executable, *options_of(sys.orig_argv), "-m", module, *arguments]
