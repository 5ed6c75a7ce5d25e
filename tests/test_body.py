"""A body that is read at once is what Werkzeug would have read."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request as WerkzeugRequest

from erlen import Erlen, Request
from erlen.body import length_of, read_exactly, spent_stream

FORM = "application/x-www-form-urlencoded"


class Trickle(io.RawIOBase):
    """Give one byte at a time, as a socket may."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._data.read(1)
        buffer[: len(piece)] = piece
        return len(piece)


def environ(body: bytes, **more: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": FORM,
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        **more,
    }


@pytest.mark.parametrize(
    ("stated", "most", "length"),
    [
        ("0", None, 0),
        ("12", None, 12),
        ("12", 12, 12),
        ("13", 12, None),
        ("", None, None),
        ("-1", None, None),
        ("+1", None, None),
        (" 1", None, None),
        ("1_000", None, None),
        ("١", None, None),
        ("1" * 5000, None, None),
    ],
)
def test_only_plain_lengths_within_the_limit_are_read_at_once(
    stated: str, most: int | None, length: int | None
) -> None:
    assert length_of({"CONTENT_LENGTH": stated}, most) == length


@pytest.mark.parametrize("header", ["HTTP_TRANSFER_ENCODING", "wsgi.input_terminated"])
def test_other_framings_are_left_to_werkzeug(header: str) -> None:
    assert length_of({"CONTENT_LENGTH": "1", header: "chunked"}, None) is None


def test_short_reads_are_continued() -> None:
    assert read_exactly(Trickle(b"abc"), 3) == b"abc"  # type: ignore[arg-type]


@pytest.mark.parametrize("stream", [io.BytesIO(b"ab"), Trickle(b"ab")])
def test_a_body_that_ends_early_is_a_disconnect(stream: Any) -> None:
    with pytest.raises(ClientDisconnected):
        read_exactly(stream, 3)


def test_nothing_is_read_past_the_length() -> None:
    stream = io.BytesIO(b"abcdef")
    assert read_exactly(stream, 3) == b"abc"
    assert stream.read() == b"def"
    assert spent_stream(io.BytesIO(b"more"), 3).read() == b""


READS = st.lists(
    st.sampled_from(["form", "data", "get_data", "get_data_parsed", "stream", "json", "values", "files"]),
    min_size=1,
    max_size=4,
)


@given(
    body=st.sampled_from([b"", b"a=1&b=2", b"a=%ff", b"\xff=\xfe", b'{"a": 1}', b"[1", b"x" * 100]),
    content_type=st.sampled_from(
        [FORM, f"{FORM}; charset=utf-8", "application/json", "Application/JSON", "text/plain", "", "a/b+json"]
    ),
    length=st.sampled_from([None, "", "3", "7", "999", "junk", "-1", "0"]),
    chunked=st.booleans(),
    terminated=st.booleans(),
    reads=READS,
)
def test_every_way_to_read_a_body_gives_what_werkzeug_gives(
    body: bytes, content_type: str, length: str | None, chunked: bool, terminated: bool, reads: list[str]
) -> None:
    # Werkzeug takes a chunked body that nobody has decoded for an empty one; Erlen answers 411.
    assume(terminated or not chunked or length != "")
    more: dict[str, Any] = {"CONTENT_TYPE": content_type}
    if length is not None:
        more["CONTENT_LENGTH"] = length
    if chunked:
        more["HTTP_TRANSFER_ENCODING"] = "chunked"
    if terminated:
        more["wsgi.input_terminated"] = True
    ours, theirs = Request(environ(body, **more)), WerkzeugRequest(environ(body, **more))
    for read in reads:
        assert outcome(ours, read) == outcome(theirs, read), read


@pytest.mark.parametrize("read", ["form", "data", "get_data", "stream", "files"])
def test_a_chunked_body_that_nobody_has_decoded_is_411(read: str) -> None:
    given_ = environ(b"a=1", CONTENT_TYPE=FORM, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert outcome(Request(given_), read) == 411


def outcome(request: WerkzeugRequest, read: str) -> object:
    try:
        if read == "stream":
            return request.stream.read()
        if read == "get_data":
            return request.get_data()
        if read == "get_data_parsed":
            return request.get_data(cache=False, as_text=True, parse_form_data=True)
        if read == "json":
            return request.get_json(silent=False)
        value = getattr(request, read)
        return list(value.items(multi=True)) if hasattr(value, "getlist") else value
    except HTTPException as error:
        return error.code


def test_a_limit_set_in_a_hook_holds() -> None:
    app = Erlen(__name__)

    @app.before_request
    def limit() -> None:
        from erlen import request

        request.max_content_length = 3

    @app.post("/")
    def view() -> str:
        from erlen import request

        return request.form.get("a", "")

    client = app.test_client()
    assert client.post("/", data={"a": "1"}).data == b"1"
    assert client.post("/", data={"a": "12"}).status_code == 413


@pytest.mark.parametrize(
    ("read", "content_type"), [("form", FORM), ("data", FORM), ("data", "a/b"), ("json", "application/json")]
)
def test_the_limit_of_the_application_holds(read: str, content_type: str) -> None:
    app = Erlen(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 5
    with (
        app.test_request_context("/", method="POST", data=b"123456", content_type=content_type) as context,
        pytest.raises(RequestEntityTooLarge),
    ):
        getattr(context.request, read)


def test_a_subclass_that_parses_forms_itself_is_asked() -> None:
    class Parsing(Request):
        def make_form_data_parser(self) -> Any:
            raise NotImplementedError

    with pytest.raises(NotImplementedError):
        Parsing(environ(b"a=1")).form  # noqa: B018
