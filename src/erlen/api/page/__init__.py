"""The page that shows a document: Swagger UI, offline, without inline scripts.

What is in `assets` comes from npm's package `swagger-ui-dist` (Apache-2.0); `make vendor` renews it.
"""

from __future__ import annotations

import gzip
import typing as t
from html import escape
from importlib import resources

from werkzeug.exceptions import NotFound

from erlen import Response, request, url_for

if t.TYPE_CHECKING:
    from erlen import Blueprint, Erlen

    from ..scope import Api

# By name: the type. What is not here is not sent.
_TYPES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "favicon-32x32.png": "image/png",
    "LICENSE": "text/plain; charset=utf-8",
    "NOTICE": "text/plain; charset=utf-8",
}

_PAGE = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{title}</title>
    <link rel="icon" type="image/png" href="{favicon}">
    <link rel="stylesheet" href="{library_style}">
    <link rel="stylesheet" href="{style}">
  </head>
  <body>
    <main id="document" data-url="{document}"></main>
    <noscript>This page needs JavaScript. The document: <a href="{document}">openapi.json</a></noscript>
    <script src="{library}"></script>
    <script src="{start}"></script>
  </body>
</html>
"""


def add_page(scope: Erlen | Blueprint, api: Api, url: str) -> None:
    """Add the page of an Api, and what it is made of, to the scope."""

    def openapi_page() -> t.Any:
        files = {name: url_for(f"{_prefix()}openapi_file", name=name) for name in _TYPES}
        page = _PAGE.format(
            title=escape(api.title),
            document=escape(url_for(f"{_prefix()}openapi_json")),
            favicon=escape(files["favicon-32x32.png"]),
            library_style=escape(files["swagger-ui.css"]),
            style=escape(files["page.css"]),
            library=escape(files["swagger-ui-bundle.js"]),
            start=escape(files["start.js"]),
        )
        return page

    scope.add_url_rule(url, "openapi_page", openapi_page)
    scope.add_url_rule(f"{url.rstrip('/')}/<name>", "openapi_file", send_asset)


def _prefix() -> str:
    """Return the part of the endpoint before the last dot: the page may be in a blueprint."""
    endpoint = request.endpoint or ""
    return endpoint[: endpoint.rfind(".") + 1]


def send_asset(name: str) -> t.Any:
    """Answer one of the page's files, compressed where the client takes that."""
    kind = _TYPES.get(name)
    if kind is None:
        raise NotFound
    content, is_compressed = _content(name)
    headers = [("Cache-Control", "public, max-age=3600")]
    if is_compressed:
        headers.append(("Vary", "Accept-Encoding"))
        if request.accept_encodings["gzip"] > 0:
            headers.append(("Content-Encoding", "gzip"))
        else:
            content = gzip.decompress(content)
    response = Response(content, content_type=kind, headers=headers)
    response.set_etag(_etag(name) + ("-gzip" if "Content-Encoding" in response.headers else ""))
    return response.make_conditional(request)


def _content(name: str) -> tuple[bytes, bool]:
    folder = resources.files(__name__)
    if name in ("start.js", "page.css"):
        return (folder / name).read_bytes(), False
    compressed = folder / "assets" / f"{name}.gz"
    if compressed.is_file():
        return compressed.read_bytes(), True
    return (folder / "assets" / name).read_bytes(), False


def _etag(name: str) -> str:
    version = (resources.files(__name__) / "assets" / "VERSION").read_text().strip()
    return f"{version}-{name}"
