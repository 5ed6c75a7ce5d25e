"""WSGI applications behind the ASGI gateway: all that PEP 3333 lets them do, and what it forbids."""

from __future__ import annotations

import sys
import typing as t

import pytest

from erlen import Erlen
from tests.gateway.asgi.driver import Answer, Server, ask, ask_once, body, http, run

Wsgi: t.TypeAlias = "t.Callable[[t.Any, t.Any], t.Iterable[bytes]]"
TEXT = [("Content-Type", "text/plain")]


def behind(wsgi: Wsgi) -> Erlen:
    """Make an application wrapped by WSGI middleware that answers in its place."""
    app = Erlen("app")
    app.wsgi_app = wsgi  # type: ignore[method-assign,assignment]
    return app


def answered(wsgi: Wsgi, method: str = "GET") -> Answer:
    return ask(behind(wsgi), http("/", method))


def answered_once(wsgi: Wsgi) -> Answer:
    return ask_once(behind(wsgi), http())


class Body:
    """Be a body that notes that it was closed, and fails where it is told to."""

    def __init__(self, *pieces: t.Any, fails_at_close: bool = False) -> None:
        self.pieces = pieces
        self.closed = 0
        self._fails_at_close = fails_at_close

    def __iter__(self) -> t.Iterator[t.Any]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self) -> None:
        self.closed += 1
        if self._fails_at_close:
            raise LookupError("close")


def test_a_list_is_sent_in_one_message() -> None:
    def wsgi(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        start_response("201 Made", [*TEXT, ("X-A", "1"), ("X-A", "2")])
        return [b"a", b"b"]

    answer = answered(wsgi)

    assert answer.sent[0]["headers"] == [(b"content-type", b"text/plain"), (b"x-a", b"1"), (b"x-a", b"2")]
    assert (answer.status, answer.sent[1:]) == (201, [{"type": "http.response.body", "body": b"ab"}])


def test_an_iterable_is_sent_piece_by_piece_and_closed() -> None:
    made = Body(b"a", b"", b"b")

    def wsgi(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        start_response("200 OK", TEXT)
        return made

    answer = answered_once(wsgi)

    assert [message["body"] for message in answer.sent[1:]] == [b"a", b"b", b""]
    assert (answer.complete, made.closed) == (True, 1)


def test_a_generator_may_start_the_response_with_its_first_piece() -> None:
    def wsgi(environ: t.Any, start_response: t.Any) -> t.Iterator[bytes]:
        start_response("200 OK", TEXT)
        yield b"a"
        yield b"b"

    def empty(environ: t.Any, start_response: t.Any) -> t.Iterator[bytes]:
        start_response("204 No Content", [])
        yield from ()

    assert answered(wsgi).text == "ab"
    assert (answered(empty).status, answered(empty).complete) == (204, True)


def test_what_is_written_comes_first() -> None:
    def with_list(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        write = start_response("200 OK", TEXT)
        write(b"a")
        write(b"b")
        return [b"c"]

    def with_body(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        start_response("200 OK", TEXT)(b"ab")
        return made

    made = Body(b"c")
    assert answered_once(with_list).text == "abc"
    assert answered_once(with_body).text == "abc"
    assert made.closed == 1


def test_the_response_may_be_started_again_with_the_exception_that_is_why() -> None:
    def wsgi(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        start_response("200 OK", TEXT)
        try:
            raise LookupError
        except LookupError:
            start_response("500 Oh no", TEXT, sys.exc_info())
        return [b"error"]

    answer = answered(wsgi)

    assert (answer.status, answer.text) == (500, "error")


def test_once_the_head_is_sent_starting_again_raises_that_exception() -> None:
    """PEP 3333: that is how middleware learns that there is no page to be shown any more."""

    def wsgi(environ: t.Any, start_response: t.Any) -> t.Iterator[bytes]:
        start_response("200 OK", TEXT)
        yield b"a"
        try:
            raise LookupError
        except LookupError:
            start_response("500 Oh no", TEXT, sys.exc_info())
            yield b"never"

    async def main() -> Answer:
        server = Server(http(), *body(b""))
        with pytest.raises(LookupError):
            await server.start(behind(wsgi))
        return server.answer

    answer = run(main())

    assert (answer.status, answer.text, answer.complete) == (200, "a", False)


@pytest.mark.parametrize("kind", ["list", "iterable", "generator"])
def test_starting_it_twice_or_never_is_the_applications_error_and_the_body_is_closed(kind: str) -> None:
    made = Body(b"a")

    def never(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        if kind == "list":
            return [b"a"]
        return made if kind == "iterable" else iter([b"a"])

    def twice(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        start_response("200 OK", TEXT)
        start_response("200 OK", TEXT)
        return []

    with pytest.raises(AssertionError, match="start_response"):
        answered(never)
    with pytest.raises(AssertionError, match="second time"):
        answered(twice)
    assert made.closed == (kind == "iterable")


@pytest.mark.parametrize("pieces", [(LookupError(),), (b"a", LookupError())])
@pytest.mark.parametrize("starts", ["before", "within"])
def test_a_body_that_fails_is_closed_and_the_server_hears_of_it(
    pieces: tuple[t.Any, ...], starts: str
) -> None:
    made = Body(*pieces)

    def before(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        start_response("200 OK", TEXT)
        return made

    class Within(Body):
        def __iter__(self) -> t.Iterator[t.Any]:
            self.start_response("200 OK", TEXT)
            yield from super().__iter__()

    inner = Within(*pieces)

    def within(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        inner.start_response = start_response
        return inner

    with pytest.raises(LookupError):
        answered(before if starts == "before" else within)
    assert (made if starts == "before" else inner).closed == 1


def test_a_body_that_fails_when_it_is_closed_was_not_complete() -> None:
    made = Body(b"a", fails_at_close=True)

    def wsgi(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        start_response("200 OK", TEXT)
        return made

    async def main() -> Answer:
        server = Server(http(), *body(b""))
        with pytest.raises(LookupError):
            await server.start(behind(wsgi))
        return server.answer

    assert run(main()).text == "a"
    assert made.closed == 1


@pytest.mark.parametrize("exception", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_what_is_no_error_reaches_the_server_too(exception: type[BaseException]) -> None:
    def wsgi(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        raise exception

    with pytest.raises(BaseException) as raised:  # noqa: PT011
        answered(wsgi)

    assert raised.type is exception


def test_the_environ_has_what_pep_3333_asks_for() -> None:
    from wsgiref.validate import validator

    def wsgi(environ: t.Any, start_response: t.Any) -> t.Iterable[bytes]:
        start_response("200 OK", TEXT)
        return [environ["wsgi.input"].read(2)]

    scope = http("/", "POST", ("Content-Length", "3"))

    assert ask(behind(validator(wsgi)), scope, *body(b"abc")).text == "ab"
