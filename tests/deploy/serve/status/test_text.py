"""A status as JSON and as metrics."""

from __future__ import annotations

import json
import time
import typing as t
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from erlen.deploy.serve.status import OldestRequest, Reloads, Status, WorkerStatus
from erlen.deploy.serve.status.text import (
    LONGEST,
    as_json,
    as_metrics,
    printable,
    without_arguments,
    without_passwords,
    without_query,
)

WORKER = WorkerStatus(
    slot=0,
    pid=101,
    state="ready",
    generation=2,
    started=1_700_000_000.5,
    requests=7,
    under_way=2,
    oldest_request=OldestRequest(1.25, "GET /orders?token=planted HTTP/1.1"),
    memory=40_000_000,
)
STATUS = Status(
    version="0.1.0",
    pid=100,
    state="serving",
    started=1_700_000_000.0,
    addresses=["http://127.0.0.1:8000"],
    app="shop:app",
    interface="wsgi",
    generation=2,
    reloads=Reloads(1, 0, None, 1_700_000_100.0),
    workers=[WORKER],
    deaths=3,
    cut_off=4,
    earlier_requests=10,
)


def metrics_of(status: Status) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(as_metrics(status).decode())
        for sample in family.samples
    }


def with_worker(**changes: t.Any) -> Status:
    return replace(STATUS, workers=[replace(WORKER, **changes)])


# secrets


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("GET /orders HTTP/1.1", "GET /orders HTTP/1.1"),
        ("GET /orders?token=s3cret HTTP/1.1", "GET /orders?… HTTP/1.1"),
        ("GET /orders?a=1 s3cret HTTP/1.1", "GET /orders?… HTTP/1.1"),
        ("GET /orders?a=1\ts3cret\r\nX: HTTP/1.1", "GET /orders?… HTTP/1.1"),
        ("GET /orders?s3cret", "GET /orders?…"),
        ("GET /orders? HTTP/s3cret", "GET /orders?…"),
        ("GET http://ann:s3cret@shop/?q HTTP/1.1", "GET http://…@shop/?… HTTP/1.1"),
    ],
)
def test_a_request_line_is_told_without_its_query(line: str, told: str) -> None:
    assert without_query(line) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no connection to postgresql://ann:s3cret@db/shop", "no connection to postgresql://…@db/shop"),
        ("redis://:s3/cr@et@db and mysql://a:s3cret@b", "redis://…@db and mysql://…@b"),
        ("ann@example.org read https://erlen.example/", "ann@example.org read https://erlen.example/"),
    ],
)
def test_passwords_in_urls_are_left_out(text: str, told: str) -> None:
    assert without_passwords(text) == told


@pytest.mark.parametrize(
    ("app", "told"),
    [
        ("shop:app", "shop:app"),
        ("shop:create_app('s3cret')", "shop:create_app(…)"),
        ("shop:create_app(\n's3cret')", "shop:create_app(…)"),
    ],
)
def test_arguments_of_a_factory_are_left_out(app: str, told: str) -> None:
    assert without_arguments(app) == told


def test_no_secret_is_in_either_form() -> None:
    status = replace(
        with_worker(oldest_request=OldestRequest(1, "GET /a?s3cret HTTP/1.1")),
        app="shop:create_app('s3cret')",
        reloads=Reloads(0, 1, "cannot connect to redis://:s3cret@db", 1.0),
    )
    assert b"s3cret" not in as_json(status)
    assert b"s3cret" not in as_metrics(status)


# control characters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /\x1b[2J", r"GET /\x1b[2J"),
        ("a\nb\r\tc\x00", r"a\nb\r\tc\x00"),
        ("a\x7f\x9b31m", r"a\x7f\x9b31m"),
        ("a\u202eb\u2028", r"a\u202eb\u2028"),
        ("half \ud800", r"half \ud800"),
        ("grün 茶", "grün 茶"),
        ("x" * (LONGEST + 5), "x" * LONGEST + "…"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_any_text_survives_both_forms(text: str) -> None:
    status = replace(
        with_worker(oldest_request=OldestRequest(1, text)),
        app=text,
        version=text,
        interface=text,
        addresses=[text],
        reloads=Reloads(0, 1, text, 1.0),
    )
    told = json.loads(as_json(status))
    assert told["addresses"] == [printable(text)]
    assert all(
        character.isprintable() or character in " \u3000\xa0" or character > "\xa0"
        for character in told["app"]
    )
    labels = dict(next(labels for name, labels in metrics_of(status) if name == "erlen_info"))
    assert labels["interface"] == printable(text)


def test_a_long_hostile_line_takes_no_long_time() -> None:
    """Time that grows with the square would be minutes here."""
    begun = time.process_time()
    for text in ("//" * 500_000, "?" * 1_000_000, "@" * 1_000_000, "GET " + " HTTP/1.1" * 100_000):
        without_query(text)
    assert time.process_time() - begun < 10


# JSON


def test_json_has_every_field() -> None:
    told = json.loads(as_json(STATUS))
    assert told["workers"] == [
        {
            "slot": 0,
            "pid": 101,
            "state": "ready",
            "generation": 2,
            "started": 1_700_000_000.5,
            "requests": 7,
            "under_way": 2,
            "oldest_request": {"seconds": 1.25, "line": "GET /orders?… HTTP/1.1"},
            "memory": 40_000_000,
            "answers": True,
        }
    ]
    del told["workers"]
    assert told == {
        "version": "0.1.0",
        "pid": 100,
        "state": "serving",
        "started": 1_700_000_000.0,
        "addresses": ["http://127.0.0.1:8000"],
        "app": "shop:app",
        "interface": "wsgi",
        "generation": 2,
        "reloads": {"done": 1, "failed": 0, "last_error": None, "last_finished": 1_700_000_100.0},
        "deaths": 3,
        "cut_off": 4,
        "earlier_requests": 10,
        "longest_reload": None,
    }


# metrics


def test_metrics_say_what_is_known() -> None:
    worker = (("pid", "101"), ("slot", "0"))
    expected = {
        ("erlen_info", (("app", "shop:app"), ("interface", "wsgi"), ("version", "0.1.0"))): 1,
        ("erlen_state", (("state", "serving"),)): 1,
        ("erlen_state", (("state", "reloading"),)): 0,
        ("erlen_start_time_seconds", ()): 1_700_000_000,
        ("erlen_generation", ()): 2,
        ("erlen_reloads_total", (("result", "done"),)): 1,
        ("erlen_reloads_total", (("result", "failed"),)): 0,
        ("erlen_last_reload_successful", ()): 1,
        ("erlen_last_reload_timestamp_seconds", ()): 1_700_000_100,
        ("erlen_workers", (("state", "ready"),)): 1,
        ("erlen_workers", (("state", "closing"),)): 0,
        ("erlen_worker_deaths_total", ()): 3,
        ("erlen_requests_total", ()): 17,
        ("erlen_requests_cut_off_total", ()): 4,
        ("erlen_worker_start_time_seconds", worker): 1_700_000_000.5,
        ("erlen_worker_requests_under_way", worker): 2,
        ("erlen_worker_oldest_request_seconds", worker): 1.25,
        ("erlen_worker_resident_memory_bytes", worker): 40_000_000,
        ("erlen_worker_answers", worker): 1,
    }
    metrics = metrics_of(STATUS)
    assert {name: metrics.get(name) for name in expected} == expected


def test_each_metric_has_a_type_and_an_explanation() -> None:
    families = list(text_string_to_metric_families(as_metrics(STATUS).decode()))
    assert [family.name for family in families if not family.documentation or family.type == "unknown"] == []
    assert len({family.name for family in families}) == len(families)
    assert all(family.name.startswith("erlen_") for family in families)


def test_two_workers_with_one_slot_are_two() -> None:
    status = replace(STATUS, workers=[replace(WORKER, state="closing"), replace(WORKER, pid=102)])
    lines = [line for line in as_metrics(status).decode().splitlines() if not line.startswith("#")]
    names = [line.rpartition(" ")[0] for line in lines]
    assert len(set(names)) == len(names)


def test_memory_that_is_not_known_is_left_out() -> None:
    assert "erlen_worker_resident_memory_bytes{" not in as_metrics(with_worker(memory=None)).decode()


def test_a_worker_without_requests_has_no_oldest_one() -> None:
    status = with_worker(oldest_request=None)
    assert json.loads(as_json(status))["workers"][0]["oldest_request"] is None
    worker = (("pid", "101"), ("slot", "0"))
    assert metrics_of(status)["erlen_worker_oldest_request_seconds", worker] == 0


def test_before_a_reload_there_is_no_last_one() -> None:
    assert b"erlen_last_reload" not in as_metrics(replace(STATUS, reloads=Reloads()))


def test_a_failed_reload_is_no_success() -> None:
    status = replace(STATUS, reloads=Reloads(1, 1, "SyntaxError: invalid syntax", 5.0))
    assert metrics_of(status)["erlen_last_reload_successful", ()] == 0
