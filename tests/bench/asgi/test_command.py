"""What `python -m bench.asgi` prints and writes."""

from __future__ import annotations

import json

import pytest

from bench import compare
from bench.asgi import plain, report
from bench.asgi.__main__ import main
from bench.kinds import ASGI

MACHINE = {
    "versions": {"erlen": "1"},
    "python": {"implementation": "CPython", "version": "3"},
    "machine": {"processor": "P"},
    "compiled": {},
    "taken_at": "now",
}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("bench") / "result.json"
    words = ["--quick", "--cases", "hello,json-in-out,plain", "--frameworks", "bare_asgi"]
    assert main([*words, "--output", str(path)]) == 0
    return path


def test_the_result_says_what_was_measured_and_where(output):
    result = json.loads(output.read_text())
    assert [case["name"] for case in result["cases"]] == ["hello", "json-in-out"]
    assert all(case["microseconds"].keys() == {"bare_asgi"} for case in result["cases"])
    assert result["plain"] == []  # nobody took part who has a plain view
    assert result["machine"]["processor"]
    assert result["effort"]["rounds"] > 0


@pytest.mark.filterwarnings("ignore")
def test_plain_views_are_measured_where_somebody_has_them(tmp_path, capsys):
    pytest.importorskip("starlette", reason="the peers need the group `bench-asgi`")
    path = tmp_path / "result.json"
    words = ["--quick", "--cases", "plain,plain-32", "--frameworks", "starlette,bare_asgi"]
    assert main([*words, "--output", str(path)]) == 0
    result = json.loads(path.read_text())
    assert result["cases"] == []
    assert [case["clients"] for case in result["plain"]] == [1, 32]
    for case in result["plain"]:
        assert case["microseconds"].keys() == {"starlette"}
        assert case["microseconds"]["starlette"] > 0
        assert case["of_starlette"] is None
    assert capsys.readouterr().out.startswith("plain views ")


@pytest.mark.parametrize(
    ("option", "start"), [([], "case "), (["--markdown"], "| case |"), (["--json"], "{")]
)
def test_an_earlier_result_is_shown_again(output, capsys, option, start):
    assert main(["--show", str(output), *option]) == 0
    assert capsys.readouterr().out.startswith(start)


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        main(["--frameworks", "erlen,flask"])
    assert "flask is not one of erlen, blacksheep" in capsys.readouterr().err


def test_results_have_a_name_of_their_kind():
    assert ASGI.published.name == "published-asgi.json"
    assert ASGI.path("2026-11-20T13:35:19+00:00").name == "asgi-2026-11-20T133519.json"


def test_the_share_of_starlette_is_the_median_of_shares_within_a_round():
    own = {"erlen": [10.0, 40.0, 300.0], "starlette": [20.0, 20.0, 300.0]}
    assert plain.beside(own) == 1.0


def result_of(*plain_cases: dict) -> dict:
    times = {"erlen": 2.0, "blacksheep": 3.0, "starlette": 80.0, "starlette_first": 8.0, "bare_asgi": 0.5}
    case = {"name": "hello", "title": "hello", "microseconds": times}
    return {**MACHINE, "cases": [case], "plain": list(plain_cases), "plain_effort": {"rounds": 4}}


def plain_result(name: str, ratio: float, **microseconds: float) -> dict:
    case = plain.case_of(name)
    return {
        "name": name,
        "title": case.title,
        "clients": plain.CLIENTS[name],
        "microseconds": microseconds,
        "of_starlette": ratio,
    }


ONE = plain_result("plain", 0.75, erlen=75.0, starlette=100.0)
MANY = plain_result("plain-32", 0.5, erlen=50.0, starlette=100.0)


def test_the_first_table_has_times_and_ratios():
    heading, row = report.tables(result_of())[0]
    assert heading[:6] == ["case", "Erlen", "BlackSheep", "Starlette", "Starlette, first", "bare"]
    assert row == ["hello", "2.00", "3.00", "80.0", "8.00", "0.50", "1.5", "40", "4.0", "0.25"]


def test_the_second_table_has_costs_and_throughput():
    _, table = report.tables(result_of(ONE, MANY))
    assert table == [
        ["plain views", "Erlen", "Starlette", "Erlen / Starlette"],
        ["plain view, one at a time, µs", "75.0", "100.0", "0.75"],
        ["plain view, 32 clients, requests/s", "20000", "10000", "2.00"],
    ]


def test_the_page_gets_both_tables_and_says_how_they_came_about():
    text = report.as_markdown(result_of(ONE, MANY))
    assert text.count("| --- |") == 2
    assert "medians of 4 rounds" in text
    assert "Erlen 1; CPython 3; P; compiled: nothing; now." in text


def test_plain_views_are_compared_with_an_earlier_result():
    old, new = result_of(ONE), result_of(plain_result("plain", 0.75, erlen=25.0, starlette=100.0))
    changes = {(row[0], row[1]): row[4] for row in compare.rows(old, new)}
    assert changes["plain view, one at a time", "erlen"] == "3.00"
