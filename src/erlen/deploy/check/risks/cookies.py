"""Risks of cookies: of the session, and of Flask-Login's memory of who is logged in."""

from __future__ import annotations

import ast
import typing as t
from datetime import timedelta

from erlen.sessions import SessionInterface

from ..finding import Finding, Kind, Level
from . import written

if t.TYPE_CHECKING:
    from ..examined import Examined

_PLAIN = (
    "The browser sends the cookie over plain HTTP as well, where whoever is on the way reads it"
    " and has the session."
)
_READABLE = "A script that got into a page reads the cookie and sends it away."
_CROSS_SITE = "Browsers differ in when they send it with requests that pages of other sites make."

INSECURE = Kind("session-cookie-insecure", Level.WARNING, _PLAIN)
READABLE = Kind("session-cookie-readable", Level.WARNING, _READABLE)
SAMESITE = Kind("session-cookie-samesite", Level.WARNING, _CROSS_SITE)
REFUSED = Kind(
    "session-cookie-refused",
    Level.ERROR,
    "Browsers refuse such a cookie, so nobody has a session or can log in.",
)
NAME = Kind(
    "session-cookie-name",
    Level.INFO,
    "A page of another subdomain, or of plain HTTP, can put its own cookie in place of this one.",
)
DOMAIN = Kind(
    "session-cookie-domain",
    Level.INFO,
    "The cookie is sent to all subdomains: each of them can take over the sessions of this site.",
)
LIFETIME = Kind(
    "session-lifetime-long",
    Level.WARNING,
    "A copied cookie is valid as long as this: the server has nothing that it could delete.",
)
REMEMBER_INSECURE = Kind("remember-cookie-insecure", Level.WARNING, _PLAIN)
REMEMBER_READABLE = Kind("remember-cookie-readable", Level.WARNING, _READABLE)
REMEMBER_SAMESITE = Kind("remember-cookie-samesite", Level.WARNING, _CROSS_SITE)

_LONGEST = timedelta(days=366)


class _Flags(t.NamedTuple):
    """What a cookie of the session is sent with."""

    name: str
    secure: bool
    httponly: bool
    samesite: str | None
    domain: str | None
    path: str
    partitioned: bool


def check_session_cookie(examined: Examined) -> t.Iterator[Finding]:
    """Find flags that the session cookie lacks, if there can be one."""
    app = examined.app
    if not app.config["SECRET_KEY"] or not isinstance(app.session_interface, SessionInterface):
        return
    flags = _flags(examined)
    refusal = _refusal(flags)
    if refusal is not None:
        place = written.place_of_setting(examined, refusal[1])
        yield REFUSED.found(refusal[0], place, write='app.config["SESSION_COOKIE_SECURE"] = True')
    elif not flags.secure:
        yield _missing(examined, INSECURE, "SESSION_COOKIE_SECURE", "True")
    if not flags.httponly:
        yield _missing(examined, READABLE, "SESSION_COOKIE_HTTPONLY", "True")
    if flags.samesite is None:
        yield _missing(examined, SAMESITE, "SESSION_COOKIE_SAMESITE", '"Lax"')
    yield from _reach(examined, flags)


def check_lifetime(examined: Examined) -> t.Iterator[Finding]:
    """Find sessions that are valid for more than a year."""
    if examined.app.config["SECRET_KEY"] and examined.app.permanent_session_lifetime > _LONGEST:
        days = examined.app.permanent_session_lifetime.days
        place = written.place_of_setting(examined, "PERMANENT_SESSION_LIFETIME")
        line = 'app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=31)'
        yield LIFETIME.found(f"PERMANENT_SESSION_LIFETIME is {days} days.", place, write=line)


def check_remember_cookie(examined: Examined) -> t.Iterator[Finding]:
    """Find flags that Flask-Login's cookie lacks, where somebody is remembered."""
    if not hasattr(examined.app, "login_manager") or not _remembers(examined):
        return
    config = examined.app.config
    if not config.get("REMEMBER_COOKIE_SECURE"):
        yield _missing(examined, REMEMBER_INSECURE, "REMEMBER_COOKIE_SECURE", "True")
    if not config.get("REMEMBER_COOKIE_HTTPONLY", True):
        yield _missing(examined, REMEMBER_READABLE, "REMEMBER_COOKIE_HTTPONLY", "True")
    if config.get("REMEMBER_COOKIE_SAMESITE") is None:
        yield _missing(examined, REMEMBER_SAMESITE, "REMEMBER_COOKIE_SAMESITE", '"Lax"')


def _flags(examined: Examined) -> _Flags:
    app = examined.app
    interface = app.session_interface
    samesite = interface.get_cookie_samesite(app)
    return _Flags(
        name=str(interface.get_cookie_name(app)),
        secure=interface.get_cookie_secure(app),
        httponly=interface.get_cookie_httponly(app),
        samesite=samesite if samesite is None else str(samesite),
        domain=interface.get_cookie_domain(app),
        path=interface.get_cookie_path(app),
        partitioned=interface.get_cookie_partitioned(app),
    )


def _refusal(flags: _Flags) -> tuple[str, str] | None:
    """Return why browsers refuse a cookie, and the setting that is to blame; None where they take it."""
    if flags.name.startswith("__Host-") and (flags.domain or flags.path != "/"):
        key = "SESSION_COOKIE_DOMAIN" if flags.domain else "SESSION_COOKIE_PATH"
        return "A cookie whose name begins with '__Host-' has no Domain, and '/' as its Path.", key
    if flags.secure:
        return None
    if flags.name.startswith(("__Host-", "__Secure-")):
        return f"A cookie named {flags.name[:40]!r} needs the flag Secure.", "SESSION_COOKIE_NAME"
    if flags.samesite is not None and flags.samesite.lower() == "none":
        return "A cookie with SameSite=None needs the flag Secure.", "SESSION_COOKIE_SAMESITE"
    if flags.partitioned:
        return "A partitioned cookie needs the flag Secure.", "SESSION_COOKIE_PARTITIONED"
    return None


def _reach(examined: Examined, flags: _Flags) -> t.Iterator[Finding]:
    """Yield what is to be said of who else gets the cookie, or can set it."""
    if flags.domain:
        place = written.place_of_setting(examined, "SESSION_COOKIE_DOMAIN")
        line = 'app.config["SESSION_COOKIE_DOMAIN"] = None'
        yield DOMAIN.found("SESSION_COOKIE_DOMAIN is set.", place, write=line)
    elif flags.secure and flags.path == "/" and not flags.name.startswith("__Host-"):
        place = written.place_of_setting(examined, "SESSION_COOKIE_NAME")
        line = 'app.config["SESSION_COOKIE_NAME"] = "__Host-session"'
        yield NAME.found("The name of the session cookie does not begin with '__Host-'.", place, write=line)


def _missing(examined: Examined, kind: Kind, key: str, value: str) -> Finding:
    place = written.place_of_setting(examined, key)
    return kind.found(
        f"{key} is {examined.app.config.get(key)!r}.", place, write=f'app.config["{key}"] = {value}'
    )


def _remembers(examined: Examined) -> bool:
    """Tell whether a program lets Flask-Login remember somebody: it says so, or leaves that to a form."""
    for _, call in written.calls(examined, "login_user"):
        given = next((word.value for word in call.keywords if word.arg == "remember"), None)
        given = given if given is not None or len(call.args) < 2 else call.args[1]
        if given is not None and not (isinstance(given, ast.Constant) and given.value is False):
            return True
    return False
