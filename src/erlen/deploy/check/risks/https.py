"""Risks of plain HTTP: no redirect to HTTPS, no HSTS, and pages without the headers that browsers ask for."""

from __future__ import annotations

import ast
import os
import typing as t
from datetime import timedelta

from ..finding import Finding, Kind, Level
from . import written
from .environment import place_of_variable
from .middleware import hook_owner

if t.TYPE_CHECKING:
    from ..examined import Examined

NOT_FORCED = Kind(
    "https-not-forced",
    Level.WARNING,
    "Pages, passwords and cookies go over plain HTTP, where whoever is on the way reads and changes them.",
)
NO_HSTS = Kind(
    "hsts-missing",
    Level.WARNING,
    "Browsers begin each visit with plain HTTP, and whoever is on the way can keep them there.",
)
SHORT_HSTS = Kind(
    "hsts-short",
    Level.INFO,
    "Browsers forget it between two visits, and begin the next one with plain HTTP.",
)
PRELOAD = Kind(
    "hsts-preload-refused",
    Level.ERROR,
    "The application does not start with it: each request is an error.",
)
SCHEME = Kind(
    "preferred-url-scheme",
    Level.WARNING,
    "Links that are made outside of a request, as in mails by a job, begin with plain HTTP.",
)
NO_HEADERS = Kind(
    "security-headers-missing",
    Level.INFO,
    "Pages of other sites may show these pages in a frame, and a script that gets in runs.",
)
OAUTH = Kind(
    "oauth-insecure",
    Level.ERROR,
    "Log-ins by OAuth are accepted over plain HTTP, with the tokens in them.",
)

_SHORTEST_HSTS = 30 * 86_400  # seconds
_YEAR = 31_536_000
_HSTS_HEADER = "strict-transport-security"
_PAGE_HEADERS = ("content-security-policy", "x-frame-options")
_INSECURE_OAUTH = ("OAUTHLIB_INSECURE_TRANSPORT", "AUTHLIB_INSECURE_TRANSPORT")


def check_https(examined: Examined) -> t.Iterator[Finding]:
    """Find an application that answers over plain HTTP."""
    app = examined.app
    talisman = _talisman(examined)
    forced = app.config["FORCE_HTTPS"] or (talisman is not None and talisman.force_https)
    if not forced and "sslify" not in app.extensions and not _asks_whether_secure(examined):
        place = written.place_of_setting(examined, "FORCE_HTTPS")
        yield NOT_FORCED.found("FORCE_HTTPS is not set.", place, write='app.config["FORCE_HTTPS"] = True')
    if forced and app.config["SERVER_NAME"] and app.config["PREFERRED_URL_SCHEME"] != "https":
        place = written.place_of_setting(examined, "PREFERRED_URL_SCHEME")
        line = 'app.config["PREFERRED_URL_SCHEME"] = "https"'
        yield SCHEME.found("PREFERRED_URL_SCHEME is 'http', and HTTPS is forced.", place, write=line)


def check_hsts(examined: Examined) -> t.Iterator[Finding]:
    """Find HSTS that is missing, too short, or refused by the application."""
    config = examined.app.config
    talisman = _talisman(examined)
    seconds = _seconds(config["HSTS_SECONDS"])
    place = written.place_of_setting(examined, "HSTS_SECONDS")
    if talisman is not None and talisman.strict_transport_security and not seconds:
        seconds = _seconds(talisman.strict_transport_security_max_age)
        place = written.place_of_call(examined, "Talisman")
    line = f'app.config["HSTS_SECONDS"] = {_YEAR}'
    if not seconds:
        if not _names_header(examined, _HSTS_HEADER):
            yield NO_HSTS.found("HSTS_SECONDS is not set.", place, write=line)
    elif seconds < _SHORTEST_HSTS:
        yield SHORT_HSTS.found(f"HSTS holds for {seconds} seconds.", place, write=line)
    is_enough = config["HSTS_INCLUDE_SUBDOMAINS"] and seconds >= _YEAR
    if config["HSTS_PRELOAD"] and config["HSTS_SECONDS"] is not None and not is_enough:
        place = written.place_of_setting(examined, "HSTS_PRELOAD")
        what = f"HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS, and HSTS_SECONDS of {_YEAR} or more."
        yield PRELOAD.found(what, place, write='app.config["HSTS_PRELOAD"] = False')


def check_headers(examined: Examined) -> t.Iterator[Finding]:
    """Find pages that no program gives the headers which limit what other sites and scripts may do."""
    folder = examined.app.template_folder
    has_pages = folder is not None and any(True for _ in written.calls(examined, "render_template"))
    if not has_pages or _talisman(examined) is not None:
        return
    if not any(_names_header(examined, header) for header in _PAGE_HEADERS):
        yield NO_HEADERS.found(
            "No program sets Content-Security-Policy or X-Frame-Options.",
            written.place_of_call(examined, "render_template"),
            write="""response.headers["Content-Security-Policy"] = "frame-ancestors 'self'\"""",
        )


def check_oauth(examined: Examined) -> t.Iterator[Finding]:
    """Find the variable by which libraries of OAuth accept plain HTTP."""
    for variable in _INSECURE_OAUTH:
        if os.environ.get(variable):
            place = place_of_variable(variable) or next(
                (at for at, _ in written.assignments(examined, variable)), None
            )
            yield OAUTH.found(f"{variable} is set.", place, write=f"unset {variable}")


def _talisman(examined: Examined) -> t.Any:
    return hook_owner(examined.app, "flask_talisman", "Talisman")


def _seconds(given: object) -> int:
    if isinstance(given, timedelta):
        return int(given.total_seconds())
    return given if isinstance(given, int) else 0


def _asks_whether_secure(examined: Examined) -> bool:
    """Tell whether a program looks at the scheme of requests: then it may redirect by itself."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "is_secure"
        for source in written.programs(examined)
        for node in source.nodes
    )


def _names_header(examined: Examined, header: str) -> bool:
    return any(header in (source.text or "").lower() for source in written.programs(examined))
