"""What trusted proxies say of a request: ``X-Forwarded-…``, or ``Forwarded`` (RFC 7239).

A list of addresses is read from its end, where the proxy next to this server has written. Each address
that is a trusted proxy's vouches for the one before it. So whatever a client sends stands before what the
proxies write, and is not reached.
"""

from __future__ import annotations

import re
import typing as t

from ..plan.edge import FORWARDED, UNIX
from ..servers import comes_by_unix_socket

if t.TYPE_CHECKING:
    from ..plan.edge import Address, TrustedProxies

    # Items of an environ that take the place of its own; None where there is none any more.
    Items: t.TypeAlias = dict[str, str | None]

# The item of an environ that says which trusted proxy a request came from. No header can set it.
PROXY = "erlen.proxy"

_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_DEFAULT_PORTS = {"http": "80", "https": "443"}
# SECURITY: these go into addresses that the application makes. `//host`, or dots, would lead elsewhere.
_PREFIX = re.compile(r"(?:/(?!\.\.?(?:/|\Z))[A-Za-z0-9._~-]+)+", re.ASCII)
_HOST = re.compile(r"([A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?", re.ASCII)
_WITH_PORT = re.compile(r"(?:([0-9.]+)|\[([0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?", re.ASCII)
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR = re.compile(rf'({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*)")(?:\s*;\s*|\Z)', re.ASCII)


def forwarded_items(proxies: TrustedProxies, environ: t.Mapping[str, t.Any]) -> Items:
    """Return what trusted proxies say in place of the items of *environ*; nothing from anybody else.

    A host, port, scheme or prefix that is malformed is ignored. Where the address of the client is none, or
    is not told, the request has no address: it must not pass for the proxy's.
    """
    peer = _peer_of(environ)
    if peer is None or not proxies.trust(peer):
        return {}
    stated = _stated_by_forwarded if FORWARDED in proxies.headers else _stated_by_x_forwarded
    said = stated(proxies, environ)
    items: Items = {PROXY: str(peer)}
    if "for" in said:
        items["REMOTE_ADDR"] = said["for"]
        # These are the proxy's own. Of the client's port nothing is told, which uvicorn writes as 0.
        items["REMOTE_PORT"] = None if said["for"] is None else "0"
        items["REMOTE_HOST"] = None
    scheme = _SCHEMES.get((said.get("proto") or "").lower())
    if scheme is not None:
        items["wsgi.url_scheme"] = scheme
        before = environ.get("wsgi.url_scheme")
        if scheme != before and environ.get("SERVER_PORT") == _DEFAULT_PORTS.get(before or "http"):
            items["SERVER_PORT"] = _DEFAULT_PORTS[scheme]
    prefix = (said.get("prefix") or "").rstrip("/")
    if _PREFIX.fullmatch(prefix):
        # The proxy has taken it off before the server took off the path that it serves under.
        items["SCRIPT_NAME"] = prefix + (environ.get("SCRIPT_NAME") or "")
    host, port = said.get("host") or "", said.get("port") or ""
    items.update(_host_items(environ, host, port, scheme or environ.get("wsgi.url_scheme") or "http"))
    return items


def _host_items(environ: t.Mapping[str, t.Any], host: str, port: str, scheme: str) -> Items:
    stated_host, stated_port = split_host(host), port if _is_port(port) else ""
    name, its_port = stated_host or split_host(environ.get("HTTP_HOST") or "") or ("", "")
    if not (stated_host or stated_port):
        return {}
    if not name:
        return {"SERVER_PORT": stated_port}
    usual = _DEFAULT_PORTS.get(scheme, "")
    port = stated_port or its_port or usual
    return {
        "HTTP_HOST": name if port == usual else f"{name}:{port}",
        "SERVER_NAME": name,
        "SERVER_PORT": port,
    }


def split_host(host: str) -> tuple[str, str] | None:
    """Return the name and the port of a host, which may be empty; None for what is no host."""
    found = _HOST.fullmatch(host)
    if found is None or (found[2] is not None and not _is_port(found[2])):
        return None
    return found[1], found[2] or ""


def _is_port(port: str) -> bool:
    return port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536


def _peer_of(environ: t.Mapping[str, t.Any]) -> Address | t.Literal["unix"] | None:
    """Return who is at the other end of the connection; None where the server does not say."""
    if comes_by_unix_socket(environ):
        return UNIX
    # A link-local address has the interface with it.
    return _address(str(environ.get("REMOTE_ADDR")).partition("%")[0])


def _address(text: str) -> Address | None:
    if "%" in text:
        return None  # any text may follow
    from ipaddress import ip_address  # few applications have a proxy to trust

    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A socket for both families says `::ffff:127.0.0.1` for 127.0.0.1.
    return getattr(address, "ipv4_mapped", None) or address


def _stated_by_x_forwarded(proxies: TrustedProxies, environ: t.Mapping[str, t.Any]) -> dict[str, str | None]:
    said: dict[str, str | None] = {}
    lists: dict[str, list[str]] = {}
    for header in proxies.headers:
        values = _split(environ.get(f"HTTP_{header.upper().replace('-', '_')}"))
        if values:
            lists[header.removeprefix("x-forwarded-")] = values
    # How many proxies are believed, which is how far each list is read from its end.
    believed = 1
    if "for" in lists:
        believed, said["for"] = _walk(proxies, reversed(lists.pop("for")))
    for name, values in lists.items():
        said[name] = values[-min(believed, len(values))]
    return said


def _stated_by_forwarded(proxies: TrustedProxies, environ: t.Mapping[str, t.Any]) -> dict[str, str | None]:
    # SECURITY: split before quotes are looked at. Else a quote that a client opens would take in what the
    # proxy adds.
    elements = _split(environ.get("HTTP_FORWARDED"))
    if not elements:
        return {}
    believed, address = _walk(proxies, (_pairs(element).get("for", "") for element in reversed(elements)))
    last = _pairs(elements[-believed])
    return {"for": address, "proto": last.get("proto"), "host": last.get("host")}


def _pairs(element: str) -> dict[str, str]:
    """Return the pairs of an element of ``Forwarded``; none where it is malformed."""
    pairs: dict[str, str] = {}
    at = 0
    while at < len(element):
        found = _PAIR.match(element, at)
        if found is None or found[1].lower() in pairs:
            return {}
        pairs[found[1].lower()] = found[2] if found[2] is not None else re.sub(r"\\(.)", r"\1", found[3])
        at = found.end()
    return pairs


def _split(value: str | None) -> list[str]:
    return [part for part in map(str.strip, value.split(",")) if part] if value else []


def _walk(proxies: TrustedProxies, stated: t.Iterable[str]) -> tuple[int, str | None]:
    """Follow addresses, the last one first, as long as they are trusted proxies'.

    Return how many were read, and the one where that ended; None where it is no address.
    """
    read, address = 0, None
    for text in stated:
        read += 1
        address = _address(_without_port(text))
        if address is None or read == proxies.hops or not proxies.trust(address):
            break
    return read, None if address is None else str(address)


def _without_port(text: str) -> str:
    """Return ``192.0.2.1`` for ``192.0.2.1:80``, and ``2001:db8::1`` for ``[2001:db8::1]:80``."""
    found = _WITH_PORT.fullmatch(text)
    return text if found is None else found[1] or found[2]
