"""The table of served applications."""

from __future__ import annotations

from bench.served import report


def figures(rate: float, share: float | None) -> dict:
    return {
        "requests_per_second": rate,
        "share_of_bare": share,
        "p99_milliseconds": 2.04,
        "server_busy": 0.99,
    }


RESULT = {
    "servers": [
        {
            "name": "granian",
            "title": "granian, WSGI",
            "bare": "bare",
            "apps": {"bare": figures(40_000, 1.0), "erlen": figures(36_000, 0.9)},
        },
        {
            "name": "uvicorn",
            "title": "uvicorn",
            "bare": "bare_asgi",
            "apps": {"starlette": figures(9_000, None)},
        },
    ]
}


def test_each_has_its_share_of_the_bare_function_and_of_erlen():
    _, *rows = report.table(RESULT)
    assert rows == [
        ["granian, WSGI", "bare", "40000", "100 %", "111 %", "2.0", "99 %"],
        ["granian, WSGI", "Erlen", "36000", "90 %", "100 %", "2.0", "99 %"],
        ["uvicorn", "Starlette", "9000", "–", "25 %", "2.0", "99 %"],
    ]


def test_without_erlen_there_is_no_share_of_it():
    result = {"servers": [RESULT["servers"][1]]}
    assert report.table(result)[1][3:5] == ["–", "–"]
