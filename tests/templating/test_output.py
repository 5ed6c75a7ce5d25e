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


# A number, text, a dict, an object without attributes.
OFTEN = [1, 7, 19, 44]


@pytest.mark.parametrize("number", SINGLE)
def test_a_value_in_a_loop_is_written_alike_after_one_of_another_type(number: int) -> None:
    row = "<p>{{ v }}</p><p>{{ v.name }}</p><p>{{ v.a.name }}</p><p>{{ v.id }}</p><p>{{ v|e }}</p>"
    assigning = "{% set x = v %}{% if v %}<b>{{ f(v) }}</b>{{ x }}<i>{% endif %}"
    for other in OFTEN:
        values = {"a": (False, number), "c": (False, other), "f": (False, hostile.CALLABLE + 2)}
        for inner in (row, assigning):
            compare("{% for v in [c, a, a, c, nope] %}" + inner + "{% endfor %}", values)


@pytest.mark.parametrize(
    "source",
    [
        "{% for v in [a, c] %}{% for w in [v, a] %}<i>{{ w }}</i>{{ v }}<b>"
        "{% endfor %}{{ v }}</b>{% endfor %}",
        "{% for v in [a, c] recursive %}<i>{{ v }}</i>"
        "{% for w in [v, a] %}<i>{{ w }}</i>{% endfor %}{% endfor %}",
        "{% for v in [a, c] %}{% macro m(w) %}<i>{{ w }}</i>{{ a }}<b>{% for u in [w, a] %}<i>{{ u }}</i>"
        "{% endfor %}{% endmacro %}<p>{{ m(v) }}</p>{% endfor %}",
        "{% for v in [a, c] if v %}<i>{{ v }}</i>{% else %}<b>{{ c }}</b>{% endfor %}<p>{{ a }}</p>",
        "{% for v in [a, c] %}{% autoescape false %}<i>{{ v }}</i>"
        "{% endautoescape %}<p>{{ v }}</p>{% endfor %}",
        "{% for v in [a, c] %}{% for w in [1] %}<i>{% set x = 5 %}{{ w }}</i>"
        "{% endfor %}<p>{{ f(v) }}</p>{% endfor %}",
        "{% for v in [a, c] %}{% for w in [1] %}<i>{{ w }}</i>{% endfor %}"
        "{% set x = 5 %}<p>{{ f(v) }}</p>{% endfor %}",
        "{% for v in [a, c] %}{% set x = 5 %}{% for w in [1] %}<i>{{ w }}</i>"
        "{% endfor %}<p>{{ f(v) }}</p>{% endfor %}",
        "{% for v in [a, c] %}{% set x = 5 %}{% for w in [1] %}<i>{{ w }}</i>{% endfor %}"
        "<p>{{ f(v) }}{{ loop.previtem }}</p>{% endfor %}",
        "{% for v in [1] %}{% with y = 2 %}{% for w in [a, c] %}<i>{{ w }}</i>{{ loop.last }}<p>{% endfor %}"
        "{% set x = 5 %}{{ f(v) }}{% endwith %}{% endfor %}",
    ],
)
def test_loops_within_each_other_write_alike(source: str) -> None:
    with_context = hostile.CALLABLE + 2
    for number in (*OFTEN, 4, 10, 18, 40):
        for other in OFTEN:
            compare(source, {"a": (False, number), "c": (False, other), "f": (False, with_context)})
