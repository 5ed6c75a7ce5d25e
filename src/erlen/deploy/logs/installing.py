"""Turn the logs on: for a process, and for an application."""

from __future__ import annotations

import logging
import threading
import typing as t

from ... import logging as flasks
from .access import AccessLog
from .asgi import AsgiLog
from .exchange import RequestIdFilter
from .formats import JsonFormatter, TextFormatter
from .handlers import make_handler, writes_to_same
from .hidden import Hidden
from .mail import MailHandler
from .redaction import Redaction
from .settings import Settings
from .wsgi import WsgiLog

if t.TYPE_CHECKING:
    from ... import Erlen

_EXTENSION = "erlen.deploy.logs"


class Logs:
    """The logs of one application: what its middleware reads, in one object that can be set anew."""

    def __init__(self, config: t.Mapping[str, t.Any], settings: Settings) -> None:
        self.set(config, settings)

    def set(self, config: t.Mapping[str, t.Any], settings: Settings) -> None:
        """Take over other settings."""
        self.config = config
        self.header = settings.request_id_header
        self.header_bytes = self.header.lower().encode()
        self.header_key = f"HTTP_{self.header.upper().replace('-', '_')}" if self.header else ""
        self.access = AccessLog(settings, Hidden(settings.hidden_fields))


class _Process:
    """What the logs have put into :mod:`logging`, in this process."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.handlers: list[logging.Handler] = []
        self.level_before: int | None = None
        # One filter, which a handler has once, and the handlers of others that have it.
        self.filter = RequestIdFilter()
        self.filtered: list[logging.Handler] = []


_process = _Process()


def init_app(app: Erlen, **options: t.Any) -> None:
    """Turn the logs on for an application, and for the process that it runs in.

    *options* are keys that go before those of ``app.config`` and of the environment, as the options of a
    command do. A second call takes over what has changed. Raises ValueError for a key that cannot be used,
    and OSError for a file that cannot be written to.
    """
    settings = Settings.read(app.config, options=options)
    _install(app.config, settings, app.name)
    # The application's logger has it if it was used before there was another.
    logging.getLogger(app.name).removeHandler(flasks.default_handler)
    logs = app.extensions.get(_EXTENSION)
    if logs is not None:
        logs.set(app.config, settings)
        return
    logs = app.extensions[_EXTENSION] = Logs(app.config, settings)
    around_wsgi, around_asgi = WsgiLog(app.wsgi_app, logs), AsgiLog(app.asgi_app, logs, app)
    app.wsgi_app = around_wsgi  # type: ignore[method-assign]
    app.asgi_app = around_asgi  # type: ignore[method-assign]


def configure(config: t.Mapping[str, t.Any] | None = None, **options: t.Any) -> None:
    """Turn the logs on for a process that has no application, or none yet.

    Keys and options are those of :func:`init_app`, which may be called later.
    """
    _install(config or {}, Settings.read(config, options=options), "erlen")


def remove() -> None:
    """Take out of :mod:`logging` what the logs have put there; applications keep their middleware."""
    with _process.lock:
        _take_out()
        for handler in _process.handlers:
            handler.close()
        _process.handlers = []


def _take_out() -> None:
    root = logging.getLogger()
    for handler in _process.handlers:
        root.removeHandler(handler)
    for handler in _process.filtered:
        handler.removeFilter(_process.filter)
    _process.filtered = []
    if _process.level_before is not None:
        root.setLevel(_process.level_before)
        _process.level_before = None


def _install(config: t.Mapping[str, t.Any], settings: Settings, name: str) -> None:
    """Put handlers on the root logger, in place of those of an earlier call."""
    redaction = Redaction(Hidden(settings.hidden_fields), config)
    text = TextFormatter(redaction)
    lines = JsonFormatter(redaction) if settings.format == "json" else text
    root = logging.getLogger()
    with _process.lock:
        before = _process.handlers
        others = [handler for handler in root.handlers if handler not in before]
        made = _make_handlers(settings, name, others)
        _take_out()
        for handler in before:
            if handler not in made:
                handler.close()
        for handler in made:
            # A mail is for people.
            handler.setFormatter(text if isinstance(handler, MailHandler) else lines)
            root.addHandler(handler)
        _process.handlers = made
        for handler in (*others, *logging.getLogger(name).handlers):
            handler.addFilter(_process.filter)
            _process.filtered.append(handler)
        _set_levels(root, settings, others)


def _make_handlers(settings: Settings, name: str, others: list[logging.Handler]) -> list[logging.Handler]:
    """Return the handlers that are to be there: none that writes to where another one does."""
    made: list[logging.Handler] = []
    if not any(writes_to_same(handler, settings) for handler in others):
        made.append(make_handler(settings))
    if settings.mail is not None:
        # One that is there goes on: it knows how many mails were sent in this hour.
        there = (handler for handler in _process.handlers if isinstance(handler, MailHandler))
        kept = next((handler for handler in there if handler.sends(settings.mail, name)), None)
        made.append(kept or MailHandler(settings.mail, name))
    return made


def _set_levels(root: logging.Logger, settings: Settings, others: list[logging.Handler]) -> None:
    _process.level_before = root.level
    if settings.level is not None:
        root.setLevel(settings.level)
    elif not any(map(_is_of_user, others)):
        root.setLevel(logging.INFO)
    if settings.access:
        # Whatever the level of the others is.
        logging.getLogger("erlen.access").setLevel(logging.INFO)


def _is_of_user(handler: logging.Handler) -> bool:
    """Tell whether the user has put a handler there; pytest's are there in every test."""
    return not type(handler).__module__.startswith("_pytest.")
