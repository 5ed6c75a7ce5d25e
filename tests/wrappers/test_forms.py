"""The fields of queries and forms are those that Werkzeug finds.

Large forms are parsed off the loop, and everything about them is as if they were not.
"""

from __future__ import annotations

import copy
import pickle
import threading
import typing as t
from urllib.parse import parse_qsl

import pytest
import werkzeug.urls  # registers the error handler
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.formparser import MultiPartParser
from werkzeug.routing import Rule

from erlen import request
from erlen.wrappers.urlencoded import read_fields
from tests.gateway.asgi.coloured import Coloured, post
from tests.gateway.asgi.driver import ask_once, body, http

assert werkzeug.urls

# fields

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


# large bodies keep nobody waiting


def multipart(size: int) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    return head + b"z" * size + b"\r\n--b--\r\n"


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
@pytest.mark.parametrize("hooked", [True, False])
def test_a_large_form_is_parsed_off_the_loop(
    colour: str, monkeypatch: pytest.MonkeyPatch, *, hooked: bool
) -> None:
    threads: list[threading.Thread] = []
    parse = MultiPartParser.parse

    def noting(*args: t.Any, **kwargs: t.Any) -> t.Any:
        threads.append(threading.current_thread())
        return parse(*args, **kwargs)

    monkeypatch.setattr(MultiPartParser, "parse", noting)
    made = Coloured(colour)
    if hooked:
        made.app.before_request(lambda: None)
    made.app.add_url_rule(
        "/",
        "view",
        made.view(lambda: f"{len(request.files['f'].read())} {request.get_data()!r}"),
        methods=["POST"],
    )
    data = multipart(400_000)
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    for _ in range(2):
        assert post(made.app, "/", *pieces, headers=headers).text == "400000 b''"
    assert len(threads) == 2
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_a_large_form_can_be_read_as_it_came_all_the_same(colour: str) -> None:
    made = Coloured(colour)
    data = multipart(400_000)
    made.app.add_url_rule("/", "view", made.view(lambda: str(request.get_data() == data)), methods=["POST"])
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    assert post(made.app, "/", *pieces, headers=headers).text == "True"


@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_the_limits_of_a_large_form_are_those_of_the_moment_when_it_is_asked_for(colour: str) -> None:
    made = Coloured(colour, MAX_FORM_PARTS=0)

    def view() -> str:
        if "raise" in request.args:
            request.max_form_parts = 5
        return str(len(request.files["f"].read()))

    made.app.add_url_rule("/", "view", made.view(view), methods=["POST"])
    data = multipart(400_000)
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    headers = [("Content-Type", "multipart/form-data; boundary=b")]

    assert post(made.app, "/", *pieces, headers=headers).status == 413
    assert post(made.app, "/?raise", *pieces, headers=headers).text == "400000"


@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize("path", ["/", "/werkzeug"])
@pytest.mark.parametrize("colour", ["coroutine", "wrapped"])
def test_a_large_form_beyond_the_limit_is_refused_however_it_comes(
    colour: str, path: str, pieces: int
) -> None:
    made = Coloured(colour, MAX_CONTENT_LENGTH=50)
    made.app.add_url_rule("/", "view", made.view(lambda: str(list(request.files))), methods=["POST"])
    made.app.url_map.add(Rule("/werkzeug", endpoint="view", methods=["POST"]))
    data = multipart(400_000)
    size = len(data) // pieces + 1
    scope = http(
        path, "POST", ("Content-Type", "multipart/form-data; boundary=b"), ("Transfer-Encoding", "chunked")
    )

    for _ in range(2):
        answer = ask_once(made.app, scope, *body(*[data[at : at + size] for at in range(0, len(data), size)]))
        assert answer.status == 413
