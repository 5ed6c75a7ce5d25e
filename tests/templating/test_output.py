"""What is written is escaped as Jinja escapes it, in the same pieces."""

from __future__ import annotations

import pytest

from . import hostile
from .both import compare

SINGLE = range(hostile.count()[1])
ATTRIBUTES = [
    "{{ a }}",
    *(f"{{{{ a.{name} }}}}" for name in ("name", "id", "text", "items", "get", "a.name", "__class__")),
]


@pytest.mark.parametrize("autoescape", [True, False])
@pytest.mark.parametrize("source", ATTRIBUTES)
@pytest.mark.parametrize("number", SINGLE)
def test_each_value_is_written_as_by_jinja(number: int, source: str, autoescape: bool) -> None:
    compare(f"one\n{source} two", {"a": (False, number)}, autoescape=autoescape)


@pytest.mark.parametrize(
    "source",
    [
        "{% macro m(p) %}<b>\n{{ p }}{{ p.name }}{% endmacro %}{{ m(a) }}",
        "{% set x %}{{ a.name }}{{ a.id }}{% endset %}{{ x }}",
        "{% filter e %}{{ a.name }}{% endfilter %}",
        "{% autoescape false %}{{ a.name }}{{ a }}{% endautoescape %}",
        "{% autoescape a %}{{ a.name }}{{ a }}{% endautoescape %}",
        "{% extends 'base' %}{{ a.name }}{% block body %}{{ super() }}{{ a.name }}{% endblock %}",
        "{% if a %}{% extends 'base' %}{% endif %}{{ a.name }}",
        "{% for x in [a, a] %}{{ x.name }}{{ x.id }}<br>{% endfor %}",
        "{{ a.name }}{{ a.name ~ a.id }}{{ a.name|e }}{{ a.name|safe }}",
        "{{ 'a<b' }}{{ 1 }}{{ none }}{{ '<'|safe }}{{ 1.5 }}{{ [1, '<'] }}",
        "{{ a['name'] }}{{ a['id'] }}{{ a['items'] }}{{ a[0] }}{{ a[-1] }}{{ a[1:] }}",
        "{% include 'part' %}{% include 'nowhere' ignore missing %}{% include ['nowhere', 'part.txt'] %}",
    ],
)
@pytest.mark.parametrize("number", SINGLE)
def test_each_value_is_written_alike_in_each_place(source: str, number: int) -> None:
    compare(source, {"a": (False, number), "b": (True, 1)}, in_pieces=number % 2 == 0)
