"""Templates compiled for speed give what Jinja's give: the same text, the same exceptions, the same lines."""

from __future__ import annotations

import typing as t

import jinja2
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.runtime import ChainableUndefined, DebugUndefined, StrictUndefined, Undefined

from . import grammar, hostile
from .both import compare

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


OPTIONS: st.SearchStrategy[dict[str, t.Any]] = st.fixed_dictionaries(
    {
        "undefined": st.sampled_from(
            [ChainableUndefined, ChainableUndefined, Undefined, StrictUndefined, DebugUndefined, Telling]
        )
    },
    optional={
        "autoescape": st.sampled_from([False, jinja2.select_autoescape(default=True)]),
        "optimized": st.just(False),
        "trim_blocks": st.just(True),
    },
)


@settings(max_examples=100, deadline=None)
@given(source=grammar.templates, values=VALUES, options=OPTIONS, in_pieces=st.booleans())
def test_a_random_template_gives_what_it_gives_in_jinja(
    source: str, values: dict[str, t.Any], options: dict[str, t.Any], in_pieces: bool
) -> None:
    compare(source, values, in_pieces, **options)
