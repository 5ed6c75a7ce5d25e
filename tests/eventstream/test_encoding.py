"""How events are written: what is sent, and what is refused."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.eventstream import EventStream, ServerSentEvent
from erlen.eventstream.encoding import HEARTBEAT, encode

# what a browser does


def events_of(text: bytes) -> list[dict[str, str]]:
    """Read a stream as the HTML standard says (section 9.2.6), and return the events it dispatches."""
    events, fields = [], {}
    lines = text.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in lines[:-1]:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if "data" in fields:
                events.append({**fields, "data": fields["data"][:-1]})
            fields = {}
        elif name == "data":
            fields["data"] = fields.get("data", "") + value + "\n"
        elif name in ("event", "id", "retry"):
            fields[name] = value
        else:
            assert name == "", f"a field that nobody knows: {line}"
    assert fields == {}, "the last event does not end"
    return events


def line_ends_unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# encoding


@pytest.mark.parametrize(
    ("item", "sent"),
    [
        ("hello", b"data: hello\n\n"),
        ("", b"data: \n\n"),
        (" two  spaces ", b"data:  two  spaces \n\n"),
        ("a\nb\rc\r\nd", b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        ("a\n", b"data: a\ndata: \n\n"),
        ("no\x0bend\x85of\u2028line", "data: no\x0bend\x85of\u2028line\n\n".encode()),
        ({"a": [1, None]}, b'data: {"a": [1, null]}\n\n'),
        ([1, "a\nb"], b'data: [1, "a\\nb"]\n\n'),
        (None, HEARTBEAT),
        (ServerSentEvent("x", event="e", id="1", retry=5), b"event: e\nid: 1\nretry: 5\ndata: x\n\n"),
        (ServerSentEvent({"a": 1}, id=7), b'id: 7\ndata: {"a": 1}\n\n'),
        (ServerSentEvent(None, id=""), b"id: \n\n"),
        (ServerSentEvent(None, comment="a\nb"), b": a\n: b\n\n"),
    ],
)
def test_an_item_is_sent_as(item, sent):
    assert encode(item, json.dumps) == sent


def test_heartbeats_are_comments():
    assert events_of(HEARTBEAT) == []
    assert HEARTBEAT.startswith(b": ")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_data_arrives_as_one_event(data):
    assert events_of(encode(data, json.dumps)) == [{"data": line_ends_unified(data)}]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_comment_arrives_as_no_event(comment):
    assert events_of(encode(ServerSentEvent(None, comment=comment), json.dumps)) == []


def test_json_of_several_lines_arrives_as_one_event():
    sent = encode({"a": 1}, lambda value: json.dumps(value, indent=2))
    assert json.loads(events_of(sent)[0]["data"]) == {"a": 1}


def test_half_a_surrogate_pair_does_not_end_the_stream():
    assert encode("\ud800!", json.dumps) == b"data: ?!\n\n"


@pytest.mark.parametrize("field", ["event", "id"])
@pytest.mark.parametrize("hostile", ["a\ndata: forged", "a\rdata: forged", "a\r\n\r\n", "a\0", "\n"])
def test_a_field_that_would_write_others_is_refused(field, hostile):
    with pytest.raises(ValueError, match="line break or a NUL"):
        ServerSentEvent("x", **{field: hostile})


@pytest.mark.parametrize("retry", ["5", 1.5, True])
def test_a_retry_that_is_no_whole_number_is_refused(retry):
    with pytest.raises(TypeError, match="milliseconds"):
        ServerSentEvent("x", retry=retry)


def test_a_negative_retry_is_refused():
    with pytest.raises(ValueError, match="negative"):
        EventStream([], retry=-1)


@pytest.mark.parametrize("data", [b"bytes", 1, ("a",)])
def test_data_of_another_type_is_refused(data):
    with pytest.raises(TypeError, match=type(data).__name__):
        ServerSentEvent(data)
    with pytest.raises(TypeError, match=type(data).__name__):
        encode(data, json.dumps)


def test_an_event_does_not_change_and_takes_nothing_else():
    event = ServerSentEvent("x")
    with pytest.raises(FrozenInstanceError):
        event.event = "a\nb"
    assert not hasattr(event, "__dict__")
