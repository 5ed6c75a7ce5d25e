"""Types at random: values survive, planted faults are the faults named, the document says what is taken."""

from __future__ import annotations

import json
import typing as t
from typing import Annotated

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from erlen.api import Body
from tests.amounts import CHOSEN_ANEW, part_of
from tests.api.conftest import Served
from tests.api.random_types import SECRET, Kind, bodies, nearly, with_faults
from tests.protocols.web import COROUTINE, PLAIN

ways = st.sampled_from((("wsgi", PLAIN), ("asgi", COROUTINE)))


class Echo:
    """A view that takes a value of a type and returns it."""

    def __init__(self, annotation: t.Any, way: tuple[str, t.Any]) -> None:
        self.annotation = annotation
        self.seen: list[t.Any] = []
        self.served = Served(*way)

        def echo(body):  # type: ignore[no-untyped-def]
            self.seen.append(body)
            return body, 200

        echo.__annotations__ = {
            "body": Annotated[annotation, Body()],
            "return": tuple[annotation, t.Literal[200]],
        }
        self.served.add("/", echo, ["POST"])

    def send(self, body: t.Any) -> t.Any:
        """Return the answer to a value as JSON."""
        self.seen.clear()
        return self.served.send("/", json.dumps(body).encode())

    def validators(self) -> tuple[Draft202012Validator, Draft202012Validator]:
        """Return what checks requests and answers by the document."""
        document = self.served.api.document()
        operation = document["paths"]["/"]["post"]
        request = operation["requestBody"]["content"]["application/json"]["schema"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        return _validator(request, document), _validator(answer, document)


def _validator(schema: t.Any, document: t.Any) -> t.Any:
    whole = {**schema, "components": document["components"]}
    Draft202012Validator.check_schema(whole)
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


def survives(kind: Kind, way: t.Any, body: t.Any) -> None:
    echo = Echo(kind.annotation, way)
    response = echo.send(body)
    assert response.status_code == 200, (response.text, body, kind.annotation)
    (value,) = echo.seen
    assert msgspec.json.decode(response.data, type=kind.annotation) == value
    assert echo.send(response.json).status_code == 200
    assert echo.seen == [value]


def faults_are_named(kind: Kind, way: t.Any, planted: tuple[t.Any, list[str]]) -> None:
    body, expected = planted
    response = Echo(kind.annotation, way).send(body)
    assert response.status_code == (422 if expected else 200), (response.text, body, kind.annotation)
    if expected:
        found = sorted(fault["at"] for fault in response.json["errors"])
        assert found == expected, (body, kind.annotation, response.text)
        assert not any(SECRET in fault["detail"] for fault in response.json["errors"])


def is_taken_as_said(kind: Kind, way: t.Any, several: list[t.Any]) -> None:
    echo = Echo(kind.annotation, way)
    request, answer = echo.validators()
    for body in several:
        errors = [error.message for error in request.iter_errors(body)]
        response = echo.send(body)
        taken = response.status_code == 200
        assert taken == (not errors), (body, kind.annotation, response.text, errors, request.schema)
        if taken:
            wrong = [error.message for error in answer.iter_errors(response.json)]
            assert not wrong, (body, response.text, wrong, answer.schema)
        else:
            assert response.status_code == 422, (body, response.text)


def examples(number: int) -> settings:
    return settings(
        max_examples=CHOSEN_ANEW or part_of(number),
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )


@given(st.data(), bodies, ways)
@examples(60)
def test_values_survive_the_way_in_and_out(data: st.DataObject, kind: Kind, way: t.Any) -> None:
    survives(kind, way, data.draw(kind.fits))


@given(st.data(), bodies, ways)
@examples(60)
def test_planted_faults_are_the_faults_named(data: st.DataObject, kind: Kind, way: t.Any) -> None:
    faults_are_named(kind, way, data.draw(with_faults(kind)))


@given(st.data(), bodies, ways)
@examples(60)
def test_a_body_is_taken_where_the_document_takes_it(data: st.DataObject, kind: Kind, way: t.Any) -> None:
    is_taken_as_said(kind, way, data.draw(st.lists(nearly(kind), min_size=1, max_size=4)))


@pytest.mark.slow
@settings(parent=examples(600))
@given(st.data(), bodies, ways)
def test_all_of_it_with_many_types(data: st.DataObject, kind: Kind, way: t.Any) -> None:
    survives(kind, way, data.draw(kind.fits))
    faults_are_named(kind, way, data.draw(with_faults(kind)))
    is_taken_as_said(kind, way, data.draw(st.lists(nearly(kind), min_size=1, max_size=4)))
