"""The steps that a worker can take. Imported once `flask` means the right framework."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from flask import Flask
from flask.globals import _cv_app, _cv_request

from . import changes, clock, scenarios
from .application import create
from .application.events import note, taken
from .wsgi import Exchange, make_environ

_kept: dict[str, Flask] = {}


class Worker:
    """Runs one list of steps."""

    def __init__(self) -> None:
        clock.set_to(0)
        self.app: Flask | None = None
        self.desk: changes.Desk | None = None
        taken()

    def told(self, do: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Take a step; give its outcome, the events on the way and whether a context is left."""
        outcome = getattr(self, f"do_{do}")(**arguments)
        left = [str(_cv_request.get(None) is not None), str(_cv_app.get(None) is not None)]
        return {"outcome": outcome, "events": taken(), "left": left}

    def do_use(self, variant: str) -> None:
        """Take an application that others have used before."""
        if variant not in _kept:
            _kept[variant] = watched(create(variant))
        self.app = _kept[variant]

    def do_new(self, variant: str) -> None:
        """Take an application that nobody has used: the following steps may change it."""
        self.app = watched(create(variant))
        self.desk = changes.Desk(self.app)

    def do_clock(self, seconds: float) -> None:
        clock.set_to(seconds)

    def do_request(self, **described: Any) -> dict[str, Any]:
        assert self.app is not None
        return Exchange(self.app, make_environ(**described)).run()

    def do_change(self, what: str, **arguments: Any) -> Any:
        assert self.desk is not None
        return self.desk.make(what, arguments)

    def do_scenario(self, name: str) -> Any:
        try:
            return scenarios.ALL[name]()
        except Exception:
            return traceback.format_exc()


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        # People search their logs for this message; the others may be said better.
        message = record.getMessage() if record.msg.startswith("Exception on ") else ""
        note("log", record.levelname, message, kind.__name__ if kind else "")


def watched(app: Flask) -> Flask:
    """Note what the application logs instead of printing it."""
    app.logger.handlers = [_Notes()]
    app.logger.propagate = False
    return app
