"""Which format an answer has is decided by `Accept`; JSON is what is left."""

import typing as t
from typing import Annotated

import msgspec
import pytest

from erlen.api.media_types import JSON, MSGPACK, carried, preferred_msgpack


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, None),
        ("", None),
        ("*/*", None),
        ("application/json", None),
        ("application/*", None),
        ("text/html, application/xml;q=0.9, */*;q=0.8", None),
        ("application/msgpack", MSGPACK),
        ("APPLICATION/MSGPACK", MSGPACK),
        ("application/vnd.msgpack", "application/vnd.msgpack"),
        ("application/x-msgpack", "application/x-msgpack"),
        ("application/msgpack, */*", MSGPACK),
        ("application/msgpack, */*;q=0.1", MSGPACK),
        ("application/msgpack;q=0.5, */*", None),
        ("application/msgpack, application/json", None),
        ("application/json, application/msgpack", None),
        ("application/json;q=0.9, application/msgpack", MSGPACK),
        ("application/msgpack;q=0.1, application/json;q=0", MSGPACK),
        ("application/json, application/msgpack;q=0.9", None),
        ("application/msgpack;q=0", None),
        ("application/json;q=0.5, */*", None),
        ("application/x-msgpack;q=0.4, application/vnd.msgpack;q=0.7", "application/vnd.msgpack"),
    ],
)
def test_msgpack_is_sent_where_the_header_prefers_it(accept: str | None, expected: str | None) -> None:
    assert preferred_msgpack(accept) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "application/msgpack;q=nan",
        "application/msgpack;q=-1",
        "application/msgpack;q=99",
        "application/msgpack/;q=x",
        "*/msgpack",
        "msgpack",
        '"application/msgpack',
        ",;=/" * 100,
        "\x00\udcff",
    ],
)
def test_a_header_that_makes_no_sense_means_json(accept: str) -> None:
    assert preferred_msgpack(accept) is None


class Sealed(msgspec.Struct):
    inner: msgspec.Raw
    next: "Sealed | None" = None


@pytest.mark.parametrize(
    ("annotation", "kinds"),
    [
        (int, (JSON, MSGPACK)),
        (list[dict[str, t.Any]], (JSON, MSGPACK)),
        (Sealed, (JSON,)),
        (list[Sealed | None], (JSON,)),
        (Annotated[msgspec.Raw, "x"], (JSON,)),
    ],
    ids=str,
)
def test_what_is_json_already_is_nothing_else(annotation: t.Any, kinds: tuple[str, ...]) -> None:
    assert carried(annotation, (JSON, MSGPACK)) == kinds
    assert carried(annotation, (JSON,)) == (JSON,)
