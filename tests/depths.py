"""How deep data must be nested so that parsers give it up."""

from __future__ import annotations

import sys

# Before Python 3.14 the interpreter counts calls of C functions; since then it looks at what is left of the
# stack, so that json and msgspec take some ten thousand levels.
TOO_DEEP = 50_000 if sys.version_info < (3, 14) else 400_000
