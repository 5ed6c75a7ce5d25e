"""The domain of the session cookie, which was that of SERVER_NAME."""

from __future__ import annotations

import typing as t
import warnings

from ..app import SEAMS
from ..sessions import SessionInterface
from .helpers import is_ip

if t.TYPE_CHECKING:
    from .changes import Changes


def _get_cookie_domain(self: SessionInterface, app: t.Any) -> str | None:
    """Return SESSION_COOKIE_DOMAIN; without it the host of SERVER_NAME, and those below it."""
    domain: str | bool | None = app.config["SESSION_COOKIE_DOMAIN"]
    if domain is not None:
        return str(domain) if domain else None
    host = (app.config["SERVER_NAME"] or "").rpartition("@")[2].partition(":")[0].lstrip(".")
    if not host:
        return None
    if "." not in host:
        warnings.warn(
            f'"{host}" is not a valid cookie domain: it needs a dot in it. The session cookie is for this'
            f' host only. Use a name such as "{host}.localdomain", or set SESSION_COOKIE_DOMAIN to False.',
            stacklevel=2,
        )
        return None
    if is_ip(host):
        warnings.warn(
            "The session cookie domain is an IP address, which some browsers do not take. Use a name instead,"
            " or set SESSION_COOKIE_DOMAIN to False.",
            stacklevel=2,
        )
        return host
    return f".{host}" if self.get_cookie_path(app) == "/" else host


def add(changes: Changes, level: str) -> None:
    """Derive the domain from SERVER_NAME again."""
    changes.set_as_own(
        SEAMS.session_interface, "get_cookie_domain", _get_cookie_domain, owner=SessionInterface
    )
