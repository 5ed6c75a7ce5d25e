"""Who sent a request, and whether its headers may be believed."""

from __future__ import annotations

import typing as t

from ...gateway.asgi.environ import MalformedScope, make_environ
from ...gateway.asgi.proxies import apply_proxies

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from ... import Erlen

# What servers call a peer that has no address: it came by a Unix socket.
_UNIX = ("", "localhost", "0.0.0.0")


def is_trusted_peer(peer: str, config: t.Mapping[str, t.Any]) -> bool:
    """Tell whether the peer with this address may name the id of a request. By default nobody may."""
    return False


def name_of(address: object) -> str:
    """Return a peer as the logs write it: its address, or ``unix``."""
    return "unix" if not isinstance(address, str) or address in _UNIX or "/" in address else address


def peer_of_environ(environ: WSGIEnvironment) -> str:
    """Return the address that the connection came from, whatever headers say."""
    before: t.Any = environ.get("werkzeug.proxy_fix.orig") or {}
    return name_of(before.get("REMOTE_ADDR") or environ.get("REMOTE_ADDR"))


def peer_of_scope(scope: t.Mapping[str, t.Any]) -> str:
    """Return the address that the connection came from, whatever headers say."""
    client = scope.get("client")
    return name_of(client[0] if isinstance(client, (tuple, list)) and client else None)


def client_of_environ(environ: WSGIEnvironment) -> str:
    """Return the client's address: that of the peer, unless a ProxyFix has put in another."""
    return name_of(environ.get("REMOTE_ADDR"))


def client_of_scope(app: Erlen, scope: t.Mapping[str, t.Any]) -> str:
    """Return the client's address: that of the peer, unless the application has a ProxyFix."""
    proxies = app.request_planner.own(app).proxies
    if proxies:
        try:
            return client_of_environ(apply_proxies(make_environ(dict(scope)), proxies))
        except MalformedScope:
            pass
    return peer_of_scope(scope)
