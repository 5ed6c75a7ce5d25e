"""A multipart form has the same parts however its body is cut; what is malformed is refused, not lost."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import MultiPartParser
from werkzeug.wrappers import Request as WerkzeugRequest

from erlen import Erlen, Request, request
from erlen.wrappers.multipart import Boundaries
from erlen.wrappers.parts import Parts
from tests.calls import count_calls

B = b"--x-boundary"
FORM = "multipart/form-data; boundary=x-boundary"
ONE = b'Content-Disposition: form-data; name="a"\r\n\r\nv\r\n'
TWO = b'Content-Disposition: form-data; name="b"\r\n\r\nw\r\n'
FILE = b'Content-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\nfile\r\n'
END = B + b"--\r\n"
Found = int | list[tuple[str, bytes]]


class Cut(io.RawIOBase):
    """A body that comes in these pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._pieces:
            return 0
        piece = self._pieces[0][: len(buffer)]
        self._pieces[:1] = [left] if (left := self._pieces[0][len(piece) :]) else []
        buffer[: len(piece)] = piece
        return len(piece)


def cut_at(body: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(body)}), len(body)]
    return [body[a:b] for a, b in itertools.pairwise(edges)]


def requested(pieces: list[bytes], content_type: str = FORM, kind: type[Any] = Request) -> Any:
    length = str(sum(map(len, pieces)))
    return kind(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_LENGTH": length,
            "CONTENT_TYPE": content_type,
            "wsgi.input": Cut(pieces),
            "wsgi.url_scheme": "http",
        }
    )


def code_or(call: Callable[[], Found]) -> Found:
    try:
        return call()
    except HTTPException as error:
        return error.code or 0


def by_form(pieces: list[bytes], kind: type[Any] = Request) -> Found:
    """Return what `request.form` and `request.files` have, or the status of the refusal."""

    def read() -> Found:
        made = requested(pieces, kind=kind)
        fields = [(name, value.encode()) for name, value in made.form.items(multi=True)]
        files = [(name, file.read()) for name, file in made.files.items(multi=True)]
        made.close()
        return fields + files

    return code_or(read)


def by_parts(pieces: list[bytes]) -> Found:
    """Return what `request.stream_parts()` gives, fields first and one name after another, as a form does."""

    def read() -> Found:
        none = {"max_content_length": None, "max_form_memory_size": None, "max_form_parts": None}
        found: list[tuple[bool, str, bytes]] = []
        for part in Parts(pieces, FORM, **none):
            is_file = part.filename is not None
            found.append((is_file, part.name, part.read() if is_file else part.text().encode()))
        order = list(dict.fromkeys((is_file, name) for is_file, name, _ in found))
        found.sort(key=lambda one: (one[0], order.index(one[:2])))
        return [(name, data) for _, name, data in found]

    return code_or(read)


def cuts_of(body: bytes) -> list[list[bytes]]:
    sizes = [cut_at(body, range(0, len(body), size)) for size in (1, 2, 7, 64)]
    return [[body], *sizes, *(cut_at(body, [at]) for at in range(1, len(body), len(body) // 400 + 1))]


WELL_FORMED = {
    "usual": B + b"\r\n" + ONE + B + b"\r\n" + TWO + B + b"\r\n" + FILE + END,
    "80 blanks behind the first": B + b" " * 80 + b"\r\n" + ONE + END,
    "100 blanks behind another": B + b"\r\n" + ONE + B + b" \t" * 50 + b"\r\n" + TWO + END,
    "100 blanks behind the last": B + b"\r\n" + ONE + B + b"--" + b" " * 100 + b"\r\n",
    "a preamble": b"This is a form.\r\n" + B + b"\r\n" + ONE + END,
    "an epilogue": B + b"\r\n" + ONE + END + B + b"\r\n" + TWO,
    "line feeds": (B + b"\r\n" + ONE + B + b"\r\n" + TWO + END).replace(b"\r\n", b"\n"),
    "carriage returns": (B + b"\r\n" + ONE + B + b"\r\n" + TWO + END).replace(b"\r\n", b"\r"),
    "data like a boundary": B + b"\r\n" + ONE[:-2] + B + b"\r\n-" + B + b"x\r\n" + B + b"-\r\n" + END,
    "a boundary in mid-line of data": B + b"\r\n" + ONE[:-2] + B + b"\r\n" + END,
    "blanks in mid-line of data": B + b"\r\n" + ONE[:-2] + B + b" " * 1100 + b"x\r\n" + END,
    "data of line breaks": B + b"\r\n" + ONE[:-3] + b"\r\r\n\n\r\r\n\r" + b"\r\n" + END,
    "no parts": END,
}
MALFORMED = {
    "a boundary in mid-line": b"x" + B + b"\r\n" + ONE + END,
    "a boundary in mid-line, then another": b"x" + B + b"\r\n" + ONE + B + b"\r\n" + TWO + END,
    "the last boundary in mid-line": b"x" + B + b"--\r\n",
    "a boundary with more behind it": B + b"x\r\n" + ONE + END,
    "a boundary with a dash behind it": B + b"-\r\n" + ONE + END,
    "endless blanks behind the first": B + b" " * 1100 + b"\r\n" + ONE + END,
    "endless blanks behind another": B + b"\r\n" + ONE + B + b" " * 1100 + b"\r\n" + TWO + END,
    "a boundary among headers": B + b"\r\n" + ONE[:-7] + b"\r\n" + B + b"\r\n" + TWO + END,
    "the last boundary among headers": B + b"\r\n" + ONE[:-7] + b"\r\n" + END,
    "two boundaries": B + b"\r\n" + B + b"\r\n" + ONE + END,
    "no last boundary": B + b"\r\n" + ONE + B + b"\r\n" + TWO,
    "ends in a boundary": B + b"\r\n" + ONE + B,
    "ends in headers": B + b"\r\n" + ONE + B + b"\r\nContent-Disp",
    "no Content-Disposition": B + b"\r\nA: b\r\n\r\nv\r\n" + END,
    "no headers": B + b"\r\n\r\nv\r\n" + END,
    "no name": B + b"\r\nContent-Disposition: form-data\r\n\r\nv\r\n" + END,
    "a file without name": B + b'\r\nContent-Disposition: form-data; filename="x"\r\n\r\nv\r\n' + END,
    "a name that is no UTF-8": B + b"\r\n" + ONE.replace(b'"a"', b'"\xff"') + END,
    "another boundary": (B + b"\r\n" + ONE + END).replace(b"x-boundary", b"another"),
    "another format": b"a=1&b=2",
    "a line break": b"\r\n",
}


@pytest.mark.parametrize("body", WELL_FORMED.values(), ids=WELL_FORMED)
def test_a_form_has_the_same_parts_however_it_is_cut(body: bytes) -> None:
    expected = by_form([body], WerkzeugRequest)
    assert expected or body == END
    for pieces in cuts_of(body):
        assert by_form(pieces) == expected, pieces
        assert by_parts(pieces) == expected, pieces


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_form_is_refused_however_it_is_cut(body: bytes) -> None:
    for pieces in cuts_of(body):
        assert by_form(pieces) == 400, pieces
        assert by_parts(pieces) == 400, pieces


TOKENS = [B, B, b"--", b"-", b"\r\n", b"\r\n", b"\r", b"\n", b" ", b"\t" * 9, b"x", ONE, TWO, FILE, END]


bodies = st.lists(st.sampled_from(TOKENS), max_size=12).map(b"".join)


@given(bodies, st.lists(st.integers(1, 400), max_size=9))
def test_no_cut_changes_what_is_found(body: bytes, cuts: list[int]) -> None:
    for start in (b"", B + b"\r\n" + ONE):
        whole = start + body + b"\r\n" + END
        expected = by_form([whole])
        for pieces in (cut_at(whole, cuts), cut_at(whole, range(len(whole)))):
            assert by_form(pieces) == expected
            assert by_parts(pieces) == expected
        if expected != 400:
            assert by_form([whole], WerkzeugRequest) == expected


# what else is refused, and what is not


def test_a_body_without_a_byte_is_an_empty_form() -> None:
    for content_type in (FORM, "multipart/form-data"):
        made = requested([], content_type)
        assert not made.form
        assert not made.files


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary*=utf-8''a%0D%0Ab", '; boundary="é"'])
def test_a_form_without_a_boundary_that_may_be_one_is_a_bad_request(boundary: str) -> None:
    made = requested([END], "multipart/form-data" + boundary)
    assert code_or(lambda: made.form) == 400


@pytest.mark.parametrize(("body", "parts", "code"), [(MALFORMED["two boundaries"], 9, 400), (None, 2, 413)])
def test_nothing_is_found_in_what_is_left_of_a_form_that_was_refused(
    body: bytes | None, parts: int, code: int
) -> None:
    app = Erlen(__name__)
    app.config["MAX_FORM_PARTS"] = parts

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Any, int]:
        return [request.form, list(request.files), request.get_data(as_text=True)], error.code or 0

    @app.post("/")
    def view() -> Any:
        return request.form

    long = B + b"\r\n" + ONE
    body = (long * 9000 + END) if body is None else body
    for protocol in ("wsgi", "asgi"):
        with app.test_client(protocol=protocol) as client:
            for _ in range(2):
                answer = client.post("/", data=body, content_type=FORM)
                assert answer.status_code == code
                assert answer.json == [{}, [], ""]


def test_files_of_a_form_that_is_refused_are_closed() -> None:
    opened: list[io.BytesIO] = []

    class Own(Request):
        def _get_file_stream(self, *args: Any, **kwargs: Any) -> Any:
            opened.append(io.BytesIO())
            return opened[-1]

    made = requested([B + b"\r\n" + FILE + B + b"\r\n" + FILE], kind=Own)
    assert code_or(lambda: made.form) == 400
    assert [stream.closed for stream in opened] == [True, True]


def test_a_parser_of_ones_own_is_asked() -> None:
    class Own(Request):
        form_data_parser_class = WerkzeugRequest.form_data_parser_class

    assert not requested([MALFORMED["no last boundary"]], kind=Own).form


@pytest.mark.parametrize("most", [40, 200, 1 << 16])
def test_the_limit_of_memory_is_werkzeugs(most: int) -> None:
    for size in (most - 1, most, most + 1, 3 * most):
        body = B + b"\r\n" + ONE.replace(b"v", b"v" * size) + END
        told = []
        for kind in (Request, WerkzeugRequest):
            made = requested([body], kind=kind)
            made.max_form_memory_size = most
            told.append(code_or(lambda made=made: list(made.form)))
        assert told[0] == told[1]


# steps


UNITS = [b"\r\n" + B, b"\r\n" + B + b" ", b"\r", B, b"\r\n--x-b", b"x" + B + b"\r\n"]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("size", [1, 13, 1 << 16])
def test_cutting_takes_steps_in_proportion_to_the_body(unit: bytes, size: int) -> None:
    def cut(count: int) -> int:
        boundaries = Boundaries(B[2:])
        boundaries.cut(B + b"\r\n" + ONE)
        body = unit * count
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        longest = 0

        def all_pieces() -> None:
            nonlocal longest
            for piece in pieces:
                boundaries.cut(piece)
                longest = max(longest, boundaries.held)

        calls = count_calls(all_pieces)
        assert longest < 1200
        return calls

    few, many = cut(100), cut(400)
    assert many <= 4 * few + 50


def test_a_field_is_decoded_by_its_own_charset() -> None:
    headers = ONE[:-7] + b"\r\nContent-Type: text/plain; charset=iso-8859-1"
    body = B + b"\r\n" + headers + b"\r\n\r\n\xe9\r\n" + END
    assert by_form([body]) == [("a", "é".encode())]
    form, _ = MultiPartParser().parse(io.BytesIO(body), B[2:], None)
    assert form["a"] == "é"
