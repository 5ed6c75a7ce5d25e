"""The context of a WebSocket: the handshake, its session, its route, and its application context.

``websocket``, ``session``, ``g`` and ``current_app`` work; ``request`` does not. The session is read at
the handshake, and saved with the response to it: the browser keeps no cookie of a later message.
"""

from __future__ import annotations

import contextlib
import contextvars
import typing as t

from werkzeug.exceptions import HTTPException

from ..active import cv_websocket
from ..concurrency.to_thread import ToThread
from .app_context import UNMADE

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.routing import MapAdapter, Rule

    from ..plan.model import Plan
    from ..sessions import SessionMixin
    from ..wrappers.websocket import WebSocket
    from .app_context import AppContext
    from .contract import Application


class WebSocketContext(ToThread):
    """The context of one WebSocket; *listen* starts to receive its messages."""

    def __init__(
        self,
        app: Application,
        websocket: WebSocket,
        listen: t.Callable[[], object],
        variables: contextvars.Context,
    ) -> None:
        self.app: Application = app
        self.variables = variables
        self._listen = listen
        self.websocket = websocket
        self.app_context: AppContext = app.app_context()
        self.made_adapter: MapAdapter | None = UNMADE
        self._session: SessionMixin | None = None
        self._before: WebSocketContext | None = None

    @property
    def environ(self) -> WSGIEnvironment:
        """The environ of the handshake."""
        return self.websocket.environ

    @property
    def request(self) -> WebSocket:
        """The handshake, under the name by which the making of responses expects it."""
        return self.websocket

    @property
    def url_adapter(self) -> MapAdapter | None:
        """The adapter that builds URLs for this WebSocket; None where its host was refused."""
        if self.made_adapter is UNMADE:
            self.made_adapter = None
            with contextlib.suppress(HTTPException):
                self.made_adapter = self.app.create_url_adapter(self.websocket)
        return self.made_adapter

    @property
    def session(self) -> SessionMixin:
        """The session; reading it marks it as accessed."""
        session = self.open_session() if self._session is None else self._session
        session.accessed = True
        return session

    @property
    def _plan(self) -> Plan:
        planner = self.app.request_planner
        return planner.plan or planner.current(self.app)

    async def open(self) -> None:
        """Get ready for the handler: start what is to be started, and read the session.

        Erlen's own session interface reads it when somebody asks for it.
        """
        plan = self._plan
        if not plan.straight and self.app.is_to_be_started():
            await self.app.serving_state.start_by_request(self.app)  # the server has no lifespan
        # Not before the start: others may wait for it, and it must not end when this client goes.
        self._listen()
        if not plan.lazy_session:
            await self.call_plain(self.open_session)

    async def save_session(self) -> list[tuple[str, str]]:
        """Save the session, on a thread if its interface is foreign; return the headers for the browser."""
        plan = self._plan
        if not plan.lazy_session:
            return await self.call_plain(self._save_session)
        if self._session is None and plan.cookie_name not in self.environ.get("HTTP_COOKIE", ""):
            return []
        return self._save_session()

    def open_session(self) -> SessionMixin:
        """Read the session of the handshake."""
        interface = self.app.session_interface
        session = interface.open_session(self.app, self.websocket)
        self._session = interface.make_null_session(self.app) if session is None else session
        return self._session

    def _save_session(self) -> list[tuple[str, str]]:
        session, interface = self._session, self.app.session_interface
        if session is None:
            session = self.open_session()
        response = self.app.response_class()
        if not interface.is_null_session(session):
            interface.save_session(self.app, session, response)
        return [pair for pair in response.headers if pair[0].lower() in ("set-cookie", "vary")]

    def match(self) -> None:
        """Find the rule for the URL; raises the routing exception where there is none."""
        self.made_adapter = adapter = self.app.create_url_adapter(self.websocket)
        if adapter is not None:
            found: tuple[Rule, t.Any] = adapter.match(return_rule=True)
            self.websocket.url_rule, self.websocket.view_args = found

    def push(self) -> None:
        """Make the application context and this context active."""
        self.app_context.push()
        self._before = cv_websocket.get(None)
        cv_websocket.set(self)

    def pop(self, exc: BaseException | None) -> None:
        """Pop both; this runs the teardown functions of the application context."""
        # Not by a token: on Python 3.10 this may run in a copy of the context that it was set in.
        cv_websocket.set(self._before)
        self.app_context.pop(exc)
