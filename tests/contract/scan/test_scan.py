"""What tools do to Flask's names has the same results in Erlen, but for what the documentation lists."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

PROBE = Path(__file__).with_name("probe.py")
CHECKOUT = Path(__file__).parents[3]
TABLE = CHECKOUT / "docs" / "explanation" / "compatibility.md"
PROTOCOLS = ("wsgi", "asgi")


class Row(t.NamedTuple):
    """A row of the table: patterns for a name, a step, and the results in Flask and in Erlen."""

    names: list[str]
    steps: list[str]
    flask: list[str]
    erlen: list[str]

    def has(self, difference: Difference) -> bool:
        return all(
            any(fnmatchcase(text, pattern) for pattern in patterns)
            for text, patterns in zip(difference, self, strict=True)
        )


class Difference(t.NamedTuple):
    name: str
    step: str
    flask: str
    erlen: str


@cache
def rows() -> list[Row]:
    section = TABLE.read_text(encoding="utf-8").partition("## What tools see")[2].partition("\n## ")[0]
    found = []
    for line in section.splitlines():
        if line.startswith("| `"):
            cells = re.split(r" \| ", line.strip("| "))
            found.append(Row(*(_literal(re.findall("`([^`]*)`", cell)) for cell in cells[:4])))
    return found


def _literal(patterns: list[str]) -> list[str]:
    # A bracket would begin a class of letters.
    return [pattern.replace("[", "[[]") for pattern in patterns]


def _run(names: str, alias: bool, protocol: str = "wsgi") -> dict[str, t.Any]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK", "ERLEN"))}
    done = subprocess.run(
        [sys.executable, PROBE],
        input=names,
        env=outside
        | {"PYTHONHASHSEED": "0", "SCAN_PROTOCOL": protocol, "PYTHONPATH": str(CHECKOUT)}
        | ({"ERLEN_AS_FLASK": "1"} if alias else {}),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, t.Any] = json.loads(done.stdout)
    return told


@cache
def of_flask() -> dict[str, t.Any]:
    return _run("", alias=False)


@cache
def outcomes_of_erlen(protocol: str) -> dict[str, str]:
    outcomes: dict[str, str] = _run(json.dumps(of_flask()["names"]), alias=True, protocol=protocol)[
        "outcomes"
    ]
    return outcomes


@cache
def differences(protocol: str) -> tuple[Difference, ...]:
    flask = of_flask()["outcomes"]
    return tuple(
        Difference(*name.rpartition(": ")[::2], flask[name], outcome)
        for name, outcome in outcomes_of_erlen(protocol).items()
        if outcome != flask[name] and not _depends_on_protocol(name)
    )


def _depends_on_protocol(name: str) -> bool:
    return name.startswith(("(served request).is_multi",))


def test_there_is_something_to_compare() -> None:
    names = of_flask()["names"]
    counts = {kind: sum(map(len, found.values())) for kind, found in names.items()}
    assert counts["modules"] > 170
    assert counts["classes"] > 700
    assert counts["instances"] > 1400
    assert len(of_flask()["outcomes"]) > 35_000
    assert outcomes_of_erlen("wsgi").keys() == of_flask()["outcomes"].keys()
    assert len(outcomes_of_erlen("asgi")) > 4_000


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_differs_is_in_the_table(protocol: str) -> None:
    assert [one for one in differences(protocol) if not any(row.has(one) for row in rows())] == []


@pytest.mark.parametrize("number", range(len(rows())), ids=lambda number: " ".join(rows()[number].names)[:60])
def test_a_row_of_the_table_still_says_a_difference(number: int) -> None:
    """For each name, step and result in it."""
    row = rows()[number]
    said = [one for one in differences("wsgi") if row.has(one)]
    unused = [
        pattern
        for place, patterns in enumerate(row)
        for pattern in patterns
        if not any(fnmatchcase(one[place], pattern) for one in said)
    ]
    assert said
    assert unused == []


def test_the_views_of_static_files_have_the_names_that_flask_gives_them() -> None:
    names = {name: told for name, told in outcomes_of_erlen("wsgi").items() if name.startswith("view ")}
    assert names == {
        "view static: dotted name": "flask.app.<lambda>",
        "view part.static: dotted name": "flask.blueprints.send_static_file",
        "view item: dotted name": "__main__.item",
    }
