"""What the runs say of an installed version."""

from __future__ import annotations

import pytest

from erlen.doctor.distributions import Installed
from erlen.doctor.matrix import Run
from erlen.doctor.verdicts import judge, result_of


def run(
    version: str = "1.0",
    what: str = "suite",
    passed: tuple[int, int | None, int | None] = (10, 10, 10),
    losses: tuple[str, ...] = (),
    legacy: str = "",
) -> Run:
    flask, wsgi, asgi = passed
    return Run(version, "3.11.7", what, flask, wsgi, asgi, legacy, "2026-11-29", losses)


LOST = ("by ASGI: test_it: why",)


@pytest.mark.parametrize(
    ("told", "result"),
    [
        (run(), "as on Flask"),
        (run(passed=(10, 10, None)), "as on Flask"),
        (run(passed=(10, 10, 9), losses=LOST), "with losses"),
        (run(passed=(10, 0, 9), losses=LOST), "with losses"),
        (run(passed=(10, 0, 0), losses=LOST), "broken"),
        (run(passed=(10, 0, None), losses=LOST), "broken"),
        (run(what="imports"), "imports"),
        (run(what="imports", passed=(2, 1, 1), losses=LOST), "with losses"),
        (run(what="imports", passed=(0, 0, 0)), "unknown"),
        (run(what="application", passed=(0, None, None)), "unknown"),
    ],
)
def test_the_result_of_a_run(told: Run, result: str) -> None:
    assert result_of(told) == result


@pytest.mark.parametrize(
    ("installed", "tried", "age"),
    [
        ("1.0", "1.0", ""),
        ("1.0.0", "1.0", ""),
        ("1.10", "1.9", "newer"),
        ("1.9", "1.10", "older"),
        ("2.0.post1", "2.0", ""),
        ("v3", "2026.1", "older"),
        ("unknown", "1.0", "older"),
    ],
)
def test_the_version_is_compared_by_its_numbers(installed: str, tried: str, age: str) -> None:
    assert judge(Installed("Flask-A", installed), [run(tried)]).age == age


@pytest.mark.parametrize(
    ("installed", "runs", "says"),
    [
        ("1.0", [], "not tried"),
        ("1.0", [run()], "runs as on Flask"),
        ("1.1", [run()], "newer than tried; 1.0 runs as on Flask"),
        ("0.9", [run()], "older than tried; 1.0 runs as on Flask"),
        ("1.0", [run(what="imports")], "imports as on Flask; nothing else was tried"),
        ("1.0", [run(passed=(10, 9, 9), losses=LOST)], "runs, with losses"),
        ("1.0", [run(passed=(10, 0, 0), losses=LOST)], "broken"),
        ("1.0", [run(passed=(0, None, None))], "was tried, but does not run on Flask either"),
        ("1.0", [run("", "installation", (0, None, None))], "not tried"),
        ("0.4", [run("0.4", legacy="1.1")], "not tried"),
    ],
)
def test_it_says_so_in_words(installed: str, runs: list[Run], says: str) -> None:
    assert str(judge(Installed("Flask-A", installed), runs)) == says


def test_the_worst_of_several_runs_counts() -> None:
    runs = [run(), run(what="application", passed=(5, 4, 5), losses=LOST)]
    verdict = judge(Installed("Flask-A", "1.0"), runs)
    assert verdict.result == "with losses"
    assert verdict.reasons == (
        "10 of its tests on Flask, 10 by WSGI and 10 by ASGI (2026-11-29)",
        "5 answers of an application on Flask, 4 by WSGI and 5 by ASGI (2026-11-29)",
        *LOST,
    )


def test_the_runs_of_the_installed_version_count_alone() -> None:
    runs = [run("2.0", passed=(10, 0, 0), losses=LOST), run("1.0", "application")]
    verdict = judge(Installed("Flask-A", "1.0"), runs)
    assert (verdict.tried, verdict.result, verdict.age) == ("1.0", "as on Flask", "")


def test_what_ran_with_the_legacy_layer_is_told_and_promises_nothing_without_it() -> None:
    verdict = judge(Installed("Flask-A", "0.4"), [run("0.4", legacy="1.1")])
    assert verdict.result == "unknown"
    assert verdict.reasons == (
        "runs with ERLEN_LEGACY=1.1: 10 of its tests on Flask, 10 by WSGI and 10 by ASGI (2026-11-29)",
    )


def test_a_protocol_that_was_not_tried_is_not_counted() -> None:
    verdict = judge(Installed("Flask-A", "1.0"), [run(passed=(10, 10, None))])
    assert verdict.reasons == ("10 of its tests on Flask, 10 by WSGI (2026-11-29)",)
