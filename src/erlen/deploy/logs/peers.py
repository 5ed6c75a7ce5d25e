"""Who sent a request, and whether its headers may be believed."""

from __future__ import annotations

import typing as t

from ...gateway.asgi.environ import MalformedScope
from ...gateway.asgi.proxies import apply_proxies

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from ... import Erlen

# What servers call a peer that has no address: it came by a Unix socket.
_UNIX = ("", "localhost", "0.0.0.0")


def came_by_trusted_proxy(told: t.Mapping[str, t.Any]) -> bool:
    """Tell by its environ or scope whether a request may bring its id: a proxy of TRUSTED_PROXIES sent it."""
    return "erlen.proxy" in told


def name_of(address: object) -> str:
    """Return a peer as the logs write it: its address, or ``unix``."""
    return "unix" if not isinstance(address, str) or address in _UNIX or "/" in address else address


def peer_of_scope(scope: t.Mapping[str, t.Any]) -> str:
    """Return the address that the connection came from, whatever headers say."""
    client = scope.get("client")
    return name_of(client[0] if isinstance(client, (tuple, list)) and client else None)


def client_of_environ(environ: WSGIEnvironment) -> str:
    """Return the client's address: that of the peer, unless a ProxyFix has put in another."""
    return name_of(environ.get("REMOTE_ADDR"))


def client_of_scope(app: Erlen, scope: t.Mapping[str, t.Any]) -> str:
    """Return the client's address: that of the peer, unless a proxy has told another."""
    proxies = app.request_planner.own(app).proxies
    if proxies:
        try:
            return peer_of_scope(apply_proxies(dict(scope), proxies))
        except MalformedScope:
            pass
    return peer_of_scope(scope)
