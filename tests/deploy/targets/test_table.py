"""Each target of the issue is there, and has its module."""

from __future__ import annotations

from erlen.deploy.targets.table import TARGETS, find


def test_a_name_gives_its_target_and_all_gives_each() -> None:
    assert [target.name for target in find("nginx")] == ["nginx"]
    assert find("all") == TARGETS
    assert find("caddy") == ()


def test_no_two_targets_have_a_name() -> None:
    assert len({target.name for target in TARGETS}) == len(TARGETS) == 10
