"""A key in the text of a file: everything else stays, and no key is lost."""

from __future__ import annotations

import io
import json

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from erlen.deploy.env.key import KeyIsSet, NotWritable, fallbacks_name, new_key, with_key
from erlen.deploy.env.statements import values_of
from tests.amounts import part_of
from tests.deploy.env.test_statements import TEXTS


def test_keys_are_of_32_random_bytes() -> None:
    assert len({new_key() for _ in range(20)}) == 20
    assert all(len(new_key()) == 43 for _ in range(20))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "SECRET_KEY=new\n"),
        ("A=1\n", "A=1\nSECRET_KEY=new\n"),
        ("A=1", "A=1\nSECRET_KEY=new\n"),
        ("A=1\r\n# x\r\n", "A=1\r\n# x\r\nSECRET_KEY=new\r\n"),
        ("SECRET_KEY=\nA=1\n", "SECRET_KEY=new\nA=1\n"),
        ("export SECRET_KEY=''  # ours\nA=1", "export SECRET_KEY=new  # ours\nA=1"),
        ("SECRET_KEY # none yet\n", "SECRET_KEY=new # none yet\n"),
        ("# SECRET_KEY=old\n", "# SECRET_KEY=old\nSECRET_KEY=new\n"),
        ("OTHER_SECRET_KEY=old\n", "OTHER_SECRET_KEY=old\nSECRET_KEY=new\n"),
        ("A='one\nSECRET_KEY=two'\n", "A='one\nSECRET_KEY=two'\nSECRET_KEY=new\n"),
    ],
)
def test_a_key_is_put_there(before: str, after: str) -> None:
    assert with_key(before, "SECRET_KEY", "new", rotate=False) == after
    assert with_key(before, "SECRET_KEY", "new", rotate=True) == after


@pytest.mark.parametrize(
    "before", ["SECRET_KEY=old", "SECRET_KEY='old'\n", "SECRET_KEY=\nexport SECRET_KEY=old\n"]
)
def test_a_key_that_is_there_is_kept(before: str) -> None:
    with pytest.raises(KeyIsSet):
        with_key(before, "SECRET_KEY", "new", rotate=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SECRET_KEY=old\n", "SECRET_KEY=new\nSECRET_KEY_FALLBACKS='[\"old\"]'\n"),
        ("SECRET_KEY=old", "SECRET_KEY=new\nSECRET_KEY_FALLBACKS='[\"old\"]'\n"),
        (
            "export SECRET_KEY=old # ours\r\nA=1\r\n",
            "export SECRET_KEY=new # ours\r\nSECRET_KEY_FALLBACKS='[\"old\"]'\r\nA=1\r\n",
        ),
        (
            'SECRET_KEY_FALLBACKS=["older"] # x\nSECRET_KEY=old\n',
            'SECRET_KEY_FALLBACKS=\'["old", "older"]\' # x\nSECRET_KEY=new\n',
        ),
        (
            "SECRET_KEY=dead\nSECRET_KEY=old\n",
            "SECRET_KEY=dead\nSECRET_KEY=new\nSECRET_KEY_FALLBACKS='[\"old\"]'\n",
        ),
    ],
    ids=["usual", "no line break", "CRLF", "one before", "twice"],
)
def test_a_key_that_is_replaced_goes_to_the_fallbacks(before: str, after: str) -> None:
    assert with_key(before, "SECRET_KEY", "new", rotate=True) == after


@pytest.mark.parametrize(
    "old", ["it's", 'a "word"', "back\\slash", "two\nlines", "火腿", "a # b", "\\'", "[]"]
)
def test_keys_of_any_kind_come_through(old: str) -> None:
    quoted = old.replace("\\", "\\\\").replace("'", "\\'")
    after = with_key(f"SECRET_KEY='{quoted}'\n", "SECRET_KEY", "new", rotate=True)
    again = with_key(after, "SECRET_KEY", "newer", rotate=True)
    read = dotenv_values(stream=io.StringIO(again))
    assert (read["SECRET_KEY"], json.loads(read["SECRET_KEY_FALLBACKS"] or "")) == ("newer", ["new", old])


@pytest.mark.parametrize("fallbacks", ["old", "{}", '"old"', "[1]", "[", "a,b"])
def test_fallbacks_that_are_no_list_are_not_lost(fallbacks: str) -> None:
    with pytest.raises(NotWritable, match=r"SECRET_KEY_FALLBACKS is no list in JSON"):
        with_key(f"SECRET_KEY=a\nSECRET_KEY_FALLBACKS={fallbacks}\n", "SECRET_KEY", "new", rotate=True)


def test_an_open_quote_above_is_named_if_it_would_swallow_what_is_written() -> None:
    with pytest.raises(NotWritable, match=r"^Line 2 cannot be read as NAME=value"):
        with_key("A=1\nB='open\nSECRET_KEY=old\n", "SECRET_KEY", "new", rotate=True)


@given(TEXTS, st.booleans())
@settings(max_examples=part_of(300), deadline=None)
def test_every_other_variable_keeps_its_value(text: str, rotate: bool) -> None:
    try:
        after = with_key(text, "A", "new", rotate=rotate)
    except (KeyIsSet, NotWritable):
        return
    read = dotenv_values(stream=io.StringIO(after, newline=""), interpolate=False)
    assert read.pop("A") == "new"
    before = values_of(text)
    fallbacks = read.pop(fallbacks_name("A"), None)
    old = before.pop("A", None)
    assert (json.loads(fallbacks) if fallbacks else []) == ([old] if old else [])
    assert read == before
