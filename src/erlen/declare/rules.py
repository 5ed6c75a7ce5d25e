"""Rules and the map that has them: Werkzeug's own, which report changes.

Werkzeug's map remains the authority for building URLs and for everything the plan's matcher cannot
express. A rule that is changed after it was added marks the routing as stale.
"""

from __future__ import annotations

import typing as t

from werkzeug.routing import BaseConverter, Map, Rule
from werkzeug.routing.rules import RuleFactory

from ..originals import inherits


class RuleMap(Map):
    """A Werkzeug map that calls *changed* when rules are added or settings set."""

    changed: t.Callable[[], None] | None = None
    # Whether matching may call a function of the application: a converter's, or one that redirects.
    calls_functions = False

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        # COMPAT: settings (strict_slashes, host_matching, …) may be set at any time. Names with
        # an underscore are Werkzeug's own bookkeeping, which update() writes at each re-sort.
        if self.changed is not None and name[0] != "_" and name != "changed":
            self.changed()

    def add(self, rulefactory: RuleFactory) -> None:
        rules = list(rulefactory.get_rules(self))
        super().add(_Rules(rules))
        if not self.calls_functions and any(map(_calls_functions, rules)):
            self.calls_functions = True
        if self.changed is not None:
            self.changed()


class _Rules(RuleFactory):
    """A rule factory that returns existing rules."""

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules

    def get_rules(self, map: Map) -> list[Rule]:
        return self._rules


def _calls_functions(rule: Rule) -> bool:
    return callable(rule.redirect_to) or not all(map(is_own_converter, rule._converters.values()))


def is_own_converter(converter: BaseConverter) -> bool:
    """Tell whether a converter calls no function of the application."""
    kind = type(converter)
    if kind.__module__ == BaseConverter.__module__:
        return True
    return inherits(kind, BaseConverter, "to_python", "to_url")


class UrlRule(Rule):
    """A Werkzeug rule that reports when it is changed after it was bound to a map.

    The functions that build its URLs are compiled when the first URL is built.
    """

    provide_automatic_options: bool = False

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        if name[0] != "_":
            report = getattr(self.__dict__.get("map"), "changed", None)
            if report is not None:
                report()

    # PERF: two functions compiled for each rule were most of what registering it costs: 10,000 rules are
    # set up in 1.7 s instead of 4.4 (CPython 3.11).
    def _compile_builder(self, append_unknown: bool = True) -> t.Callable[..., tuple[str, str]]:
        if self._refuses_when_compiled():
            return super()._compile_builder(append_unknown)
        name = "_build_unknown" if append_unknown else "_build"

        # Variables may be called anything, "self" too.
        def build(rule: UrlRule, /, **values: t.Any) -> tuple[str, str]:
            compiled = super(UrlRule, rule)._compile_builder(append_unknown).__get__(rule, None)
            setattr(rule, name, compiled)
            built: tuple[str, str] = compiled(**values)
            return built

        return build

    def domain_and_path(self) -> tuple[list[tuple[bool, str]], list[tuple[bool, str]]]:
        """Return the parts of the domain and of the path, each with whether it is a variable."""
        # Werkzeug puts this part between the two; no part of a domain has that text.
        middle = self._trace.index((False, "|"))
        return self._trace[:middle], self._trace[middle + 1 :]

    def converter_of(self, variable: str) -> BaseConverter:
        """Return the converter of a variable."""
        return self._converters[variable]

    def _refuses_when_compiled(self) -> bool:
        """Tell whether compiling may raise: for a default its converter refuses, or a name used twice.

        Bad rules are refused when they are registered, not when somebody builds a URL.
        """
        names = [name for is_variable, name in self._trace if is_variable]
        return len(names) != len(set(names)) or any(name in (self.defaults or ()) for name in names)


# COMPAT: the repr() of rules and maps says Rule and Map.
RuleMap.__name__ = RuleMap.__qualname__ = "Map"
UrlRule.__name__ = UrlRule.__qualname__ = "Rule"
