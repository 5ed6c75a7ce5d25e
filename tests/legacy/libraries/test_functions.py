"""Functions that Werkzeug had; what they give is compared with Werkzeug 1.0.1 in `tests/contract`."""

from __future__ import annotations

import hashlib
import io

import pytest

from erlen.legacy.libraries import functions


@pytest.mark.parametrize(
    ("a", "b", "same"), [("a", "a", True), ("a", b"a", True), ("ä", "ä", True), ("a", "b", False)]
)
def test_texts_are_compared(a: str | bytes, b: str | bytes, same: bool) -> None:
    assert functions.safe_str_cmp(a, b) is same


def test_keys_are_derived() -> None:
    """The first is a vector of RFC 6070."""
    derived = functions.pbkdf2_hex("password", "salt", 1, keylen=20, hashfunc="sha1")
    assert derived == "0c60c80f961f0e71f3a9b524af6012062fe037a6"
    assert functions.pbkdf2_bin(b"password", b"salt", 1, hashfunc=hashlib.sha1).hex() == derived
    assert len(functions.pbkdf2_bin("password", "salt", 1)) == 32


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("/a", [(None, None, "/a")]),
        ("/<b>", [(None, None, "/"), ("default", None, "b")]),
        ("<int(min=1):n>/x", [("int", "min=1", "n"), (None, None, "/x")]),
        ("", []),
    ],
)
def test_a_rule_has_parts(rule: str, parts: list[object]) -> None:
    assert list(functions.parse_rule(rule)) == parts


@pytest.mark.parametrize("rule", ["/<a>/<a>", "/<a", "/a>"])
def test_a_malformed_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="rule"):
        list(functions.parse_rule(rule))


def test_a_segment_of_the_path_is_moved() -> None:
    environ = {"SCRIPT_NAME": "/app", "PATH_INFO": "/a/\xc3\xa4"}
    assert functions.peek_path_info(environ) == "a"
    assert [functions.pop_path_info(environ), functions.pop_path_info(environ)] == ["a", "ä"]
    assert functions.pop_path_info(environ) is None
    assert functions.peek_path_info(environ) == ""
    assert functions.get_script_name(environ) == "/app/a/ä"
    assert functions.get_query_string({"QUERY_STRING": "a=\xc3\xa4&b=c d"}) == "a=%C3%A4&b=c%20d"


def test_lines_of_a_stream() -> None:
    assert list(functions.make_line_iter(io.BytesIO(b"a\nbc\nd"), 4)) == [b"a\n", b"bc"]
    assert list(functions.make_line_iter(io.BytesIO(b"abcdef\ng"), None, 4, True)) == [b"abcd", b"ef\n", b"g"]
    assert list(functions.make_line_iter(["a\nb", "c"])) == ["a\n", "bc"]
    assert list(functions.make_line_iter([])) == []


def test_headers() -> None:
    assert functions.cookie_date(0) == "Thu, 01-Jan-1970 00:00:00 GMT"
    assert len(functions.cookie_date()) == 29
    challenge = functions.parse_www_authenticate_header('Digest realm="here"', on_update=print)
    assert (challenge.type, challenge.realm) == ("digest", "here")
    assert functions.parse_www_authenticate_header("").type == "basic"
    basic = functions.parse_authorization_header(b"Basic YTpi")
    assert basic is not None
    assert (basic.username, basic.password) == ("a", "b")
    assert functions.parse_authorization_header(None) is None


def test_texts() -> None:
    class Markup:
        def __html__(self) -> str:
            return "<b>"

    assert functions.format_string("$a, ${b}c $$", {"a": 1, "b": "two"}) == "1, twoc $"
    assert functions.escape("<\"&'>") == "&lt;&quot;&amp;'&gt;"
    assert (functions.escape(None), functions.escape(Markup()), functions.escape(1)) == ("", "<b>", "1")
    assert all(isinstance(argument, str) for argument in functions.get_os_args())
