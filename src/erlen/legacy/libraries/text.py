"""Small functions of Werkzeug and Click."""

from __future__ import annotations

import html
import os
import string
import sys
import typing as t

can_rename_open_file = os.name != "nt"


def format_string(string_: str, context: t.Mapping[str, object]) -> str:
    """Put the values of *context* for ``$name`` and ``${name}`` in a text."""
    return string.Template(string_).substitute({name: str(value) for name, value in context.items()})


def escape(s: t.Any) -> str:
    """Escape ``&``, ``<``, ``>`` and ``"``; None is an empty text, and markup stays as it is."""
    if s is None:
        return ""
    if hasattr(s, "__html__"):
        return str(s.__html__())
    return html.escape(str(s), quote=False).replace('"', "&quot;")


def get_os_args() -> list[str]:
    """Return the arguments of this process, without the name of its program."""
    return sys.argv[1:]
