"""Fields of forms: an empty one is absent, and a ticked box is true."""

import io
import typing as t

import pytest
from werkzeug.datastructures import FileStorage

from erlen import Erlen
from erlen.api.errors import Fault
from erlen.api.parameters import NOTHING, Parameter
from erlen.api.reading.forms import file_reader, form_reader, is_file_list, part_reader

_app = Erlen("app")


def read(
    reader: t.Any, annotation: t.Any, data: dict[str, t.Any], default: t.Any = NOTHING
) -> tuple[t.Any, list[str]]:
    values: dict[str, t.Any] = {}
    faults: list[Fault] = []
    with _app.test_request_context("/", method="POST", data=data):
        reader([Parameter("a", annotation, "form", "why", "a", default)])(values, faults)
        found = values.get("a")
        if isinstance(found, FileStorage):
            found = found.filename
    return found, [fault.at for fault in faults]


@pytest.mark.parametrize(
    ("annotation", "given", "expected"),
    [
        (str, "on", "on"),
        (bool, "on", True),
        (bool | None, "on", True),
        (int, "5", 5),
        (list[str], ["a", "", "b"], ["a", "b"]),
    ],
    ids=str,
)
def test_fields(annotation: t.Any, given: t.Any, expected: t.Any) -> None:
    assert read(form_reader, annotation, {"a": given}) == (expected, [])


def test_an_empty_field_is_absent() -> None:
    assert read(form_reader, int, {"a": ""}) == (None, ["a"])
    assert read(form_reader, int, {"a": ""}, default=7) == (7, [])


def test_files() -> None:
    def file() -> tuple[io.BytesIO, str]:
        return io.BytesIO(b"x"), "x.txt"

    assert read(file_reader, FileStorage, {"a": file()}) == ("x.txt", [])
    assert read(file_reader, FileStorage, {}) == (None, ["a"])
    assert read(file_reader, FileStorage, {}, default=None) == (None, [])
    found, faults = read(file_reader, list[FileStorage], {"a": [file()]})
    assert (len(found), faults) == (1, [])


def test_a_text_is_no_file() -> None:
    for annotation in (FileStorage, list[FileStorage]):
        assert read(file_reader, annotation, {"a": "text"}, default=None) == (None, ["a"])
        assert read(file_reader, annotation, {"a": ""}, default=None) == (None, [])


def test_a_part_is_json_in_a_field_or_a_file() -> None:
    assert read(part_reader, dict[str, int], {"a": '{"b": 1}'}) == ({"b": 1}, [])
    assert read(part_reader, dict[str, int], {"a": (io.BytesIO(b'{"b": 1}'), "a.json")}) == ({"b": 1}, [])
    assert read(part_reader, dict[str, int], {"a": '{"b": "x"}'}) == (None, ["a"])
    assert read(part_reader, dict[str, int], {}) == (None, ["a"])


@pytest.mark.parametrize(
    ("annotation", "expected"), [(FileStorage, False), (list[FileStorage], True)], ids=str
)
def test_lists_of_files(annotation: t.Any, expected: bool) -> None:
    assert is_file_list(Parameter("a", annotation, "file", "why")) is expected
