"""The extension ``Health``: which checks there are, and at which paths an application answers."""

from __future__ import annotations

import math
import typing as t
from importlib import metadata

from . import checks
from .probes import Liveness, Readiness
from .runs import Check

if t.TYPE_CHECKING:
    from ...app import Erlen

Function = t.TypeVar("Function", bound="t.Callable[[], t.Any]")

# Plugins: functions that are called with this object and the application, and add checks.
GROUP = "erlen.health"
# The names of checks that are there by themselves: where Flask-SQLAlchemy is, and where functions for the
# start of serving have not been called yet.
DATABASE, STARTING = "database", "serving"


class Health:
    """The checks of applications, and the paths at which they are told.

    *live* and *ready* are paths, or None for no such answer. *timeout* is the number of seconds that a check
    has, unless it has its own. *database* is whether Flask-SQLAlchemy's engines are checked by themselves,
    *plugins* whether the entry points ``erlen.health`` may add checks.
    """

    def __init__(
        self,
        app: Erlen | None = None,
        *,
        live: str | None = "/livez",
        ready: str | None = "/readyz",
        timeout: float = 2.0,
        database: bool = True,
        plugins: bool = True,
    ) -> None:
        self.live, self.ready = _path("live", live), _path("ready", ready)
        if live is not None and live == ready:
            raise ValueError(f"'live' and 'ready' are the same path, {live!r}.")
        self.timeout = _seconds(timeout)
        self._finds_database = database
        self._has_plugins = plugins
        self._checks: dict[str, Check] = {}
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Erlen) -> None:
        """Let *app* answer at the paths."""
        probes = {self.live: Liveness(), self.ready: Readiness(app, self.checks_of)}
        paths = {path: probe for path, probe in probes.items() if path is not None}
        taken = sorted(paths.keys() & app.direct_answers.keys())
        if taken:
            raise ValueError(f"Something answers at {', '.join(taken)} already: call 'init_app' once.")
        if self._has_plugins:
            self._has_plugins = False  # once, also for several applications
            self._load_plugins(app)
        app.extensions["erlen.health"] = self
        app.direct_answers.update(paths)

    def _load_plugins(self, app: Erlen) -> None:
        for entry_point in metadata.entry_points(group=GROUP):
            try:
                entry_point.load()(self, app)
            except Exception as error:
                plugin = entry_point.dist.name if entry_point.dist else entry_point.value
                raise RuntimeError(
                    f"The health checks {entry_point.name!r} of {plugin!r} could not be added:"
                    f" {type(error).__name__}: {error}. Without them: Health(plugins=False)."
                ) from error

    @t.overload
    def check(
        self, name: str, function: None = None, *, timeout: float | None = None
    ) -> t.Callable[[Function], Function]: ...

    @t.overload
    def check(self, name: str, function: Function, *, timeout: float | None = None) -> Function: ...

    def check(
        self, name: str, function: t.Callable[[], t.Any] | None = None, *, timeout: float | None = None
    ) -> t.Any:
        """Add a check, a plain or a coroutine function without parameters; without one, decorate it.

        It is called with the application's context. It fails if it raises or returns False.
        """
        seconds = self.timeout if timeout is None else _seconds(timeout)
        if not isinstance(name, str) or not name:
            raise TypeError(f"A check needs a name, which comes first, not {name!r}.")

        def add(function: Function) -> Function:
            if not callable(function):
                raise TypeError(f"The check {name!r} must be a function, not {function!r}.")
            if name in self._checks:
                raise ValueError(f"There is a check {name!r} already.")
            self._checks[name] = Check(name, function, seconds)
            return function

        return add if function is None else add(function)

    def checks_of(self, app: Erlen) -> list[Check]:
        """Return the checks of *app*: those that were added, and those that are there by themselves."""
        found = list(self._checks.values())
        # The extension has had several engines since its version 3.
        has_engines = hasattr(type(app.extensions.get("sqlalchemy")), "engines")
        if self._finds_database and has_engines and DATABASE not in self._checks:
            found.insert(0, Check(DATABASE, checks.check_extension, self.timeout))
        if app.is_to_be_started() and STARTING not in self._checks:
            found.insert(0, Check(STARTING, checks.start_serving, self.timeout))
        return found


def _path(name: str, path: t.Any) -> str | None:
    if path is None:
        return None
    if not (isinstance(path, str) and path.startswith("/") and path.isascii() and path.isprintable()):
        raise ValueError(f"{name!r} must be a path such as '/livez', not {path!r}.")
    if "?" in path or "#" in path or "%" in path:
        raise ValueError(f"{name!r} must be a path without '?', '#' and '%', not {path!r}.")
    return path


def _seconds(timeout: t.Any) -> float:
    if not isinstance(timeout, (int, float)) or not 0 < timeout < math.inf:
        raise ValueError(f"'timeout' must be a number of seconds above 0, not {timeout!r}.")
    return float(timeout)
