"""Risks of the `Host` header: hosts that are not checked, or never match."""

from __future__ import annotations

import typing as t

from werkzeug.exceptions import SecurityError

from erlen import Request

from ..finding import Finding, Kind, Level
from . import written

if t.TYPE_CHECKING:
    from ..examined import Examined

MISSING = Kind(
    "trusted-hosts-missing",
    Level.WARNING,
    "The host of a request is what the client sends, and links in mails and caches lead there.",
)
WIDE = Kind(
    "trusted-hosts-wide",
    Level.WARNING,
    "Anybody can have a name below it, so a host of theirs is taken for one of this site.",
)
NEVER = Kind(
    "trusted-hosts-never-match",
    Level.ERROR,
    "No host that browsers send equals it: requests for the site that it means are answered with 400.",
)

_KEY = "TRUSTED_HOSTS"


def check_hosts(examined: Examined) -> t.Iterator[Finding]:
    """Find a list of hosts that is missing, that trusts everybody, or that nobody can match."""
    given = getattr(examined.app.request_class, "trusted_hosts", None) or examined.app.config[_KEY]
    place = written.place_of_setting(examined, _KEY)
    if not given:
        line = f'app.config["{_KEY}"] = ["www.example.com"]'
        yield MISSING.found(f"{_KEY} is not set.", place, write=line)
        return
    entries = [given] if isinstance(given, str) else given
    for entry in entries if isinstance(entries, (list, tuple, set, frozenset)) else ():
        if not isinstance(entry, str):
            continue
        shown = ascii(entry[:60])
        if entry.startswith(".") and "." not in entry.strip(".") and entry != ".localhost":
            line = f'app.config["{_KEY}"] = [".example.com"]'
            yield WIDE.found(f"{_KEY} has {shown}, and with it all domains that end so.", place, write=line)
        elif not _can_match(entry):
            line = f'app.config["{_KEY}"] = ["example.com", ".example.com"]'
            what = f"{_KEY} has {shown}. It takes names in lower case, and a dot in front for all below."
            yield NEVER.found(what, place, write=line)


def _can_match(entry: str) -> bool:
    """Tell whether a request for the host that an entry names is accepted by it."""
    try:
        host = entry.removeprefix(".").lower().encode("idna").decode("ascii")
    except UnicodeError:
        return False
    request = Request({"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "HTTP_HOST": host})
    request.trusted_hosts = [entry]
    try:
        return bool(request.host)
    except SecurityError:
        return False
