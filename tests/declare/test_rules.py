"""Rules and maps are Werkzeug's, say when they change, and build their URLs as Werkzeug does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import BuildError, Map, Rule

from erlen.declare.rules import RuleMap, UrlRule

RULES = st.sampled_from(
    ["/", "/a", "/<x>", "/a/<int:x>", "/<x>/<y>", "/<self>", "/<rule>/<path:y>", "/<class>", "/é/<x>"]
)
VALUES = st.dictionaries(
    st.sampled_from(["x", "y", "self", "rule", "class", "z"]),
    st.one_of(st.integers(-2, 9), st.sampled_from(["", "a", "a/b", "é", "?", None])),
    max_size=4,
)


def built(url_map: Map, values: dict[str, Any]) -> object:
    try:
        return url_map.bind("localhost").build("e", values)
    except BuildError:
        return "no rule fits"
    except (ValueError, TypeError) as refused:
        return repr(refused)  # what a converter raises


@given(rule=RULES, values=VALUES, defaults=st.sampled_from([None, {"z": 1}, {"x": "a"}]))
def test_urls_are_built_as_werkzeug_builds_them(
    rule: str, values: dict[str, Any], defaults: dict[str, Any] | None
) -> None:
    ours, theirs = RuleMap(), Map()
    try:
        theirs.add(Rule(rule, endpoint="e", defaults=defaults))
    except ValueError as refused:
        with pytest.raises(type(refused)):
            ours.add(UrlRule(rule, endpoint="e", defaults=defaults))
        return
    ours.add(UrlRule(rule, endpoint="e", defaults=defaults))
    assert built(ours, values) == built(theirs, values)
    assert built(ours, values) == built(theirs, values), "the second time, too"


def test_nothing_is_compiled_before_a_url_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    original = Rule._compile_builder

    def count(self: Rule, append_unknown: bool = True) -> Any:
        compiled.append(self.rule)
        return original(self, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", count)
    url_map = RuleMap([UrlRule(f"/{number}/<x>", endpoint=number) for number in range(50)])
    url_map.bind("localhost").match("/7/a")
    assert compiled == []
    adapter = url_map.bind("localhost")
    for _ in range(3):
        assert adapter.build(3, {"x": "a"}) == "/3/a"
    assert compiled == ["/3/<x>"]


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("no-slash", {}),
        ("/<x", {}),
        ("/<nothing:x>", {}),
        ("/<x>/<x>", {}),
        ("/<int:x>", {"defaults": {"x": "no number"}}),
        ("/<any(a, b):x>", {"defaults": {"x": "c"}}),
    ],
)
def test_a_bad_rule_is_refused_when_it_is_added(rule: str, options: dict[str, Any]) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011  # whatever Werkzeug raises
        Map([Rule(rule, endpoint="e", **options)])
    with pytest.raises(type(theirs.value)) as ours:
        RuleMap([UrlRule(rule, endpoint="e", **options)])
    assert str(ours.value) == str(theirs.value)


def test_a_map_says_when_a_rule_is_added_and_when_a_setting_changes() -> None:
    reports: list[str] = []
    url_map = RuleMap()
    url_map.changed = lambda: reports.append("changed")
    rule = UrlRule("/a", endpoint="a")
    url_map.add(rule)
    assert reports
    for change in (
        lambda: setattr(url_map, "strict_slashes", False),
        lambda: setattr(rule, "methods", {"POST"}),
        lambda: setattr(rule, "strict_slashes", True),
    ):
        reports.clear()
        change()
        assert reports == ["changed"]


def test_matching_and_building_change_nothing() -> None:
    reports: list[str] = []
    url_map = RuleMap([UrlRule("/a/<x>", endpoint="a")])
    url_map.bind("localhost").match("/a/1")
    url_map.changed = lambda: reports.append("changed")
    adapter = url_map.bind("localhost")
    assert adapter.match("/a/1") == ("a", {"x": "1"})
    assert adapter.build("a", {"x": 1, "q": 2}) == "/a/1?q=2"
    assert reports == []
