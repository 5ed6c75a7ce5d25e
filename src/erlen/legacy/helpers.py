"""What ``flask.helpers`` and its neighbours had: functions that Python or a library has today."""

from __future__ import annotations

import ipaddress
import os
import typing as t
from threading import RLock

import click
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join as _safe_join
from werkzeug.utils import cached_property

from .. import json
from ..testing import EnvironBuilder
from ..views import http_method_funcs

if t.TYPE_CHECKING:
    from datetime import timedelta

    from .changes import Changes

T = t.TypeVar("T")


class locked_cached_property(cached_property[T]):
    """A cached property that is computed by one thread, while others wait."""

    def __init__(self, fget: t.Callable[[t.Any], T], name: str | None = None, doc: str | None = None) -> None:
        super().__init__(fget, name=name, doc=doc)
        self.lock = RLock()

    def __get__(self, obj: t.Any, owner: t.Any = None) -> t.Any:
        if obj is None:
            return self
        with self.lock:
            return super().__get__(obj, owner)


def safe_join(directory: str, *pathnames: str) -> str:
    """Join paths that a user supplied to a folder; raises NotFound where they lead out of it."""
    path = _safe_join(directory, *pathnames)
    if path is None:
        raise NotFound()
    return path


def total_seconds(td: timedelta) -> int:
    """Return the whole seconds of a time span."""
    return td.days * 86400 + td.seconds


def is_ip(value: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def get_env() -> str:
    """Return the name of the environment: ``FLASK_ENV``, or "production"."""
    return os.environ.get("FLASK_ENV") or "production"


def make_test_environ_builder(
    app: t.Any,
    path: str = "/",
    base_url: str | None = None,
    subdomain: str | None = None,
    url_scheme: str | None = None,
    *args: t.Any,
    **kwargs: t.Any,
) -> EnvironBuilder:
    """Make the builder of a made-up request."""
    return EnvironBuilder(app, path, base_url, subdomain, url_scheme, *args, **kwargs)


def htmlsafe_dumps(obj: t.Any, **kwargs: t.Any) -> str:
    """Return *obj* as JSON text that may stand in a script element."""
    return str(htmlsafe_json_dumps(obj, dumps=kwargs.pop("dumps", None) or json.dumps, **kwargs))


def htmlsafe_dump(obj: t.Any, fp: t.IO[str], **kwargs: t.Any) -> None:
    """Write what ``htmlsafe_dumps`` returns to a text file."""
    fp.write(htmlsafe_dumps(obj, **kwargs))


def tojson_filter(obj: t.Any, **kwargs: t.Any) -> Markup:
    """Return *obj* as JSON that a template shows as it is."""
    return Markup(htmlsafe_dumps(obj, **kwargs))


class MethodViewType(type):
    """The metaclass that class-based views had, which finds the methods of a view out."""

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, t.Any]) -> None:
        super().__init__(name, bases, namespace)
        if "methods" not in namespace:
            methods = {method.upper() for method in http_method_funcs if hasattr(cls, method)}
            for base in bases:
                methods.update(getattr(base, "methods", None) or ())
            if methods:
                vars_of: t.Any = cls
                vars_of.methods = methods


class JSONMixin:
    """The base of request and response with their JSON methods, which both have by themselves today."""


def explain_ignored_app_run() -> None:
    """Say on standard error that ``app.run()`` did nothing."""
    if os.environ.get("WERKZEUG_RUN_MAIN") != "true":
        click.secho(" * 'app.run()' was ignored inside the 'flask' command.", fg="red", err=True)


def add(changes: Changes, level: str) -> None:
    """Change nothing: ``names`` leads to what is here."""
