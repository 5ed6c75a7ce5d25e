"""Attributes and methods that applications and contexts had."""

from __future__ import annotations

import typing as t

from ..app import Erlen
from ..serve.request_context import RequestContext
from .attributes import OldAttribute
from .notices import notice

if t.TYPE_CHECKING:
    from ..sessions import SessionMixin
    from ..wrappers import Request, Response
    from .changes import Changes


def _propagate_exceptions(app: Erlen) -> bool:
    value: bool | None = app.config["PROPAGATE_EXCEPTIONS"]
    return app.testing or app.debug if value is None else value


def _preserve_context_on_exception(app: Erlen) -> bool:
    value: bool | None = app.config.get("PRESERVE_CONTEXT_ON_EXCEPTION")
    return app.debug if value is None else value


def _templates_auto_reload(app: Erlen) -> bool:
    value: bool | None = app.config["TEMPLATES_AUTO_RELOAD"]
    return app.debug if value is None else value


def _set_templates_auto_reload(app: Erlen, value: bool) -> None:
    app.config["TEMPLATES_AUTO_RELOAD"] = value


def open_session(self: Erlen, request: Request) -> SessionMixin | None:
    """Open the session of a request."""
    notice("flask.Flask.open_session")
    return self.session_interface.open_session(self, request)


def save_session(self: Erlen, session: SessionMixin, response: Response) -> None:
    """Save a session to a response."""
    notice("flask.Flask.save_session")
    self.session_interface.save_session(self, session, response)


def make_null_session(self: Erlen) -> SessionMixin:
    """Make the session that stands where none could be opened."""
    notice("flask.Flask.make_null_session")
    return self.session_interface.make_null_session(self)


def auto_pop(self: RequestContext, exc: BaseException | None) -> None:
    """End the context with an exception or None."""
    notice("flask.ctx.RequestContext.auto_pop")
    self.pop(exc)


def _check_setup_finished(self: Erlen, f_name: str) -> None:
    """Refuse to be set up after the first request in debug mode only, as Flask 1.1 did."""
    if self.debug and self._got_first_request:
        _own_check_setup_finished(self, f_name)


_own_check_setup_finished = Erlen._check_setup_finished


def add(changes: Changes, level: str) -> None:
    """Bring the attributes and methods back."""
    changes.set(
        Erlen, "propagate_exceptions", OldAttribute("flask.Flask.propagate_exceptions", _propagate_exceptions)
    )
    changes.set(
        Erlen,
        "templates_auto_reload",
        OldAttribute("flask.Flask.templates_auto_reload", _templates_auto_reload, _set_templates_auto_reload),
    )
    if level != "1.1":
        return
    changes.set(
        Erlen,
        "preserve_context_on_exception",
        OldAttribute("flask.Flask.preserve_context_on_exception", _preserve_context_on_exception),
    )
    for method in (open_session, save_session, make_null_session):
        changes.set(Erlen, method.__name__, method)
    changes.set(Erlen, "_check_setup_finished", _check_setup_finished)
    changes.set(RequestContext, "auto_pop", auto_pop)
    changes.set(RequestContext, "g", OldAttribute("flask.ctx.RequestContext.g", _get_g, _set_g))


def _get_g(context: RequestContext) -> t.Any:
    from ..active import require_app_context

    return require_app_context().g


def _set_g(context: RequestContext, value: t.Any) -> None:
    from ..active import require_app_context

    require_app_context().g = value
