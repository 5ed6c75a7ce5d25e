"""Risks of proxies: headers that are believed from everybody, or from nobody."""

from __future__ import annotations

import ast
import ipaddress
import os
import re
import typing as t

from ..finding import Finding, Kind, Level, Place
from . import written
from .environment import place_of_variable
from .middleware import is_a, middleware_of

if t.TYPE_CHECKING:
    from ..examined import Examined

EVERYBODY = Kind(
    "proxies-everybody",
    Level.WARNING,
    "Whoever can connect to the server directly says which address and scheme the request has.",
)
NO_HOPS = Kind(
    "proxies-without-hops",
    Level.ERROR,
    "The application does not start with it: each request is an error.",
)
FIX_EVERYBODY = Kind(
    "proxy-fix-everybody",
    Level.INFO,
    "ProxyFix does not ask who sends the headers: whoever can connect directly says which address they have.",
)
FIX_HOPS = Kind(
    "proxy-fix-hops",
    Level.WARNING,
    "With fewer proxies than this a client writes its own address, and passes for anybody.",
)
FIX_HOST = Kind(
    "proxy-fix-host",
    Level.WARNING,
    "Most proxies pass X-Forwarded-Host on as the client wrote it, and links lead to that host.",
)
TWICE = Kind(
    "proxies-twice",
    Level.WARNING,
    "ProxyFix reads the headers once more, from everybody, and undoes what TRUSTED_PROXIES has decided.",
)
UNTRUSTED = Kind(
    "proxies-missing",
    Level.WARNING,
    "Every client seems to have the proxy's address, and HTTPS is not seen: a redirect to it never ends.",
)
UNKNOWN = Kind(
    "proxies-unknown",
    Level.INFO,
    "If a proxy ends TLS, each request looks like plain HTTP, and the redirect leads round in a circle.",
)
SERVER = Kind(
    "forwarded-allow-ips",
    Level.WARNING,
    "The server believes headers of everybody before the application sees who has sent them.",
)

# Variables that platforms set where their own proxy is always in front.
_PLATFORMS = ("DYNO", "K_SERVICE", "RENDER", "FLY_APP_NAME", "WEBSITE_INSTANCE_ID")
_TRUST = 'app.config["TRUSTED_PROXIES"] = ["127.0.0.1"]'


def check_trusted_proxies(examined: Examined) -> t.Iterator[Finding]:
    """Find TRUSTED_PROXIES that is everybody."""
    app = examined.app
    names = _words(app.config["TRUSTED_PROXIES"])
    everybody = next((name for name in names if _is_everybody(name)), None)
    if everybody is None:
        return
    place = written.place_of_setting(examined, "TRUSTED_PROXIES")
    what = f"TRUSTED_PROXIES has {everybody!r}, which is everybody."
    if app.config["TRUSTED_PROXY_HOPS"] is None:
        yield NO_HOPS.found(f"{what} TRUSTED_PROXY_HOPS is missing.", place, write=_TRUST)
    elif not any(variable in os.environ for variable in _PLATFORMS):
        yield EVERYBODY.found(what, place, write=_TRUST)


def check_proxy_fix(examined: Examined) -> t.Iterator[Finding]:
    """Find ProxyFix that believes too much, or what TRUSTED_PROXIES has believed already."""
    app = examined.app
    place = written.place_of_call(examined, "ProxyFix")
    for fix in (each for each in middleware_of(app) if is_a(each, "werkzeug", "ProxyFix")):
        hops = getattr(fix, "x_for", 0)
        if _words(app.config["TRUSTED_PROXIES"]):
            yield TWICE.found("There are ProxyFix and TRUSTED_PROXIES.", place, write="Take ProxyFix out.")
        elif hops > 1:
            line = f'{_TRUST[:-1]}, "ADDRESS OF THE OUTER PROXY"]'
            yield FIX_HOPS.found(f"ProxyFix believes {hops} proxies in a row.", place, write=line)
        else:
            yield FIX_EVERYBODY.found("ProxyFix is around the application.", place, write=_TRUST)
        if getattr(fix, "x_host", 0) and not app.config["TRUSTED_HOSTS"]:
            line = 'app.config["TRUSTED_HOSTS"] = ["www.example.com"]'
            yield FIX_HOST.found(
                "ProxyFix believes X-Forwarded-Host, and TRUSTED_HOSTS is not set.", place, write=line
            )


def check_front(examined: Examined) -> t.Iterator[Finding]:
    """Find an application behind a proxy that believes none."""
    app = examined.app
    if _words(app.config["TRUSTED_PROXIES"]):
        return
    if any(is_a(each, "werkzeug", "ProxyFix") for each in middleware_of(app)):
        return
    platform = next((variable for variable in _PLATFORMS if variable in os.environ), None)
    if examined.target.behind_proxy:
        yield UNTRUSTED.found("TRUSTED_PROXIES is not set, and a proxy is in front.", write=_TRUST)
    elif platform is not None:
        line = 'app.config.update(TRUSTED_PROXIES="*", TRUSTED_PROXY_HOPS=1)'
        what = f"TRUSTED_PROXIES is not set, and a proxy is in front where {platform} is set."
        yield UNTRUSTED.found(what, write=line)
    elif app.config["FORCE_HTTPS"]:
        yield UNKNOWN.found("FORCE_HTTPS is on, and TRUSTED_PROXIES is not set.", write=_TRUST)


def check_server(examined: Examined) -> t.Iterator[Finding]:
    """Find servers that are told to believe everybody."""
    variable = "FORWARDED_ALLOW_IPS"
    if os.environ.get(variable, "").strip() == "*":
        yield SERVER.found(f"{variable} is '*'.", place_of_variable(variable), write=f"{variable}=127.0.0.1")
    for source in written.programs(examined):
        for node in source.tree.body if source.tree and "gunicorn" in source.path.name else ():
            if _sets_everybody(node):
                place = Place(source.path, node.lineno)
                yield SERVER.found(
                    "forwarded_allow_ips is '*'.", place, write='forwarded_allow_ips = "127.0.0.1"'
                )


def _words(given: object) -> list[str]:
    items = given if isinstance(given, (list, tuple, set, frozenset)) else [] if given is None else [given]
    return [word for item in items for word in re.split(r"[\s,]+", str(item)) if word]


def _is_everybody(name: str) -> bool:
    try:
        return name == "*" or ipaddress.ip_network(name).prefixlen == 0
    except ValueError:
        return False


def _sets_everybody(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and any(
            isinstance(target, ast.Name) and target.id == "forwarded_allow_ips" for target in node.targets
        )
        and isinstance(node.value, ast.Constant)
        and node.value.value == "*"
    )
