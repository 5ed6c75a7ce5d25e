"""What `python -m bench` prints and writes."""

from __future__ import annotations

import json

import pytest

from bench import report
from bench.__main__ import main

QUICKLY = ["--quick", "--cases", "hello,hooks", "--frameworks", "flask,bare"]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("bench") / "result.json"
    assert main([*QUICKLY, "--output", str(path)]) == 0
    return path


@pytest.fixture
def result(output):
    return json.loads(output.read_text())


def test_the_result_says_what_was_measured(result):
    assert [case["name"] for case in result["cases"]] == ["hello", "hooks"]
    assert result["cases"][0]["microseconds"].keys() == {"flask", "bare"}
    assert result["cases"][1]["microseconds"].keys() == {"flask"}


def test_the_result_says_where_and_with_what(result):
    assert result["versions"]["flask"] == "3.1.3"
    assert result["machine"]["processor"]
    assert result["python"]["version"].startswith("3.")
    assert isinstance(result["compiled"], dict)
    assert result["effort"]["rounds"] > 0


def test_progress_goes_to_stderr_and_the_table_to_stdout(tmp_path, capsys):
    main(["--quick", "--cases", "hello", "--frameworks", "bare", "--output", str(tmp_path / "result.json")])
    printed = capsys.readouterr()
    assert printed.err.startswith("[1/1] hello (text)\n")
    assert printed.out.startswith("case ")
    assert "hello (text)" in printed.out


@pytest.mark.parametrize(
    ("option", "start"), [([], "case "), (["--markdown"], "| case |"), (["--json"], "{")]
)
def test_an_earlier_result_is_shown_again(output, capsys, option, start):
    assert main(["--show", str(output), *option]) == 0
    assert capsys.readouterr().out.startswith(start)


@pytest.mark.parametrize("option", ["--cases", "--frameworks"])
def test_an_unknown_name_is_refused_with_the_known_ones(capsys, option):
    with pytest.raises(SystemExit):
        main([option, "hello,nothing"])
    assert "nothing" in (error := capsys.readouterr().err)
    assert "is not one of" in error


def result_of(**microseconds: float) -> dict:
    return {"cases": [{"name": "hello", "title": "hello <text>", "microseconds": microseconds}]}


def test_ratios_say_how_much_longer_the_others_take():
    heading, row = report.table(result_of(erlen=2.0, flask=50.0, bare=0.5))
    assert heading == ["case", "Erlen", "Flask", "bare", "× Flask", "× bare"]
    assert row == ["hello <text>", "2.00", "50.0", "0.50", "25", "0.25"]


def test_without_erlen_there_are_no_ratios():
    assert report.table(result_of(flask=50.0)) == [["case", "Flask"], ["hello <text>", "50.0"]]


def test_who_was_not_measured_in_a_case_has_a_dash():
    both = result_of(erlen=2.0, flask=50.0)
    both["cases"] += result_of(erlen=1.0)["cases"]
    assert report.table(both)[2] == ["hello <text>", "1.00", "–", "–"]
