"""Which copy a client may have: `Accept-Encoding` (RFC 9110, section 12.5.3)."""

from __future__ import annotations

import re
from functools import lru_cache

IDENTITY = "identity"
# SECURITY: nobody needs more, and what is remembered of a header is as long as this.
LONGEST = 1024

_item = re.compile(
    r"[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*(?:;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?",
    re.ASCII | re.IGNORECASE,
).fullmatch
_ALIASES = {"x-gzip": "gzip"}


def choose(header: str | None, codings: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codings to try, one after the other; `identity`, the file itself, is always the last.

    *codings* are those that there are, the best first: it decides where a client has no preference. A part of
    the header that cannot be read counts for nothing; a header that is too long is not read. A client that
    accepts nothing gets the file itself, as if it had not said so (section 12.4.1).
    """
    if not header or len(header) > LONGEST or not codings:
        return (IDENTITY,)
    return _choose(header, codings)


@lru_cache(maxsize=256)
def _choose(header: str, codings: tuple[str, ...]) -> tuple[str, ...]:
    weights = _weights(header)
    others = weights.get("*", 0)
    itself = weights.get(IDENTITY, 0)
    accepted = {coding: weights.get(coding, others) for coding in codings}
    # The sort is stable. The file itself comes before those that the client likes less.
    liked = sorted((coding for coding in codings if accepted[coding]), key=lambda coding: -accepted[coding])
    return (*(coding for coding in liked if accepted[coding] >= itself), IDENTITY)


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in header.split(","):
        found = _item(item)
        if found is not None:
            name = found[1].lower()
            # Of several statements on one coding, the first counts.
            weights.setdefault(_ALIASES.get(name, name), float(found[2] or 1))
    return weights
