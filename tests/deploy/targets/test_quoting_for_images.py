"""Words of Dockerfiles, Procfiles and YAML: they mean the same, or are refused."""

from __future__ import annotations

import json
import shlex

import pytest
import yaml
from hypothesis import given

from erlen.deploy.targets import quoting
from erlen.deploy.targets.quoting import Unquotable

from .hostile import printable, texts


@given(texts.filter(lambda text: "\ud800" not in text))
def test_a_scalar_of_yaml_is_read_as_the_same_text_on_one_line(text: str) -> None:
    quoted = quoting.yaml(text)
    assert yaml.safe_load(quoted) == text
    assert len(quoted.splitlines()) == 1


@given(printable)
def test_words_in_json_are_the_same(text: str) -> None:
    quoted = quoting.json_words(["a", text])
    assert json.loads(quoted) == ["a", text]
    assert quoted.isascii()


@given(printable)
def test_words_for_a_shell_on_one_line_are_the_same_or_refused(text: str) -> None:
    for quote in (quoting.dockerfile, quoting.procfile):
        if len(f"{text}.".splitlines()) > 1:
            with pytest.raises(Unquotable, match="cannot hold"):
                quote(text)
        else:
            assert shlex.split(quote(text)) == [text]


@pytest.mark.parametrize("text", ["a\0", "a\ud800"])
def test_what_no_command_can_have_is_refused(text: str) -> None:
    for quote in (quoting.dockerfile, quoting.procfile, lambda word: quoting.json_words([word])):
        with pytest.raises(Unquotable):
            quote(text)
