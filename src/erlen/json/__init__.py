"""JSON as the current application reads and writes it, or as Python does where none is active.

The application does it by its provider, ``app.json`` (``erlen.json.provider``).
"""

from __future__ import annotations

import json as _json
import typing as t

from ..context_proxies import current_app as current_app
from .provider import _default

if t.TYPE_CHECKING:
    from ..wrappers import Response


def dumps(obj: t.Any, **kwargs: t.Any) -> str:
    """Return *obj* as JSON text; keyword arguments go to the provider, or to ``json.dumps``."""
    if current_app:
        text: str = current_app.json.dumps(obj, **kwargs)
        return text
    return _json.dumps(obj, **{"default": _default, **kwargs})


def dump(obj: t.Any, fp: t.IO[str], **kwargs: t.Any) -> None:
    """Write *obj* as JSON to a text file."""
    if current_app:
        current_app.json.dump(obj, fp, **kwargs)
    else:
        _json.dump(obj, fp, **{"default": _default, **kwargs})


def loads(s: str | bytes, **kwargs: t.Any) -> t.Any:
    """Parse JSON text, or JSON in UTF-8 bytes."""
    return (current_app.json if current_app else _json).loads(s, **kwargs)


def load(fp: t.IO[t.AnyStr], **kwargs: t.Any) -> t.Any:
    """Parse the JSON in a file, opened as text or in binary mode."""
    return (current_app.json if current_app else _json).load(fp, **kwargs)


def jsonify(*args: t.Any, **kwargs: t.Any) -> Response:
    """Make a JSON response of one value, of several (a list), or of keyword arguments (an object).

    Without arguments the body is ``null``. Raises TypeError for positional and keyword arguments at
    once, RuntimeError where no application is active.
    """
    response: Response = current_app.json.response(*args, **kwargs)
    return response
