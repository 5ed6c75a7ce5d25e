"""Rules that never match, and methods that no request has."""

from __future__ import annotations

import ast
import difflib
import typing as t

from werkzeug.exceptions import HTTPException
from werkzeug.routing import (
    RequestRedirect,
    Rule,
)

from ..examined import Examined
from ..finding import Finding, Kind, Level, Place
from .covering import Key, covers, key_of, methods_of, sample_of, take_all, takes_one
from .places import place_of_rule
from .syntax import framework_names, text_of

if t.TYPE_CHECKING:
    from erlen import Erlen

RULE_HIDDEN = Kind(
    "rule-hidden", Level.ERROR, "Another rule takes all its requests: this view is never called for it."
)
RULE_TWICE = Kind(
    "rule-twice",
    Level.ERROR,
    "Two views are there for the same rule and method: the one that was registered first gets all requests.",
)
RULE_REPEATED = Kind("rule-repeated", Level.INFO, "It says what has been said already; one of them can go.")
METHOD_UNKNOWN = Kind("method-unknown", Level.WARNING, "No client sends this method: it looks like a slip.")
METHOD_NEVER_EQUAL = Kind(
    "method-never-equal", Level.ERROR, "'request.method' is in capitals, so this is never true."
)

_USUAL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


def check_rules(examined: Examined) -> t.Iterator[Finding]:
    """Find rules that another one always goes before."""
    earlier: dict[Key, list[Rule]] = {}
    rules = [rule for rule in examined.app.url_map.iter_rules() if not rule.build_only]
    for rule in rules:
        same = earlier.setdefault(key_of(rule), [])
        # Without a view function, an endpoint is another name for links to the same URL.
        if rule.endpoint in examined.app.view_functions:
            yield from _compare(examined, rule, same) if same else _hidden_by_text(examined, rule, rules)
        same.append(rule)


def _compare(examined: Examined, rule: Rule, earlier: list[Rule]) -> t.Iterator[Finding]:
    """Compare a rule with those before it that match the same URLs: the first one with the method wins."""
    methods = methods_of(rule)
    first = next((each for each in earlier if takes_one(each, methods)), None)
    place = place_of_rule(examined, rule)
    if first is None or (place is None and place_of_rule(examined, first) is None):
        return
    which, by = _shown(rule), f"{_shown(first)} of {_where(examined, first)}"
    if _is_same_view(examined, first, rule):
        if _says_the_same(first, rule) and methods <= methods_of(first):
            yield RULE_REPEATED.found(f"The rule {which} is registered twice for one view.", place)
    elif take_all(earlier, rule):
        what = f"The rule {which} never matches: {by} was registered before, and matches the same URLs."
        write = "Give it another path, other methods, or remove one of them."
        yield RULE_HIDDEN.found(what, place, write=write)
    else:
        common = ", ".join(sorted(methods & methods_of(first) or methods_of(first)))
        what = f"{common} of the rule {which} goes to another view: {by} was registered before."
        yield RULE_TWICE.found(what, place, write="Give each method of a URL to one view.")


def _is_same_view(examined: Examined, one: Rule, other: Rule) -> bool:
    """Tell whether it is all the same which of two rules is taken."""
    app = examined.app
    if one.endpoint == other.endpoint or app.view_functions.get(one.endpoint) == app.view_functions.get(
        other.endpoint
    ):
        return True
    # An application and a blueprint of its package send the files of one folder.
    folders = [_static_folder(app, each.endpoint) for each in (one, other)]
    return folders[0] is not None and folders[0] == folders[1]


def _says_the_same(first: Rule, rule: Rule) -> bool:
    # A blueprint has a rule for static files whether or not it is wanted.
    is_static = rule.endpoint.rpartition(".")[2] == "static"
    return not is_static and (first.defaults or {}) == (rule.defaults or {})


def _static_folder(app: Erlen, endpoint: str) -> str | None:
    blueprint, _, name = endpoint.rpartition(".")
    owner = app.blueprints.get(blueprint) if blueprint else app
    return owner.static_folder if owner is not None and name == "static" else None


def _hidden_by_text(examined: Examined, rule: Rule, rules: list[Rule]) -> t.Iterator[Finding]:
    """Find a rule with a UUID or one of several words where another one has any text, and goes before it."""
    sample = sample_of(rule)
    if sample is None:
        return
    winners = [_winner(examined, rule, sample, method) for method in methods_of(rule)]
    known = [each for each in winners if each is not None and each in rules and covers(each, rule)]
    if not known or len(known) < len(winners):
        return
    winner = known[0]
    if _is_same_view(examined, winner, rule):
        return
    what = (
        f"The rule {_shown(rule)} never matches: {_shown(winner)} of {_where(examined, winner)} was"
        " registered before, and takes any text there."
    )
    yield RULE_HIDDEN.found(what, place_of_rule(examined, rule), write="Register this rule before the other.")


def _winner(examined: Examined, rule: Rule, path: str, method: str) -> Rule | None:
    adapter = examined.app.url_map.bind("localhost", subdomain=rule.subdomain)
    try:
        return adapter.match(path, method, return_rule=True, websocket=rule.websocket)[0]
    except (HTTPException, RequestRedirect):
        return None


def _shown(rule: Rule) -> str:
    return f"{rule.rule!r} of {rule.endpoint!r}"


def _where(examined: Examined, rule: Rule) -> str:
    place = place_of_rule(examined, rule)
    return f"line {place.line} of {place.path.name}" if place is not None else "another package"


def check_methods(examined: Examined) -> t.Iterator[Finding]:
    """Find methods of rules that are misspelt."""
    for rule in examined.app.url_map.iter_rules():
        for method in sorted(set(rule.methods or ()) - set(_USUAL)):
            close = difflib.get_close_matches(method, _USUAL, n=1, cutoff=0.75)
            if close:
                what = f"The rule {_shown(rule)} is for the method {method!r}; did you mean {close[0]!r}?"
                yield METHOD_UNKNOWN.found(
                    what, place_of_rule(examined, rule), write=f'methods=["{close[0]}"]'
                )


def check_comparisons(examined: Examined) -> t.Iterator[Finding]:
    """Find comparisons of the request's method with a text that is not in capitals."""
    for source in examined.loaded:
        if source.tree is None or "method" not in (source.text or ""):
            continue
        imported = framework_names(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Compare) and len(node.ops) == 1 and _is_method(node.left, imported):
                for text in _compared(node.ops[0], node.comparators[0]):
                    what = f"The method of the request is compared with {text!r}."
                    yield METHOD_NEVER_EQUAL.found(
                        what, Place(source.path, node.lineno), write=f'request.method == "{text.upper()}"'
                    )


def _is_method(node: ast.expr, imported: t.Mapping[str, str]) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "method"
        and isinstance(node.value, ast.Name)
        and imported.get(node.value.id) == "request"
    )


def _compared(operator: ast.cmpop, node: ast.expr) -> t.Iterator[str]:
    """Yield the texts that an expression is, or has, which are the names of methods in small letters."""
    if not isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn):
        return
    elements = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    texts = [text for each in elements if (text := text_of(each)) is not None]
    yield from (text for text in texts if text.upper() in _USUAL and not text.isupper())
