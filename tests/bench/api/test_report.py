"""The tables of typed views say what has to be reached, and floors are read from results."""

from __future__ import annotations

from typing import Any

import pytest

from bench import floors
from bench.api import report

ROUTES = {
    "erlen": {"set_up_milliseconds": 80.0, "document_milliseconds": 30.0, "kilobytes": 40_960},
    "fastapi": {"set_up_milliseconds": 100.0, "document_milliseconds": 100.0, "kilobytes": 40_960},
}


def case(name: str, **microseconds: float) -> dict[str, Any]:
    return {"name": name, "title": name, "microseconds": microseconds}


def result_of(wsgi: Any = (), asgi: Any = (), routes: Any = None) -> dict[str, Any]:
    return {"typed": {"wsgi": list(wsgi), "asgi": list(asgi)}, "routes": routes or {}}


def read(result: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    return [(each.title, each.needed, each.measured, each.reached) for each in floors.findings(result)]


def test_each_ratio_has_its_floor_in_brackets() -> None:
    heading, row, other = report.table(
        "wsgi",
        [
            case("typed-query", erlen=2.0, falcon=3.0, apiflask=30.0),
            case("typed-faults", erlen=2.0, apiflask=5.0),
        ],
    )
    assert heading == ["WSGI", "Erlen", "APIFlask", "Falcon", "× APIFlask", "× Falcon"]
    assert row[-2:] == ["15 (12)", "1.5 (1.5)"]
    assert other[-2:] == ["2.5 (2.5)", "–"]


def test_models_of_pydantic_have_a_table_of_their_own() -> None:
    cases = report.by_table(result_of(asgi=[case("typed-list", erlen=2, erlen_pydantic=4, fastapi_alone=6)]))
    assert report.table("asgi", cases["asgi"])[1][-1] == "3.0 (6)"
    assert report.table("pydantic", cases["pydantic"])[1][-1] == "1.5 (1.6)"


def test_300_routes_stand_beside_fastapis() -> None:
    _, *rows = report.table_of_routes(ROUTES)
    assert rows == [
        ["set-up, ms", "80.0", "100.0", "0.80 (0.8)"],
        ["document, ms", "30.0", "100.0", "0.30 (0.3)"],
        ["memory, MB", "40.0", "40.0", "1.00 (1)"],
    ]


@pytest.mark.parametrize(("time", "measured", "reached"), [(3.0, "1.5×", True), (2.98, "1.49×", False)])
def test_a_peer_must_take_so_many_times_as_long(time: float, measured: str, reached: bool) -> None:
    found = read(result_of([case("typed-query", erlen=2.0, falcon=time)]))
    assert found == [("typed, wsgi, typed-query", "≥ 1.5× by falcon", measured, reached)]


def test_models_of_pydantic_are_judged_beside_fastapi_alone() -> None:
    found = read(result_of(asgi=[case("typed-faults", erlen_pydantic=2.0, fastapi_alone=6.0, fastapi=9.0)]))
    assert found == [("typed, pydantic, typed-faults", "≥ 3× by fastapi_alone", "3×", True)]


def test_falcon_names_no_faults_and_has_no_floor_there() -> None:
    assert read(result_of([case("typed-faults", erlen=2.0, falcon=1.0)])) == []


@pytest.mark.parametrize("key", list(floors.ROUTES))
@pytest.mark.parametrize("more", [0.0, 0.1])
def test_300_routes_may_take_so_much_of_fastapis(key: str, more: float) -> None:
    own = {**ROUTES["erlen"], key: ROUTES["erlen"][key] * (1 + more)}
    found = floors.findings(result_of(routes={**ROUTES, "erlen": own}))
    assert [each.title for each in found if not each.reached] == (
        [f"typed routes, {floors.ROUTES[key][0]}"] if more else []
    )
