"""Loops that count in variables tell what LoopContext tells, at the same moment."""

from __future__ import annotations

import typing as t

import jinja2
import pytest

from .both import SOURCES, compare, environments
from .grammar import LOOP

COUNTED = {"index", "index0", "first", "last", "length", "revindex", "revindex0", "depth", "depth0"}
# The numbers of the values to loop over: see hostile.py.
VALUES = range(12)


def code_of(source: str) -> str:
    _, environment = environments({**SOURCES, "page": source})
    return environment.compile(source, raw=True)


@pytest.mark.parametrize("number", VALUES)
@pytest.mark.parametrize("name", LOOP)
def test_each_attribute_is_what_jinja_says(name: str, number: int) -> None:
    source = "{% for item in b %}{{ item }}:{{ loop." + name + " }}\n{% else %}none{% endfor %}"
    compare(source, {"b": (True, number), "a": (False, 0)})


@pytest.mark.parametrize("number", VALUES[::4])
@pytest.mark.parametrize("second", sorted(COUNTED))
@pytest.mark.parametrize("first", ["last", "length", "index"])
def test_two_attributes_agree(first: str, second: str, number: int) -> None:
    compare(
        "{% for item in b %}"
        f"{{% if loop.{first} %}}{{{{ loop.{second} }}}}{{% endif %}}{{{{ loop.{first} }}}}{{{{ item }}}}"
        "{% endfor %}",
        {"b": (True, number)},
    )


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_these_need_no_loop_context(name: str) -> None:
    assert "LoopContext(" not in code_of("{% for item in b %}{{ loop." + name + " }}{% endfor %}")


@pytest.mark.parametrize(
    "body",
    [
        "{{ loop }}",
        "{{ f(loop) }}",
        "{% set x = loop %}",
        "{{ loop['index'] }}",
        "{{ loop.previtem }}",
        "{{ loop.index }}{% include 'part' %}",
        "{% macro m() %}{{ loop.index }}{% endmacro %}{{ m() }}",
        "{% call f() %}{{ loop.index }}{% endcall %}",
        "{% block n scoped %}{{ loop.index }}{% endblock %}",
        "{% for x in c if loop.first %}{% endfor %}",
        "{% for x in c %}{{ loop.index }}{% include 'part' %}{% endfor %}",
    ],
)
def test_a_loop_that_is_handed_on_is_jinjas(body: str) -> None:
    source = "{% for item in b %}" + body + "{% endfor %}"
    assert "LoopContext(" in code_of(source)
    for number in VALUES:
        compare(source, {"b": (True, number), "c": (True, 8), "f": (False, 30), "a": (False, 0)})


@pytest.mark.parametrize(
    "source",
    [
        "{% for item in b %}{% for x in c %}{{ loop.index }}{{ x }}{% endfor %}{{ loop.last }}{% endfor %}",
        "{% for item in b %}{% for x in [loop.index, loop.last] %}{{ x }}{% endfor %}{% endfor %}",
        "{% for item in b %}{% for x in [] %}{% else %}{{ loop.revindex }}{% endfor %}{% endfor %}",
        "{% for item in b %}{% for x in c %}{{ loop.first }}{% else %}{{ loop }}{% endfor %}{% endfor %}",
        "{% for item in b %}{% if loop.index is odd %}{% continue %}{% endif %}{{ item }}{% endfor %}",
        "{% for item in b %}{% if loop.last %}{% break %}{% endif %}{{ item }}{% else %}none{% endfor %}",
        "{% for item in b %}{% break %}{{ loop.last }}{% else %}none{% endfor %}",
        "{% for item, x in b %}{{ loop.last }}{{ item }}{{ x }}{% endfor %}",
        "{% for item in b %}{{ loop.last }}{% do b.append(9) if loop.index < 6 %}{{ item }}{% endfor %}",
        "{% for item in b %}{{ loop.last }}{% do b.pop() %}{{ loop.last }}{{ item }}{% endfor %}",
        "{% for item in b %}{{ loop.length }}{% do b.pop() %}{{ loop.revindex }}{{ item }}{% endfor %}",
        "{% for item in b recursive %}{{ loop.index }}{{ loop.depth }}{{ item }}{% endfor %}",
        "{% for item in b %}{% with %}{{ loop.index }}{% endwith %}"
        "{% filter e %}{{ loop.last }}{% endfilter %}"
        "{% set x %}{{ loop.length }}{% endset %}{{ x }}{% endfor %}",
        "{% for loop in b %}{{ loop }}{% endfor %}",
        "{{ loop.index }}{% for item in b %}{{ loop.nope.nope }}{% endfor %}",
        "{% for item in a %}{{ loop.index }}{% endfor %}",
        "{% for item in b %}\n{{ loop.index }}\n{{ item.nope.nope }}{% endfor %}",
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize("number", VALUES)
def test_loops_within_and_around_give_the_same(source: str, number: int, in_pieces: bool) -> None:
    compare(source, {"b": (True, number), "c": (True, 8), "a": (False, 0)}, in_pieces)


def test_a_loop_takes_no_item_before_it_is_asked() -> None:
    """What `loop.last` reads ahead is read when it is asked, and only then."""
    source = "{% for item in items %}{{ log|length }}{% if item > 1 %}{{ loop.last }}{% endif %}{% endfor %}"

    def rendered(environment: jinja2.Environment) -> str:
        log: list[int] = []

        def items() -> t.Iterator[int]:
            for number in range(4):
                log.append(number)
                yield number

        return environment.from_string(source).render(items=items(), log=log)

    ours, theirs = (rendered(environment) for environment in environments(SOURCES))
    assert ours == theirs == "123False4True"
