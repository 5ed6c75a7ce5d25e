"""Find the handler for an exception, and make its answer a response."""

from __future__ import annotations

import sys
import typing as t

from werkzeug.exceptions import BadRequest, BadRequestKeyError, HTTPException, InternalServerError
from werkzeug.routing import RequestRedirect, RoutingException

from .. import typing as ft
from ..active import require_request_context
from ..declare.registrar import Registrar
from ..logging import escaped
from ..plan.handlers import find_handler
from ..plan.routes import plain_call
from ..signals import got_request_exception
from .results import Results
from .steps import blueprints_of

if t.TYPE_CHECKING:
    from ..wrappers import Request, Response
    from .contract import Application


def show_key(app: Application, error: Exception) -> None:
    """Show the name of a missing key on its error page, in debug mode."""
    if isinstance(error, BadRequestKeyError) and (app.debug or app.config["TRAP_BAD_REQUEST_ERRORS"]):
        error.show_exception = True


def _plain(app: Application, handler: ft.ErrorHandlerCallable) -> t.Callable[..., t.Any]:
    """Return a handler as a plain function."""
    plan = app.request_planner.plan
    return app.ensure_sync(handler) if plan is None else plain_call(app, plan, handler)


class ErrorHandling(Results):
    """The part of an application that answers exceptions: by handlers, as HTTP errors, or a logged 500."""

    def handle_http_exception(self, e: HTTPException) -> HTTPException | ft.ResponseReturnValue:
        """Return what the handler of an HTTP exception returns; without a handler, the exception.

        Routing exceptions (redirects) and exceptions without a code are answers themselves.
        """
        if e.code is None or isinstance(e, RoutingException):
            return e
        handler = self._find_error_handler(e, blueprints_of(require_request_context()))
        if handler is None:
            return e
        result: ft.ResponseReturnValue = _plain(self, handler)(e)
        return result

    def trap_http_exception(self, e: Exception) -> bool:
        """Tell whether an HTTP exception is to be treated as any other exception.

        TRAP_HTTP_EXCEPTIONS traps all, TRAP_BAD_REQUEST_ERRORS those for bad requests; where that is
        None, debug mode traps missing form and query keys.
        """
        if self.config["TRAP_HTTP_EXCEPTIONS"]:
            return True
        trap = self.config["TRAP_BAD_REQUEST_ERRORS"]
        if trap is None:
            return bool(self.debug) and isinstance(e, BadRequestKeyError)
        return bool(trap) and isinstance(e, BadRequest)

    def handle_user_exception(self, e: Exception) -> HTTPException | ft.ResponseReturnValue:
        """Return what answers an exception of a view or a hook; raise it again where nothing does."""
        show_key(self, e)
        if isinstance(e, HTTPException) and not self.trap_http_exception(e):
            return self.handle_http_exception(e)
        handler = self._find_error_handler(e, blueprints_of(require_request_context()))
        if handler is None:
            raise
        result: ft.ResponseReturnValue = _plain(self, handler)(e)
        return result

    def handle_exception(self, e: Exception) -> Response:
        """Answer an exception that nothing handled: log it and make a 500, or let it through.

        It is let through to the server where PROPAGATE_EXCEPTIONS says so, by default in debug
        mode and under test. A handler for 500 or InternalServerError gets an InternalServerError,
        whose ``original_exception`` is *e*.
        """
        exc_info = sys.exc_info()
        got_request_exception.send(self, _async_wrapper=self.ensure_sync, exception=e)
        propagate = self.config["PROPAGATE_EXCEPTIONS"]
        if propagate or (propagate is None and (self.testing or self.debug)):
            if exc_info[1] is e:
                raise
            raise e
        self.log_exception(exc_info)
        answer: t.Any = InternalServerError(original_exception=e)
        handler = self._find_error_handler(answer, require_request_context().request.blueprints)
        if handler is not None:
            answer = self.ensure_sync(handler)(answer)
        return self.finalize_request(answer, from_error_handler=True)

    def log_exception(self, exc_info: ft.ExcInfo) -> None:
        """Log the exception that is answered with a 500; override to report it elsewhere."""
        request = require_request_context().request
        path, method = escaped(request.path), escaped(request.method)
        self.logger.error("Exception on %s [%s]", path, method, exc_info=exc_info)

    def should_ignore_error(self, error: BaseException | None) -> bool:
        """Tell whether *error* is kept from teardown functions; override to decide."""
        return False

    def raise_routing_exception(self, request: Request) -> t.NoReturn:
        """Raise what routing found instead of a rule: not found, wrong method, a redirect.

        In debug mode a redirect that would lose the body is an error that says so.
        """
        error = request.routing_exception
        assert error is not None
        if isinstance(error, RequestRedirect):
            request.host_url  # noqa: B018  # raises BadRequest for a host that is not valid in an address
        keeps_body = (
            not isinstance(error, RequestRedirect)
            or error.code in (307, 308)
            or request.method in ("GET", "HEAD", "OPTIONS")
        )
        if keeps_body or not self.debug:
            raise error
        from ..debughelpers import FormDataRoutingRedirect

        raise FormDataRoutingRedirect(request)

    def _find_error_handler(
        self, e: Exception, blueprints: t.Sequence[str]
    ) -> ft.ErrorHandlerCallable | None:
        """Return the handler for *e*."""
        if not self.error_handler_spec:
            return None
        exc_class, code = Registrar._get_exc_class_and_code(type(e))
        return find_handler(self.error_handler_spec, exc_class, code, blueprints)
