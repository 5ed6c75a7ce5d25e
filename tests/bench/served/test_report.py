"""The table of served applications."""

from __future__ import annotations

from bench.served import report


def figures(rate: float, share: float | None) -> dict:
    return {
        "requests_per_second": rate,
        "share_of_bare": share,
        "p99_milliseconds": 2.04,
        "server_busy": 0.99,
        "switches_per_request": 0.1,
    }


RESULT = {
    "servers": [
        {
            "name": "granian",
            "title": "granian, WSGI",
            "connections": 8,
            "apps": {"bare": figures(40_000, 1.0), "erlen": figures(36_000, 0.9)},
        },
        {
            "name": "uvicorn",
            "title": "uvicorn",
            "connections": 128,
            "apps": {"starlette": figures(9_000, None)},
        },
    ]
}


def test_each_has_its_share_of_the_bare_function_and_of_erlen():
    _, *rows = report.table(RESULT)
    assert rows == [
        ["granian, WSGI", "8", "bare", "40000", "100 %", "111 %", "2.0", "99 %", "0.10"],
        ["granian, WSGI", "8", "Erlen", "36000", "90 %", "100 %", "2.0", "99 %", "0.10"],
        ["uvicorn", "128", "Starlette", "9000", "–", "25 %", "2.0", "99 %", "0.10"],
    ]


def test_a_disturbed_run_says_so():
    whole = {
        **RESULT,
        "effort": {"rounds": 5, "turns": 5, "seconds": 1},
        "python": {"version": "3.11", "implementation": "CPython"},
        "machine": {"processor": "P"},
        "versions": {"granian": "2"},
        "compiled": {},
        "taken_at": "now",
    }
    assert "disturbed" not in report.as_text(whole)
    disturbed = {"starlette": figures(9_000, None) | {"server_busy": 0.5}}
    whole["servers"] = [RESULT["servers"][0], {**RESULT["servers"][1], "apps": disturbed}]
    assert "disturbed" in report.as_text(whole)


def test_without_erlen_there_is_no_share_of_it():
    result = {"servers": [RESULT["servers"][1]]}
    assert report.table(result)[1][4:6] == ["–", "–"]
