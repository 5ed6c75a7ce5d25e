"""What other packages removed since Flask 1.1's time: Werkzeug, Jinja, ItsDangerous, Click, Python itself.

Kept apart from Flask's own names, and asked for as such: ``legacy="1.1+libraries"``, and
``ERLEN_LEGACY=1.1+libraries``. ``removed.py`` has the table of the names; what nobody has any more is in the
other modules. No library is imported for it: a module gets its old names when it is there (``arrival.py``).
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ..changes import Changes


def add(changes: Changes, level: str) -> None:
    """Give other packages their old names, whichever *level* of Flask's was asked for."""
    from . import arrival, behaviour

    behaviour.add(changes, arrival.add(changes))
