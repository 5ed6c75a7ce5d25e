"""The report, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from erlen.doctor.report import Report, as_json, as_text, examine
from erlen.doctor.surroundings import Surroundings
from erlen.doctor.verdicts import Verdict

AROUND = Surroundings("0.1.0", "3.11.7", "3.1.5", "3.1.3", True, True, {"gunicorn": "27.0", "uvicorn": "0.5"})
GOOD = Verdict("Flask-Good", "1.0", "1.0", "", "as on Flask", ("10 of its tests",))
LOSSY = Verdict(
    "Flask-Lossy", "1.10", "1.9", "newer", "with losses", ("10 of its tests", "by ASGI: test: why")
)
BROKEN = Verdict("Flask-Broken", "1.0", "1.0", "", "broken", ("no test",))
UNKNOWN = Verdict("Flask-New", "0.1", "", "", "unknown", ())
LEGACY = Verdict("Flask-Old", "0.1", "", "", "unknown", ("runs with ERLEN_LEGACY=1.1",))


def test_the_text_is_a_table() -> None:
    assert as_text(Report(AROUND, [GOOD, LOSSY, UNKNOWN])) == (
        "Erlen 0.1.0, Python 3.11.7, Werkzeug 3.1.5; Flask 3.1.3 is installed, too\n"
        "'import flask' means Erlen in this process and those that it starts; elsewhere with"
        " ERLEN_AS_FLASK=1.\n"
        "Servers: gunicorn 27.0 (WSGI; ASGI with its asgi worker, or uvicorn's), uvicorn 0.5 (ASGI)\n"
        "\n"
        "Extension    Installed  Tried  Result\n"
        "-----------  ---------  -----  ---------------------------------------\n"
        "Flask-Good   1.0        1.0    runs as on Flask\n"
        "Flask-Lossy  1.10       1.9    newer than tried; 1.9 runs, with losses\n"
        "Flask-New    0.1        –      not tried\n"
        "\n"
        "Flask-Lossy:\n"
        "  - 10 of its tests\n"
        "  - by ASGI: test: why"
    ).replace(
        "-----  ----------------------------------------", "-----  ---------------------------------------"
    )


@pytest.mark.parametrize(
    ("verdict", "is_explained"),
    [(GOOD, False), (UNKNOWN, False), (LOSSY, True), (BROKEN, True), (LEGACY, True)],
)
def test_what_is_not_as_on_flask_is_explained(verdict: Verdict, is_explained: bool) -> None:
    assert (f"\n{verdict.name}:\n  - " in as_text(Report(AROUND, [verdict]))) is is_explained


def test_long_reasons_are_broken_into_lines() -> None:
    long = replace(BROKEN, reasons=("word " * 60,))
    assert max(map(len, as_text(Report(AROUND, [long])).splitlines()[7:])) <= 110


def test_without_an_extension_it_says_so() -> None:
    assert as_text(Report(replace(AROUND, servers={}), [])).endswith("No extension of Flask is installed.")
    assert "none but that of erlen run" in as_text(Report(replace(AROUND, servers={}), []))


@pytest.mark.parametrize(("verdicts", "is_broken"), [([GOOD, LOSSY, UNKNOWN], False), ([GOOD, BROKEN], True)])
def test_the_json_has_all_of_it(verdicts: list[Verdict], is_broken: bool) -> None:
    report = Report(AROUND, verdicts)
    told = json.loads(as_json(report))
    assert report.is_broken is is_broken
    assert told["broken"] is is_broken
    assert told["servers"] == {"gunicorn": "27.0", "uvicorn": "0.5"}
    assert [(each["name"], each["says"]) for each in told["extensions"]] == [
        (v.name, str(v)) for v in verdicts
    ]


def test_this_environment_has_extensions_that_were_tried() -> None:
    found = {verdict.name.lower().replace("_", "-"): verdict for verdict in examine().verdicts}
    assert found["flask-login"].tried
    assert found["flask-restful"].result in ("as on Flask", "with losses")
    assert "flask" not in found
