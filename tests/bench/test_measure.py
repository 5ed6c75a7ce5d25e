"""The driver is a fair server, and nothing is measured that is not right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.apps import load
from bench.cases import CASES
from bench.measure import Effort, WrongAnswer, measure
from bench.wsgi import Request, drive

HELLO = next(case for case in CASES if case.name == "hello")
BRIEF = Effort(rounds=3, milliseconds=0.05)


class Body:
    """A body that notices how it is treated."""

    def __init__(self) -> None:
        self.taken = 0
        self.closed = 0

    def __iter__(self):
        for chunk in (b"a", b"b"):
            self.taken += 1
            yield chunk

    def close(self) -> None:
        self.closed += 1


class Witness:
    """An application that keeps what it was given."""

    def __init__(self) -> None:
        self.environs: list[dict] = []
        self.bodies: list[Body] = []
        self.read: list[bytes] = []

    def __call__(self, environ, start_response):
        self.environs.append(environ)
        self.read.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        environ["marked.by.application"] = True
        self.bodies.append(Body())
        return self.bodies[-1]


@pytest.fixture
def witness() -> Witness:
    witness = Witness()
    headers = {"HTTP_COOKIE": "session=abc"}
    drive(witness, Request("POST", "/form", "q=1", b"name=Ada", "text/plain", headers), 5)
    return witness


def test_each_call_gets_an_environ_of_its_own(witness):
    assert len({id(environ) for environ in witness.environs}) == 5
    first, *others = witness.environs
    for other in others:
        assert other.keys() == first.keys()


@pytest.mark.parametrize("key", ["PATH_INFO", "QUERY_STRING", "HTTP_HOST", "HTTP_COOKIE", "CONTENT_TYPE"])
def test_what_a_client_sends_is_never_the_same_object_twice(witness, key):
    values = [environ[key] for environ in witness.environs]
    assert len({id(value) for value in values}) == 5
    assert len(set(values)) == 1


def test_each_call_gets_its_whole_body(witness):
    assert witness.read == [b"name=Ada"] * 5


def test_each_answer_is_taken_to_its_end_and_closed_once(witness):
    assert [(body.taken, body.closed) for body in witness.bodies] == [(2, 1)] * 5


def test_all_who_take_part_are_measured():
    apps = {name: load(name) for name in ("flask", "bare")}
    rounds = []
    times = measure(HELLO, apps, BRIEF, rounds.append)
    assert rounds == [1, 2, 3]
    assert times.keys() == {"flask", "bare"}
    assert all(time >= 0 for time in times.values())


def test_who_does_not_take_part_is_left_out():
    case = replace(HELLO, frameworks=("bare",))
    assert measure(case, {name: load(name) for name in ("flask", "bare")}, BRIEF, print).keys() == {"bare"}


def test_a_wrong_answer_stops_the_measurement():
    def wrong(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"Hello, World?"]

    with pytest.raises(WrongAnswer, match=r"bare answers the case 'hello' with 200 OK: b'Hello, World\?'"):
        measure(HELLO, {"bare": wrong}, BRIEF, print)


def test_an_answer_that_goes_wrong_later_is_noticed():
    right = load("bare")
    calls = []

    def fails_later(environ, start_response):
        calls.append(None)
        return right(environ | {"PATH_INFO": "/hello" if len(calls) < 50 else "/nowhere"}, start_response)

    with pytest.raises(WrongAnswer, match="404"):
        measure(HELLO, {"bare": fails_later}, BRIEF, print)
