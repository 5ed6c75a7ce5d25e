"""Rules of the application as regular expressions of fronts."""

from __future__ import annotations

import re

_VARIABLE = re.compile(r"<(?:(?P<converter>[A-Za-z_]\w*)(?:\(.*?\))?:)?[A-Za-z_]\w*>")
# Converters whose values have no slash; any other may have one.
_WITHOUT_SLASHES = (None, "default", "string", "int", "float", "uuid", "any")


def pattern_of(rule: str) -> str:
    """Return a regular expression for all paths that a rule may match, without anchors: `/chat/[^/]+`."""
    parts = []
    end = 0
    for variable in _VARIABLE.finditer(rule):
        parts.append(re.escape(rule[end : variable.start()]))
        parts.append("[^/]+" if variable["converter"] in _WITHOUT_SLASHES else ".+")
        end = variable.end()
    parts.append(re.escape(rule[end:]))
    return "".join(parts)
