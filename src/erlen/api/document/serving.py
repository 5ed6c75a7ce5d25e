"""Serves the document and the page that shows it."""

from __future__ import annotations

import hashlib
import typing as t
from urllib.parse import quote
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
        self._made: WeakKeyDictionary[Erlen, _Made] = WeakKeyDictionary()

    def __call__(self) -> t.Any:
        """Answer `openapi.json`."""
        app: Erlen = current_app._get_current_object()
        made = self._made.get(app)
        if made is None:
            made = self._made[app] = _Made(build(self._api, app))
        body, etag = made.below(request.script_root)
        if request.if_none_match.contains(etag):
            return Response(status=304, headers=[("ETag", f'"{etag}"')])
        return Encoded(body, JSON, 200, [("ETag", f'"{etag}"')])


class _Made:
    """A document, and as it is sent below the path at which the application is mounted."""

    def __init__(self, document: dict[str, t.Any]) -> None:
        self._document = document
        # The last one alone: most applications are mounted once, and a proxy may let clients name the path.
        self._sent: tuple[str, tuple[bytes, str]] | None = None

    def below(self, root: str) -> tuple[bytes, str]:
        """Return the bytes for this path, and their ETag."""
        sent = self._sent
        if sent is None or sent[0] != root:
            body = as_bytes(_with_server(self._document, root))
            sent = self._sent = root, (body, hashlib.sha256(body).hexdigest()[:32])
        return sent[1]


def _with_server(document: dict[str, t.Any], root: str) -> dict[str, t.Any]:
    """Return a document that says where its paths begin, if that is not the root of the host."""
    if not root:
        return document
    servers = {"servers": [{"url": quote(root)}]}
    return {key: document[key] for key in ("openapi", "info")} | servers | document


def as_bytes(document: dict[str, t.Any]) -> bytes:
    """Return a document as JSON, indented by two spaces."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
