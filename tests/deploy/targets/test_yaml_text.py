"""What is written as YAML is read as the same data."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from erlen.deploy.targets.yaml_text import Comment, yaml_text
from tests.amounts import part_of

from .hostile import texts

words = texts.filter(lambda text: "\ud800" not in text)
values = st.recursive(
    words | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=part_of(300))
@given(st.dictionaries(words, values, min_size=1, max_size=4))
def test_a_reader_gets_the_same(data: dict[str, object]) -> None:
    assert yaml.safe_load(yaml_text(data)) == data  # type: ignore[arg-type]


@given(words, words)
@settings(max_examples=part_of(100))
def test_comments_change_nothing(comment: str, value: str) -> None:
    text = yaml_text({Comment(comment): "", "a": [{Comment(comment): "", "b": value}]})
    assert yaml.safe_load(text) == {"a": [{"b": value}]}


@pytest.mark.parametrize("text", ["no", "Off", "y", "null", "TRUE", "1", "1e3", "~", "", "2001-01-01"])
def test_texts_that_look_like_something_else_are_quoted(text: str) -> None:
    assert yaml_text({"a": text}) == f'a: "{text}"\n'


def test_it_is_laid_out_as_people_write_it() -> None:
    data = {"spec": {Comment("Why."): "", "replicas": 2, "on": True}, "list": ["/tmp", {"a": [], "b": {}}]}
    assert yaml_text(data) == (
        'spec:\n  # Why.\n  replicas: 2\n  "on": true\nlist:\n  - /tmp\n  - a: []\n    b: {}\n'
    )
