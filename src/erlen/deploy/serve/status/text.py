"""A status as JSON and as Prometheus's text format, without secrets and control characters."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import asdict

from .fields import State, Status, WorkerState, WorkerStatus

STATES: tuple[State, ...] = t.get_args(State)
WORKER_STATES: tuple[WorkerState, ...] = t.get_args(WorkerState)

LONGEST = 500
# Control characters, also those of Latin 1, what reverses the direction of text, and halves of characters.
_NOT_PRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_WORD = re.compile(r"\S+")
_VERSION = re.compile(r" HTTP/[\d.]{1,3}\Z")

Sample = tuple[dict[str, object], float]


def printable(text: str) -> str:
    """Escape what a terminal would obey, and shorten what is too long."""
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return _NOT_PRINTED.sub(lambda found: found[0].encode("unicode_escape").decode(), shown)


def last_line(text: str) -> str:
    """Return the last line that is not blank: of a traceback, what was raised."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def without_passwords(text: str) -> str:
    """Return a text as it may be told: printable, and without the passwords of URLs."""
    return printable(_WORD.sub(_without_password, text))


def _without_password(found: re.Match[str]) -> str:
    word = found[0]
    start, end = word.find("//"), word.rfind("@")
    return f"{word[:start]}//…{word[end:]}" if -1 < start < end else word


def without_query(line: str) -> str:
    """Return a request line as it may be told.

    SECURITY: queries have tokens, searches and addresses of people in them; who reads a status need not
    know them.
    """
    before, mark, after = line.partition("?")
    version = _VERSION.search(after)
    return without_passwords(f"{before}?…{version[0] if version else ''}" if mark else line)


def without_arguments(app: str) -> str:
    """Return the name of an application; arguments of a factory may be secret, as queries are."""
    name, bracket, _ = app.partition("(")
    return printable(f"{name}(…)" if bracket else app)


def as_json(status: Status) -> bytes:
    """Return a status for programs."""
    told = asdict(status)
    told["app"] = without_arguments(status.app)
    told["addresses"] = [printable(each) for each in status.addresses]
    if status.reloads.last_error is not None:
        told["reloads"]["last_error"] = without_passwords(last_line(status.reloads.last_error))
    for worker in told["workers"]:
        if worker["oldest_request"] is not None:
            worker["oldest_request"]["line"] = without_query(worker["oldest_request"]["line"])
    return json.dumps(told, indent=2).encode() + b"\n"


def as_metrics(status: Status) -> bytes:
    """Return a status in Prometheus's text format, version 0.0.4."""
    lines = [line for family in _families(status) for line in family]
    return "\n".join([*lines, ""]).encode()


def _families(status: Status) -> t.Iterator[list[str]]:
    yield from _of_the_server(status)
    yield from _of_reloads(status)
    yield from _of_all_workers(status)
    yield from _of_each_worker(status.workers)


def _of_the_server(status: Status) -> t.Iterator[list[str]]:
    about: dict[str, object] = {
        "version": status.version,
        "app": without_arguments(status.app),
        "interface": status.interface,
    }
    yield _family("erlen_info", "gauge", "What is served, and by which version of Erlen.", [(about, 1)])
    states: list[Sample] = [({"state": each}, each == status.state) for each in STATES]
    yield _family("erlen_state", "gauge", "Whether the server is in this state.", states)
    yield _family(
        "erlen_start_time_seconds",
        "gauge",
        "When the server was started, in seconds since 1970.",
        [({}, status.started)],
    )
    yield _family("erlen_generation", "gauge", "Grows with each reload.", [({}, status.generation)])


def _of_reloads(status: Status) -> t.Iterator[list[str]]:
    reloads = status.reloads
    results: list[Sample] = [({"result": "done"}, reloads.done), ({"result": "failed"}, reloads.failed)]
    yield _family("erlen_reloads_total", "counter", "Reloads that have ended.", results)
    if reloads.last_finished is None:
        return
    yield _family(
        "erlen_last_reload_successful",
        "gauge",
        "Whether the last reload was done.",
        [({}, reloads.last_error is None)],
    )
    yield _family(
        "erlen_last_reload_timestamp_seconds",
        "gauge",
        "When the last reload ended, in seconds since 1970.",
        [({}, reloads.last_finished)],
    )


def _of_all_workers(status: Status) -> t.Iterator[list[str]]:
    counts: list[Sample] = [
        ({"state": state}, sum(worker.state == state for worker in status.workers)) for state in WORKER_STATES
    ]
    yield _family("erlen_workers", "gauge", "Worker processes.", counts)
    yield _family(
        "erlen_worker_deaths_total",
        "counter",
        "Workers that ended without being told to.",
        [({}, status.deaths)],
    )
    begun = status.earlier_requests + sum(worker.requests for worker in status.workers)
    yield _family(
        "erlen_requests_total", "counter", "Requests that workers have begun to answer.", [({}, begun)]
    )
    yield _family(
        "erlen_requests_cut_off_total",
        "counter",
        "Requests that were not finished when the grace was over.",
        [({}, status.cut_off)],
    )


def _of_each_worker(workers: t.Sequence[WorkerStatus]) -> t.Iterator[list[str]]:
    def samples(value: t.Callable[[WorkerStatus], float | None]) -> list[Sample]:
        told = [(worker, value(worker)) for worker in workers]
        # By process too: while one is replaced, two have the same slot.
        return [({"slot": each.slot, "pid": each.pid}, known) for each, known in told if known is not None]

    def oldest(worker: WorkerStatus) -> float:
        return worker.oldest_request.seconds if worker.oldest_request else 0

    yield _family(
        "erlen_worker_start_time_seconds",
        "gauge",
        "When the worker was started, in seconds since 1970.",
        samples(lambda worker: worker.started),
    )
    yield _family(
        "erlen_worker_requests_under_way",
        "gauge",
        "Requests that the worker is answering.",
        samples(lambda worker: worker.under_way),
    )
    yield _family(
        "erlen_worker_oldest_request_seconds",
        "gauge",
        "How long the worker has been answering its oldest request.",
        samples(oldest),
    )
    yield _family(
        "erlen_worker_resident_memory_bytes",
        "gauge",
        "Memory of the worker, pages that it shares with others included.",
        samples(lambda worker: worker.memory),
    )
    yield _family(
        "erlen_worker_answers",
        "gauge",
        "Whether the worker has reported lately.",
        samples(lambda worker: worker.answers),
    )


def _family(name: str, kind: str, what: str, samples: t.Iterable[Sample]) -> list[str]:
    lines = [f"{name}{_labels(labels)} {float(value)!r}" for labels, value in samples]
    return [f"# HELP {name} {what}", f"# TYPE {name} {kind}", *lines]


def _labels(labels: dict[str, object]) -> str:
    if not labels:
        return ""
    return (
        "{" + ",".join(f'{name}="{_escaped(printable(str(value)))}"' for name, value in labels.items()) + "}"
    )


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"")
