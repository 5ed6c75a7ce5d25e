"""A secret key in the text of an environment file: put there, or put in place of an earlier one."""

from __future__ import annotations

import json
import secrets
import typing as t

from .statements import Statement, line_of, statements, values_of

BYTES = 32


class KeyIsSet(Exception):
    """The file has a key, which was not to be replaced."""


class NotWritable(Exception):
    """The file cannot be written to without losing something; the message says what to do."""


def new_key() -> str:
    """Return a key that nobody can guess."""
    return secrets.token_urlsafe(BYTES)


def fallbacks_name(name: str) -> str:
    """Return the name of the variable with the keys that were in use before."""
    return f"{name}_FALLBACKS"


def with_key(text: str, name: str, key: str, *, rotate: bool) -> str:
    """Return the text of a file with *key* as the variable *name*; everything else stays as it is.

    With *rotate*, a key that is there becomes the first of the fallbacks, which are a list in JSON. Raises
    KeyIsSet without *rotate*, NotWritable where the result would not be read as meant.
    """
    found = _last(text, name)
    before = found.value if found is not None else None
    if before and not rotate:
        raise KeyIsSet
    written: dict[str, t.Any] = {name: key}
    if before:
        written[fallbacks_name(name)] = json.dumps([before, *_fallbacks(text, name)]).replace("'", r"\u0027")
    changed = text
    for each in reversed(written):
        changed = _with_value(changed, each, written[each], after=name)
    if values_of(changed) != {**values_of(text), **written}:
        raise NotWritable(_problem(text))
    return changed


def _last(text: str, name: str) -> Statement | None:
    """Return the statement that counts: the last one with the name."""
    return next((each for each in reversed(statements(text)) if each.name == name), None)


def _fallbacks(text: str, name: str) -> list[str]:
    variable = fallbacks_name(name)
    value = values_of(text).get(variable)
    if not value:
        return []
    try:
        keys = json.loads(value)
    except ValueError:
        keys = None
    if not isinstance(keys, list) or not all(isinstance(each, str) for each in keys):
        raise NotWritable(
            f'{variable} is no list in JSON, as ["one", "two"]: write it so first, or they are lost.'
        )
    return keys


def _with_value(text: str, name: str, value: str, *, after: str) -> str:
    """Return the text with a value in its place; a new line goes behind *after*, or to the end."""
    raw = value if value.replace("-", "").replace("_", "").isalnum() else _quoted(value)
    found = _last(text, name)
    if found is not None:
        equals = "" if found.value is not None else "="
        return f"{text[: found.value_start]}{equals}{raw}{text[found.value_end :]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    neighbour = _last(text, after)
    position = len(text) if neighbour is None else neighbour.end
    above = text[:position]
    gap = newline if above and not above.endswith(("\n", "\r")) else ""
    return f"{above}{gap}{name}={raw}{newline}{text[position:]}"


def _quoted(value: str) -> str:
    # Shells, systemd and python-dotenv read a value in single quotes as one.
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _problem(text: str) -> str:
    bad = next((each for each in statements(text) if not each.is_good), None)
    if bad is None:
        return "What is written there would be read as something else: put the key there by hand."
    line = line_of(text, bad.value_start)
    return f"Line {line} cannot be read as NAME=value: correct it first (is a quote missing?)."
