"""What has to be hidden now: secrets of the active request, of the configuration, of the environment."""

from __future__ import annotations

import os
import typing as t
from itertools import islice

from ... import has_request_context, request
from .exchange import active_environ, current, headers_of
from .hidden import HIDDEN, Hidden, forms_of

# As many fields of a form are looked at.
_MOST_FIELDS = 2_000


class Redaction:
    """The secrets that no record may have.

    They are looked for when a record is written, which is seldom, and not when a request comes.
    """

    replacement = HIDDEN

    def __init__(self, hidden: Hidden, config: t.Mapping[str, t.Any]) -> None:
        self.hidden = hidden
        self._config = config
        self._environment = tuple(hidden.of_settings(os.environ))
        # The secrets of the configuration, and the stamp that it had then.
        self._known: tuple[object, tuple[str, ...]] | None = None

    def secrets(self) -> tuple[str, ...]:
        """Return all secrets, as they may be written, the longest first."""
        of_request = self._of_request()
        settings = self._of_settings()
        if not of_request:
            return settings
        return tuple(sorted({*forms_of(of_request), *settings}, key=len, reverse=True))

    def _of_settings(self) -> tuple[str, ...]:
        stamp = getattr(self._config, "stamp", None)
        if self._known is None or self._known[0] is not stamp:
            of_config = self.hidden.of_settings(self._config)
            self._known = stamp, forms_of([*self._environment, *of_config])
        return self._known[1]

    def _of_request(self) -> list[str]:
        found: list[str] = []
        exchange = current.get()
        if exchange is not None:
            found += self.hidden.of_headers(exchange.headers())
            found += self.hidden.of_query(exchange.query())
        else:
            environ = active_environ()
            if environ is not None:
                found += self.hidden.of_headers(headers_of(environ))
                found += self.hidden.of_query(environ.get("QUERY_STRING") or "")
        if has_request_context():
            found += self._of_body()
        return found

    def _of_body(self) -> t.Iterator[str]:
        """Yield the hidden fields of a body that has been parsed: a log must not be what reads it."""
        attributes: dict[str, t.Any] = vars(request._get_current_object())
        form = attributes.get("form")
        if form:
            yield from self.hidden.of_value(dict(islice(form.lists(), _MOST_FIELDS)))
        # Werkzeug keeps there what a body of JSON was read to.
        kept = attributes.get("_cached_json")
        if kept and kept[0] is not Ellipsis:
            yield from self.hidden.of_value(kept[0])
