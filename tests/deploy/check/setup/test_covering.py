"""Which rule takes the requests of another one."""

from __future__ import annotations

import pytest
from werkzeug.routing import Map, Rule

from erlen.deploy.check.setup import covering


def rules(*given: Rule) -> list[Rule]:
    return list(Map(given).iter_rules())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/a", "/a", True),
        ("/<a>", "/<b>", True),
        ("/<int:a>", "/<int(min=3):b>", True),
        ("/<a>/b", "/<b>/c", False),
        ("/<a>", "/<int:a>", False),
        ("/<a>", "/<string(length=2):a>", False),
        ("/a", "/a/", False),
    ],
)
def test_rules_that_match_the_same_urls_have_the_same_key(one: str, other: str, same: bool) -> None:
    first, second = rules(Rule(one, endpoint="a"), Rule(other, endpoint="b"))
    assert (covering.key_of(first) == covering.key_of(second)) is same


def test_a_websocket_is_another_request() -> None:
    first, second = rules(Rule("/a", endpoint="a"), Rule("/a", endpoint="b", websocket=True))
    assert covering.key_of(first) != covering.key_of(second)


@pytest.mark.parametrize(
    ("methods", "hidden"),
    [
        ([["GET"], ["GET"]], True),
        ([["GET"], ["GET", "OPTIONS"]], True),
        ([["GET"], ["POST"], ["POST", "GET"]], True),
        ([None, ["GET"]], True),
        ([None, None], True),
        ([["GET"], None], False),
        ([["GET", "OPTIONS"], ["POST", "OPTIONS"]], False),
        ([["OPTIONS"], ["OPTIONS"]], True),
        ([["GET"]], False),
    ],
)
def test_a_rule_is_hidden_when_its_methods_are_taken(methods: list[list[str] | None], hidden: bool) -> None:
    made = rules(*(Rule("/a", endpoint=str(at), methods=each) for at, each in enumerate(methods)))
    assert covering.is_hidden(made[-1], made) is hidden
    assert not covering.is_hidden(made[0], made)


def test_a_rule_that_is_only_for_links_hides_nothing() -> None:
    made = rules(Rule("/a", endpoint="a", build_only=True), Rule("/a", endpoint="b"))
    assert not covering.is_hidden(made[1], made)
    assert not covering.is_hidden(Rule("/b", endpoint="c"), made[:0])


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        ("/<a>", "/<uuid:b>", True),
        ("/<a>/<b>", "/<any(x, y):b>/<a>", True),
        ("/<a>", "/<path:b>", False),
        ("/<a>", "/<uuid:b>/c", False),
        ("/<string(length=2):a>", "/<uuid:b>", False),
        ("/<uuid:a>", "/<b>", False),
    ],
)
def test_any_text_covers_what_is_narrower(wide: str, narrow: str, covers: bool) -> None:
    first, second = rules(Rule(wide, endpoint="a"), Rule(narrow, endpoint="b"))
    assert covering.covers(first, second) is covers


@pytest.mark.parametrize(
    ("rule", "sample"),
    [
        ("/a/<uuid:b>", "/a/00000000-0000-0000-0000-000000000001"),
        ("/<any(y, x):b>/<c>", "/x/a"),
        ("/<b>", None),
        ("/a", None),
        ("/<any(x):b>/<int:c>", None),
    ],
)
def test_a_sample_is_a_path_that_the_rule_matches(rule: str, sample: str | None) -> None:
    (made,) = rules(Rule(rule, endpoint="a"))
    assert covering.sample_of(made) == sample
    if sample is not None:
        assert made.map is not None
        assert made.map.bind("localhost").match(sample)[0] == "a"
