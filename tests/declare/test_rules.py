"""Rules and their map are Werkzeug's, and say when they change."""

from __future__ import annotations

import copy
import typing as t

import pytest
import werkzeug.routing
from werkzeug.routing import Map, Rule, Submount

from erlen.declare.rules import RuleMap, UrlRule


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def url_map(told: list[str]) -> RuleMap:
    url_map = RuleMap([UrlRule("/a/<x>", endpoint="a")])
    url_map.changed = lambda: told.append("changed")
    return url_map


CHANGES: dict[str, t.Callable[[RuleMap], object]] = {
    "a rule": lambda url_map: url_map.add(UrlRule("/b", endpoint="b")),
    "a foreign rule": lambda url_map: url_map.add(Rule("/b", endpoint="b")),
    "a factory": lambda url_map: url_map.add(Submount("/m", [UrlRule("/b", endpoint="b")])),
    "strict_slashes": lambda url_map: setattr(url_map, "strict_slashes", False),
    "merge_slashes": lambda url_map: setattr(url_map, "merge_slashes", False),
    "host_matching": lambda url_map: setattr(url_map, "host_matching", True),
    "default_subdomain": lambda url_map: setattr(url_map, "default_subdomain", "www"),
    "a rule's methods": lambda url_map: setattr(rule_of(url_map), "methods", {"POST"}),
    "a rule's defaults": lambda url_map: setattr(rule_of(url_map), "defaults", {"y": 1}),
    "a rule's automatic options": lambda url_map: setattr(
        rule_of(url_map), "provide_automatic_options", True
    ),
}


def rule_of(url_map: Map) -> Rule:
    return next(url_map.iter_rules())


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_told(url_map: RuleMap, told: list[str], change: t.Callable[[RuleMap], object]) -> None:
    change(url_map)
    assert told


def test_matching_and_building_are_no_changes(url_map: RuleMap, told: list[str]) -> None:
    adapter = url_map.bind("erlen.test")
    assert adapter.match("/a/1") == ("a", {"x": "1"})
    assert adapter.build("a", {"x": 1}) == "/a/1"
    url_map.update()
    list(url_map.iter_rules())
    assert told == []


def test_a_rule_that_is_on_no_map_may_be_changed_in_silence() -> None:
    rule = UrlRule("/a")
    rule.methods = {"POST"}
    assert rule.methods == {"POST"}


def test_rules_and_maps_are_werkzeugs() -> None:
    rule = UrlRule("/a/<int:x>", endpoint="a", methods=["GET"])
    assert isinstance(rule, werkzeug.routing.Rule)
    assert rule == Rule("/a/<int:x>", endpoint="a", methods=["GET"]) or rule.__class__ is not Rule
    assert rule.provide_automatic_options is False
    assert isinstance(RuleMap(), werkzeug.routing.Map)
    assert rule.empty().rule == "/a/<int:x>"


def test_a_rule_may_be_copied_for_another_map() -> None:
    url_map = RuleMap([UrlRule("/a", endpoint="a")])
    twin = rule_of(url_map).empty()
    other = RuleMap([twin])
    assert other.bind("erlen.test").match("/a") == ("a", {})
    assert twin.map is other


def test_a_map_may_be_copied(url_map: RuleMap) -> None:
    twin = copy.copy(url_map)
    assert [rule.rule for rule in twin.iter_rules()] == ["/a/<x>"]
