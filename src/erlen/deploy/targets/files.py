"""One generated file: its text, its head comment, and the fingerprint that shows later changes."""

from __future__ import annotations

import hashlib
import re
import typing as t
from importlib.metadata import version

if t.TYPE_CHECKING:
    from .site import Site

_FINGERPRINT = re.compile(r"^# fingerprint: ([0-9a-f]{16})$", re.MULTILINE)


class File(t.NamedTuple):
    """A file of a target, without its head comment. All formats that are written take `#` for a comment."""

    # From the folder that is written to, with "/": "nginx/shop.conf".
    path: str
    text: str
    # How to put it in place, as lines for the head comment and for the next steps.
    apply: tuple[str, ...] = ()
    mode: int = 0o644


def with_head(file: File, target: str, site: Site) -> str:
    """Return the whole text of a file: who made it, from what, how it is applied, and its fingerprint.

    A first line that begins with `#!`, and one that says `# syntax=`, stays the first.
    """
    first, text = "", file.text
    if text.startswith(("#!", "# syntax=")):
        first, _, text = text.partition("\n")
        first += "\n"
    lines = [
        f"Made by 'erlen deploy {target}' (Erlen {version('erlen')}) for {printable(site.application)}.",
        *file.apply,
    ]
    head = first + "".join(f"# {printable(line)}\n" for line in lines)
    body = f"\n{text}"
    return f"{head}# fingerprint: {_fingerprint(head, body)}\n{body}"


def is_unchanged(text: str) -> bool:
    """Tell whether a file is still as it was written; false of one that was not written here."""
    found = _FINGERPRINT.search(text)
    if found is None:
        return False
    head, body = text[: found.start()], text[found.end() + 1 :]
    return found[1] == _fingerprint(head, body)


def printable(text: str) -> str:
    """Return a text on one line, with what cannot be printed escaped."""
    # SECURITY: a line break in a name would end the comment.
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )


def _fingerprint(head: str, body: str) -> str:
    content = (head + body).encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:16]
