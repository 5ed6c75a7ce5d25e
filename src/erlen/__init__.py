"""Erlen: a fast web framework with Flask's API.

How the package is laid out; imports only point down this list.

- Features, beyond Flask; nothing below imports one: ``api``, typed views and OpenAPI; ``legacy``, names and
  behaviour of Flask 1.1 to 2.2 on request; ``doctor``, the installed extensions beside those that were tried;
  ``deploy``, what takes an application to production; ``script``, offline scripts.
- ``alias`` makes ``import flask`` mean Erlen, by the finders of ``alias_import``. ``as_flask`` turns the
  alias on, or starts a program with it; ``stubs`` writes stubs for type checkers.
- ``app``: the class :class:`Erlen`, put together from the parts below. ``testing``: its clients.
- ``gateway``: translate a server's protocol (WSGI, ASGI, the development server).
- ``serve``: run one request or WebSocket: contexts, matching, hooks, results, errors, links.
- ``plan``: work out, once, everything that can be known before a request.
- ``declare``: record what the application says while it is set up: rules, hooks, blueprints.
- ``cli``: find the application and run commands on it.
- Concepts, under Flask's own names: ``helpers``, ``json``, ``logging``, ``sessions``,
  ``templating``, ``views``, ``wrappers``, ``debughelpers``; and under names of our own:
  ``eventstream``, ``channels``, ``http_errors``.
- ``concurrency``: threads, event loops, and the ways between them.
- Vocabulary: ``typing``, ``signals``, ``config``, ``active``, ``context_proxies``, ``globals``, ``observe``,
  ``originals``, ``servers``, ``bounded``, ``environment_files``, ``project_files``, ``reporting``,
  ``late_module``.

``blueprints``, ``ctx`` and ``sansio`` are signposts: Flask's import paths for what lives elsewhere.
"""

from __future__ import annotations

import typing as t
from importlib import import_module

from . import json as json
from . import sansio as sansio
from .app import Erlen as Erlen
from .app import Flask as Flask
from .blueprints import Blueprint as Blueprint
from .config import Config as Config
from .ctx import after_this_request as after_this_request
from .ctx import copy_current_request_context as copy_current_request_context
from .ctx import has_app_context as has_app_context
from .ctx import has_request_context as has_request_context
from .ctx import has_websocket_context as has_websocket_context
from .globals import current_app as current_app
from .globals import g as g
from .globals import request as request
from .globals import session as session
from .globals import websocket as websocket
from .helpers import abort as abort
from .helpers import flash as flash
from .helpers import get_flashed_messages as get_flashed_messages
from .helpers import get_template_attribute as get_template_attribute
from .helpers import make_response as make_response
from .helpers import redirect as redirect
from .helpers import send_file as send_file
from .helpers import send_from_directory as send_from_directory
from .helpers import stream_with_context as stream_with_context
from .helpers import url_for as url_for
from .json import jsonify as jsonify
from .serve.results import Encoded as Encoded
from .signals import appcontext_popped as appcontext_popped
from .signals import appcontext_pushed as appcontext_pushed
from .signals import appcontext_tearing_down as appcontext_tearing_down
from .signals import before_render_template as before_render_template
from .signals import got_request_exception as got_request_exception
from .signals import message_flashed as message_flashed
from .signals import request_finished as request_finished
from .signals import request_started as request_started
from .signals import request_tearing_down as request_tearing_down
from .signals import template_rendered as template_rendered
from .templating import render_template as render_template
from .templating import render_template_string as render_template_string
from .templating import stream_template as stream_template
from .templating import stream_template_string as stream_template_string
from .templating.asynchronous import render_template_async as render_template_async
from .templating.asynchronous import render_template_string_async as render_template_string_async
from .wrappers import Request as Request
from .wrappers import Response as Response
from .wrappers.streaming import stream_request as stream_request

if t.TYPE_CHECKING:
    from . import cli as cli
    from .channels import Channel as Channel
    from .eventstream import EventStream as EventStream
    from .eventstream import ServerSentEvent as ServerSentEvent
    from .gateway.asgi.websocket_connection import WebSocketClosed as WebSocketClosed
else:
    # PERF: an application without coroutines does not import asyncio.
    _LATE = {
        "Channel": ".channels",
        "EventStream": ".eventstream",
        "ServerSentEvent": ".eventstream",
        "WebSocketClosed": ".gateway.asgi.websocket_connection",
    }

    def __getattr__(name: str) -> t.Any:
        if name == "cli":
            # PERF: Click and the commands are a tenth of the time that importing takes.
            return import_module(".cli", __name__)
        if name in _LATE:
            return getattr(import_module(_LATE[name], __name__), name)
        if name == "__version__":
            return _version()
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def _version() -> str:
        """Return the version of the Flask API that is offered; ``importlib.metadata`` knows Erlen's own."""
        import warnings

        warnings.warn(
            "'__version__' says which Flask's API this is, 3.1.3; Flask 3.2 removes it."
            " Ask importlib.metadata.version('erlen') for Erlen's own, or look for the feature itself.",
            DeprecationWarning,
            stacklevel=3,
        )
        return "3.1.3"
