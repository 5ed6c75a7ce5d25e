"""Rules, and the map that holds them: Werkzeug's own, which say when they change.

Werkzeug's map stays the truth for building URLs and for everything the plan's matcher cannot
express. A rule that is changed after it was added marks the routing as stale.
"""

from __future__ import annotations

import typing as t

from werkzeug.routing import Map, Rule
from werkzeug.routing.rules import RuleFactory


class RuleMap(Map):
    """Be a Werkzeug map that calls *changed* when rules are added or settings set."""

    changed: t.Callable[[], None] | None = None

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        # COMPAT: settings (strict_slashes, host_matching, …) may be set at any time. Names with
        # an underscore are Werkzeug's own bookkeeping, which update() writes at each re-sort.
        if self.changed is not None and name[0] != "_" and name != "changed":
            self.changed()

    def add(self, rulefactory: RuleFactory) -> None:
        super().add(rulefactory)
        if self.changed is not None:
            self.changed()


class UrlRule(Rule):
    """Be a Werkzeug rule that reports when it is changed after it was bound to a map."""

    provide_automatic_options: bool = False

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        if name[0] != "_":
            report = getattr(self.__dict__.get("map"), "changed", None)
            if report is not None:
                report()
