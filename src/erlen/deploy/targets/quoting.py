"""Texts as words of each file format; what a format cannot hold is an error.

Paths, hosts, users and prefixes come from configurations and options: each may hold spaces, quotes, `;`, `$`,
`{` or line breaks, and must mean the same in each file.
"""

from __future__ import annotations

import json
import shlex


class Unquotable(ValueError):
    """A text that a file format cannot hold."""


def shell(text: str) -> str:
    """Return a word for a POSIX shell."""
    _refuse(text, "a shell script", "\0")
    return shlex.quote(text)


def yaml(text: str) -> str:
    """Return a double-quoted scalar; JSON's strings are YAML's, too."""
    _refuse_surrogates(text, "YAML")
    return json.dumps(text)


def _refuse(text: str, where: str, characters: str) -> None:
    _refuse_surrogates(text, where)
    for character in characters:
        if character in text:
            raise Unquotable(f"{text!r} has {character!r} in it, which {where} cannot hold.")


def _refuse_surrogates(text: str, where: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unquotable(f"{text!r} is no text that {where} can hold.") from None
