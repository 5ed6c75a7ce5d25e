"""The classes that an application may bring, each written into the body of the application's class."""

from __future__ import annotations

import datetime
import typing as t

if t.TYPE_CHECKING:
    from tests.serve.specialised.running import Running

Body: t.TypeAlias = dict[str, t.Any]
_Add: t.TypeAlias = t.Callable[["Running", t.Any, Body], None]


def _derive(body: Body, name: str, base: type, **attributes: t.Any) -> None:
    """Derive a class from the one that is there already, so that two additions count."""
    parent = body.get(name, base)
    body[name] = type(parent.__name__, (parent,), attributes)


def _plain_text(running: Running, kind: t.Any, body: Body) -> None:
    _derive(body, "response_class", kind.response_class, default_mimetype="text/plain")


def _sends_a_header(running: Running, kind: t.Any, body: Body) -> None:
    base = body.get("response_class", kind.response_class)

    def get_wsgi_headers(self: t.Any, environ: t.Any) -> t.Any:
        headers = base.get_wsgi_headers(self, environ)
        headers["X-Sent"] = "1"
        return headers

    _derive(body, "response_class", base, get_wsgi_headers=get_wsgi_headers)


def _notes(attribute: str, method: str) -> _Add:
    def add(running: Running, kind: t.Any, body: Body) -> None:
        base = body.get(attribute, getattr(kind, attribute))
        original = getattr(base, method)
        _derive(body, attribute, base, **{method: running.noting(f"{attribute}.{method}", original)})

    return add


def _says_blueprints(running: Running, kind: t.Any, body: Body) -> None:
    base = body.get("request_class", kind.request_class)
    said = property(lambda self: list(reversed(base.blueprints.fget(self))))
    _derive(body, "request_class", base, blueprints=said)


def _limited(running: Running, kind: t.Any, body: Body) -> None:
    _derive(body, "request_class", kind.request_class, max_content_length=4)


def _saves_a_header(running: Running, kind: t.Any, body: Body) -> None:
    base = type(body.get("session_interface", kind.session_interface))

    def save_session(self: t.Any, app: t.Any, session: t.Any, response: t.Any) -> None:
        response.headers["X-Session"] = f"{session.accessed} {session.modified}"
        base.save_session(self, app, session, response)

    body["session_interface"] = type("Interface", (base,), {"save_session": save_session})()


def _session_class(running: Running, kind: t.Any, body: Body) -> None:
    base = type(body.get("session_interface", kind.session_interface))
    session_class = type("Session", (base.session_class,), {"new": True})
    body["session_interface"] = type("Interface", (base,), {"session_class": session_class})()


def _unsorted(running: Running, kind: t.Any, body: Body) -> None:
    _derive(body, "json_provider_class", kind.json_provider_class, sort_keys=False, ensure_ascii=False)


def _writes_dates(running: Running, kind: t.Any, body: Body) -> None:
    base = body.get("json_provider_class", kind.json_provider_class)

    def default(value: t.Any) -> t.Any:
        return value.isoformat() if isinstance(value, datetime.date) else base.default(value)

    _derive(body, "json_provider_class", base, default=staticmethod(default))


def _g(running: Running, kind: t.Any, body: Body) -> None:
    _derive(body, "app_ctx_globals_class", kind.app_ctx_globals_class, always=1)


def _without_length(attribute: str) -> _Add:
    """Make an object that is false: nobody may take it for none."""

    def add(running: Running, kind: t.Any, body: Body) -> None:
        _derive(body, attribute, getattr(kind, attribute), __len__=lambda self: 0)

    return add


CLASSES: dict[str, _Add] = {
    "response: plain text": _plain_text,
    "response: sends a header": _sends_a_header,
    "response: notes its making": _notes("response_class", "__init__"),
    "response: notes its sending": _notes("response_class", "__call__"),
    "request: notes its making": _notes("request_class", "__init__"),
    "request: says its blueprints": _says_blueprints,
    "request: limited": _limited,
    "session: saves a header": _saves_a_header,
    "session: class of its own": _session_class,
    "json: unsorted": _unsorted,
    "json: writes dates its way": _writes_dates,
    "g: with an attribute": _g,
    "g: without length": _without_length("app_ctx_globals_class"),
    "response: without length": _without_length("response_class"),
}
