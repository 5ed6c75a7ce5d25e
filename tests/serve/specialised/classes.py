"""The classes that an application may bring, each an attribute of the application's class."""

from __future__ import annotations

import datetime
import typing as t
from collections.abc import Callable

from tests.serve.specialised.by_name import add_to

if t.TYPE_CHECKING:
    from tests.serve.specialised.running import Running

Attributes: t.TypeAlias = dict[str, t.Any]
Bring: t.TypeAlias = Callable[["Running", Attributes], None]

# Each puts a class into the attributes of the application's class.
CLASSES: dict[str, Bring] = {}


def class_so_far(running: Running, attributes: Attributes, name: str) -> t.Any:
    """Return the class that another function brought, or the framework's: two of them count both."""
    return attributes.get(name, getattr(running.framework.Flask, name))


def derive(running: Running, attributes: Attributes, name: str, **members: t.Any) -> None:
    """Put a class derived from the one so far into the attributes."""
    base = class_so_far(running, attributes, name)
    attributes[name] = type(base.__name__, (base,), members)


def note_calls(running: Running, attributes: Attributes, name: str, method: str) -> None:
    """Let the class note each call of one of its methods."""
    original = getattr(class_so_far(running, attributes, name), method)
    derive(running, attributes, name, **{method: running.noting(f"{name}.{method}", original)})


# responses


@add_to(CLASSES)
def responses_are_plain_text(running: Running, attributes: Attributes) -> None:
    derive(running, attributes, "response_class", default_mimetype="text/plain")


@add_to(CLASSES)
def responses_add_a_header_when_sent(running: Running, attributes: Attributes) -> None:
    base = class_so_far(running, attributes, "response_class")

    def get_wsgi_headers(self: t.Any, environ: t.Any) -> t.Any:
        headers = base.get_wsgi_headers(self, environ)
        headers["X-Sent"] = "1"
        return headers

    derive(running, attributes, "response_class", get_wsgi_headers=get_wsgi_headers)


@add_to(CLASSES)
def responses_note_when_they_are_made(running: Running, attributes: Attributes) -> None:
    note_calls(running, attributes, "response_class", "__init__")


@add_to(CLASSES)
def responses_note_when_they_are_sent(running: Running, attributes: Attributes) -> None:
    note_calls(running, attributes, "response_class", "__call__")


@add_to(CLASSES)
def responses_have_no_length(running: Running, attributes: Attributes) -> None:
    """They are false: nobody may take them for None."""
    derive(running, attributes, "response_class", __len__=return_zero)


def return_zero(self: object) -> int:
    return 0


# requests


@add_to(CLASSES)
def requests_note_when_they_are_made(running: Running, attributes: Attributes) -> None:
    note_calls(running, attributes, "request_class", "__init__")


@add_to(CLASSES)
def requests_reverse_their_blueprints(running: Running, attributes: Attributes) -> None:
    base = class_so_far(running, attributes, "request_class")

    def blueprints(self: t.Any) -> list[str]:
        return list(reversed(base.blueprints.fget(self)))

    derive(running, attributes, "request_class", blueprints=property(blueprints))


@add_to(CLASSES)
def requests_limit_their_body(running: Running, attributes: Attributes) -> None:
    derive(running, attributes, "request_class", max_content_length=4)


# sessions


def derive_interface(running: Running, attributes: Attributes, **members: t.Any) -> None:
    base = type(class_so_far(running, attributes, "session_interface"))
    attributes["session_interface"] = type("Interface", (base,), members)()


@add_to(CLASSES)
def the_session_interface_adds_a_header(running: Running, attributes: Attributes) -> None:
    base = type(class_so_far(running, attributes, "session_interface"))

    def save_session(self: t.Any, app: t.Any, session: t.Any, response: t.Any) -> None:
        response.headers["X-Session"] = f"{session.accessed} {session.modified}"
        base.save_session(self, app, session, response)

    derive_interface(running, attributes, save_session=save_session)


@add_to(CLASSES)
def sessions_are_of_a_derived_class(running: Running, attributes: Attributes) -> None:
    base = class_so_far(running, attributes, "session_interface").session_class
    derive_interface(running, attributes, session_class=type("Session", (base,), {"new": True}))


# JSON


@add_to(CLASSES)
def json_is_unsorted(running: Running, attributes: Attributes) -> None:
    derive(running, attributes, "json_provider_class", sort_keys=False, ensure_ascii=False)


@add_to(CLASSES)
def json_has_dates_in_iso_format(running: Running, attributes: Attributes) -> None:
    base = class_so_far(running, attributes, "json_provider_class")

    def default(value: t.Any) -> t.Any:
        return value.isoformat() if isinstance(value, datetime.date) else base.default(value)

    derive(running, attributes, "json_provider_class", default=staticmethod(default))


# g


@add_to(CLASSES)
def g_has_an_attribute(running: Running, attributes: Attributes) -> None:
    derive(running, attributes, "app_ctx_globals_class", always=1)


@add_to(CLASSES)
def g_has_no_length(running: Running, attributes: Attributes) -> None:
    """It is false: nobody may take it for None."""
    derive(running, attributes, "app_ctx_globals_class", __len__=return_zero)
