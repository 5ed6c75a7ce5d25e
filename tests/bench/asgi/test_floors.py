"""Whether a floor of ASGI is reached is read from results: here from made-up ones."""

from __future__ import annotations

import pytest

from bench import floors
from bench.asgi.__main__ import CASES


def result_of(plain: tuple = (), **microseconds: float) -> dict:
    case = {"name": "hello", "title": "hello", "microseconds": microseconds}
    return {"cases": [case] if microseconds else [], "plain": list(plain)}


def plain_case(clients: int, of_starlette: float | None) -> dict:
    return {"title": "plain", "clients": clients, "of_starlette": of_starlette, "microseconds": {}}


def read(result: dict) -> list[tuple[str, str, bool]]:
    return [(found.needed, found.measured, found.reached) for found in floors.findings(result)]


@pytest.mark.parametrize(("peer", "name"), [("blacksheep", "BlackSheep"), ("falcon", "Falcon")])
@pytest.mark.parametrize(("time", "measured", "reached"), [(2.0, "1×", True), (1.9, "1.05×", False)])
def test_compiled_peers_may_not_be_faster(peer, name, time, measured, reached):
    assert read(result_of(erlen=2.0, **{peer: time})) == [(f"≤ 1× {name}'s time", measured, reached)]


@pytest.mark.parametrize(("peer", "name"), [("quart", "Quart"), ("starlette", "Starlette")])
@pytest.mark.parametrize(("time", "measured", "reached"), [(30.0, "15×", True), (29.8, "14.9×", False)])
def test_pure_python_peers_must_take_so_many_times_as_long(peer, name, time, measured, reached):
    assert read(result_of(erlen=2.0, **{peer: time})) == [(f"≥ 15× as fast as {name}", measured, reached)]


def test_every_case_has_a_floor_for_each_peer():
    for case in CASES:
        times = dict.fromkeys(case.frameworks, 1.0)
        cases = [{"name": case.name, "title": case.title, "microseconds": times}]
        found = floors.findings({"cases": cases, "plain": []})
        assert len(found) == len({"blacksheep", "falcon", "quart", "starlette"} & set(case.frameworks)) > 0
        assert all(each.title == f"ASGI, {case.title}" for each in found)


def test_without_erlen_or_its_peers_there_is_no_finding():
    assert read(result_of(quart=30.0, starlette=30.0)) == []
    assert read(result_of(erlen=2.0, bare_asgi=1.0, starlette_first=4.0)) == []
    assert read(result_of([plain_case(1, None), plain_case(32, None)])) == []


@pytest.mark.parametrize(("share", "measured", "reached"), [(1.3, "1.3×", True), (1.31, "1.31×", False)])
def test_a_plain_view_costs_little_more_than_starlettes(share, measured, reached):
    assert read(result_of([plain_case(1, share)])) == [("≤ 1.3× Starlette's time", measured, reached)]


@pytest.mark.parametrize(("share", "measured", "reached"), [(0.8, "1.25×", True), (1.25, "0.8×", False)])
def test_many_clients_get_at_least_as_many_answers(share, measured, reached):
    needed = "≥ 1× Starlette's throughput"
    assert read(result_of([plain_case(32, share)])) == [(needed, measured, reached)]
