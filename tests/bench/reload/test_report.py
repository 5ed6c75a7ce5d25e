"""The table of what servers lose."""

from __future__ import annotations

from typing import Any

from bench.reload import report

RUNS: dict[str, Any] = {
    "reload": {
        "requests": 300,
        "lost": 2,
        "closed_while_idle": 9,
        "seconds": [0.5, 3.0, 0.64],
        "slowest_quick": 1.234,
        "loaded": True,
        "client_late": 0.01,
    },
    "broken": {"requests": 100, "lost": 90, "ended": True, "client_late": 0.01},
    "kill": {"requests": 100, "lost": 1, "ended": False, "replaced": True, "client_late": 0.01},
    "stop": {"taken_not_answered": 4, "ended": True, "client_late": 0.01},
}


def row(**changed: dict[str, Any]) -> list[str]:
    runs = {name: RUNS[name] | changed.get(name, {}) for name in RUNS}
    return report.row("A server", runs)


def test_each_thing_that_was_done_has_a_column() -> None:
    assert row() == ["A server", "2 of 300", "9", "0.6", "1.23", "90 of 100, **ends**", "1 of 100", "4"]


def test_a_server_that_does_not_do_what_it_should_is_named() -> None:
    said = row(reload={"loaded": False}, kill={"replaced": False}, stop={"ended": False})
    assert said[3] == "not loaded"
    assert said[6:] == ["1 of 100, not replaced", "4, runs on"]


def test_a_run_on_a_busy_machine_says_so() -> None:
    result = {
        "trials": [{"title": "A server", "runs": RUNS | {"stop": RUNS["stop"] | {"client_late": 0.8}}}],
        "effort": {"rate": 100, "reloads": 3},
        "versions": {"gunicorn": "27.0.1"},
        "compiled": {},
        "python": {"implementation": "CPython", "version": "3.13.0"},
        "machine": {"processor": "a processor"},
        "taken_at": "2026-11-29T16:00:00+00:00",
    }
    assert "late by up to 0.8 s" in report.as_markdown(result)
    assert "| A server | 2 of 300 |" in report.as_markdown(result)
