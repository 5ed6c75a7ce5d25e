"""What changed between two results, as it is and beside the yardstick."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import compare

SCRIPT = Path(compare.__file__)
MACHINE = {"machine": {"processor": "P"}, "python": {"version": "3.11"}, "versions": {"flask": "3.1.3"}}


def requests(**microseconds: float) -> dict:
    return {**MACHINE, "cases": [{"name": "hello", "title": "hello", "microseconds": microseconds}]}


def served(**rates: float) -> dict:
    apps = {app: {"requests_per_second": rate} for app, rate in rates.items()}
    return {**MACHINE, "servers": [{"name": "granian", "title": "granian", "connections": 8, "apps": apps}]}


def footprint(erlen: float, flask: float) -> dict:
    both = {"erlen": erlen, "flask": flask}
    return {
        **MACHINE,
        "imports": {name: {"smallest_cpu_milliseconds": value} for name, value in both.items()},
        "memory": {name: {"kilobytes": value * 1000} for name, value in both.items()},
        "growth": {},
    }


def changes(*arguments) -> list[list[str]]:
    return [row[1:2] + row[4:] for row in compare.rows(*arguments)]


def test_a_time_that_halves_is_twice_as_good():
    rows = changes(requests(erlen=4.0, flask=80.0), requests(erlen=2.0, flask=80.0))
    assert rows == [["erlen", "2.00", "2.00"], ["flask", "1.00", "yardstick"]]


def test_what_the_machine_did_is_taken_out():
    rows = changes(requests(erlen=4.0, flask=80.0), requests(erlen=4.0, flask=160.0))
    assert rows == [["erlen", "1.00", "2.00"], ["flask", "0.50", "yardstick"]]


def test_of_requests_per_second_more_is_better():
    rows = changes(served(bare=1000, erlen=800), served(bare=500, erlen=480))
    assert rows == [["bare", "0.50", "yardstick"], ["erlen", "0.60", "1.20"]]


def test_pages_of_applications_are_compared_too():
    def result(erlen: float) -> dict:
        rates = {"flask": 100, "erlen": erlen}
        served = {name: {"requests_per_cpu_second": rate} for name, rate in rates.items()}
        return {
            **MACHINE,
            "applications": [{"title": "blog", "pages": [{"title": "list", "served": served}]}],
        }

    assert compare.rows(result(200), result(300))[1] == [
        "blog, list",
        "erlen",
        "200.0",
        "300.0",
        "1.50",
        "1.50",
    ]


def test_import_and_memory_are_compared_too():
    rows = compare.rows(footprint(100, 100), footprint(80, 100))
    assert [row[0] for row in rows] == ["import, ms", "import, ms", "memory, kB", "memory, kB"]
    assert [row[-1] for row in rows] == ["1.25", "yardstick"] * 2


def test_the_yardstick_can_be_chosen():
    old, new = requests(erlen=4.0, flask=80.0, bare=1.0), requests(erlen=2.0, flask=80.0, bare=0.5)
    assert changes(old, new, "bare")[0] == ["erlen", "2.00", "1.00"]
    assert changes(old, new, "falcon")[0] == ["erlen", "2.00", "–"]


def test_what_only_one_result_has_is_left_out():
    assert len(changes(requests(erlen=4.0, bare=1.0), requests(erlen=4.0, falcon=4.0))) == 1


@pytest.mark.parametrize("other", [served(erlen=1.0), footprint(1, 1), {}])
def test_results_of_two_kinds_are_not_compared(other):
    with pytest.raises(ValueError, match="result"):
        compare.rows(requests(erlen=1.0), other)


def test_what_else_differs_is_named():
    new = requests(erlen=1.0) | {"python": {"version": "3.12"}, "versions": {"flask": "3.2", "falcon": "4"}}
    assert compare.differences(requests(erlen=1.0), new) == [
        "Python: 3.11, now 3.12",
        "falcon: absent, now 4",
        "flask: 3.1.3, now 3.2",
    ]


def test_the_script_runs_by_itself(tmp_path):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(requests(erlen=4.0, flask=80.0)))
    new.write_text(json.dumps(requests(erlen=2.0, flask=80.0)))
    command = [sys.executable, "-I", str(SCRIPT), str(old), str(new)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[2].split() == ["hello", "erlen", "4.00", "2.00", "2.00", "2.00"]
