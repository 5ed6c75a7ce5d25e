"""The edge of an application by WSGI: trusted proxies are believed, HTTPS is demanded, HSTS is added.

This is around middleware, too, so that it sees the client's address. The plan has no edge where the
configuration asks for none of it.
"""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from werkzeug.exceptions import SecurityError
from werkzeug.wsgi import get_host

from ..late_module import add_late_module

if t.TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from ..plan.edge import Edge
    from ..serve.contract import Application
    from . import forwarded
    from .forwarded import Items
else:
    forwarded = add_late_module(f"{__package__}.forwarded")

# The item of an environ or scope that has gone through an edge: that edge.
EDGE = "erlen.edge"
HSTS = "Strict-Transport-Security"


class Refusal(t.NamedTuple):
    """An answer of the edge itself, instead of the application's."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def _refusal(status: str, text: str, *headers: tuple[str, str]) -> Refusal:
    body = f"{text}\n".encode()
    own = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    return Refusal(status, [*own, *headers], body)


def enter_by_wsgi(
    app: Application, environ: WSGIEnvironment, start_response: StartResponse
) -> t.Iterable[bytes]:
    """Answer a request by ``wsgi_app``, with the middleware around it."""
    plan = app.request_planner.plan or app.request_planner.current(app)
    if plan.edge is None:
        return app.wsgi_app(environ, start_response)
    return answer_at_edge(app, plan.edge, app.wsgi_app, environ, start_response)


def answer_at_edge(
    app: Application,
    edge: Edge,
    application: WSGIApplication,
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> t.Iterable[bytes]:
    """Answer a request by *application*, which *edge* is around."""
    environ[EDGE] = edge
    for key, value in items_of(edge, environ).items():
        if value is None:
            environ.pop(key, None)
        else:
            environ[key] = value
    if edge.hsts is not None and environ.get("wsgi.url_scheme") == "https":
        start_response = _with_hsts(edge.hsts, start_response)
    refusal = refusal_of(app, edge, environ)
    if refusal is None:
        return application(environ, start_response)
    start_response(refusal.status, refusal.headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [refusal.body]


def items_of(edge: Edge, environ: t.Mapping[str, t.Any]) -> Items:
    """Return what trusted proxies say, unless another application has been told already."""
    if edge.proxies is None or forwarded.PROXY in environ:
        return {}
    return forwarded.forwarded_items(edge.proxies, environ)


def refusal_of(app: Application, edge: Edge, environ: WSGIEnvironment) -> Refusal | None:
    """Return the answer to a request without TLS where HTTPS is demanded, else None.

    A direct answer, as to a probe, needs no TLS.
    """
    if not edge.force_https or environ.get("wsgi.url_scheme") == "https":
        return None
    if environ.get("PATH_INFO") in app.direct_answers:
        return None
    trusted = getattr(app.request_class, "trusted_hosts", None) or app.config["TRUSTED_HOSTS"]
    # SECURITY: a host that the application would not take must not become an address that browsers keep.
    try:
        host = get_host({**_LEAST, **environ}, trusted)
    except SecurityError:
        host = ""
    if forwarded.split_host(host) is None:
        return _refusal("400 BAD REQUEST", "The host of the request is not one of this site.")
    path = quote(_bytes(environ, "SCRIPT_NAME") + _bytes(environ, "PATH_INFO"), safe="/:@!$&'()*+,;=~")
    # SECURITY: without the slash, a target such as `@evil.example` would go on with the host.
    path = path if path.startswith("/") else f"/{path}"
    query = quote(_bytes(environ, "QUERY_STRING"), safe="/:@!$&'()*+,;=~?%")
    url = f"https://{host}{path}{'?' * bool(query)}{query}"
    return _refusal("308 PERMANENT REDIRECT", f"This site is at {url}", ("Location", url))


# A server may leave out what it has to say (PEP 3333).
_LEAST = {"wsgi.url_scheme": "http", "SERVER_NAME": "", "SERVER_PORT": ""}


def _bytes(environ: WSGIEnvironment, key: str) -> bytes:
    value: str = environ.get(key) or ""
    return value.encode("latin1", "replace")


def _with_hsts(value: str, start_response: StartResponse) -> StartResponse:
    def start_securely(
        status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> t.Callable[[bytes], object]:
        if not any(name.lower() == "strict-transport-security" for name, _ in headers):
            headers = [*headers, (HSTS, value)]
        if exc_info is None:
            return start_response(status, headers)
        return start_response(status, headers, exc_info)

    return start_securely
