"""A record is one line of text, or one of JSON, whatever is in it."""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.logs.exchange import Exchange, current
from erlen.deploy.logs.formats import JsonFormatter, TextFormatter
from erlen.deploy.logs.hidden import Hidden
from erlen.deploy.logs.redaction import Redaction

NOTHING = Redaction(Hidden(), {})
TEXT, JSON = TextFormatter(NOTHING), JsonFormatter(NOTHING)
# What moves a cursor, ends a line for one program or another, or turns the direction of writing.
HOSTILE = [
    "\n",
    "\r\n",
    "\r",
    "\x1b[2J",
    "\x9b2J",
    "\x85",
    "\u2028",
    "\u2029",
    "\x0b",
    "\x0c",
    "\x1c",
    "\0",
    "\x7f",
    "\u202e",
    "\ud800",
    '"',
    "\\",
]


def record(message: object = "hello", *args: Any, **attributes: Any) -> logging.LogRecord:
    made = logging.LogRecord("shop", logging.INFO, "shop.py", 1, message, args, None)
    made.created = 1_000_000_000.1239
    vars(made).update(attributes)
    return made


def raised(error: BaseException) -> Any:
    try:
        raise error
    except BaseException:
        return sys.exc_info()


def test_a_text_has_time_level_logger_and_message() -> None:
    assert TEXT.format(record("%s, %s!", "Hello", "Ada")) == "2001-09-09T01:46:40.123Z INFO shop: Hello, Ada!"


def test_json_has_the_same_as_items() -> None:
    assert json.loads(JSON.format(record("hi"))) == {
        "time": "2001-09-09T01:46:40.123Z",
        "level": "INFO",
        "logger": "shop",
        "request_id": None,
        "message": "hi",
    }


@pytest.mark.parametrize("formatter", [TEXT, JSON], ids=["text", "json"])
def test_both_have_the_id_of_the_request(formatter: logging.Formatter) -> None:
    token = current.set(Exchange("some-id", {}))
    try:
        line = formatter.format(record())
    finally:
        current.reset(token)
    assert "[some-id]: hello" in line or json.loads(line)["request_id"] == "some-id"
    assert "given-before" in formatter.format(record(request_id="given-before"))


@pytest.mark.parametrize("letter", HOSTILE, ids=ascii)
@pytest.mark.parametrize("formatter", [TEXT, JSON], ids=["text", "json"])
def test_a_message_begins_no_other_record(formatter: logging.Formatter, letter: str) -> None:
    line = formatter.format(record(f"a{letter}2001-09-09T01:46:40.123Z INFO shop: forged"))
    assert line.isprintable()
    assert line.splitlines() == [line]


@given(st.text())
def test_any_message_is_one_line(message: str) -> None:
    text, line = TEXT.format(record("%s", message)), JSON.format(record("%s", message))
    for each in (text, line):
        assert each.isprintable()
    assert json.loads(line)["message"] == Hidden().text(message)
    text.encode()
    line.encode("ascii")


@given(st.text(), st.text())
def test_any_traceback_is_indented_or_in_the_same_line(message: str, stack: str) -> None:
    made = record(stack_info=stack, exc_info=raised(ValueError(message)))
    first, *rest = TEXT.format(made).split("\n")
    assert first.endswith("INFO shop: hello")
    assert all(line.startswith("    ") and line.isprintable() for line in rest)
    assert any("ValueError" in line for line in rest)
    line = JSON.format(made)
    assert line.isprintable()
    assert "ValueError" in json.loads(line)["traceback"]


def fail_with_a_local(parts: list[str]) -> None:
    local = "".join(parts)
    raise KeyError(len(local))


def test_a_traceback_has_no_values_of_variables() -> None:
    try:
        fail_with_a_local(["a local", " value"])
    except KeyError:
        made = record(exc_info=sys.exc_info())
    for line in (TEXT.format(made), JSON.format(made)):
        assert "fail_with_a_local" in line
        assert "a local value" not in line


def test_a_traceback_that_another_formatter_has_kept_is_written() -> None:
    assert TEXT.format(record(exc_text="Traceback:\nmore")).endswith("hello\n    Traceback:\n    more")


def test_the_record_keeps_nothing_for_formatters_of_others() -> None:
    made = record(exc_info=raised(KeyError("x")))
    TEXT.format(made)
    assert made.exc_text is None


@pytest.mark.parametrize("formatter", [TEXT, JSON], ids=["text", "json"])
@pytest.mark.parametrize("arguments", [("%d", "x"), ("%s %s", 1), ("%", 1)])
def test_a_message_that_does_not_fit_its_arguments_is_not_lost(
    formatter: logging.Formatter, arguments: tuple[Any, ...]
) -> None:
    line = formatter.format(record(*arguments))
    assert "Error" in line
    assert arguments[0] in line


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("value", "read_back"),
    [
        (1, 1),
        (True, True),
        (None, None),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (1 << 80, str(1 << 80)),
        ({"a": (1, "x")}, {"a": [1, "x"]}),
        ({1: 2}, {"1": 2}),
        ({"password": "hunter2"}, {"password": "[hidden]"}),
        (b"x", "b'x'"),
        (Broken(), "<Broken: RuntimeError>"),
    ],
)
def test_json_has_extra_values_as_they_are(value: Any, read_back: Any) -> None:
    assert json.loads(JSON.format(record(extra_item=value)))["extra_item"] == read_back


def test_a_value_that_contains_itself_is_cut() -> None:
    value: list[Any] = []
    value.append(value)
    assert "extra_item" in json.loads(JSON.format(record(extra_item=value)))


def test_an_extra_value_replaces_no_item_of_the_record() -> None:
    assert json.loads(JSON.format(record(time="x", level="y", logger="z")))["level"] == "INFO"


def test_a_secret_of_the_configuration_is_hidden_in_both() -> None:
    redaction = Redaction(Hidden(), {"SECRET_KEY": "correct horse"})
    for formatter in (TextFormatter(redaction), JsonFormatter(redaction)):
        line = formatter.format(
            record(
                "the key is %s",
                "correct horse",
                extra_item="correct horse",
                exc_info=raised(ValueError("correct horse")),
            )
        )
        assert "[hidden]" in line
        assert "horse" not in line


def test_a_stream_of_another_encoding_takes_what_it_can() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    stream.write(JSON.format(record("grüße")))
    stream.flush()
