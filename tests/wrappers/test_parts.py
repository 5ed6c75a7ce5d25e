"""A multipart form is read part by part while it arrives, and hostile ones are refused."""

from __future__ import annotations

import asyncio
import io
import itertools
import re
import tracemalloc
import typing as t
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import nullcontext, suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import MultiPartParser

from erlen.wrappers.parts import AsyncPart, Part, Parts

B = "x-boundary"
FORM = f"multipart/form-data; boundary={B}"
Told = tuple[str, "str | None", "list[tuple[str, str]]", bytes]


# a view of either colour, driven without a loop: these bodies never make it wait


def awaited(awaitable: Awaitable[t.Any]) -> t.Any:
    """Return what comes of it; it must not wait for anything."""
    try:
        next(awaitable.__await__())
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited")


class Asynchronous:
    """Give what an AsyncPart or an asynchronous iterator gives, by plain calls."""

    def __init__(self, real: t.Any) -> None:
        self.real = real

    def __iter__(self) -> Asynchronous:
        return self

    def __next__(self) -> t.Any:
        try:
            item = awaited(self.real.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None
        return Asynchronous(item) if isinstance(item, AsyncPart) else item

    def read(self) -> bytes:
        return awaited(self.real.read())

    def text(self) -> str:
        return awaited(self.real.text())

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self.real, name)


async def asynchronously(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


Opener = Callable[..., t.Any]


def open_plain(pieces: Iterable[bytes], content_type: str | None = FORM, **limits: int) -> t.Any:
    none = {"max_content_length": None, "max_form_memory_size": None, "max_form_parts": None}
    return Parts(pieces, content_type, **{**none, **limits})


def open_async(pieces: Iterable[bytes], content_type: str | None = FORM, **limits: int) -> t.Any:
    return Asynchronous(open_plain(asynchronously(pieces), content_type, **limits))


@pytest.fixture(params=[open_plain, open_async], ids=["plain", "async"])
def opened(request: pytest.FixtureRequest) -> Opener:
    return request.param


def told(parts: t.Any) -> list[Told]:
    return [(part.name, part.filename, list(part.headers), b"".join(part)) for part in parts]


# forms


def part(body: bytes = b"value", disposition: str = 'form-data; name="field"', *more: str) -> bytes:
    headers = "\r\n".join([f"Content-Disposition: {disposition}", *more])
    return f"--{B}\r\n{headers}\r\n\r\n".encode() + body + b"\r\n"


END = f"--{B}--\r\n".encode()
FILE = 'form-data; name="file"; filename="a.bin"'
TWO = part() + part(b"\x00\r\n--x\r\n" * 100, FILE, "Content-Type: image/png") + END


def in_pieces(body: bytes, size: int) -> list[bytes]:
    return [body[i : i + size] for i in range(0, len(body), size)]


# what is wrong with a body


def refused(opened: Opener, pieces: Iterable[bytes], error: type[HTTPException], **more: t.Any) -> None:
    """The form is refused, and refused again by a view that goes on regardless."""
    parts = opened(pieces, **more)
    for _ in range(2):
        with pytest.raises(error) as caught:
            told(parts)
        assert caught.value.code == error.code


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n", id="an empty line"),
        pytest.param(b"a=1&b=2", id="another format"),
        pytest.param(part() + part(), id="no last boundary"),
        pytest.param(part()[:-9], id="ends in a field"),
        pytest.param(TWO[:-30], id="ends in a file"),
        pytest.param(part() + END[:-3], id="ends in the last boundary"),
        pytest.param(part() + f"--{B}  ".encode(), id="ends behind a boundary"),
        pytest.param(f"--{B}\r\nContent-Disp".encode(), id="ends in headers"),
        pytest.param(f"--{B}\r\n\r\nvalue\r\n".encode() + END, id="a part without headers"),
        pytest.param(f"--{B}\r\nA: b\r\n\r\nvalue\r\n".encode() + END, id="no Content-Disposition"),
        pytest.param(part(b"value", "form-data") + END, id="no name"),
        pytest.param(part(b"value", 'form-data; filename="a"') + END, id="a file without name"),
        pytest.param(part().replace(b"field", b"\xff") + END, id="a name that is no UTF-8"),
        pytest.param(TWO.replace(B.encode(), b"another"), id="another boundary"),
    ],
)
def test_a_malformed_form_is_a_bad_request(opened: Opener, body: bytes, size: int) -> None:
    refused(opened, in_pieces(body, size), BadRequest)


def test_a_bad_request_keeps_the_reason(opened: Opener) -> None:
    with pytest.raises(BadRequest) as caught:
        told(opened([part()]))
    assert isinstance(caught.value.__cause__, ValueError)


def test_an_error_inside_headers_does_not_make_headers_of_what_follows(opened: Opener) -> None:
    inner = part(b"smuggled", 'form-data; name="admin"')
    parts = opened([f"--{B}\r\nA: b\r\n\r\n".encode() + inner + END])
    for _ in range(3):
        with pytest.raises(BadRequest):
            next(parts)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        f"multipart/mixed; boundary={B}",
        f"multipart/form-data-2; boundary={B}",
        f"; boundary={B}",
    ],
)
def test_another_type_is_unsupported(opened: Opener, content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        opened([TWO], content_type)


@pytest.mark.parametrize(
    "parameter",
    [
        "",
        "; boundary",
        "; boundary=",
        '; boundary=""',
        '; boundary="ends in a space "',
        "; boundary=" + "b" * 71,
        '; boundary="é"',
        "; boundary*=utf-8''a%0D%0Ab",
        "; boundary*=utf-8''%00",
        "; boundary*0=" + "b" * 60 + "; boundary*1=" + "b" * 60,
        "; charset=utf-8",
    ],
)
def test_an_invalid_boundary_is_a_bad_request(opened: Opener, parameter: str) -> None:
    with pytest.raises(BadRequest):
        opened([TWO], f"multipart/form-data{parameter}")


@pytest.mark.parametrize("boundary", ["b" * 70, "-", "--", "a b", "'()+_,-./:=?", "(.*)", "[a-z]+", "\\Z"])
@pytest.mark.parametrize("size", [1, 1 << 16])
def test_any_other_boundary_will_do(opened: Opener, boundary: str, size: int) -> None:
    body = TWO.replace(B.encode(), boundary.encode())
    quoted = boundary.replace("\\", "\\\\")
    parts = opened(in_pieces(body, size), f'Multipart/Form-Data; boundary="{quoted}"')
    assert told(parts) == told(open_plain([TWO]))


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(part(b"", "x" * 20_000), id="one header"),
        pytest.param(part(b"", 'form-data; name="a"', *["A: b"] * 5_000), id="many headers"),
        pytest.param(b"A: b\r\n" * 5_000 + part(), id="before the first boundary"),
        pytest.param(f"--{B}\r\n".encode() + b"\r\n " * 10_000, id="continued, and never ended"),
    ],
)
def test_headers_that_are_too_long_are_refused(opened: Opener, body: bytes, size: int) -> None:
    refused(opened, in_pieces(body + END, size), RequestEntityTooLarge)


def test_headers_without_end_are_refused_when_they_are_too_long(opened: Opener) -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        yield f"--{B}\r\n".encode()
        while True:
            taken += 1
            yield b"A: b\r\n"

    refused(opened, pieces(), RequestEntityTooLarge)
    assert taken * 6 < 20_000


@pytest.mark.parametrize("size", [1, 1 << 16])
def test_more_parts_than_allowed_are_refused(opened: Opener, size: int) -> None:
    pieces = in_pieces(part() * 3 + END, size)
    assert len(told(opened(pieces, max_form_parts=3))) == 3
    refused(opened, pieces, RequestEntityTooLarge, max_form_parts=2)


@pytest.mark.parametrize("size", [1, 1 << 16])
def test_a_body_longer_than_allowed_is_refused(opened: Opener, size: int) -> None:
    pieces = in_pieces(TWO, size)
    assert told(opened(pieces, max_content_length=len(TWO)))
    refused(opened, pieces, RequestEntityTooLarge, max_content_length=len(TWO) - 1)


def test_what_follows_the_last_boundary_counts_and_is_not_kept(opened: Opener) -> None:
    tail = [b"\r\n--" + B.encode() + b"\r\n" + bytes(1000)] * 100
    limit = len(TWO) + sum(map(len, tail))
    assert told(opened([TWO, *tail], max_content_length=limit)) == told(opened([TWO]))
    refused(opened, [TWO, *tail], RequestEntityTooLarge, max_content_length=limit - 1)


def test_an_error_of_the_source_reaches_the_view(opened: Opener) -> None:
    def pieces() -> Iterator[bytes]:
        yield part()
        raise ConnectionResetError("gone")

    parts = opened(pieces())
    with pytest.raises(ConnectionResetError, match="gone"):
        told(parts)
    with pytest.raises(BadRequest):
        told(parts)


@pytest.mark.parametrize(
    ("sent", "filename"),
    [
        ('filename="../../etc/passwd"', "../../etc/passwd"),
        ('filename="C:\\\\autoexec.bat"', "C:\\autoexec.bat"),
        ("filename*=utf-8''a%0D%0ASet-Cookie%3A%20a%3Db", "a\r\nSet-Cookie: a=b"),
        ("filename*=utf-7''+ADw-", "+ADw-"),
        ("filename*=no-such-charset''a%FFb", "a%FFb"),
        ("filename*=utf-8''%FF", "\ufffd"),
        ('filename="a%22b"', 'a"b'),
        ('filename=""', ""),
        ("", None),
    ],
)
def test_a_filename_is_given_as_it_was_sent(opened: Opener, sent: str, filename: str | None) -> None:
    body = part(b"x", f'form-data; name="file"; {sent}') + END
    (only,) = told(opened([body]))
    assert only[:2] == ("file", filename)


def test_no_header_can_bring_another_one_along(opened: Opener) -> None:
    body = part(b"x", FILE, "A: b\rC: d\nE: f", "G: h\r\n i", "J: k\x0b\x0c\x85l") + END
    ((_, _, headers, _),) = told(opened([body]))
    assert headers[1:] == [("A", "b"), ("C", "d"), ("E", "f"), ("G", "h i"), ("J", "k\x0b\x0c\x85l")]


@pytest.mark.parametrize(
    ("content_type", "data", "text"),
    [
        (None, "é".encode(), "é"),
        ("text/plain; charset=iso-8859-1", b"\xe9", "é"),
        ("text/plain; charset=utf-16", "é".encode(), "é"),
        ("text/plain; charset=idna", "é".encode(), "é"),
        ("text/plain; charset=base64", b"aGVsbG8=", "aGVsbG8="),
        ("text/plain; charset=../../x", b"a", "a"),
        ("text/plain; charset=ascii", b"\xff", "\ufffd"),
        (None, b"\xff", "\ufffd"),
    ],
)
def test_a_text_is_decoded_as_in_request_form(
    opened: Opener, content_type: str | None, data: bytes, text: str
) -> None:
    more = [] if content_type is None else [f"Content-Type: {content_type}"]
    body = part(data, 'form-data; name="field"', *more) + END
    (only,) = (p.text() for p in opened([body]))
    form, _ = MultiPartParser().parse(io.BytesIO(body), B.encode(), None)
    assert only == text == form["field"]


PADDED = part(b"x").replace(b"\r\n", b" \t\r\n", 1)


@pytest.mark.parametrize("size", [1, 2, 3, 1 << 16])
@pytest.mark.parametrize("end", [END.removesuffix(b"\r\n"), part(b"x") + END, PADDED + END])
@pytest.mark.parametrize(
    "data",
    [b"", b"\r", b"\n", b"\r\n\r\n", b"--x-boundar", b"--x-boundary-", b"\n" + bytes(12) + b"\r"],
)
def test_a_part_ends_at_the_boundary(opened: Opener, data: bytes, end: bytes, size: int) -> None:
    first, *others = told(opened(in_pieces(part(data) + end, size)))
    assert first[3] == data
    assert [other[3] for other in others] == [b"x"] * end.count(b"x\r\n")


@pytest.mark.parametrize("size", [1, 2, 3, 1 << 16])
def test_the_first_boundary_may_end_in_spaces(opened: Opener, size: int) -> None:
    body = PADDED.replace(b" ", b" " * 60) + END
    assert [one[3] for one in told(opened(in_pieces(body, size)))] == [b"x"]


@pytest.mark.parametrize("size", [1, 2, 3, 1 << 16])
def test_the_empty_line_after_the_headers_may_belong_to_the_boundary(opened: Opener, size: int) -> None:
    empty = part(b"").removesuffix(b"\r\n")
    assert [one[3] for one in told(opened(in_pieces(empty + empty + END, size)))] == [b"", b""]


# a view that reads


@pytest.mark.parametrize("size", [1, 2, 3, 1 << 16])
def test_parts_are_told_as_they_were_sent(opened: Opener, size: int) -> None:
    field, file = told(opened(in_pieces(TWO, size)))
    assert field == ("field", None, [("Content-Disposition", 'form-data; name="field"')], b"value")
    assert file[:2] == ("file", "a.bin")
    assert file[2] == [("Content-Disposition", FILE), ("Content-Type", "image/png")]
    assert file[3] == b"\x00\r\n--x\r\n" * 100


def test_a_part_knows_its_type(opened: Opener) -> None:
    assert [p.content_type for p in opened([TWO])] == [None, "image/png"]


def test_a_form_may_have_no_parts(opened: Opener) -> None:
    assert told(opened([END])) == []


def test_parts_may_be_empty(opened: Opener) -> None:
    parts = opened([part(b"") + part(b"", FILE) + END])
    assert [(p.name, list(p)) for p in parts] == [("field", []), ("file", [])]


def test_no_piece_is_empty(opened: Opener) -> None:
    pieces = [b"", *in_pieces(TWO, 1), b""]
    assert all(piece for part in opened(pieces) for piece in part)


@pytest.mark.parametrize("taken", [0, 1, 2])
@pytest.mark.parametrize("size", [1, 1 << 16])
def test_what_the_view_does_not_read_is_skipped(opened: Opener, taken: int, size: int) -> None:
    names = []
    for part in opened(in_pieces(TWO + b"epilogue", size)):
        names.append(part.name)
        for _ in zip(range(taken), part, strict=False):
            pass
    assert names == ["field", "file"]


def test_a_part_that_was_skipped_says_so(opened: Opener) -> None:
    first, second = opened([TWO])
    for skipped in (first, second):
        for read in (skipped.read, lambda: next(skipped)):  # noqa: B023
            with pytest.raises(RuntimeError, match=f"Part '{skipped.name}'> has been skipped"):
                read()


def test_a_part_that_was_read_stays_at_its_end(opened: Opener) -> None:
    read = []
    for part in opened([TWO]):
        part.read()
        read.append(part)
    assert [(list(part), part.read(), part.text()) for part in read] == [([], b"", "")] * 2


def test_the_end_is_the_end(opened: Opener) -> None:
    parts = opened([TWO])
    told(parts)
    assert told(parts) == told(parts) == []


def test_reading_returns_what_is_left(opened: Opener) -> None:
    field = next(opened(in_pieces(TWO, 1)))
    assert next(field) == b"v"
    assert field.read() == b"alue"


@pytest.mark.parametrize("size", [1, 1 << 16])
def test_a_whole_part_in_memory_has_a_limit(opened: Opener, size: int) -> None:
    parts = opened(in_pieces(TWO, size), max_form_memory_size=5)
    assert next(parts).read() == b"value"
    with pytest.raises(RequestEntityTooLarge):
        next(parts).read()
    # A view may make do without it.
    assert list(parts) == []


def test_the_limit_for_memory_does_not_concern_a_streamed_file(opened: Opener) -> None:
    parts = opened([part(bytes(1_000_000), FILE) + END], max_form_memory_size=10)
    assert [sum(map(len, part)) for part in parts] == [1_000_000]


@pytest.mark.parametrize("size", [1 << 12, 1 << 16, 1 << 20])
def test_parts_may_be_long(opened: Opener, size: int) -> None:
    body = (part(bytes(300_000)) + part(bytes(300_000), FILE)) * 2 + END
    assert [len(one[3]) for one in told(opened(in_pieces(body, size)))] == [300_000] * 4


def test_the_other_way_of_reading_is_refused() -> None:
    with pytest.raises(RuntimeError, match="async for"):
        next(open_plain(asynchronously([TWO])))
    with pytest.raises(RuntimeError, match="plain `for`"):
        awaited(open_plain([TWO]).__anext__())


def test_an_asynchronous_part_cannot_be_read_by_a_plain_loop() -> None:
    (only,) = open_async([part() + END])
    with pytest.raises(TypeError, match="not iterable"):
        iter(only.real)


def test_nothing_is_read_before_the_first_part_is_asked_for(opened: Opener) -> None:
    pieces = iter([TWO])
    parts = opened(pieces)
    assert list(pieces) == [TWO]
    with pytest.raises(BadRequest):
        next(parts)


def test_a_view_has_the_beginning_before_the_rest_was_sent() -> None:
    async def main() -> None:
        sent: asyncio.Queue[bytes] = asyncio.Queue()

        async def pieces() -> AsyncIterator[bytes]:
            while piece := await sent.get():
                yield piece

        parts = open_plain(pieces())
        await sent.put(part(b"first", FILE).removesuffix(b"\r\n"))
        file = await anext(parts)
        assert await anext(file) == b"first"
        waiting = asyncio.ensure_future(anext(file))
        await asyncio.sleep(0)
        assert not waiting.done()
        await sent.put(b"second")
        assert await waiting == b"second"
        for piece in (b"\r\n" + END, b""):
            await sent.put(piece)
        assert [piece async for piece in file] == []
        assert [part async for part in parts] == []

    asyncio.run(main())


def test_a_plain_view_has_the_beginning_before_the_rest_was_sent() -> None:
    sent = [part(b"first", FILE).removesuffix(b"\r\n")]
    parts: Iterator[Part] = open_plain(iter(lambda: sent.pop(0), b""))
    file = next(parts)
    assert next(file) == b"first"
    assert sent == []
    sent += [b"second\r\n" + END, b""]
    assert list(file) == [b"second"]
    assert list(parts) == []


# memory


def upload(size: int, piece: bytes) -> Iterator[bytes]:
    yield part() + part(b"", FILE).removesuffix(b"\r\n")
    for _ in range(size // len(piece)):
        yield piece
    yield b"\r\n" + part(b"last") + END


@pytest.mark.slow
@pytest.mark.parametrize("skip", [False, True], ids=["read", "skipped"])
@pytest.mark.parametrize(
    "piece",
    [bytes(1 << 16), b"\r\n" * (1 << 15), f"\r\n--{B}-".encode() * 4096, f"--{B} ".encode() * 4096],
    ids=["zeros", "line breaks", "almost boundaries", "almost boundaries in a line"],
)
def test_memory_does_not_grow_with_the_upload(opened: Opener, piece: bytes, skip: bool) -> None:
    sizes = {}
    tracemalloc.start()
    try:
        for p in opened(upload(200_000_000, piece), max_form_memory_size=500_000):
            sizes[p.filename] = 0 if skip else sum(map(len, p))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
    assert skip or sizes == {None: 4, "a.bin": 200_000_000 // len(piece) * len(piece)}


def test_memory_does_not_grow_with_what_is_no_part(opened: Opener) -> None:
    def pieces() -> Iterator[bytes]:
        yield END
        for _ in range(160):  # 10 MB
            yield bytes(1 << 16)

    tracemalloc.start()
    try:
        told(opened(pieces()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


# beside Werkzeug's parser, which has the whole body

names = st.text(st.characters(codec="utf-8", exclude_characters='\r\n"\\%'), max_size=10)
pieces_of_data = st.sampled_from(
    [
        b"\r",
        b"\n",
        b"\r\n",
        b"-",
        b"--",
        B.encode(),
        b"--" + B.encode()[:-1],
        b"\r\n--" + B.encode(),
        b" ",
        b"a",
    ]
)
datas = st.binary(max_size=40) | st.just(bytes(20_000)) | st.lists(pieces_of_data, max_size=8).map(b"".join)
extras = st.lists(
    st.sampled_from(
        [
            "Content-Type: text/plain; charset=iso-8859-1",
            "Content-Type: image/png",
            "X-A: b\r\n\tc",
            "x-a:",
            "X: é",
        ]
    ),
    max_size=3,
)
line_breaks = st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r"])
paddings = st.sampled_from(["", "", "", " ", "\t ", " " * 60])


@st.composite
def forms(draw: st.DrawFn) -> bytes:
    body = draw(st.sampled_from([b"", b"\r\n", b"preamble\r\n"]))
    for _ in range(draw(st.integers(0, 4))):
        disposition = f'form-data; name="{draw(names)}"'
        if draw(st.booleans()):
            disposition += f'; filename="{draw(names)}"'
        sent = part(draw(datas), disposition, *draw(extras))
        body += sent.replace(f"--{B}\r\n".encode(), f"--{B}{draw(paddings)}\r\n".encode(), 1)
    last = f"--{B}--{draw(paddings)}"
    return (
        body + last.encode() + draw(st.sampled_from([b"", b"\r\n", b"\r\nepilogue", b"--", b"\r\n" + body]))
    )


def whole(body: bytes) -> tuple[list[Told], list[Told]]:
    """Return the fields and the files that Werkzeug finds; a field's headers it does not tell."""
    parser = MultiPartParser(lambda **_: io.BytesIO(), buffer_size=1 << 20)
    form, files = parser.parse(io.BytesIO(body), B.encode(), len(body))
    fields = [(name, None, [], value.encode()) for name, value in form.items(multi=True)]
    stored = [
        (name, file.filename, list(file.headers), file.read()) for name, file in files.items(multi=True)
    ]
    return fields, stored


def piecewise(body: bytes, cuts: Iterable[int], opened: Opener) -> tuple[list[Told], list[Told]]:
    edges = [0, *sorted({cut for cut in cuts if cut < len(body)}), len(body)]
    parts = opened([body[a:b] for a, b in itertools.pairwise(edges)])
    fields: list[Told] = []
    files: list[Told] = []
    for p in parts:
        if p.filename is None:
            fields.append((p.name, None, [], p.text().encode()))
        else:
            files.append((p.name, p.filename, list(p.headers), p.read()))
    return sorted_by_name(fields), sorted_by_name(files)


def sorted_by_name(found: list[Told]) -> list[Told]:
    """Return them in the order in which a MultiDict gives them."""
    first = list(dict.fromkeys(one[0] for one in found))
    return sorted(found, key=lambda one: first.index(one[0]))


every_byte = range(1, 2000)
cuts = st.just(every_byte) | st.lists(st.integers(1, 400), max_size=20)


@given(forms(), cuts, st.sampled_from([open_plain, open_async]))
@example(TWO, every_byte, open_plain)
@example(part() + END, [len(part() + END) - 3], open_plain)  # between the last two dashes
@example(part().replace(b"\r\n", b" \r\n", 1) + END, every_byte, open_plain)
@example(part(b"") + f"--{B}\r\r\n".encode() + part(b"") + END, every_byte, open_plain)
def test_a_form_in_pieces_has_the_parts_of_the_whole(
    body: bytes, cuts: Iterable[int], opened: Opener
) -> None:
    try:
        expected = whole(body)
    except ValueError:
        with pytest.raises(BadRequest):
            piecewise(body, cuts, opened)
    else:
        # Werkzeug takes a boundary among headers for one of them: see docs/explanation/compatibility.md.
        with suppress(BadRequest) if has_boundary_among_headers(body) else nullcontext():
            assert piecewise(body, cuts, opened) == expected


def has_boundary_among_headers(body: bytes) -> bool:
    """Tell whether a boundary comes before the empty line that ends the headers of a part."""
    parts = body.split(f"--{B}".encode())[1:-1]
    # What ends the line of the boundary is no part of the empty one.
    behind = [re.sub(rb"\A[^\S\n\r]*(?:\r\n|\n|\r)", b"", text, count=1) for text in parts]
    return any(re.search(rb"\r\n\r\n|\n\n|\r\r", text) is None for text in behind)


tokens = st.sampled_from(
    [
        *(f"--{B}", "--", "\r\n", "\r", "\n", "Content-Disposition: form-data", "; name=a", '; filename="'),
        *("; filename*=", "utf-8''%", "; name*0*=", '"', "\\", ":", ";", "=", " ", "\t", "é", "\x00"),
    ]
).map(str.encode)


def code_of(call: Callable[[], object]) -> int:
    """Return the status with which a call refuses, 200 where it does not."""
    try:
        call()
    except HTTPException as error:
        return error.code or 0
    return 200


@given(st.lists(tokens | st.binary(max_size=3), max_size=40), st.sampled_from([open_plain, open_async]))
def test_whatever_is_sent_it_is_a_form_or_an_error_for_the_client(
    pieces: list[bytes], opened: Opener
) -> None:
    for start in (b"", f"--{B}\r\nContent-Disposition: form-data; name=a".encode()):
        parts = opened([start, *pieces])
        assert code_of(lambda parts=parts: told(parts)) in (200, 400)


@given(st.text(max_size=60) | st.text("multipart/form-data; boundary*=\"'utf8%0Ax", max_size=90))
@example(FORM)
def test_whatever_the_content_type_is_it_has_a_boundary_or_is_refused(content_type: str) -> None:
    for sent in (content_type, "multipart/form-data;" + content_type):
        assert code_of(lambda sent=sent: open_plain([], sent)) in (200, 400, 415)
