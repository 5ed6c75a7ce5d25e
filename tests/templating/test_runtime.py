"""Calls, attributes and texts in compiled templates."""

from __future__ import annotations

import typing as t

import jinja2
import pytest
from markupsafe import Markup, escape

from erlen.templating import runtime

from . import hostile
from .both import compare, environments

SINGLE = range(hostile.count()[1])
CALLS = [
    "a()",
    "a(1)",
    "a(1, '<2>')",
    "a(k=1)",
    "a(1, k=2, name='<n>')",
    "a(*[1])",
    "a(**{'k': 1})",
    "a.method(1)",
]
MACRO_CALLS = [
    *("m()", "m(1)", "m(1, '<')", "m(1, 2, 3)", "m(q=1)", "m(1, q='<')", "m(1, p=2)", "m(1, nope=2)"),
    "m(*[1, 2])",
]


@pytest.mark.parametrize("source", CALLS)
@pytest.mark.parametrize("number", SINGLE)
def test_each_value_is_called_as_by_jinja(number: int, source: str) -> None:
    loop = "{% for item in [1] %}{% set x = 5 %}{{ " + source + " }}{% endfor %}"
    block = "{% block n %}{% set x = 6 %}{{ " + source + " }}{% endblock %}"
    compare("{{ " + source + " }}\n" + loop + block, {"a": (False, number)})


@pytest.mark.parametrize("declared", ["p", "p, q", "p, q=2", "p=1, q='<2>', item=3", "", "p, caller=none"])
@pytest.mark.parametrize(
    "body", ["{{ p }}{{ q }}", "{{ p }}{{ kwargs }}", "{{ varargs }}", "{{ caller() }}{{ p }}"]
)
@pytest.mark.parametrize("call", MACRO_CALLS)
@pytest.mark.parametrize("autoescape", [True, False])
def test_a_macro_gets_the_same_arguments(declared: str, body: str, call: str, autoescape: bool) -> None:
    macro = "{% macro m(" + declared + ") %}" + body + "{% endmacro %}"
    called = "{{ " + call + " }}"
    block = "\n{% call " + call + " %}<i>{% endcall %}"
    for source in (
        macro + called,
        macro + block,
        macro + "{% autoescape false %}" + called + "{% endautoescape %}",
    ):
        compare(source, {}, autoescape=autoescape)


def test_a_global_that_is_replaced_is_called_from_then_on() -> None:
    _, environment = environments({"page": "{{ f(1) }}"})
    template = environment.get_template("page")
    environment.globals["f"] = lambda value: f"first {value}"
    assert template.render() == "first 1"
    environment.globals["f"] = jinja2.pass_context(lambda context, value: f"{context.name} {value}")
    assert template.render() == "page 1"


def test_a_function_that_begins_to_ask_for_the_context_gets_it() -> None:
    _, environment = environments({"page": "{{ f() }}"})

    def f(*args: t.Any) -> int:
        return len(args)

    assert environment.get_template("page").render(f=f) == "0"
    jinja2.pass_context(f)
    assert environment.get_template("page").render(f=f) == "1"


@pytest.mark.parametrize(
    "value", ["", "a<b>&\"'", "\udc80", 7, True, None, 1.5, Markup("<b>"), [1, "<"], hostile.Html()]
)
def test_a_text_is_escaped_as_by_markupsafe(value: object) -> None:
    assert runtime.escaped(value) == escape(value)


@pytest.mark.parametrize("text", ["", "plain", "a<b>&\"'", "\udc80<"])
def test_plain_text_is_escaped_to_plain_text(text: str) -> None:
    assert runtime.escape_text(text) == str(escape(text))


@pytest.mark.parametrize("values", [[1, 2, 3], iter([1, 2, 3])], ids=["list", "iterator"])
def test_what_a_loop_runs_over_is_measured(values: t.Any) -> None:
    rest = iter(values)
    next(rest)
    length, rest = runtime.measured(values, rest, 1, False)
    assert (length, list(rest)) == (3, [2, 3])
