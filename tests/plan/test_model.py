"""The records of a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from erlen.plan.model import Domains, Hooks, Lists, Stamps

KINDS = ("preprocessors", "before", "after", "teardown")


def hooks(**lists: Lists) -> Hooks:
    return Hooks(("shop", None), {kind: lists.get(kind, ()) for kind in KINDS})


def named(name: str) -> Callable[[], str]:
    return lambda: name


@pytest.mark.parametrize(
    ("kind", "leads"), [("preprocessors", True), ("before", True), ("after", False), ("teardown", False)]
)
def test_hooks_know_whether_anything_comes_before_the_view(kind: str, leads: bool) -> None:
    these = hooks(**{kind: ((None, [named("one")]),)})
    assert these.leads is leads
    assert not these.bare


def test_without_lists_there_is_nothing_but_the_view() -> None:
    assert hooks().bare
    assert not hooks().leads


def test_all_functions_are_those_that_are_in_the_lists_now() -> None:
    before: list[Any] = [named("before")]
    these = hooks(before=((None, before),), after=(("shop", [named("of shop")]), (None, [named("after")])))
    assert [function() for function in these.all()] == ["before", "of shop", "after"]
    before.append(named("late"))
    assert [function() for function in these.all()] == ["before", "late", "of shop", "after"]


def test_a_new_stamp_is_told_from_the_one_that_was_read() -> None:
    stamps = Stamps()
    read = stamps.read()
    assert stamps.read() == read
    stamps.hooks = object()
    changed = [before is not after for before, after in zip(read, stamps.read(), strict=True)]
    assert changed == [False, True, False, False, False, False, False]


def test_domains_remember_the_content_of_trusted_hosts_and_not_the_list() -> None:
    trusted = ["a.test"]
    domains = Domains(trusted)
    trusted.append("b.test")
    assert domains.trusted == ["a.test"]
    assert Domains(None).trusted is None


def test_domains_do_not_keep_hosts_that_are_longer_than_names_can_be() -> None:
    domains = Domains(None)
    matcher: Any = object()
    assert domains.keep(("http", "a" * 400), matcher) is matcher
    assert len(domains) == 0
    domains.keep(("http", "a.test"), matcher)
    assert domains == {("http", "a.test"): matcher}
