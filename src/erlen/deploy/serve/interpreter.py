"""How another interpreter is started as this one was."""

from __future__ import annotations

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


def command_for(module: str, *arguments: str) -> list[str]:
    """Return the command that runs *module* with the options of this interpreter (-W, -X, -O, …)."""
    return [sys.executable, *options_of(sys.orig_argv), "-m", module, *arguments]
