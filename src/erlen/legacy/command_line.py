"""What ``flask.cli`` had: the application that loads itself, and functions with a script info before."""

from __future__ import annotations

import inspect
import typing as t
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from importlib import import_module
from threading import RLock

from .. import cli
from .notices import notice

if t.TYPE_CHECKING:
    from ..app import Erlen
    from .changes import Changes

try:
    dotenv: t.Any = import_module("dotenv")
except ImportError:
    dotenv = None


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
        script_info = kwargs.pop("script_info", None)
        if script_info is None and args and isinstance(args[0], cli.ScriptInfo):
            script_info, *args = args  # type: ignore[assignment]
        if script_info is None:
            return function(*args, **kwargs)
        notice(f"flask.cli.{name}(script_info)")
        with _loading(script_info):
            return function(*args, **kwargs)

    return call


# The script info whose application is being loaded.
_script_info: ContextVar[t.Any] = ContextVar("erlen.legacy.script_info", default=None)


@contextmanager
def _loading(script_info: t.Any) -> t.Iterator[None]:
    token = _script_info.set(script_info)
    try:
        yield
    finally:
        _script_info.reset(token)


def _load_app(self: cli.ScriptInfo) -> Erlen:
    """Return the application; its factory may ask for the script info."""
    with _loading(self):
        return _own_load_app(self)


_own_load_app = cli.ScriptInfo.load_app


def _invoke_factory(
    factory: t.Callable[..., t.Any], args: t.Sequence[t.Any] = (), kwargs: t.Mapping[str, t.Any] | None = None
) -> t.Any:
    """Call the factory of an application, with the script info where it has an argument for it."""
    asked = inspect.getfullargspec(factory)
    named = dict(kwargs or {})
    if "script_info" in (*asked.args, *asked.kwonlyargs):
        named["script_info"] = _script_info.get()
    elif not args and not named and len(asked.args) == 1 and not asked.defaults:
        args = (_script_info.get(),)
    return _own_invoke_factory(factory, args, named)


_own_invoke_factory = cli.invoke_factory


def add(changes: Changes, level: str) -> None:
    """Bring the argument back, of the functions and of factories."""
    if level == "1.1":
        for name in ("find_app_by_string", "find_best_app", "locate_app"):
            changes.set(cli, name, _without_script_info(name, getattr(cli, name)))
        changes.set(cli, "invoke_factory", _invoke_factory)
        changes.set(cli.ScriptInfo, "load_app", _load_app)
