"""Files to be sent: conditions that their status decides, and bodies as long as their headers say."""

from __future__ import annotations

import io
import os
import typing as t
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper

from erlen.wrappers import files
from tests.serve.beside import environ, examples

MODIFIED = 1_600_000_000
FACTS = files.Facts(10, float(MODIFIED), "Sun, 13 Sep 2020 12:26:40 GMT", "tag", None)

TAGS = st.text('"Wtag/ ,*x\\', max_size=12) | st.sampled_from(['"tag"', 'W/"tag"', '"x"', '"a,tag"', '""'])
DATES = st.sampled_from(
    [FACTS.modified, "Sun, 13 Sep 2020 12:26:39 GMT", "Sun, 13 Sep 2020 12:26:41 GMT", "x", "", "1"]
)
RANGES = st.text("bytes=0123456789-, x", max_size=14) | st.builds(
    "bytes={}-{}".format, st.integers(-1, 12) | st.just(""), st.integers(-1, 12) | st.just("")
)


def by_werkzeug(given_environ: dict[str, t.Any], facts: files.Facts) -> int:
    """Return the status that Werkzeug gives a response with these headers."""
    response = Response(io.BytesIO(b"x" * facts.size), direct_passthrough=True)
    response.content_length = facts.size
    response.headers["Last-Modified"] = facts.modified
    response.set_etag(facts.tag)
    try:
        response.make_conditional(given_environ, accept_ranges=True, complete_length=facts.size)
    except RequestedRangeNotSatisfiable:
        return 416
    return response.status_code


@examples(500)
@given(
    headers=st.fixed_dictionaries(
        {},
        optional={
            "HTTP_IF_NONE_MATCH": TAGS,
            "HTTP_IF_MATCH": TAGS,
            "HTTP_IF_MODIFIED_SINCE": DATES,
            "HTTP_RANGE": RANGES,
            "HTTP_IF_RANGE": TAGS | DATES,
        },
    ),
    size=st.sampled_from([0, 1, 10]),
)
def test_conditions_are_judged_as_by_werkzeug(headers: dict[str, str], size: int) -> None:
    facts = FACTS._replace(size=size)
    try:
        status = files.judge(environ() | headers, facts)
    except RequestedRangeNotSatisfiable:
        status = 416
    assert status == by_werkzeug(environ() | headers, facts)
    at_once = files.judge_at_once(environ() | headers, facts.tag, facts.modified)
    assert at_once in (0, status)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"HTTP_IF_NONE_MATCH": '"tag"'}, 304),
        ({"HTTP_IF_NONE_MATCH": 'W/"tag"', "HTTP_IF_MODIFIED_SINCE": "x"}, 304),
        ({"HTTP_IF_NONE_MATCH": '"older"', "HTTP_IF_MODIFIED_SINCE": FACTS.modified}, 200),
        ({"HTTP_IF_MODIFIED_SINCE": FACTS.modified}, 304),
        ({"HTTP_IF_NONE_MATCH": '"tag", "x"'}, 0),
        ({"HTTP_RANGE": "bytes=0-"}, 0),
    ],
)
def test_what_a_browser_repeats_is_judged_at_once(headers: dict[str, str], status: int) -> None:
    assert files.judge_at_once(environ() | headers, FACTS.tag, FACTS.modified) == status


def test_a_fifo_is_opened_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(FileNotFoundError), files.open_file(str(tmp_path / "fifo")) as file:
        files.describe_opened(file, str(tmp_path / "fifo"), FACTS)


def test_a_body_is_as_long_as_its_headers_say(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    with files.open_file(str(path)) as file:
        assert b"".join(files.SizedFile(file, 4)) == b"0123"
    with files.open_file(str(path)) as file, pytest.raises(OSError, match="shorter"):
        list(files.SizedFile(file, 11))
    with files.open_file(str(path)) as file:
        assert list(files.SizedFile(file, 0)) == []


def test_a_body_is_the_servers_where_it_has_a_way_to_send_files(tmp_path: Path) -> None:
    class Wrapper(FileWrapper):
        pass

    path = tmp_path / "a"
    path.write_bytes(b"x")
    with files.open_file(str(path)) as file:
        assert type(files.body_of(environ(), file, 1)) is files.SizedFile
        assert type(files.body_of(environ() | {"wsgi.file_wrapper": Wrapper}, file, 1)) is Wrapper


def test_what_somebody_elses_open_function_gave_is_sent_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.open", lambda *_: io.BytesIO(b"mine"))
    assert not files.open_is_own()
    file = files.open_file("anything")
    assert files.describe_opened(file, "anything", FACTS) is FACTS
    assert b"".join(files.body_of(environ(), file, 1)) == b"mine"


DEVICES = [
    "CON",
    "nul",
    "aux.txt",
    "a/PRN",
    "COM1",
    "lpt9.tar.gz",
    "com¹",
    "CON ",
    " con",
    "NUL:",
    "con:x",
    "a/nul/b",
]
DEVICES += ["CONIN$", "conout$", "a\\NUL", "COM0"]
NO_DEVICES = ["console", "a.con", "nulls", "com", "com10", "lptx", "a/b.txt", "", "icon", "aux-1"]


@pytest.mark.parametrize("path", [*DEVICES, *NO_DEVICES])
def test_devices_of_windows_are_told_from_files(path: str) -> None:
    assert files.names_device(path) == (path in DEVICES)
