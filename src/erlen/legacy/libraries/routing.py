"""``werkzeug.routing.parse_rule``: the parts of a rule's text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_VARIABLE = re.compile(
    r"""
    (?P<static>[^<]*)
    <
    (?:(?P<converter>[a-zA-Z_]\w*)(?:\((?P<arguments>.*?)\))?:)?
    (?P<variable>[a-zA-Z_]\w*)
    >
    """,
    re.VERBOSE,
)


def parse_rule(rule: str) -> Iterator[tuple[str | None, str | None, str]]:
    """Yield the parts of a rule as (converter, its arguments, variable): for static text (None, None, text)."""
    position = 0
    seen: set[str] = set()
    for found in iter(lambda: _VARIABLE.match(rule, position), None):
        if found["static"]:
            yield None, None, found["static"]
        if found["variable"] in seen:
            raise ValueError(f"The variable {found['variable']!r} is twice in the rule {rule!r}.")
        seen.add(found["variable"])
        yield found["converter"] or "default", found["arguments"] or None, found["variable"]
        position = found.end()
    rest = rule[position:]
    if "<" in rest or ">" in rest:
        raise ValueError(f"The rule {rule!r} has a '<' or '>' without the other one.")
    if rest:
        yield None, None, rest
