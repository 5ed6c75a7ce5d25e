"""Blocks, parents and includes write the same in as many pieces as in Jinja, and as a whole in one."""

from __future__ import annotations

import typing as t

import jinja2
import pytest

from .both import SOURCES, compare, environments

BASE = "<{% block body %}{% block inner %}{{ a.name }}{% endblock %}{{ x }}{% endblock %}>{{ x }}"
MIDDLE = "{% extends 'lowest' %}{% block body %}[{{ super() }}]{% include 'part' %}{% endblock %}"
LOOP = "{% for item in b %}\n<i>{{ item }}</i>{{ item.name }} {{ a.id }}{{ loop.index }}<br>{% endfor %}"
NESTED = [
    "{% extends 'base' %}{% block body %}{{ super() }}" + LOOP + "{% endblock %}",
    "{% if x %}{% extends 'base' %}{% endif %}" + LOOP,
    "{% for item in b %}{% block n scoped %}{{ item }}-{{ x }}{% endblock %}{% endfor %}{{ self.n() }}",
    "{% for item in b %}{% include 'part' %}{{ item }}, {{ x }}.{% endfor %}",
    "{% include 'part' without context %}{% include ['nowhere', 'part.txt'] %}",
    "{% include 'no' ignore missing %}{% include 'part' ignore missing %}",
    "{% from 'macros' import show with context %}" + LOOP + "{{ show(x) }}{% call show(1) %}{% endcall %}",
    "{% autoescape false %}" + LOOP + "{% endautoescape %}" + LOOP,
    "{% for item in b %}{% if item %}{{ '{' }}{{ item }}}}{% else %}{{{ x }}}{% endif %}{{ a }}{% endfor %}",
    "{% for item in b recursive %}{{ item }}<{{ x }}>{{ loop(item) if item is iterable }}{% endfor %}",
    "{% for item in b %}{% filter upper %}{{ item }}<{{ x }}>{% endfilter %}{{ item }}!{{ x }}{% endfor %}",
    "{% block n required %}{% endblock %}",
]
VALUES = [
    {"a": (False, 14), "b": (True, 1), "x": (False, 7)},
    {"a": (False, 19), "b": (True, 0), "x": (False, 11)},
    {"a": (False, 13), "b": (True, 2), "x": (False, 15)},
    {"a": (False, 18), "b": (True, 10), "x": (False, 1)},
]


@pytest.mark.parametrize("source", NESTED)
@pytest.mark.parametrize("values", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "in pieces"])
def test_what_is_nested_is_written_alike(
    source: str, values: dict[str, tuple[bool, int]], in_pieces: bool
) -> None:
    compare(source, values, in_pieces)


def pieces_of(template: t.Any, **values: t.Any) -> list[str]:
    return list(map(str, template.generate(values)))


def rendered_at_once(template: t.Any, **values: t.Any) -> list[str]:
    """Return what reaches the function that joins the pieces of a template that is rendered."""
    return list(template.root_render_func(template.new_context(values)))


def test_a_stream_has_jinjas_pieces_and_a_page_few() -> None:
    sources = {**SOURCES, "lowest": BASE, "page": MIDDLE}
    theirs, ours = (each.get_template("page") for each in environments(sources))
    values = {"a": {"name": "<a>"}, "x": 1, "item": "item"}
    assert pieces_of(ours, **values) == pieces_of(theirs, **values)
    assert len(rendered_at_once(ours, **values)) == 1
    assert rendered_at_once(ours, **values) == [theirs.render(values)]


def test_a_row_is_one_piece_unless_it_is_streamed() -> None:
    theirs, ours = (each.from_string(LOOP) for each in environments(SOURCES))
    values = {"a": {"id": 2}, "b": ["x", "y"]}
    assert len(rendered_at_once(ours, **values)) == 2
    assert pieces_of(ours, **values) == pieces_of(theirs, **values)


def test_a_stream_sends_what_comes_before_a_value_before_it_asks_for_it() -> None:
    """A visitor sees the beginning of a page while the rest is being made."""
    _, environment = environments({"page": "{% for f in fs %}<b>{{ f() }}</b>{% endfor %}"})
    asked: list[str] = []

    def f() -> str:
        asked.append("asked")
        return "text"

    stream = environment.get_template("page").generate(fs=[f])
    assert next(stream) == "<b>"
    assert asked == []
    assert next(stream) == "text"


def test_a_module_has_its_pieces() -> None:
    """Templates that include this one without their context write those."""
    theirs, ours = (
        each.from_string("{% for n in [1, 2] %}<{{ n }}>{% endfor %}") for each in environments({})
    )
    assert list(map(str, t.cast(t.Any, ours.module)._body_stream)) == ["<", "1", ">", "<", "2", ">"]
    assert str(ours.module) == str(theirs.module) == "<1><2>"


def test_a_class_for_templates_that_tells_nothing_gets_pieces() -> None:
    """Nobody says there whether the template is streamed."""
    _, environment = environments(SOURCES)
    environment.template_class = jinja2.Template
    template = environment.from_string(LOOP)
    assert rendered_at_once(template, a={"id": 2}, b=["x"]) == pieces_of(template, a={"id": 2}, b=["x"])
