"""What a view returns is answered as its annotation declares."""

import collections.abc as cabc
import typing as t
from typing import Annotated, Literal

import msgspec
import pytest

from erlen import Encoded, EventStream, Response
from erlen.api import SetupError
from erlen.api.annotations import Unresolved
from erlen.api.results import declared_answers, encoder_of, title_of
from tests.api.conftest import Served
from tests.protocols.web import COROUTINE, PLAIN


class Order(msgspec.Struct):
    id: int


class Gone(msgspec.Struct):
    reason: str


def test_a_value_is_json(served: Served) -> None:
    def show() -> Order:
        return Order(1)

    served.add("/", show)
    response = served.ask("/")
    assert (response.status_code, response.mimetype, response.data) == (200, "application/json", b'{"id":1}')


def test_a_literal_status_is_that_of_the_answer(served: Served) -> None:
    def show() -> tuple[Order, Literal[201]]:
        return Order(1), 201

    served.add("/", show)
    response = served.ask("/")
    assert (response.status_code, response.json) == (201, {"id": 1})


def test_so_is_a_200_and_a_status_that_is_known_later(served: Served) -> None:
    def usual() -> tuple[Order, Literal[200]]:
        return Order(1), 200

    def any_status() -> tuple[Order, int]:
        return Order(2), 202

    served.add("/", usual)
    served.add("/any", any_status)
    assert (served.ask("/").status_code, served.ask("/").json) == (200, {"id": 1})
    assert (served.ask("/any").status_code, served.ask("/any").json) == (202, {"id": 2})


def test_headers_go_with_it(served: Served) -> None:
    def show() -> tuple[Order, Literal[201], dict[str, str]]:
        return Order(1), 201, {"Location": "/1"}

    def pairs() -> tuple[Order, dict[str, str]]:
        return Order(2), {"X-A": "b"}

    served.add("/", show)
    served.add("/pairs", pairs)
    response = served.ask("/")
    assert (response.status_code, response.headers["Location"], response.json) == (201, "/1", {"id": 1})
    response = served.ask("/pairs")
    assert (response.status_code, response.headers["X-A"], response.json) == (200, "b", {"id": 2})


def test_a_union_has_several_answers(served: Served) -> None:
    def show(oid: int) -> Order | tuple[Gone, Literal[410]] | None:
        if oid == 7:
            return Gone("sold"), 410
        return Order(oid) if oid else None

    served.add("/<int:oid>", show)
    assert served.ask("/1").json == {"id": 1}
    assert (served.ask("/7").status_code, served.ask("/7").json) == (410, {"reason": "sold"})
    assert (served.ask("/0").status_code, served.ask("/0").data) == (204, b"")


def test_none_is_a_204(served: Served) -> None:
    def show() -> None:
        return None

    served.add("/", show, ["DELETE"])
    response = served.ask("/", "DELETE")
    assert (response.status_code, response.data) == (204, b"")


def test_iterators_are_json_lines(way: str) -> None:
    served = Served(way, PLAIN)

    def show() -> cabc.Iterator[Order]:
        yield Order(1)
        yield Order(2)

    served.app.add_url_rule("/", "show", show)
    response = served.ask("/")
    assert (response.mimetype, response.data) == ("application/jsonl", b'{"id":1}\n{"id":2}\n')


def test_asynchronous_iterators_are_json_lines(way: str) -> None:
    served = Served(way, PLAIN)

    async def show() -> cabc.AsyncIterator[Order]:
        async def orders() -> cabc.AsyncIterator[Order]:
            yield Order(1)
            yield Order(2)

        return orders()

    served.app.add_url_rule("/", "show", show)
    response = served.ask("/")
    assert (response.mimetype, response.data) == ("application/jsonl", b'{"id":1}\n{"id":2}\n')


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (str, "text"),
        (Response, Response("text")),
        (t.Any, "text"),
        (tuple[str, int], ("text", 200)),
        (Encoded, Encoded("text", "text/html")),
        (dict, {"a": 1}),
    ],
    ids=str,
)
def test_results_as_in_flask_are_left_alone(served: Served, annotation: t.Any, value: t.Any) -> None:
    def show():  # type: ignore[no-untyped-def]
        return value

    show.__annotations__ = {"return": annotation}
    served.add("/", show)
    assert declared_answers(annotation, "view") is None
    assert served.ask("/").text.strip() in ("text", '{"a":1}')


def test_a_stream_of_events_is_declared_and_left_alone(served: Served) -> None:
    def show() -> EventStream:
        return EventStream(["a"], heartbeat=None)

    served.add("/", show)
    assert [(answer.form, answer.media_types) for answer in declared_answers(EventStream, "view") or []] == [
        ("events", ("text/event-stream",))
    ]
    response = served.ask("/")
    assert (response.mimetype, response.data) == ("text/event-stream", b"data: a\n\n")


def test_a_response_may_be_returned_in_spite_of_the_annotation(served: Served) -> None:
    def show() -> Order:
        return Response("early", 418)  # type: ignore[return-value]

    served.add("/", show)
    assert (served.ask("/").status_code, served.ask("/").text) == (418, "early")


def test_so_may_one_of_a_class_of_the_application(served: Served) -> None:
    class Own(Response):
        pass

    def show() -> Order:
        return Own("early", 418)  # type: ignore[return-value]

    served.app.response_class = Own
    served.add("/", show)
    assert (served.ask("/").status_code, served.ask("/").text) == (418, "early")


def test_what_is_not_declared_is_an_error(served: Served) -> None:
    def show() -> tuple[Order, Literal[201]] | tuple[Gone, Literal[201]]:
        return "text", 201  # type: ignore[return-value]

    served.add("/", show)
    assert served.ask("/").status_code == 500


@pytest.mark.parametrize(
    ("annotation", "forms"),
    [
        (Order, [(Order, 200, "value")]),
        (Annotated[Order, "x"], [(Annotated[Order, "x"], 200, "value")]),
        (list[Order], [(list[Order], 200, "value")]),
        (dict[str, int], [(dict[str, int], 200, "value")]),
        (tuple[Order, Literal[202]], [(Order, 202, "value")]),
        (tuple[Order, int], [(Order, 200, "value")]),
        (tuple[None, Literal[205]], [(type(None), 205, "none")]),
        (Order | None, [(Order, 200, "value"), (type(None), 204, "none")]),
        (Order | str, [(Order, 200, "value")]),
        (int, [(int, 200, "value")]),
        (Unresolved("Nowhere", NameError("Nowhere")), None),
    ],
    ids=str,
)
def test_annotations_declare_answers(annotation: t.Any, forms: t.Any) -> None:
    found = declared_answers(annotation, "view")
    given = None if found is None else [(each.annotation, each.status, each.form) for each in found]
    assert given == forms


@pytest.mark.parametrize("status", [Literal[1, 2], Literal["201"], Literal[99], Literal[600]], ids=str)
def test_a_status_is_one_number(status: t.Any) -> None:
    with pytest.raises(SetupError, match="write one number"):
        declared_answers(tuple[Order, status], "view")


def test_the_encoder_of_one_answer_writes_that() -> None:
    encode = encoder_of(declared_answers(Order, "view") or [], "view")
    assert encode(Order(3)).body == b'{"id":3}'
    assert encode(response := Response("x")) is response


def test_an_error_in_the_scope_is_a_problem(served: Served) -> None:
    from erlen import abort

    def show() -> Order:
        abort(404, "There is no such order.")

    served.add("/", show)
    response = served.ask("/")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.json["detail"] == "There is no such order."
    assert set(served.ask("/", "POST").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_titles_of_statuses() -> None:
    assert (title_of(201), title_of(299)) == ("Created", "Answer")


def test_lines_of_a_coroutine_view_are_encoded_as_they_come() -> None:
    served = Served("asgi", COROUTINE)

    async def show() -> cabc.AsyncIterator[int]:
        async def numbers() -> cabc.AsyncIterator[int]:
            for number in range(3):
                yield number

        return numbers()

    served.app.add_url_rule("/", "show", show)
    assert served.ask("/").data == b"0\n1\n2\n"


@pytest.mark.parametrize("annotation", [int | None, t.Optional[int]], ids=["new", "old"])  # noqa: UP045
def test_none_is_null_where_the_status_declares_a_value_or_none(annotation: t.Any) -> None:
    encode = encoder_of(declared_answers(tuple[annotation, t.Literal[200]], "v") or [], "v")
    assert encode((None, 200)).body == b"null"
    assert encode((5, 200)).body == b"5"


@pytest.mark.parametrize("annotation", [str | None, t.Union[str, bytes]], ids=["new", "old"])  # noqa: UP007
def test_text_or_nothing_is_a_result_as_in_flask(annotation: t.Any) -> None:
    assert declared_answers(tuple[annotation, t.Literal[200]], "v") is None


@pytest.mark.parametrize("status", [Literal[200], int], ids=["literal", "int"])
def test_a_status_that_is_declared_is_no_part_of_the_value(served: Served, status: t.Any) -> None:
    def show():  # type: ignore[no-untyped-def]
        return {"a": 1}, 200

    show.__annotations__ = {"return": tuple[dict[str, int], status]}
    served.add("/", show)
    assert served.ask("/").json == {"a": 1}
