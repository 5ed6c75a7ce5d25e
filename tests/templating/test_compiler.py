"""Templates compiled for speed give what Jinja's give: the same text, the same exceptions, the same lines."""

from __future__ import annotations

import logging
import re
import typing as t

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.runtime import (
    ChainableUndefined,
    DebugUndefined,
    StrictUndefined,
    Undefined,
    make_logging_undefined,
)

from tests.amounts import part_of

from . import grammar, hostile
from .both import SOURCES, compare, environments

_LOOPS, _SINGLE = hostile.count()
_any = st.one_of(
    st.tuples(st.just(False), st.integers(0, _SINGLE - 1)),
    st.tuples(st.just(True), st.integers(0, _LOOPS - 1)),
)
_loop = st.tuples(st.just(True), st.integers(0, _LOOPS - 1))
_calm = st.tuples(st.just(False), st.sampled_from([0, 1, 3, 5, 7, 8, 10, 19]))
_callable = st.tuples(st.just(False), st.integers(hostile.CALLABLE, hostile.CALLABLE + 10))
_given = {"a": st.one_of(_calm, _any), "b": _loop, "c": _loop, "f": _callable, "x": st.one_of(_calm, _any)}
VALUES = st.fixed_dictionaries(_given, optional={"item": st.one_of(_calm, _any)})


class Telling(Undefined):
    """An undefined value with a text of its own."""

    def __str__(self) -> str:
        return f"<{self._undefined_message}>"


_quiet = logging.Logger("undefined", level=logging.CRITICAL)
Logging = make_logging_undefined(_quiet)

OPTIONS: st.SearchStrategy[dict[str, t.Any]] = st.fixed_dictionaries(
    {
        "undefined": st.sampled_from(
            [
                ChainableUndefined,
                ChainableUndefined,
                Undefined,
                StrictUndefined,
                DebugUndefined,
                Telling,
                Logging,
            ]
        )
    },
    optional={
        "autoescape": st.sampled_from([False, jinja2.select_autoescape(default=True)]),
        "optimized": st.just(False),
        "trim_blocks": st.just(True),
    },
)


@settings(max_examples=part_of(100), deadline=None)
@given(source=grammar.templates, values=VALUES, options=OPTIONS, in_pieces=st.booleans())
def test_a_random_template_gives_what_it_gives_in_jinja(
    source: str, values: dict[str, t.Any], options: dict[str, t.Any], in_pieces: bool
) -> None:
    compare(source, values, in_pieces, **options)


@pytest.mark.parametrize(
    "source",
    [
        "{% trans %}Hello <you>{% endtrans %}"
        "{% trans n=b|length, a %}one{% pluralize n %}{{ n }} {{ a }}{% endtrans %}",
        "{{ _('<%(x)s>', x=a) }}{{ gettext('text') }}{{ ngettext('one', 'many', 2) }}",
        "{% for item in b %}{% if loop.first %}{% continue %}{% endif %}{{ item }}{% break %}{% endfor %}",
        "{% do b.append(a) %}{{ b|length }}{{ b[-1] }}",
        "{% autoescape false %}{{ a }}{{ a.name }}{% endautoescape %}{{ a }}",
        "{% for item in b %}{{ item.name }}{{ item.name.nope }}{% endfor %}",
    ],
    ids=["trans", "gettext", "loopcontrols", "do", "autoescape", "attributes"],
)
@pytest.mark.parametrize(
    "undefined", [Undefined, StrictUndefined, ChainableUndefined, DebugUndefined, Logging]
)
@pytest.mark.parametrize("number", [5, 7, 12, 13, 19])
def test_extensions_and_classes_for_undefined_values_work_as_before(
    source: str, undefined: type[Undefined], number: int
) -> None:
    compare(source, {"a": (False, number), "b": (True, 0)}, undefined=undefined)


def test_debug_shows_what_it_shows_in_jinja() -> None:
    shown = []
    for environment in environments({**SOURCES, "page": "{% set y = 2 %}{% debug %}"}):
        text = environment.get_template("page").render(a={"name": "<a>"}, x=1)
        shown.append(re.sub("(?i)0x[0-9a-f]+", "0x", text))
    assert shown[0] == shown[1]
    assert "&#39;x&#39;: 1" in shown[0]
