"""Build the URLs of an endpoint from what is known of its rules before a request comes.

A URL is built here where every value is text, a number or a UUID, and every rule of the endpoint is Erlen's
own, on one domain without variables, with Werkzeug's converters. So no function of the application is
called. Werkzeug's ``MapAdapter.build`` decides in all other cases, errors included; the differential test
compares both.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote, quote_plus
from uuid import UUID

from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, UUIDConverter

from ..declare.rules import UrlRule
from ..originals import Originals

if t.TYPE_CHECKING:
    from werkzeug.routing import Map, Rule

# A function that makes text of a value; None where Werkzeug has to.
ToText: t.TypeAlias = t.Callable[[t.Any], str | None]

# What Werkzeug escapes in neither a path nor a query string (https://url.spec.whatwg.org).
_PATH_SAFE = "!$&'()*+,/:;=@"
_QUERY_SAFE = "!$'()*,/:;?@"
_is_plain_path = re.compile(r"[\w.~!$&'()*+,/:;=@-]*", re.ASCII).fullmatch
_is_plain_query = re.compile(r"[\w.~!$'()*,/:;?@-]*", re.ASCII).fullmatch
# The types whose text is the same, whoever asks.
_SIMPLE = frozenset((int, float, bool, UUID))


def _segment(value: t.Any) -> str | None:
    """Return what the default converter and that for paths make of a value."""
    if type(value) is not str and type(value) not in _SIMPLE:
        return None
    text = str(value)
    try:
        return text if _is_plain_path(text) else quote(text, safe=_PATH_SAFE)
    except UnicodeEncodeError:
        return None


def _query_text(value: t.Any) -> str | None:
    """Return a name or a value as it is written in a query string."""
    if type(value) is not str and type(value) not in _SIMPLE:
        return None
    text = str(value)
    try:
        return text if _is_plain_query(text) else quote_plus(text, safe=_QUERY_SAFE)
    except UnicodeEncodeError:
        return None


def _integer(value: t.Any) -> str | None:
    return str(value) if type(value) is int else None


def _uuid(value: t.Any) -> str | None:
    return str(value) if type(value) is UUID or type(value) is str else None


_own_quoting = Originals(BaseConverter, ("to_url",))


def _to_text(converter: BaseConverter) -> ToText | None:
    """Return what builds text as a converter of Werkzeug's does; None for any other converter."""
    kind = type(converter)
    if "to_url" in vars(converter):
        return None
    if _own_quoting.are_on(kind):
        return _segment
    if type(converter) is IntegerConverter and not converter.fixed_digits:
        return _integer
    if type(converter) is UUIDConverter:
        return _uuid
    if type(converter) is AnyConverter:
        items = converter.items
        return lambda value: value if type(value) is str and value in items else None
    return None


class RuleLink:
    """How one rule's URLs are built: its text, and between its parts the variables.

    Raises ValueError for a rule that Werkzeug has to build URLs for.
    """

    __slots__ = ("defaults", "domain", "known", "map", "names", "parts", "rule", "start", "strips")

    def __init__(self, rule: Rule) -> None:
        if type(rule) is not UrlRule or rule.websocket:
            raise ValueError(rule)
        domain, path = rule.domain_and_path()
        self.rule = rule
        self.map = rule.map
        # The rule's own dict, because it may be changed in place.
        self.defaults = rule.defaults or None
        pieces, variables = _pieces(rule, path)
        domains, of_domain = _pieces(rule, domain)
        if of_domain:
            raise ValueError(rule)
        self.domain = domains[0]
        self.names = frozenset(name for name, _ in variables)
        self.known = self.names.union(self.defaults or ())
        # The text before the first variable without its slashes; then each variable and the text after it.
        self.start = pieces[0].lstrip("/")
        self.parts = tuple(
            (name, _plain_types.get(to_text), to_text, after)
            for (name, to_text), after in zip(variables, pieces[1:], strict=True)
        )
        # Whether a value may begin with slashes that are to be left out.
        self.strips = not self.start and bool(self.parts)

    def suits(self, values: dict[str, t.Any], method: str | None) -> bool:
        """Tell whether the rule can be used for values, none of which is None."""
        methods = self.rule.methods
        if method is not None and methods is not None and method not in methods:
            return False
        if not self.names <= values.keys():
            return False
        defaults = self.defaults or {}
        return not any(name in values and value != values[name] for name, value in defaults.items())

    def build(self, values: dict[str, t.Any], method: str) -> str | None:
        """Return path and query string, without a slash before; None where Werkzeug has to decide."""
        text, rest = self.start, len(values)
        for name, plain, to_text, after in self.parts:
            value: t.Any = values.get(name)
            # PERF: most values are of the type that the converter makes, and need no escape: 0.1 us less than
            # by the function (CPython 3.11).
            if type(value) is plain and (plain is int or (value.isalnum() and value.isascii())):
                text = f"{text}{value}{after}"
            else:
                value = to_text(value)
                if value is None:
                    return None
                text = f"{text}{value}{after}"
            rest -= 1
        if self.strips:
            text = text.lstrip("/")
        if not rest:
            return text
        query = self._query(values)
        return None if query is None else f"{text}?{query}" if query else text

    def _query(self, values: dict[str, t.Any]) -> str | None:
        """Return the query string of the values that are not the rule's."""
        known, query = self.known, ""
        for name, value in values.items():
            if name in known or value is None:
                continue
            key = name if name.isalnum() and name.isascii() else _query_text(name)
            if type(value) is not int and not (type(value) is str and value.isalnum() and value.isascii()):
                value = _query_text(value)
            if key is None or value is None:
                return None
            query = f"{query}&{key}={value}" if query else f"{key}={value}"
        return query


# The types whose values those functions only turn into text, if they are alphanumeric.
_plain_types: dict[ToText, t.Any] = {_segment: str, _integer: int}


def _pieces(rule: UrlRule, trace: list[tuple[bool, str]]) -> tuple[list[str], list[tuple[str, ToText]]]:
    """Return the text around the variables, one piece more than there are of these, and the variables."""
    pieces, variables = [""], []
    for is_variable, part in trace:
        if not is_variable:
            pieces[-1] += quote(part, safe=_PATH_SAFE)
            continue
        to_text = _to_text(rule.converter_of(part))
        if to_text is None:
            raise ValueError(rule)
        if rule.defaults and part in rule.defaults:
            text = to_text(rule.defaults[part])
            if text is None:
                raise ValueError(rule)
            pieces[-1] += text
        else:
            variables.append((part, to_text))
            pieces.append("")
    return pieces, variables


class RulesLink:
    """How the URLs of an endpoint are built that has several rules, or defaults."""

    __slots__ = ("_rules", "domain", "map")

    def __init__(self, rules: list[RuleLink]) -> None:
        self._rules = rules
        self.map = rules[0].map
        # The subdomain that all rules have.
        self.domain = rules[0].domain

    def build(self, values: dict[str, t.Any], method: str) -> str | None:
        """Return path and query string for a request by *method*; None where Werkzeug has to decide."""
        given = {name: value for name, value in values.items() if value is not None}
        for asked in (method, None):
            for rule in self._rules:
                if rule.suits(given, asked):
                    return rule.build(given, method)
        return None


class StaticLink:
    """How the URLs of static files are built that have other names in URLs."""

    __slots__ = ("_link", "_names", "domain", "map")

    def __init__(self, link: RuleLink | RulesLink, names: t.Mapping[str, str]) -> None:
        self._link = link
        self._names = names
        self.map, self.domain = link.map, link.domain

    def build(self, values: dict[str, t.Any], method: str) -> str | None:
        """Return path and query string of the file's other name; *values* have it then."""
        name = values.get("filename")
        if isinstance(name, str) and name in self._names:
            values["filename"] = self._names[name]
        return self._link.build(values, method)


Link: t.TypeAlias = RuleLink | RulesLink | StaticLink


class Links:
    """How the URLs of a map's endpoints are built; worked out when the first one is built."""

    __slots__ = ("_known", "known", "map", "names")

    def __init__(self, url_map: Map, names: t.Mapping[str, t.Mapping[str, str]] | None = None) -> None:
        self.map = url_map
        # By endpoint, the names that URLs have instead of those of files.
        self.names = names or {}
        self._known: dict[str, Link | None] = {}
        # Those that are built here.
        self.known: dict[str, Link] = {}

    def of(self, endpoint: str) -> Link | None:
        """Return the link to an endpoint; None where Werkzeug has to build its URLs."""
        try:
            return self._known[endpoint]
        except KeyError:
            return self._learn(endpoint)

    def _learn(self, endpoint: str) -> Link | None:
        url_map = self.map
        link: Link | None = None
        try:
            rules = [RuleLink(rule) for rule in url_map.iter_rules(endpoint)]
        except KeyError:
            return None  # no such endpoint; the name is not kept, since it may come from outside
        except ValueError:
            rules = []
        if (
            rules
            and endpoint[:1] != "."  # such a name would be taken for one that is relative to a blueprint
            and not (url_map.host_matching or url_map.sort_parameters)
            and all(rule.domain == rules[0].domain for rule in rules)
        ):
            only = len(rules) == 1 and rules[0].defaults is None
            link = rules[0] if only else RulesLink(rules)
            if endpoint in self.names:
                link = StaticLink(link, self.names[endpoint])
            self.known[endpoint] = link
        self._known[endpoint] = link
        return link
