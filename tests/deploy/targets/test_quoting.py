"""What is quoted means the same to whoever reads it; or it is refused."""

from __future__ import annotations

import ast
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.targets import quoting
from erlen.deploy.targets.quoting import Unquotable

TEXTS = st.text(st.characters(codec=None), max_size=20) | st.text("a \"'\\;${}#%\n\0\x7f", max_size=12)


def unquoted_by_nginx(word: str) -> str:
    """Read a quoted word as nginx does."""
    assert (word[0], word[-1]) == ('"', '"')
    inner, text, at = word[1:-1], "", 0
    while at < len(inner):
        if inner[at] == "\\" and inner[at + 1] in "\"'\\":
            at += 1
        else:
            assert inner[at] != '"'
        text += inner[at]
        at += 1
    return text


@given(TEXTS)
def test_a_word_of_a_shell_is_read_as_it_was(text: str) -> None:
    try:
        word = quoting.shell(text)
    except Unquotable:
        assert "\0" in text or any("\ud800" <= each <= "\udfff" for each in text)
    else:
        assert shlex.split(word) == [text]


@given(TEXTS)
def test_a_parameter_of_nginx_is_read_as_it_was(text: str) -> None:
    try:
        word = quoting.nginx(text)
    except Unquotable:
        assert "$" in text or not text.isprintable()
    else:
        assert unquoted_by_nginx(word) == text
        assert word.isprintable()


@given(TEXTS)
def test_a_literal_of_python_is_read_as_it_was(text: str) -> None:
    try:
        word = quoting.python(text)
    except Unquotable:
        assert any("\ud800" <= each <= "\udfff" for each in text)
    else:
        assert ast.literal_eval(word) == text
        assert word.isprintable()


@pytest.mark.parametrize("quote", [quoting.nginx, quoting.nginx_pattern, quoting.apache, quoting.ini])
@given(TEXTS)
def test_a_word_is_one_line(quote, text: str) -> None:
    try:
        said = quote(text)
    except Unquotable as error:
        said = str(error)
    assert said.isprintable()


@pytest.mark.parametrize("text", ["${HOME}", "%{x}", '"', "\\", "*", "[a]", "<", "a\nb"])
def test_what_means_something_to_apache_is_refused(text: str) -> None:
    with pytest.raises(Unquotable, match="Apache"):
        quoting.apache(text)


@pytest.mark.parametrize("text", ["%d", "$(HOME)", "@(http://x)", "a\nb", " a"])
def test_what_means_something_to_uwsgi_is_refused(text: str) -> None:
    with pytest.raises(Unquotable, match="ini file"):
        quoting.ini(text)
