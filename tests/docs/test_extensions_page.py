"""The page on extensions, its chart, the README and the data of `erlen doctor` are made of the records."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from tests.contract.matrix import pages
from tests.contract.matrix.packages import PROBES, packages
from tests.contract.matrix.records import KINDS, RESULTS, Record, normalized, read_all

RECORDS = read_all()


def test_there_are_records() -> None:
    assert len(RECORDS) >= 100
    assert len(pages.of_kind(RECORDS, "application")) >= 40


def test_the_page_is_made_of_the_records() -> None:
    assert pages.PAGE.read_text(encoding="utf-8") == pages.page(RECORDS), (
        "python -m tests.contract.matrix pages"
    )


def test_what_erlen_doctor_reads_is_made_of_the_records() -> None:
    assert pages.DATA.read_text(encoding="utf-8") == pages.data(RECORDS), (
        "python -m tests.contract.matrix pages"
    )


def test_the_readme_says_what_the_records_say() -> None:
    (said,) = pages.MARKED.findall(pages.README.read_text(encoding="utf-8"))
    assert said == pages.sentence(RECORDS), "python -m tests.contract.matrix pages"


def test_the_chart_shows_what_the_records_say() -> None:
    """The chart itself needs matplotlib; what is written in it does not."""
    texts = [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", pages.CHART.read_text())]
    expected = pages.bars(RECORDS)
    assert [text for text in texts if " of " in text and text[0].isdigit()] == [
        f"{good:,} of {every:,}" for _, good, every in expected
    ]
    assert [text for text in texts if text in {title for title, _, _ in expected}] == [
        bar[0] for bar in expected
    ]


def test_the_chart_that_is_drawn_is_the_one_that_is_shown(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the chart needs the group `bench`")
    from tests.contract.matrix import chart

    chart.draw(RECORDS, tmp_path / "chart.svg")
    assert (tmp_path / "chart.svg").read_text() == pages.CHART.read_text()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.path.name)
def test_a_record_is_whole(record: Record) -> None:
    assert record.path.exists()
    assert record.kind in KINDS
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record.date)
    passed = [number for number in (record.by_wsgi, record.by_asgi) if number is not None]
    if record.kind == "installation":
        assert record.note
        assert not passed
    else:
        assert record.version
        assert all(number <= record.on_flask for number in passed)
        assert bool(record.losses) == any(number < record.on_flask for number in passed)
        assert all(loss.reason for loss in record.losses)


def test_a_record_lies_in_the_file_of_its_name() -> None:
    assert sorted(path.name for path in RESULTS.iterdir()) == sorted(record.path.name for record in RECORDS)


def test_every_package_of_the_list_has_a_record() -> None:
    recorded = {normalized(record.name) for record in RECORDS}
    assert [name for name in packages() if name not in recorded] == []


def test_every_probe_belongs_to_a_package_of_the_list() -> None:
    names = {package.probe for package in packages().values()}
    assert [path.name for path in PROBES.glob("*.py") if path not in names] == []
