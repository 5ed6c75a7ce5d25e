"""Applications are measured only where both frameworks answer rightly and alike."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.applications import __main__ as command
from bench.applications import measure
from bench.applications.measure import PYTHON, QUICK, VARIABLES, check, comparable, summary
from bench.applications.sites import Page, Site, site
from bench.machine import ROOT
from bench.measure import CannotMeasure
from bench.wsgi import Answer

SHORT = replace(QUICK, inside=1, milliseconds=1, sampled=0.05)
PAGE = Page("list", "list", "/", b"hello")


def answer(body: bytes = b"hello", status: str = "200 OK", **headers: str) -> Answer:
    return Answer(status, [(name.replace("_", "-"), value) for name, value in headers.items()], body)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer(), answer(Date="Monday", Server="granian")),
        (answer(), answer(status="200 Ok")),
        (
            answer(Set_Cookie="session=eyJhIjoxfQ.aSsYKw.kZrZ3Ak0m4yCcsbLZB3IbD7iGvQ; Path=/"),
            answer(set_cookie="session=eyJhIjoxfQ.aSsYKx.AbCdEfk0m4yCcsbLZB3IbD7iGvQ; Path=/"),
        ),
        (
            answer(b'hello <input value="IjEi.aSsYKw.kZrZ3Ak0m4yCcsbLZB3IbD7iGvQ">'),
            answer(b'hello <input value="IjEi.aSsYKx.AbCdEfk0m4yCcsbLZB3IbD7iGvQ">'),
        ),
    ],
)
def test_what_the_time_or_the_server_adds_may_differ(one: Answer, other: Answer) -> None:
    check(PAGE, {"flask": one, "erlen": other})


@pytest.mark.parametrize(
    "other",
    [
        answer(b"hello!"),
        answer(Vary="Cookie"),
        answer(b"good-bye"),
        answer(status="404 NOT FOUND"),
        answer(status="302 FOUND"),
    ],
)
def test_another_or_a_wrong_answer_ends_the_measurement(other: Answer) -> None:
    with pytest.raises(CannotMeasure, match="list"):
        check(PAGE, {"flask": answer(), "erlen": other})


def test_a_form_is_answered_with_a_redirect() -> None:
    form = replace(PAGE, fields={"name": "Ada"})
    check(form, {"flask": answer(status="302 FOUND")})
    with pytest.raises(CannotMeasure):
        check(form, {"flask": answer()})


def test_the_headers_are_compared_whatever_their_order() -> None:
    assert comparable(answer(A="1", b="2")) == comparable(answer(B="2", a="1"))


def rates(flask: float, erlen: float) -> dict[str, dict[str, Any]]:
    return {"flask": {"requests_per_cpu_second": flask}, "erlen": {"requests_per_cpu_second": erlen}}


def test_frameworks_are_compared_within_a_round() -> None:
    found = summary([rates(100, 200), rates(10, 30), rates(50, 60)])
    assert found["times_flask"] == 2.0
    assert found["served"]["erlen"]["requests_per_cpu_second"] == 60
    assert [each["requests_per_cpu_second"] for each in found["served"]["flask"]["rounds"]] == [100, 10, 50]


def test_the_alias_alone_tells_the_frameworks_apart() -> None:
    assert VARIABLES == {"flask": {}, "erlen": {"ERLEN_AS_FLASK": "1"}}


@pytest.mark.slow
def test_a_worker_that_breaks_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "VARIABLES", {"erlen": {}})
    with (
        pytest.raises(CannotMeasure, match="`flask` should be erlen"),
        measure.workers(Path(sys.executable), site("guestbook"), {"erlen": tmp_path}),
    ):
        pass


def test_without_its_environment_the_command_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="make bench-applications"):
        command.take(["guestbook"], SHORT, tmp_path / "python")


def measured_inside(python: Path, measured: Site, folder: Path) -> list[dict[str, Any]]:
    filled, requests = measure.fill(python, measured, folder)
    seen: list[int] = []
    found = measure.measure_inside(python, measured, filled, requests, SHORT, seen.append)
    assert seen == list(range(1, len(measured.pages) + 1))
    return found


def is_whole(found: list[dict[str, Any]]) -> None:
    for page in found:
        assert page["microseconds"].keys() == page["parts"].keys() == {"flask", "erlen"}
        assert all(taken > 0 for taken in page["microseconds"].values())


@pytest.mark.slow
def test_the_guestbook_answers_alike_and_is_measured(tmp_path: Path) -> None:
    is_whole(measured_inside(Path(sys.executable), site("guestbook"), tmp_path))


@pytest.mark.contract
def test_the_tutorial_answers_alike_and_is_measured(tmp_path: Path) -> None:
    command.copy_tutorial(tmp_path)
    is_whole(measured_inside(Path(sys.executable), site("flaskr"), tmp_path))


@pytest.mark.contract
@pytest.mark.skipif(sys.version_info < (3, 11), reason="I Hate Money needs Python 3.11")
def test_i_hate_money_answers_alike_and_is_measured(tmp_path: Path) -> None:
    stamp = PYTHON.parent.parent / ".installed-bench-applications"
    subprocess.run(
        ["make", f"PYTHON={sys.executable}", stamp.relative_to(ROOT)], cwd=ROOT, check=True, timeout=500
    )
    is_whole(measured_inside(PYTHON, site("ihatemoney"), tmp_path))


@pytest.mark.servers
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_the_guestbook_is_served_and_asked(tmp_path: Path) -> None:
    python, first_and_last = Path(sys.executable), slice(None, None, 3)
    two_pages = replace(site("guestbook"), pages=site("guestbook").pages[first_and_last])
    filled, requests = measure.fill(python, two_pages, tmp_path)
    found = measure.measure_served(
        python, two_pages, filled, requests[first_and_last], SHORT, lambda number: None
    )
    assert len(found) == 2
    assert all(page["times_flask"] > 0 for page in found)
    assert all(rate["workers"] == 1 for page in found for rate in page["served"].values())
