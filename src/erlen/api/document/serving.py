"""Serves the document and the page that shows it."""

from __future__ import annotations

import hashlib
import typing as t
from weakref import WeakKeyDictionary

import msgspec

from erlen import Encoded, Response, current_app, request

from .building import build

if t.TYPE_CHECKING:
    from erlen import Erlen

    from ..scope import Api

JSON = "application/json"


class Served:
    """The document of an Api as it is served: made at the first request of an application."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._made: WeakKeyDictionary[Erlen, tuple[bytes, str]] = WeakKeyDictionary()

    def __call__(self) -> t.Any:
        """Answer `openapi.json`."""
        app: Erlen = current_app._get_current_object()
        made = self._made.get(app)
        if made is None:
            body = as_bytes(build(self._api, app))
            made = self._made[app] = body, hashlib.sha256(body).hexdigest()[:32]
        body, etag = made
        if request.if_none_match.contains(etag):
            return Response(status=304, headers=[("ETag", f'"{etag}"')])
        return Encoded(body, JSON, 200, [("ETag", f'"{etag}"')])


def as_bytes(document: dict[str, t.Any]) -> bytes:
    """Return a document as JSON, indented by two spaces."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
