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
from erlen.wrappers.body import length_of, read_exactly, spent_stream

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


class Broken(io.RawIOBase):
    """Fail with the second read, and go on with the bytes of another request."""

    def __init__(self, error: Exception, before: bytes = b"a=b") -> None:
        self.error, self.before, self.reads = error, before, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.reads += 1
        if self.reads == 2:
            raise self.error
        data = (self.before if self.reads == 1 else b"&fghijGET /")[: len(buffer)]
        buffer[: len(data)] = data
        return len(data)


class BrokenAtOnce(Broken):
    def readinto(self, buffer: Any) -> int:
        self.reads += not self.reads
        return super().readinto(buffer)


MULTIPART = "multipart/form-data; boundary=b"
FRAMINGS: list[dict[str, Any]] = [
    {"CONTENT_LENGTH": "12"},
    {"CONTENT_LENGTH": str(1 << 21)},
    {"CONTENT_LENGTH": "12", "HTTP_TRANSFER_ENCODING": "x"},
    {"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
    {"CONTENT_LENGTH": "12", "wsgi.input_terminated": True},
]


class ServersOwnError(Exception):
    """What a server raises for a malformed chunk, for one."""


ERRORS = [TimeoutError(), ConnectionResetError(), ValueError("closed"), ServersOwnError()]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize("stream", [Broken, BrokenAtOnce])
@pytest.mark.parametrize("most", [None, 100, 1 << 22])
@pytest.mark.parametrize("framing", FRAMINGS, ids=repr)
@pytest.mark.parametrize("content_type", [FORM, "application/json", MULTIPART, "text/plain"])
def test_a_read_that_failed_is_never_retried(
    error: Exception, stream: type[Broken], most: int | None, framing: dict[str, Any], content_type: str
) -> None:
    if most == 100 and framing["CONTENT_LENGTH"] == str(1 << 21):
        most = None  # it would not be read at all
    source = stream(error)
    for first in ("form", "data", "get_data", "stream", "json", "files"):
        source = stream(error)
        given = environ(b"", CONTENT_TYPE=content_type, **{**framing, "wsgi.input": source})
        request = Request(given)
        request.max_content_length = most
        is_read = first != "json" or content_type == "application/json"
        is_read &= first not in ("form", "files") or content_type in (FORM, MULTIPART)
        if not is_read:
            continue
        assert outcome(request, first) == 400
        reads = source.reads
        for later in ("stream", "get_data"):
            assert outcome(request, later) == 400, (first, later)
        assert source.reads == reads


@pytest.mark.parametrize("framing", FRAMINGS, ids=repr)
def test_a_mistake_in_a_stream_is_no_disconnect_and_is_not_retried_either(framing: dict[str, Any]) -> None:
    request = Request(environ(b"", **{**framing, "wsgi.input": Broken(TypeError("a mistake"))}))
    with pytest.raises(TypeError):
        request.get_data()
    assert outcome(request, "get_data") == 400


def test_a_body_beyond_its_limit_stays_so() -> None:
    for size in (4, 5, 100):
        given = environ(b"x" * size, CONTENT_LENGTH="", **{"wsgi.input_terminated": True})
        request = Request(given)
        request.max_content_length = 3
        assert [outcome(request, "stream") for _ in range(3)] == [413] * 3


def test_a_body_that_breaks_off_at_its_limit_is_a_bad_request() -> None:
    given = environ(b"", CONTENT_LENGTH="", **{"wsgi.input_terminated": True})
    given["wsgi.input"] = Broken(ConnectionResetError(), b"abc")
    request = Request(given)
    request.max_content_length = 3
    assert [outcome(request, "stream") for _ in range(3)] == [400] * 3


@pytest.mark.parametrize("read", ["readline", "readlines", "list", "read"])
def test_a_terminated_stream_is_read_as_the_server_has_it(read: str) -> None:
    given = environ(b"a\nb\n", CONTENT_LENGTH="", **{"wsgi.input_terminated": True})
    stream, plain = Request(given).stream, io.BytesIO(b"a\nb\n")
    if read == "list":
        assert list(stream) == list(plain)
    else:
        assert getattr(stream, read)() == getattr(plain, read)()


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
def test_an_undecoded_chunked_body_is_411(read: str) -> None:
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
