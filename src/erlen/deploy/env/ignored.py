"""Whether git would take a file with secrets along."""

from __future__ import annotations

import os
import re

from .git import CannotAsk, ask


def advice_on(path: str) -> str | None:
    """Return what to do so that git leaves a file alone; None if nothing is to be done."""
    folder, name = os.path.split(os.path.realpath(path))
    line = ignore_line(name)
    try:
        if ask(folder, "ls-files", "--error-unmatch", "--", f":(literal){name}").status == 0:
            return (
                f"git tracks {name!r}: whoever has the repository can read it, and its history keeps it."
                f" Take it out ('git rm --cached'), add the line {line} to .gitignore, and make another key."
            )
        if ask(folder, "check-ignore", "-q", "--", name).status == 1:
            return f"git does not ignore {name!r}. Add this line to .gitignore: {line}"
    except CannotAsk:
        if _is_in_a_repository(folder):
            return f"git could not be asked whether it ignores {name!r}. See that .gitignore has: {line}"
    return None


def ignore_line(name: str) -> str:
    """Return the line for `.gitignore` that means this file name."""
    line = re.sub(r"([\\*?\[]|^[#!]| (?= *$))", r"\\\1", name)
    return line


def _is_in_a_repository(folder: str) -> bool:
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True
