"""Attributes of a request that Werkzeug reads too slowly, or fails to read, if the input is hostile."""

from __future__ import annotations

import codecs
import encodings
import re
import typing as t
from encodings.aliases import aliases

from werkzeug import datastructures
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import BadRequest, SecurityError
from werkzeug.http import parse_accept_header
from werkzeug.sansio.utils import get_current_url, get_host

from .cookies import read_cookies
from .headers import forget_address
from .lazy import Lazy, LazyRequest

if t.TYPE_CHECKING:
    from werkzeug.datastructures import ImmutableMultiDict

_LONG_BLANKS = r"[ \t]{9,}"


class CharsetAccept(datastructures.CharsetAccept):
    """Werkzeug's class of the same name, which does not look up unknown codecs in Python."""

    def _value_matches(self, value: str, item: str) -> bool:
        return item == "*" or _charset(value) == _charset(item)


_CODECS = frozenset((*aliases, *aliases.values()))


def _charset(name: str) -> str:
    # SECURITY: Python keeps the name of each codec that it did not find, whatever its length, for ever.
    is_known = encodings.normalize_encoding(name).lower() in _CODECS
    return codecs.lookup(name).name if is_known else name.lower()


class SafeRequest(LazyRequest):
    """A request with cookies, media types and addresses that are safe against hostile input.

    SECURITY: Werkzeug's time for the first two grows with the square of their length, during which nothing
    else runs; the others raise UnicodeDecodeError or ValueError, which are a 500.
    """

    @Lazy
    def cookies(self) -> ImmutableMultiDict[str, str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The cookies that the client sent."""
        cookies = read_cookies(";".join(self.headers.getlist("Cookie")))
        return self.dict_storage_class(cookies)  # type: ignore[return-value]

    @Lazy
    def accept_mimetypes(self) -> MIMEAccept:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The media types that the client takes, the best first."""
        accept = self.headers.get("Accept")
        # Long runs of blanks are what takes so long.
        return parse_accept_header(accept and re.sub(_LONG_BLANKS, " ", accept), MIMEAccept)

    @Lazy
    def accept_charsets(self) -> CharsetAccept:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The charsets that the client takes, the best first."""
        return parse_accept_header(self.headers.get("Accept-Charset"), CharsetAccept)

    @Lazy
    def host(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The host that was asked for, with its port where that is not the usual one.

        Raises SecurityError (400) for one that is not trusted.
        """
        trusted = self.trusted_hosts
        return check_host(get_host(self.scheme, self.headers.get("host"), self.server, trusted), trusted)

    @Lazy
    def full_path(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The path after the prefix, with the query."""
        return f"{self.path}?{query_text(self.query_string)}"

    @Lazy
    def url(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The whole address, query included. Raises BadRequest where the host is not valid in one."""
        return self._address(self.root_path, self.path, self.query_string)

    @Lazy
    def base_url(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The address without the query."""
        return self._address(self.root_path, self.path)

    @Lazy
    def root_url(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The address that the application is mounted at."""
        return self._address(self.root_path)

    @Lazy
    def host_url(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The address of the host."""
        return self._address()

    def _address(self, *parts: t.Any) -> str:
        scheme, host = self.scheme, self.host
        try:
            address = get_current_url(scheme, host, *parts)
        except ValueError as error:
            raise BadRequest(f"The host {host!r} cannot stand in an address.") from error
        forget_address(address)
        return address


# A name or an address of IPv4, an address of IPv6; a port (RFC 3986, section 3.2.2, without escapes).
_HOST = r"([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(:[0-9]{1,5})?"


def check_host(host: str, trusted: t.Collection[str] | None) -> str:
    """Return *host*; raise SecurityError if it is malformed and there is a list of *trusted* hosts.

    SECURITY: before 3.1.7 Werkzeug trusts ``good.test:80@evil.test``, since it stops at the
    colon, and an address that is built with it leads to the other host. Later versions do the same as this.
    """
    if trusted and re.fullmatch(_HOST, host, re.ASCII | re.IGNORECASE) is None:
        raise SecurityError(f"The host {host!r} is not trusted.")
    return host


def query_text(query: bytes) -> str:
    """Return a query as text. Bytes that are not UTF-8 become escapes, as if they had been sent so."""
    return query.decode(errors="werkzeug.url_quote")
