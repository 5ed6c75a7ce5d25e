"""The account of requests, and the lines by which they are known."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from erlen.deploy.serve.worker.requests_under_way import Request, RequestsUnderWay, request_line


def read(place: Any, entry: Any) -> Request:
    return Request(str(place), entry[0], entry[1])


def test_each_request_has_a_number_and_asking_takes_none() -> None:
    requests = RequestsUnderWay(read)

    def take() -> None:
        for _ in range(1000):
            next(requests.numbers)
            assert requests.total > 0

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [requests.total, requests.total] == [4000, 4000]


def test_the_oldest_is_that_which_began_first() -> None:
    requests = RequestsUnderWay(read)
    assert (requests.oldest(), requests.oldest_waiting(), requests.under_way()) == (None, None, 0)
    requests.entries.update({"b": (2.0, False), "a": (1.0, True), "c": (3.0, False)})
    assert [request.line for request in requests.all()] == ["a", "b", "c"]
    oldest, waiting = requests.oldest(), requests.oldest_waiting()
    assert oldest is not None
    assert waiting is not None
    assert (oldest["line"], waiting["line"], requests.under_way()) == ("a", "b", 3)
    assert oldest["seconds"] > waiting["seconds"]


def test_who_wants_to_know_is_told_that_connections_are_closing() -> None:
    requests = RequestsUnderWay(read)
    told: list[bool] = []
    requests.closing = True
    assert requests.closing
    requests.when_closing = lambda: told.append(requests.closing)
    requests.closing = False
    requests.closing = True
    assert told == [True]


@pytest.mark.parametrize(
    ("method", "path", "line"),
    [
        ("GET", b"/a/b", "GET /a/b HTTP/1.1"),
        ("GET", b"/a\r\nERROR b", "GET /a%0D%0AERROR%20b HTTP/1.1"),
        ("GET", b"/\x1b[2J", "GET /%1B%5B2J HTTP/1.1"),
        ("GET", b"/\xff\xfe\x00", "GET /%FF%FE%00 HTTP/1.1"),
        ("G\nT", b"/", "G%0AT / HTTP/1.1"),
        ("GET", b"/a?token=secret", "GET /a%3Ftoken%3Dsecret HTTP/1.1"),
    ],
)
def test_a_line_is_one_line_whatever_the_path(method: str, path: bytes, line: str) -> None:
    assert request_line(method, path, "HTTP/1.1") == line


def test_a_line_is_not_longer_than_a_log_can_bear() -> None:
    line = request_line("GET", b"/" + b"x" * 1_000_000, "HTTP/1.1")
    assert len(line) < 500
    assert line.endswith("x... HTTP/1.1")
