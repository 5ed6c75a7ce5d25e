"""What is around an application: its WSGI middleware, and the objects whose hooks it has."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from erlen import Erlen

# Where middleware usually keeps what it is around.
_INNER = ("app", "wsgi_app", "application", "_app")
# A wrapper could be around itself.
_MOST = 50


def middleware_of(app: Erlen) -> list[object]:
    """Return the middleware of an application, outermost first, as far as it says what it is around."""
    found: list[object] = []
    current: object = vars(app).get("wsgi_app")
    while current is not None and getattr(current, "__self__", None) is not app and len(found) < _MOST:
        found.append(current)
        attributes: dict[str, object] = getattr(current, "__dict__", {})
        current = next((attributes[name] for name in _INNER if callable(attributes.get(name))), None)
    return found


def is_a(given: object, module: str, name: str) -> bool:
    """Tell whether an object is of a class, or of one below it; that is not imported for the question."""
    return any(
        (kind.__module__.split(".")[0], kind.__name__) == (module, name) for kind in type(given).__mro__
    )


def hook_owner(app: Erlen, module: str, name: str) -> t.Any:
    """Return the object of a class whose method runs before each request; None if there is none."""
    owners = (getattr(hook, "__self__", None) for hook in app.before_request_funcs.get(None, ()))
    return next((owner for owner in owners if is_a(owner, module, name)), None)
