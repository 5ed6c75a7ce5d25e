"""The fields of queries and of forms that are not multipart are those that Werkzeug finds."""

from __future__ import annotations

import copy
import pickle
from urllib.parse import parse_qsl

import pytest
import werkzeug.urls  # registers the error handler
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from erlen.wrappers.urlencoded import read_fields, read_form

assert werkzeug.urls

PIECES = st.sampled_from(
    ["a", "b", "=", "&", "+", "%", "%2", "%41", "%C3%A9", "%ff", "%zz", ";", "é", " ", "\n", "\0", "==", "&&"]
)


def as_werkzeug_does(text: str) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(parse_qsl(text, keep_blank_values=True, errors="werkzeug.url_quote"))


@given(st.lists(PIECES, max_size=12).map("".join))
@example("")
@example("a")
@example("a=1&a=2&b=")
@example("=&==&a==b")
@example("%ff=%ff")
def test_fields_are_those_that_werkzeug_finds(text: str) -> None:
    fields = read_fields(text, ImmutableMultiDict)
    assert list(fields.items(multi=True)) == list(as_werkzeug_does(text).items(multi=True))
    assert fields == as_werkzeug_does(text)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert read_fields(text, ImmutableMultiDict) == as_werkzeug_does(text)


class OneOfMyOwn(ImmutableMultiDict[str, str]):
    """A storage that somebody derived."""


@pytest.mark.parametrize("storage", [ImmutableMultiDict, MultiDict, OneOfMyOwn])
def test_the_storage_is_of_the_class_asked_for(storage: type[MultiDict[str, str]]) -> None:
    fields = read_fields("a=1&a=2", storage)
    assert isinstance(fields, storage)
    assert type(fields).__name__ == storage.__name__
    assert fields.getlist("a") == ["1", "2"]
    assert fields["a"] == "1"


@pytest.mark.parametrize(
    "asked",
    [
        lambda fields: fields["a"],
        lambda fields: fields["nothing"],
        lambda fields: fields["empty"],
        lambda fields: fields[["unhashable"]],
        lambda fields: fields.get("a"),
        lambda fields: fields.get("nothing"),
        lambda fields: fields.get("nothing", "default"),
        lambda fields: fields.get("empty", "default"),
        lambda fields: fields.get("a", type=int),
        lambda fields: fields.get("b", type=int),
        lambda fields: fields.get("b", 5, int),
        lambda fields: fields.get("nothing", 5, int),
        lambda fields: fields.get("empty", 5, int),
        lambda fields: fields.get("a", type=lambda _: [][0]),
        lambda fields: fields.get("a", type=lambda _: {}[0]),
        lambda fields: fields.get("a", 5, lambda _: None + 1),
        lambda fields: fields.get("a", type=0),
        lambda fields: fields.get(["unhashable"]),
        lambda fields: ("a" in fields, len(fields), list(fields), fields.to_dict(), dict(fields.lists())),
        lambda fields: (repr(fields), type(fields.copy()), fields.copy(), hash(fields), bool(fields)),
        lambda fields: pickle.loads(pickle.dumps(fields)) == copy.copy(fields) == fields,
        lambda fields: fields.getlist("a", int) + fields.getlist("nothing"),
        lambda fields: {**fields},
    ],
)
def test_the_usual_storage_answers_as_werkzeugs(asked) -> None:
    def outcome(fields: MultiDict[str, str]) -> object:
        dict.__setitem__(fields, "empty", [])
        try:
            return asked(fields)
        except Exception as error:
            return type(error), str(error)

    text = "a=1&b=x&a=2"
    assert outcome(read_fields(text, ImmutableMultiDict)) == outcome(as_werkzeug_does(text))


def test_the_usual_storage_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        read_fields("a=1", ImmutableMultiDict)["a"] = "2"


def test_a_pickle_of_the_usual_storage_needs_no_erlen() -> None:
    fields = read_fields("a=1&b=%C3%A9&a=2", ImmutableMultiDict)
    pickled = pickle.dumps(fields)
    assert b"erlen" not in pickled
    assert type(pickle.loads(pickled)) is ImmutableMultiDict
    assert list(pickle.loads(pickled).items(multi=True)) == [("a", "1"), ("a", "2"), ("b", "\xe9")]


@given(st.lists(st.sampled_from([*b"%aAfF019gG +=&\xc3\xa9\xff", 0]), max_size=24).map(bytes))
@example(b"%")
@example(b"%4")
@example(b"a=%E2%82%AC%E2%82&%c3=%C3%A9")
@example(b"%ed%a0%80=%00")
def test_any_escapes_in_a_form_are_read(body: bytes) -> None:
    try:
        expected = as_werkzeug_does(body.decode())
    except UnicodeDecodeError:
        expected = ImmutableMultiDict()
    assert list(read_form(body, ImmutableMultiDict).items(multi=True)) == list(expected.items(multi=True))


def test_thousands_of_fields_and_a_long_name_are_read() -> None:
    text = "&".join([f"k{number}=%41+{number}" for number in range(5_000)] * 2 + ["n" * 100_000])
    assert read_fields(text, ImmutableMultiDict) == as_werkzeug_does(text)
