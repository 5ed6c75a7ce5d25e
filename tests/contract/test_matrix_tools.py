"""How the matrix compares answers and reads what suites print."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.matrix import pages, probing, suites
from tests.contract.matrix.records import Loss, Record


def answer(**changed: Any) -> dict[str, Any]:
    told = {"what": "GET /", "status": "200 OK", "headers": [["a", "b"]], "body": "text"}
    return {**told, **changed}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": "500 X"}, "status: '500 X', on Flask '200 OK'"),
        ({"headers": [["a", "c"]]}, "headers: [['a', 'c']], on Flask [['a', 'b']]"),
        ({"body": "test"}, "body: …'test', on Flask …'text'"),
        ({"body": "text and more"}, "body: …'text and more', on Flask …'text'"),
    ],
)
def test_the_difference_of_two_answers(changed: dict[str, Any], said: str) -> None:
    assert probing.difference(answer(), answer(**changed)) == said


def test_the_difference_of_two_notes() -> None:
    here, there = {"what": "mails", "value": "1"}, {"what": "mails", "value": "2"}
    assert probing.difference(here, there) == "value: '2', on Flask '1'"


def test_the_same_answers_are_no_loss() -> None:
    assert list(probing.differences([answer(), answer()], {"answers": [answer(), answer()]}, "wsgi")) == []


def test_an_answer_that_did_not_come_is_a_loss_with_the_error_as_its_reason() -> None:
    told = {"answers": [answer()], "error": "Traceback …\nValueError: why"}
    assert list(probing.differences([answer(), answer(what="GET /b")], told, "asgi")) == [
        Loss("asgi", "GET /b", "ValueError: why")
    ]


PRINTED = """\
[suite] flask-a: flask-a 1.2, tests from the PyPI sdist, Python 3.11, mode target
COLLECT-ERROR tests/test_x.py: E   ImportError: no
REGRESSED tests/test_y.py::test_it[a b] [failed] E   assert 1 == 2
MISSING tests/test_z.py::test_it
[compat] kept=10 of 12 (83.33%) regressed=1 missing=1 newly_passing=0 wall=3s
requests by ASGI: 17
"""


def test_the_losses_of_a_suite_are_read() -> None:
    assert list(suites.losses_in(PRINTED, "asgi")) == [
        Loss("asgi", "tests/test_x.py", "E   ImportError: no"),
        Loss("asgi", "tests/test_y.py::test_it[a b]", "E   assert 1 == 2"),
        Loss("asgi", "tests/test_z.py::test_it", "did not run"),
    ]


def test_the_numbers_of_a_suite_are_read() -> None:
    assert suites.kept_in(PRINTED) == (10, 12)
    assert suites.requests_by_asgi(PRINTED) == 17


def test_tests_that_did_not_run_are_a_loss() -> None:
    printed = PRINTED.replace(
        "[suite]", "[partial] 9 of the 12 ids of the baseline ran; only these count\n[suite]"
    )
    assert suites.kept_in(printed) == (10, 12)
    assert Loss("wsgi", "3 tests", "did not run") in list(suites.losses_in(printed, "wsgi"))


@pytest.mark.parametrize("printed", ["", f"{PRINTED}[end] stopped after 600s"])
def test_a_suite_that_did_not_end_gives_no_numbers(printed: str) -> None:
    with pytest.raises(RuntimeError, match="did not run to its end"):
        suites.kept_in(printed)


def record(**told: Any) -> Record:
    about = {"name": "flask-a", "version": "1.0", "kind": "suite", "python": "3.11.7", "date": "2026-11-29"}
    return Record(**{**about, "on_flask": 10, "by_wsgi": 10, "by_asgi": 10, **told})


def test_a_loss_stands_on_the_page_with_its_reason() -> None:
    lossy = record(by_asgi=9, losses=[Loss("asgi", "test_it", "why `so`\nand")])
    assert "- **flask-a** 1.0, ASGI: `test_it`: `why 'so' and`" in pages.page([lossy])


def test_a_suite_that_cannot_be_sent_by_asgi_has_a_dash() -> None:
    text = pages.page([record(by_asgi=None, note="it sends no request")])
    assert "| flask-a | 1.0 | 3.11.7 | 10 | 10 | – |" in text
    assert "- **flask-a**: it sends no request." in text


def test_what_fails_on_flask_is_in_no_sum() -> None:
    gone = record(
        name="flask-old", kind="imports", on_flask=0, by_wsgi=0, by_asgi=0, note="ImportError: gone"
    )
    text = pages.page([record(), gone])
    assert "0 more packages were only imported" in text
    assert "## Not on Flask either" in text
    assert "- **flask-old** 1.0: `ImportError: gone`" in text


def test_a_run_with_the_legacy_layer_has_a_table_of_its_own() -> None:
    old = record(name="flask-old", kind="application", legacy="1.1", flask="1.1.4")
    text = pages.page([record(), old])
    assert "of 0 applications" in text
    assert "| flask-old | 1.0 | 3.11.7 | 1.1 | 1.1.4 | 10 | 10 | 10 |" in text
    assert old.path.name == "flask-old.application.legacy-1.1.json"


def test_what_does_not_install_is_listed() -> None:
    missing = record(
        name="flask-c", version="", kind="installation", on_flask=0, note="fatal error: no lber.h"
    )
    text = pages.page([record(), missing])
    assert "## Not installed" in text
    assert "- **flask-c**: `fatal error: no lber.h`" in text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "cannot import 'escape' from 'flask' (/a/b/flask/__init__.py)",
            "cannot import 'escape' from 'flask'",
        ),
        ("cannot import 'x' from 'y' (unknown location); more", "cannot import 'x' from 'y'; more"),
        ('File "/a/lib/site-packages/flask_a/b.py", line 4', 'File "flask_a/b.py", line 4'),
        ("see https://a.example/b (and c)", "see https://a.example/b (and c)"),
    ],
)
def test_paths_of_the_machine_are_left_out(said: str, told: str) -> None:
    assert probing.without_paths(said) == told
