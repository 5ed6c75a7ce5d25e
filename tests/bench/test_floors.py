"""Whether a floor is reached is read from results: here from made-up ones."""

from __future__ import annotations

import json

import pytest

from bench import floors
from bench.cases import CASES


def case(name: str, **microseconds: float) -> dict:
    return {"cases": [{"name": name, "title": name, "microseconds": microseconds}]}


def read(result: dict) -> list[tuple[str, str, bool]]:
    return [(found.needed, found.measured, found.reached) for found in floors.findings(result)]


@pytest.mark.parametrize(
    ("flask", "measured", "reached"), [(40.0, "20×", True), (39.9, "19.9×", False), (90.0, "45×", True)]
)
def test_flask_must_take_so_many_times_as_long(flask, measured, reached):
    assert read(case("hello", erlen=2.0, flask=flask)) == [("≥ 20× as fast as Flask", measured, reached)]


@pytest.mark.parametrize(
    ("name", "falcon", "needed", "measured", "reached"),
    [
        ("json", 2.0, "≤ 1× Falcon's time", "1×", True),
        ("json", 1.9, "≤ 1× Falcon's time", "1.05×", False),
        ("query", 1.6, "≤ 1.25× Falcon's time", "1.25×", True),
        ("query", 1.5, "≤ 1.25× Falcon's time", "1.33×", False),
        ("form", 1.4, "≤ 1.5× Falcon's time", "1.43×", True),
    ],
)
def test_falcon_may_be_so_much_faster(name, falcon, needed, measured, reached):
    assert read(case(name, erlen=2.0, falcon=falcon)) == [(needed, measured, reached)]


@pytest.mark.parametrize(("erlen", "reached"), [(90.0, True), (90.1, False)])
def test_what_jinja_does_is_taken_out_of_a_template(erlen, reached):
    [found] = floors.findings(case("template", erlen=erlen, flask=160.0, bare=80.0))
    assert found.needed == "≤ 0.125× Flask's time"
    assert found.reached is reached


def test_a_case_without_a_floor_or_without_erlen_has_no_finding():
    assert read(case("session", erlen=1.0, falcon=1.0)) == []
    assert read(case("hello", flask=1.0, falcon=1.0)) == []
    assert read(case("another", erlen=1.0, flask=1.0)) == []


def test_every_case_has_a_floor():
    assert {each.name for each in CASES} == {*floors.CASES, "template"}


def served(name: str = "granian", busy: float = 1.0, **rates: float) -> dict:
    bare = rates.get("bare")
    apps = {
        app: {"share_of_bare": rate / bare if bare else None, "server_busy": busy}
        for app, rate in rates.items()
    }
    return {"servers": [{"name": name, "title": name, "connections": 8, "apps": apps}]}


@pytest.mark.parametrize(("erlen", "measured", "reached"), [(850, "0.85", True), (849, "0.849", False)])
def test_a_share_of_the_bare_function_is_served(erlen, measured, reached):
    needed = "≥ 0.85 of the bare function's requests"
    assert read(served(bare=1000, erlen=erlen, flask=100)) == [(needed, measured, reached)]


def test_a_disturbed_run_reaches_nothing():
    [(_, measured, reached)] = read(served(bare=1000, erlen=990, busy=0.5))
    assert (measured, reached) == ("0.99, disturbed", False)


def test_only_granian_has_a_floor():
    assert read(served("gunicorn", bare=1000, erlen=100)) == []
    assert read(served(erlen=100)) == []


def footprint(
    milliseconds: float = 70.0,
    kilobytes: float = 1000.0,
    grown: float = 0.0,
    peak: float = 900.0,
    answer: float = 85.0,
) -> dict:
    return {
        "imports": {
            "erlen": {"smallest_cpu_milliseconds": milliseconds, "peak_kilobytes": peak},
            "flask": {"smallest_cpu_milliseconds": 100.0, "peak_kilobytes": 1000.0},
        },
        "first_answers": {
            "/": {"erlen": {"median_cpu_milliseconds": answer}, "flask": {"median_cpu_milliseconds": 100.0}}
        },
        "memory": {"erlen": {"kilobytes": kilobytes}, "flask": {"kilobytes": 1000.0}},
        "growth": {"requests": 200_000, "traced_bytes": {"second_half": grown}},
    }


@pytest.mark.parametrize(
    ("result", "missed"),
    [
        (footprint(), []),
        (footprint(milliseconds=78.1), ["import"]),
        (footprint(peak=901.0), ["peak memory of the import"]),
        (footprint(answer=85.1), ["first answer to /"]),
        (footprint(kilobytes=1101), ["memory of a worker"]),
        (footprint(grown=100_000), ["growth, second half of 200,000 requests"]),
    ],
)
def test_start_memory_and_growth_have_a_floor_each(result, missed):
    found = floors.findings(result)
    assert len(found) == 5
    assert [each.title for each in found if not each.reached] == missed


def test_the_table_says_yes_and_no():
    text = floors.as_text(floors.findings(case("hello", erlen=2.0, flask=50.0, falcon=1.0)))
    heading, _, flask, falcon = text.splitlines()
    assert heading.split() == ["floor", "needed", "measured", "reached"]
    assert flask.split()[-2:] == ["25×", "yes"]
    assert falcon.split()[-2:] == ["2×", "NO"]
    assert floors.as_text([]) == ""


@pytest.mark.parametrize(("flask", "status"), [(50.0, 0), (30.0, 1)])
def test_the_exit_status_says_whether_all_are_reached(tmp_path, capsys, flask, status):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(case("hello", erlen=2.0, flask=flask)))
    assert floors.main([str(path)]) == status
    assert "hello" in capsys.readouterr().out


@pytest.mark.parametrize(("count", "reached"), [(0, True), (1, False)])
def test_erlens_server_may_lose_nothing_when_its_code_is_replaced(count, reached):
    runs = {
        "reload": {"lost": count, "closed_while_idle": count},
        "broken": {"lost": count},
        "kill": {"lost": 5},
        "stop": {"taken_not_answered": count},
    }
    trials = [{"name": name, "title": name, "runs": runs} for name in ("erlen", "other")]
    assert read({"trials": trials}) == [("≤ 0", str(count), reached)] * 4
