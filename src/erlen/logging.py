"""The application's logger, and its handler where logging is not configured."""

from __future__ import annotations

import logging
import sys
import typing as t

from werkzeug.local import LocalProxy

from .context_proxies import request

if t.TYPE_CHECKING:

    class _Application(t.Protocol):
        @property
        def name(self) -> str: ...
        @property
        def debug(self) -> bool: ...


def _errors_stream() -> t.TextIO:
    return request.environ["wsgi.errors"] if request else sys.stderr


# The server's error log while a request is active, else stderr. For logging configuration in a file
# or dict it is "ext://flask.logging.wsgi_errors_stream".
wsgi_errors_stream = t.cast(t.TextIO, LocalProxy(_errors_stream))  # what it stands for

default_handler = logging.StreamHandler(wsgi_errors_stream)
default_handler.setFormatter(logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s"))


def has_level_handler(logger: logging.Logger) -> bool:
    """Tell whether a handler takes the records of a logger at its effective level."""
    level = logger.getEffectiveLevel()
    current: logging.Logger | None = logger
    while current is not None:
        if any(handler.level <= level for handler in current.handlers):
            return True
        current = current.parent if current.propagate else None
    return False


def create_logger(app: _Application) -> logging.Logger:
    """Return the logger of the application's name.

    In debug mode its level is DEBUG, unless it has one already. Where no handler would take
    its records, it gets ``default_handler``.
    """
    logger = logging.getLogger(app.name)
    if logger.level == logging.NOTSET and app.debug:
        logger.setLevel(logging.DEBUG)
    if has_level_handler(logger):
        return logger
    logger.addHandler(default_handler)
    return logger


def escaped(text: str) -> str:
    """Return *text* with its control characters as escapes.

    SECURITY: text from a request must not begin a new line in the log.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )
