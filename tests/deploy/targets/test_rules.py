"""Rules as regular expressions: whatever a rule matches, its expression matches."""

from __future__ import annotations

import re

import pytest
from werkzeug.routing import Map, Rule

from erlen.deploy.targets.rules import pattern_of


@pytest.mark.parametrize(
    ("rule", "paths"),
    [
        ("/echo", ["/echo"]),
        ("/chat/<room>", ["/chat/blue"]),
        ("/chat/<int(fixed_digits=3):room>/x", ["/chat/123/x"]),
        ("/files/<path:name>", ["/files/a/b/c"]),
        ("/<any('a','b.c'):kind>/<uuid:key>", ["/b.c/12345678-1234-5678-1234-567812345678"]),
        ("/a.b/<string(length=2):x>-<y>", ["/a.b/xy-z"]),
    ],
)
def test_an_expression_matches_what_the_rule_matches(rule: str, paths: list[str]) -> None:
    adapter = Map([Rule(rule, endpoint="it")]).bind("localhost")
    for path in paths:
        assert adapter.test(path)
        assert re.fullmatch(pattern_of(rule), path)


@pytest.mark.parametrize(
    ("rule", "path"),
    [("/echo", "/echo/x"), ("/echo", "/xecho"), ("/chat/<room>", "/chat/a/b"), ("/a.b", "/aXb")],
)
def test_an_expression_does_not_match_everything(rule: str, path: str) -> None:
    assert not re.fullmatch(pattern_of(rule), path)


def test_a_converter_of_the_application_may_match_slashes() -> None:
    assert pattern_of("/x/<mine:name>") == "/x/.+"
