"""What the configuration asks of the gateway: which proxies to believe, and whether HTTPS is demanded."""

from __future__ import annotations

import re
import typing as t
from datetime import timedelta

if t.TYPE_CHECKING:
    import ipaddress

    Address: t.TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
    Network: t.TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

# The other side of a Unix socket, which has no address.
UNIX: t.Final = "unix"
_X_FORWARDED = tuple(f"x-forwarded-{name}" for name in ("for", "proto", "host", "port", "prefix"))
FORWARDED: t.Final = "forwarded"
# SECURITY: a chain of trusted addresses is followed no further, however long a client makes it.
MOST_HOPS = 32
# What the preload list of browsers demands (hstspreload.org): a year.
_PRELOADED = 31_536_000  # seconds


class TrustedProxies(t.NamedTuple):
    """The proxies whose headers are believed, which headers those are, and how many proxies in a row."""

    networks: tuple[Network, ...]
    unix: bool
    everybody: bool
    hops: int
    headers: frozenset[str]

    def trust(self, peer: Address | t.Literal["unix"]) -> bool:
        """Tell whether *peer* is a trusted proxy."""
        if self.everybody:
            return True
        if isinstance(peer, str):
            return self.unix
        return any(peer in network for network in self.networks)


class Edge(t.NamedTuple):
    """What the gateway does around an application: before each request, and with each answer."""

    proxies: TrustedProxies | None
    force_https: bool
    # The value of Strict-Transport-Security.
    hsts: str | None


def compile_edge(config: t.Mapping[str, t.Any]) -> Edge | None:
    """Return what the configuration asks for, or None for nothing.

    Raises ValueError for a key with a value that cannot be meant.
    """
    given, force = config["TRUSTED_PROXIES"], config["FORCE_HTTPS"]
    seconds = config["HSTS_SECONDS"]
    if given is None and not force and seconds is None:
        return None
    proxies = None if given is None else _proxies(given, config)
    hsts = None if seconds is None else _hsts(seconds, config)
    if proxies is None and not force and hsts is None:
        return None
    return Edge(proxies, bool(force), hsts)


def _proxies(given: object, config: t.Mapping[str, t.Any]) -> TrustedProxies | None:
    names = [name for item in _listed("TRUSTED_PROXIES", given) for name in _words(item)]
    if not names:
        return None
    networks = [_network(name) for name in names if name not in (UNIX, "*")]
    everybody = "*" in names
    hops = _hops(config["TRUSTED_PROXY_HOPS"])
    if hops is None and (everybody or any(network.prefixlen == 0 for network in networks)):
        raise ValueError(
            "TRUSTED_PROXIES trusts every address. Then TRUSTED_PROXY_HOPS has to say how many proxies there"
            " are, or clients could claim any address."
        )
    headers = _headers(config["TRUSTED_PROXY_HEADERS"])
    return TrustedProxies(tuple(networks), UNIX in names, everybody, hops or MOST_HOPS, headers)


def _listed(key: str, given: object) -> t.Collection[object]:
    """Return a value as a collection: text and single addresses stand for themselves."""
    if _is_written_as_address(given):
        return (given,)
    if isinstance(given, (list, tuple, set, frozenset)):
        return given
    raise ValueError(f"{key} is a list, or text with commas between its parts, not {given!r}.")


def _is_written_as_address(given: object) -> t.TypeGuard[str | Address | Network]:
    """Tell whether *given* is text, or an object of :mod:`ipaddress`, which is not imported for that."""
    return isinstance(given, str) or type(given).__module__ == "ipaddress"


def _words(item: object) -> list[object]:
    return [word for word in re.split(r"[\s,]+", item) if word] if isinstance(item, str) else [item]


def _network(given: object) -> Network:
    # A number would pass for an address: 1 for 0.0.0.1.
    if _is_written_as_address(given):
        from ipaddress import ip_network  # few applications have a proxy to trust

        try:
            return _unmapped(ip_network(given))
        except ValueError as error:
            reason = str(error)
    else:
        reason = f"it is of type {type(given).__name__}"
    raise ValueError(
        f"TRUSTED_PROXIES has {given!r} ({reason}). Write addresses ('127.0.0.1'), networks ('10.0.0.0/8'),"
        " 'unix' for Unix sockets, or '*'."
    )


def _unmapped(network: Network) -> Network:
    """Return ``10.0.0.0/8`` for ``::ffff:10.0.0.0/104``: so are the addresses that are compared with it."""
    from ipaddress import ip_network

    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ip_network((mapped, network.prefixlen - 96))


def _hops(given: object) -> int | None:
    if given is None:
        return None
    if type(given) is not int or not 1 <= given <= MOST_HOPS:
        raise ValueError(
            f"TRUSTED_PROXY_HOPS is the number of proxies, from 1 to {MOST_HOPS}, or None, not {given!r}."
        )
    return given


def _headers(given: object) -> frozenset[str]:
    names = {str(name).lower() for item in _listed("TRUSTED_PROXY_HEADERS", given) for name in _words(item)}
    unknown = sorted(names.difference(_X_FORWARDED, [FORWARDED]))
    if unknown or not names:
        raise ValueError(
            f"TRUSTED_PROXY_HEADERS has {', '.join(unknown) or 'nothing in it'}. It names the headers that"
            f" each trusted proxy sets: some of {', '.join(_X_FORWARDED)}, or {FORWARDED}."
        )
    # SECURITY: a proxy sets one family and passes the other on, as the client wrote it.
    if FORWARDED in names and len(names) > 1:
        raise ValueError(
            "TRUSTED_PROXY_HEADERS names 'Forwarded' and 'X-Forwarded-…'. Name those that the proxy sets: a"
            " client can send the others."
        )
    return frozenset(names)


def _hsts(given: object, config: t.Mapping[str, t.Any]) -> str:
    seconds = int(given.total_seconds()) if isinstance(given, timedelta) else given
    if type(seconds) is not int or seconds < 0:
        raise ValueError(f"HSTS_SECONDS is a number of seconds or a timedelta, not {given!r}.")
    subdomains, preload = config["HSTS_INCLUDE_SUBDOMAINS"], config["HSTS_PRELOAD"]
    if preload and not (subdomains and seconds >= _PRELOADED):
        raise ValueError(
            f"HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS, and HSTS_SECONDS of at least {_PRELOADED}: browsers"
            " take no others into their list."
        )
    return f"max-age={seconds}{'; includeSubDomains' * bool(subdomains)}{'; preload' * bool(preload)}"
