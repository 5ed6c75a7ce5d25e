"""Headers of a request whose reading by Werkzeug takes too long for hostile ones."""

from __future__ import annotations

import re
import typing as t

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request as RequestBase

from ..cookies import read_cookies
from .late import _Late

if t.TYPE_CHECKING:
    from werkzeug.datastructures import ImmutableMultiDict

_LONG_BLANKS = re.compile(r"[ \t]{9,}")


class RequestHeaders(RequestBase):
    """Headers that are read in time that is proportional to their length.

    SECURITY: Werkzeug's time for these grows with the square of it, during which nothing else runs.
    """

    @_Late
    def cookies(self) -> ImmutableMultiDict[str, str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The cookies that the client sent."""
        cookies = read_cookies(";".join(self.headers.getlist("Cookie")))
        return self.dict_storage_class(cookies)  # type: ignore[return-value]

    @_Late
    def accept_mimetypes(self) -> MIMEAccept:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The media types that the client takes, the best first."""
        accept = self.headers.get("Accept")
        # More blanks than anybody needs are what takes so long.
        return parse_accept_header(accept and _LONG_BLANKS.sub(" ", accept), MIMEAccept)
