"""Plain data as YAML in block style, with comments. Keys and texts are quoted where a reader needs it."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping, Sequence

from .files import printable
from .quoting import yaml

Value: t.TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value]"

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
# What YAML 1.1, which most tools read, takes for something else than a text.
_NOT_TEXT = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


class Comment(str):
    """A key whose text becomes lines of comment above the next key; its value is left out."""

    __slots__ = ()


def yaml_text(value: Mapping[str, Value]) -> str:
    """Return a mapping as a document of YAML. Raises `Unquotable`."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(key, item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            first, *rest = [_scalar(item)] if _is_scalar(item) else _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)


def _entry(key: str, item: Value) -> Iterator[str]:
    if isinstance(key, Comment):
        yield from (f"# {printable(line)}" for line in key.splitlines())
    elif _is_scalar(item):
        yield f"{_scalar(key)}: {_scalar(item)}"
    else:
        yield f"{_scalar(key)}:"
        yield from (f"  {line}" for line in _lines(item))


def _is_scalar(value: Value) -> bool:
    return isinstance(value, str | int) or not value


def _scalar(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT else yaml(value)
    return "{}" if isinstance(value, Mapping) else "[]"
