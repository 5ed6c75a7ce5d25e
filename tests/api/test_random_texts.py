"""Types at random in the query, headers, cookies and forms: the same values, and what the document takes."""

from __future__ import annotations

import contextlib
import json
import typing as t
from typing import Annotated
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from erlen.api import Cookie, Form, Header, Query
from tests.api.conftest import Served
from tests.api.random_types import Kind, Size, as_array, simple, with_integers
from tests.api.test_random_types import examples, ways
from tests.protocols.web import PLAIN

# Where texts are read otherwise than JSON: docs/reference/typed-views.md.
AS_THE_REFERENCE_SAYS = [(bool, "0"), (bool, "1"), (t.Literal[1, 20], "1.0"), (Size, "1.0")]

SOURCES = {"query": Query, "header": Header, "cookie": Cookie, "form": Form}


class Shown:
    """A view with one parameter from texts of the request."""

    def __init__(self, annotation: t.Any, where: str, way: t.Any) -> None:
        self.seen: list[t.Any] = []
        self.where = where
        self.served = Served(*way)

        def show(value):  # type: ignore[no-untyped-def]
            self.seen.append(value)
            return "x"

        show.__annotations__ = {"value": Annotated[annotation, SOURCES[where]()]}
        self.served.add("/", show, ["POST"])

    def ask(self, pairs: list[tuple[str, str]]) -> t.Any:
        """Return the answer to texts by name; those of a list come after one another."""
        self.seen.clear()
        if self.where in ("query", "form"):
            text = urlencode(pairs)
            if self.where == "query":
                return self.served.ask(f"/?{text}", "POST")
            return self.served.send("/", text.encode(), "application/x-www-form-urlencoded")
        if self.where == "cookie":
            headers = [("Cookie", "; ".join(f"{name}={text}" for name, text in pairs))]
        else:
            joined: dict[str, str] = {}
            for name, text in pairs:
                joined[name] = f"{joined[name]}, {text}" if name in joined else text
            headers = list(joined.items())
        return self.served.ask("/", "POST", headers=headers)

    def validator(self) -> Draft202012Validator:
        """Return what checks the value by the document."""
        document = self.served.api.document()
        operation = document["paths"]["/"]["post"]
        if self.where == "form":
            form = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
            schema = form["properties"]["value"]
        else:
            schema = operation["parameters"][0]["schema"]
        whole = {**schema, "components": document["components"]}
        return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


def text_of(value: t.Any) -> str:
    """Return a simple value as text."""
    return value if isinstance(value, str) else json.dumps(with_integers(value))


def stands(text: str, where: str) -> bool:
    """Tell whether a text can be sent there as it is."""
    if where == "query":
        return True
    if where == "form":
        return text != ""
    return text != "" and text.isascii() and text.isalnum()


@given(st.data(), simple, st.sampled_from(sorted(SOURCES)), ways)
@examples(100)
def test_simple_values_are_the_same_wherever_they_come_from(
    data: st.DataObject, kind: Kind, where: str, way: t.Any
) -> None:
    value = data.draw(kind.fits)
    assume(stands(text_of(value), where))
    shown = Shown(kind.annotation, where, way)
    response = shown.ask([("value", text_of(value))])
    assert response.status_code == 200, (response.text, value, kind)
    assert shown.seen == [as_array(kind, [value])[0]]


@given(st.data(), simple, st.sampled_from(sorted(SOURCES)), ways)
@examples(60)
def test_lists_are_values_that_come_several_times(
    data: st.DataObject, kind: Kind, where: str, way: t.Any
) -> None:
    values = data.draw(st.lists(kind.fits, min_size=1, max_size=3))
    # Commas part the values of a header.
    assume(all(stands(text_of(value), where) for value in values))
    shown = Shown(list[kind.annotation], where, way)  # type: ignore[name-defined]
    response = shown.ask([("value", text_of(value)) for value in values])
    assert response.status_code == 200, (response.text, values, kind)
    assert shown.seen == [as_array(kind, values)]


@given(st.data(), st.lists(simple, min_size=1, max_size=3), st.sampled_from(sorted(SOURCES)), ways)
@examples(60)
def test_a_record_takes_its_fields_from_texts(
    data: st.DataObject, kinds: list[Kind], where: str, way: t.Any
) -> None:
    names = [f"field_{number}" for number in range(len(kinds))]
    record = msgspec.defstruct(
        "Fields", [(name, kind.annotation) for name, kind in zip(names, kinds, strict=True)]
    )
    values = [data.draw(kind.fits) for kind in kinds]
    assume(all(stands(text_of(value), where) for value in values))
    shown = Shown(record, where, way)
    sent = [name.replace("_", "-") if where == "header" else name for name in names]
    response = shown.ask([(name, text_of(value)) for name, value in zip(sent, values, strict=True)])
    assert response.status_code == 200, (response.text, values, kinds)
    (made,) = shown.seen
    assert [getattr(made, name) for name in names] == [
        as_array(kind, [value])[0] for kind, value in zip(kinds, values, strict=True)
    ]
    # What is missing is named as it is called in the request.
    faults = shown.ask([]).json["errors"]
    assert [fault["name"] for fault in faults] == sent


_WORDS = """
    0 1 5 -0 1.0 1e3 1e400 01 +1 1_0 0x10 １ nan -Infinity 99999999999999999999999 true false null a red
    abc xxxxxxxxx YQ== YQ P1D P1Y PT1.5S -P1D A 2026-01-01 2026-02-30 2026-01-01T00:00:00 2026-01-01T00:00:00Z
    10:00:00 10:00:00Z 25:00:00 12345678-1234-5678-1234-567812345678 s3cr3t
"""
_texts = st.sampled_from(["", " 1", "1 ", "\0", *_WORDS.split()])


def readings(text: str) -> t.Iterator[t.Any]:
    """Yield what a text may mean in JSON: itself, a number, true or false."""
    yield text
    if text != text.strip():
        return
    with contextlib.suppress(ValueError):
        yield json.loads(text, parse_constant=lambda word: word)


@given(simple, st.lists(_texts, min_size=1, max_size=6), st.sampled_from(("query", "form")), ways)
@examples(100)
def test_a_text_is_taken_where_the_document_takes_what_it_means(
    kind: Kind, texts: list[str], where: str, way: t.Any
) -> None:
    shown = Shown(kind.annotation, where, way)
    validator = shown.validator()
    for text in texts:
        if (kind.annotation, text) in AS_THE_REFERENCE_SAYS or (where == "form" and text == ""):
            continue
        response = shown.ask([("value", text)])
        fits = any(map(validator.is_valid, readings(text)))
        assert (response.status_code == 200) == fits, (text, kind, response.text, validator.schema)
        if not fits:
            assert response.status_code == 422
            assert len(text) < 6 or text not in response.text


# what the wire may say


@pytest.mark.parametrize("where", ["query", "form"])
@given(st.text(max_size=8), st.booleans())
@examples(40)
def test_percent_signs_and_plus_signs_are_decoded_once(where: str, text: str, is_short: bool) -> None:
    shown = Shown(str, where, ("wsgi", PLAIN))
    assume(text != "" or where == "query")
    shown.ask([("value", text)])
    assert shown.seen == [text]
    if is_short and where == "query":
        escaped = "".join(f"%{byte:02X}" for byte in text.encode())
        shown.seen.clear()
        shown.served.ask(f"/?value={escaped}", "POST")
        assert shown.seen == [text]


@given(st.sampled_from(("Value", "VALUE", "value", "vAlUe")), ways)
@examples(20)
def test_names_of_headers_differ_by_no_case(name: str, way: t.Any) -> None:
    shown = Shown(int, "header", way)
    assert shown.ask([(name, "5")]).status_code == 200
    assert shown.seen == [5]


@given(st.lists(st.sampled_from(("1", "2", "x", "")), min_size=1, max_size=4), ways)
@examples(40)
def test_of_several_values_for_one_the_first_counts(texts: list[str], way: t.Any) -> None:
    shown = Shown(int, "query", way)
    response = shown.ask([("value", text) for text in texts])
    assert response.status_code == (200 if texts[0].isdigit() else 422)
    several = Shown(list[int], "query", way)
    response = several.ask([("value", text) for text in texts])
    assert response.status_code == (200 if all(map(str.isdigit, texts)) else 422)


@given(st.lists(st.sampled_from(("on", "true", "false", "1", "0", "", "yes", "off")), max_size=2), ways)
@examples(40)
def test_a_ticked_box_is_true_and_an_empty_field_is_absent(texts: list[str], way: t.Any) -> None:
    shown = Shown(bool, "form", way)
    response = shown.ask([("value", text) for text in texts])
    expected = {"on": True, "true": True, "1": True, "false": False, "0": False}
    if texts and texts[0] in expected:
        assert shown.seen == [expected[texts[0]]]
    else:
        assert response.status_code == 422
        assert shown.seen == []
