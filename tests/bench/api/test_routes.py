"""300 typed routes are set up, described and measured in processes of their own."""

from __future__ import annotations

import pytest

from bench.api import routes, routes_process
from bench.measure import CannotMeasure


@pytest.mark.slow
@pytest.mark.parametrize("framework", routes.FRAMEWORKS)
def test_a_process_says_what_its_routes_took(framework: str) -> None:
    if framework == "fastapi":
        pytest.importorskip("fastapi", reason="the peers need the group `bench-api`")
    told = routes.ask_process(framework)
    assert told["operations"] == routes.ROUTES
    assert all(told[key] > 0 for key in routes.FIGURES)


def test_a_process_that_breaks_is_not_measured() -> None:
    with pytest.raises(CannotMeasure, match="300 routes of no such thing break"):
        routes.ask_process("no such thing")


def test_figures_are_medians_without_the_first_process(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = iter([100, 100, 1, 1, 3, 3, 2, 2])
    monkeypatch.setattr(routes, "ask_process", lambda name: dict.fromkeys(routes.FIGURES, next(counts)))
    seen: list[int] = []
    taken = routes.measure(routes.Effort(processes=3), seen.append)
    assert taken == dict.fromkeys(routes.FRAMEWORKS, dict.fromkeys(routes.FIGURES, 2))
    assert seen == [0, 1, 2, 3]


def test_all_views_are_different_functions_of_three_kinds() -> None:
    pytest.importorskip("msgspec")
    from msgspec import Meta

    from bench.api.apps import msgspec_models

    views = list(routes_process.views_of(msgspec_models, Meta, 9))
    assert len({id(view) for _, _, view in views}) == 9
    assert {(method, rest) for method, rest, _ in views} == {
        ("GET", "/orders/{oid}"),
        ("POST", "/orders"),
        ("GET", "/products"),
    }
