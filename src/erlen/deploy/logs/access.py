"""The access log: one record for each request, when the last byte has been handed over."""

from __future__ import annotations

import logging
import typing as t
from time import perf_counter
from urllib.parse import quote

from .exchange import Exchange
from .formats import CLEAN
from .hidden import Hidden

if t.TYPE_CHECKING:
    from .settings import Settings

logger = logging.getLogger("erlen.access")

# What may stand in an address as it is: the characters of RFC 3986, and escapes that are there already.
_SAFE = "/%!$&'()*+,;=:@?[]~-._"
_LONGEST_PATH = 2_000
_LONGEST_METHOD = 20


class AccessLog:
    """What writes the records of the access log."""

    def __init__(self, settings: Settings, hidden: Hidden) -> None:
        self.is_on = settings.access
        self._except = settings.access_except
        self._hidden = hidden

    def write(self, exchange: Exchange, client: str, *, failed: bool = False) -> None:
        """Write the record of a request that has ended; *failed*: by an exception that the server got."""
        seconds = perf_counter() - exchange.begun
        method, path = _target_of(exchange)
        if path in self._except or not logger.isEnabledFor(logging.INFO):
            return
        query = exchange.query()
        if query:
            path = (
                f"{path}?{quote(self._hidden.query(query), safe=_SAFE, encoding='latin1', errors='replace')}"
            )
        if len(path) > _LONGEST_PATH:
            path = f"{path[:_LONGEST_PATH]}... ({len(path)} characters)"
        status = exchange.status or (500 if failed else 0)
        fields = {
            "client": client,
            "method": method,
            "path": path,
            "status": status,
            "bytes": exchange.size,
            "milliseconds": round(seconds * 1000, 1),
        }
        text = f'{client} "{method} {path}" {status} {exchange.size} {fields["milliseconds"]}ms'
        if failed:
            fields["failed"] = True
            text += " failed"
        # PERF: made here, and not by logger.info(), which looks for the line that called it.
        record = logging.LogRecord(logger.name, logging.INFO, __file__, 0, text, None, None)
        vars(record).update(fields, request_id=exchange.request_id, **{CLEAN: True})
        logger.handle(record)


def _target_of(exchange: Exchange) -> tuple[str, str]:
    """Return the method and the path of a request, without a character that could end a field of the log.

    SECURITY: the path is written as it is in an address: a line break is ``%0A``.
    """
    if exchange.scope is not None:
        scope = exchange.scope
        method = scope.get("method") or "WEBSOCKET"
        raw = scope.get("raw_path")
        path = raw.partition(b"?")[0] if isinstance(raw, bytes) and raw else scope.get("path") or "/"
        if isinstance(path, str):
            path = path.replace("%", "%25")
    else:
        environ = exchange.environ or {}
        method = environ.get("REQUEST_METHOD") or "-"
        decoded = f"{environ.get('SCRIPT_NAME') or ''}{environ.get('PATH_INFO') or ''}" or "/"
        path = decoded.replace("%", "%25").encode("latin1", "replace")
    if isinstance(path, str):
        path = path.encode("utf-8", "replace")
    return quote(str(method)[:_LONGEST_METHOD], safe=""), quote(path, safe=_SAFE)
