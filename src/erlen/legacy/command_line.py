"""What ``flask.cli`` had: the application that loads itself, and functions with a script info before."""

from __future__ import annotations

import typing as t
from functools import wraps
from threading import RLock

from .. import cli
from .configuration import debug_flag
from .notices import notice

if t.TYPE_CHECKING:
    from .changes import Changes


class DispatchingApp:
    """A WSGI application that loads the real one: at once, or at the first request."""

    def __init__(self, loader: t.Callable[[], t.Any], use_eager_loading: bool | None = None) -> None:
        self.loader = loader
        self._app: t.Any = None
        self._lock = RLock()
        if use_eager_loading:
            self._load()

    def _load(self) -> t.Any:
        with self._lock:
            if self._app is None:
                self._app = self.loader()
            return self._app

    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        return self._load()(environ, start_response)


def call_factory(script_info: t.Any, app_factory: t.Any, args: t.Any = None, kwargs: t.Any = None) -> t.Any:
    """Call an application factory."""
    return app_factory(*(args or ()), **(kwargs or {}))


def _without_script_info(name: str, function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Let a function be called with a script info before its arguments."""

    @wraps(function)
    def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
        if "script_info" in kwargs or (args and isinstance(args[0], cli.ScriptInfo)):
            notice(f"flask.cli.{name}(script_info)")
            args = args if "script_info" in kwargs else args[1:]
            kwargs.pop("script_info", None)
        return function(*args, **kwargs)

    return call


def add(changes: Changes, level: str) -> None:
    """Bring the argument back, and let FLASK_ENV turn debug mode on."""
    changes.set(cli, "get_debug_flag", debug_flag)
    if level == "1.1":
        for name in ("find_app_by_string", "find_best_app", "locate_app"):
            changes.set(cli, name, _without_script_info(name, getattr(cli, name)))
