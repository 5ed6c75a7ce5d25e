"""Clients for tests: requests without a server, commands without a shell."""

from __future__ import annotations

import importlib
import importlib.metadata
import typing as t
from contextlib import ExitStack, contextmanager
from copy import copy
from functools import cache
from urllib.parse import urlsplit

import werkzeug.test
from click.testing import CliRunner, Result
from werkzeug.datastructures import Headers
from werkzeug.test import Client
from werkzeug.wrappers import Request as BaseRequest
from werkzeug.wsgi import get_current_url

from ..cli import ScriptInfo
from ..sessions import SessionMixin

if t.TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.test import TestResponse

    from ..app import Erlen
    from .websocket import WebSocketSession


_WEBSOCKET = ("WebSocketDenied", "WebSocketEnded", "WebSocketSession")


def __getattr__(name: str) -> t.Any:
    # Imported here: only some tests need asyncio.
    if name in _WEBSOCKET:
        return getattr(importlib.import_module(".websocket", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class EnvironBuilder(werkzeug.test.EnvironBuilder):
    """A builder of environs for requests to an application.

    Host, root and scheme are taken from ``SERVER_NAME``, ``APPLICATION_ROOT`` and
    ``PREFERRED_URL_SCHEME``, from *path* where that is a whole URL, or from *base_url*. Further
    arguments are those of Werkzeug's builder; ``json=`` is written by ``app.json``.
    """

    def __init__(
        self,
        app: Erlen,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        *args: t.Any,
        **kwargs: t.Any,
    ) -> None:
        assert base_url is None or not (subdomain or url_scheme), (
            'Cannot pass "subdomain" or "url_scheme" with "base_url": that says both already.'
        )
        if base_url is None:
            path, base_url = _address(app, path, subdomain, url_scheme)
        self.app = app
        super().__init__(path, base_url, *args, **kwargs)

    def json_dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Return *obj* as JSON text, as the application writes it."""
        return self.app.json.dumps(obj, **kwargs)


def _address(app: Erlen, path: str, subdomain: str | None, url_scheme: str | None) -> tuple[str, str]:
    """Return path with query, and the URL of the application's root."""
    url = urlsplit(path)
    host = url.netloc
    if not host:
        host = app.config.get("SERVER_NAME") or "localhost"
        host = f"{subdomain}.{host}" if subdomain else host
    scheme = url.scheme or (app.config["PREFERRED_URL_SCHEME"] if url_scheme is None else url_scheme)
    root = app.config["APPLICATION_ROOT"].lstrip("/")
    return (f"{url.path}?{url.query}" if url.query else url.path), f"{scheme}://{host}/{root}"


@cache
def _get_werkzeug_version() -> str:
    return importlib.metadata.version("werkzeug")


class FlaskClient(Client):
    """A client that sends requests to an application, and keeps its cookies.

    In a ``with`` block the contexts of the last request stay active, so that ``request``,
    ``session`` and ``g`` can be read. ``environ_base`` is part of each request. *protocol* is the
    gateway for the requests: "wsgi" or "asgi".
    """

    application: Erlen

    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        protocol: str = kwargs.pop("protocol", "wsgi")
        super().__init__(*args, **kwargs)
        if protocol not in ("wsgi", "asgi"):
            raise ValueError(f"'protocol' is 'wsgi' or 'asgi', not {protocol!r}.")
        self.protocol = protocol
        self.preserve_context = False
        # The contexts that the gateway passes on during a request; those that stay active after the last one.
        self._new_contexts: list[t.ContextManager[t.Any]] = []
        self._context_stack = ExitStack()
        self.environ_base = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_USER_AGENT": f"Werkzeug/{_get_werkzeug_version()}",
        }

    @contextmanager
    def session_transaction(self, *args: t.Any, **kwargs: t.Any) -> t.Iterator[SessionMixin]:
        """Open the session of the next request, to be changed in a ``with`` block and stored after it.

        Arguments are those of ``test_request_context``, for sessions that depend on the request.
        Raises TypeError for a client without cookies, RuntimeError where no session can be opened.
        """
        if self._cookies is None:
            raise TypeError("Cookies are disabled. Sessions need them: app.test_client(use_cookies=True)")
        app = self.application
        interface = app.session_interface
        context = app.test_request_context(*args, **kwargs)
        self._add_cookies_to_wsgi(context.request.environ)
        with context:
            session = interface.open_session(app, context.request)
        if session is None:
            raise RuntimeError(
                "Session backend did not open a session. Is SECRET_KEY set? By default sessions need one."
            )
        yield session
        if not interface.is_null_session(session):
            self._store_session(context, session)

    def _store_session(self, context: t.Any, session: SessionMixin) -> None:
        """Save the session, and keep its cookies."""
        app, request = self.application, context.request
        response = app.response_class()
        with context:
            app.session_interface.save_session(app, session, response)
        host = request.host.partition(":")[0]
        self._update_cookies_from_response(host, request.path, response.headers.getlist("Set-Cookie"))

    def _copy_environ(self, other: WSGIEnvironment) -> WSGIEnvironment:
        environ: WSGIEnvironment = {**self.environ_base, **other}
        if self.preserve_context:
            environ["werkzeug.debug.preserve_context"] = self._new_contexts.append
        return environ

    def _request_from_builder_args(self, args: tuple[t.Any, ...], kwargs: dict[str, t.Any]) -> BaseRequest:
        environ_base = self._copy_environ(kwargs.get("environ_base", {}))
        builder = EnvironBuilder(self.application, *args, **{**kwargs, "environ_base": environ_base})
        try:
            return builder.get_request()
        finally:
            builder.close()

    def _request_of(self, given: t.Any) -> BaseRequest:
        """Return the request for a builder, an environ or a request, with this client's environ."""
        if isinstance(given, werkzeug.test.EnvironBuilder):
            builder = copy(given)
            builder.environ_base = self._copy_environ(builder.environ_base or {})  # type: ignore[arg-type]
            return builder.get_request()
        if isinstance(given, dict):
            environ_base = self._copy_environ({})
            return EnvironBuilder.from_environ(
                given, app=self.application, environ_base=environ_base
            ).get_request()
        request: BaseRequest = copy(given)
        request.environ = self._copy_environ(request.environ)
        return request

    def open(
        self, *args: t.Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: t.Any
    ) -> TestResponse:
        """Send a request: a path and the builder's arguments, or a builder, an environ, a request."""
        if args and isinstance(args[0], (werkzeug.test.EnvironBuilder, dict, BaseRequest)):
            request = self._request_of(args[0])
        else:
            request = self._request_from_builder_args(args, kwargs)
        # The contexts of the previous request are popped first, also between the steps of a redirect.
        self._context_stack.close()
        response = super().open(request, buffered=buffered, follow_redirects=follow_redirects)
        response.json_module = self.application.json  # type: ignore[assignment]
        while self._new_contexts:
            self._context_stack.enter_context(self._new_contexts.pop(0))
        return response

    def run_wsgi_app(
        self, environ: WSGIEnvironment, buffered: bool = False
    ) -> tuple[t.Iterable[bytes], str, Headers]:
        """Send a request by the client's protocol."""
        if self.protocol == "wsgi":
            return super().run_wsgi_app(environ, buffered)
        from .exchange import AsgiCaller  # imports asyncio

        self._add_cookies_to_wsgi(environ)
        answer = werkzeug.test.run_wsgi_app(AsgiCaller(self.application), environ, buffered=buffered)
        self.keep_cookies(environ, answer[2])
        return answer

    def keep_cookies(self, environ: WSGIEnvironment, headers: Headers) -> None:
        """Keep the cookies that a response sets."""
        url = urlsplit(get_current_url(environ))
        self._update_cookies_from_response(
            url.hostname or "localhost", url.path, headers.getlist("Set-Cookie")
        )

    def response_of(
        self, environ: WSGIEnvironment, status: int, headers: Headers, body: bytes
    ) -> TestResponse:
        """Make a test response of what an application has sent."""
        return self.response_wrapper([body], str(status), headers, request=BaseRequest(environ))

    def websocket(
        self, path: str, *args: t.Any, subprotocols: t.Sequence[str] = (), **kwargs: t.Any
    ) -> WebSocketSession:
        """Open a WebSocket in a ``with`` block; arguments are those of a GET request.

        Raises WebSocketDenied where the application refuses it.
        """
        from .websocket import WebSocketSession

        return WebSocketSession(self, *self.handshake(path, args, kwargs, subprotocols))

    def handshake(
        self, path: str, args: tuple[t.Any, ...], kwargs: dict[str, t.Any], subprotocols: t.Sequence[str]
    ) -> tuple[WSGIEnvironment, dict[str, t.Any]]:
        """Return the environ and the scope that open a WebSocket."""
        from .websocket import scope_of_handshake

        headers = Headers(kwargs.get("headers"))
        if subprotocols:
            headers["Sec-WebSocket-Protocol"] = ", ".join(subprotocols)
        environ = self._request_from_builder_args((path, *args), {**kwargs, "headers": headers}).environ
        self._add_cookies_to_wsgi(environ)
        return environ, scope_of_handshake(environ, subprotocols)

    def keep_headers(self, environ: WSGIEnvironment, message: t.Mapping[str, t.Any]) -> Headers:
        """Return the headers of a message, and keep the cookies in them."""
        pairs = message.get("headers", ())
        headers = Headers((name.decode("latin1"), value.decode("latin1")) for name, value in pairs)
        self.keep_cookies(environ, headers)
        return headers

    def denial(self, environ: WSGIEnvironment, messages: t.Iterable[t.Mapping[str, t.Any]]) -> TestResponse:
        """Return the response that refuses a WebSocket; a plain 403 where the application only closed it."""
        status, headers, body = 403, Headers(), b""
        for message in messages:
            if message["type"] == "websocket.http.response.start":
                status, headers = message["status"], self.keep_headers(environ, message)
            elif message["type"] == "websocket.http.response.body":
                body += message.get("body", b"")
        return self.response_of(environ, status, headers, body)

    def __enter__(self) -> FlaskClient:
        if self.preserve_context:
            raise RuntimeError("Cannot nest client invocations: this client's 'with' block is still open")
        self.preserve_context = True
        return self

    def __exit__(
        self,
        exc_type: type | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.preserve_context = False
        self._context_stack.close()


class FlaskCliRunner(CliRunner):
    """A runner of an application's commands that catches what they print."""

    def __init__(self, app: Erlen, **kwargs: t.Any) -> None:
        self.app = app
        super().__init__(**kwargs)

    def invoke(  # type: ignore[override]  # a command may be left out, as in Flask
        self, cli: t.Any = None, args: t.Any = None, **kwargs: t.Any
    ) -> Result:
        """Run a command with a list of arguments, by default the application's own group.

        Commands get the application from a ScriptInfo, unless ``obj`` is given. Further arguments
        are those of Click's runner.
        """
        if "obj" not in kwargs:
            kwargs["obj"] = ScriptInfo(create_app=lambda: self.app)
        return super().invoke(self.app.cli if cli is None else cli, args, **kwargs)
