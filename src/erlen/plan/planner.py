"""The planner: keeps an application's plan, and drops it when something that it depends on changes."""

from __future__ import annotations

import typing as t
from functools import partial

from ..config import Config
from ..declare.rules import RuleMap
from ..observe import Watched
from .compiler import compile_plan, find_own
from .model import Own, Plan, Stamps

if t.TYPE_CHECKING:
    from .contract import Application
    from .overrides import Seams


class Planner:
    """The owner of an application's current plan.

    It has no reference to the application, which owns it: tables and classes report to it, and
    whoever needs the plan passes the application along.
    """

    def __init__(self, seams: Seams) -> None:
        # The plan, or None where something changed since it was compiled.
        self.plan: Plan | None = None
        self.stamps = Stamps()
        self._seams = seams
        self._last: Plan | None = None
        # What was found of the seams, and the stamp that these had then.
        self._own: tuple[object, Own] | None = None
        self.config_changed = partial(self.stale, "config")
        self.hooks_changed = partial(self.stale, "hooks")
        self.routing_changed = partial(self.stale, "routing")
        self.views_changed = partial(self.stale, "views")
        Watched.watch(self)

    def stale(self, concern: str) -> None:
        """Drop the plan: what it knows of *concern* may be wrong."""
        setattr(self.stamps, concern, object())
        self.plan = None

    def current(self, app: Application) -> Plan:
        """Return the plan, compiled anew where something changed."""
        plan = self.plan
        if plan is not None:
            return plan
        stamps = self.stamps.read()
        plan = compile_plan(app, stamps, self.own(app), self._last)
        self.plan = self._last = plan
        if plan.stamps != self.stamps.read():
            self.plan = None  # changed by another thread: this request may still use it
        return plan

    def own(self, app: Application) -> Own:
        """Return what is still Erlen's own; the plan need not be compiled for that."""
        stamp, known = self.stamps.seams, self._own
        if known is None or known[0] is not stamp:
            known = self._own = stamp, find_own(app, self._seams)
        return known[1]

    def listen_to(self, collaborator: object) -> None:
        """Receive the changes of a configuration or a map, unless another application does."""
        if isinstance(collaborator, Config) and collaborator.on_change is None:
            collaborator.on_change = self.config_changed
        elif isinstance(collaborator, RuleMap) and collaborator.changed is None:
            collaborator.changed = self.routing_changed
