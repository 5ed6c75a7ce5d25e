"""Each part of the request has its reader."""

import typing as t

import pytest
from werkzeug.exceptions import NotFound

from erlen import Erlen
from erlen.api.errors import Fault
from erlen.api.parameters import Parameter
from erlen.api.reading import path_reader, reader_of


@pytest.mark.parametrize("where", ["path", "query", "header", "cookie", "form", "file", "part", "body"])
def test_every_source_has_a_reader(where: str) -> None:
    assert callable(reader_of(where, [Parameter("a", dict[str, int], where, "why", "a")]))


def test_a_variable_that_does_not_fit_is_not_found() -> None:
    read = path_reader([Parameter("a", int, "path", "why", "a")])
    values: dict[str, t.Any] = {"a": "5"}
    read(values, [])
    assert values == {"a": 5}
    with pytest.raises(NotFound):
        read({"a": "x"}, [])


def test_readers_note_faults_and_go_on() -> None:
    faults: list[Fault] = []
    with Erlen("app").test_request_context("/?a=x"):
        reader_of("query", [Parameter("a", int, "query", "why", "a")])({}, faults)
    assert [(fault.where, fault.at) for fault in faults] == [("query", "a")]
