"""What expressions stand for."""

from __future__ import annotations

import ast
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest

from erlen.legacy.check.files import Source
from erlen.legacy.check.project import Project, parse
from erlen.legacy.check.table import table
from erlen.legacy.check.values import Resolver, Value

HEAD = "import flask\nfrom flask import Flask, current_app as here, make_response\napp = Flask('a')\n"


def value_of(code: str) -> list[Value]:
    """Return what the last expression stands for."""
    module = parse(Source(Path("/nowhere/m.py"), (HEAD + code).encode()))
    project = Project(Path("/nowhere"), [module], table().packages)
    last = module.tree.body[-1]
    assert isinstance(last, ast.Expr)
    return [
        replace(value, own=frozenset())
        for value in Resolver(module, project, table()).values(last.value, module.scope)
    ]


APP = Value("flask.Flask", is_instance=True)


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("flask", [Value("flask")]),
        ("flask.json.dumps", [Value("flask.json.dumps")]),
        ("flask.app.Flask", [Value("flask.Flask")]),
        ("app", [APP]),
        ("here", [APP]),
        ("here._get_current_object()", [APP]),
        ("app.config", [Value("flask.Config", is_instance=True)]),
        ("make_response('a')", [Value("flask.Response", is_instance=True)]),
        ("app.test_request_context().request", [Value("flask.Request", is_instance=True)]),
        ("(b := app)", [APP]),
        ("app or here", [APP]),
        ("here if x else None", [APP]),
        ("b = c = app\nc", [APP]),
        ("b, c = 1, app\nc", [APP]),
        ("b = None\nb = app\nb", [APP]),
        ("def make() -> Flask: ...\nmake()", [APP]),
        ("def make(x):\n    a = x or Flask('b')\n    return a\nmake(1)", [APP]),
        ("def make():\n    def inner(): return Flask('a')\n    return 1\nmake()", []),
        ("class A(Flask): ...\nclass B(A): ...\nB('b')", [APP]),
        ("b: Flask\nb", [APP]),
        ("b: 'Flask'\nb", [APP]),
        ("b: 'not: a type'\nb", []),
        (
            "import collections\ncollections.OrderedDict()",
            [Value("collections.OrderedDict", is_instance=True)],
        ),
        ("nothing", []),
        ("1 + 1", []),
        ("app[0]", []),
        ("for b in app: pass\nb", []),
    ],
)
def test_values(code: str, values: list[Value]) -> None:
    assert value_of(code) == values


@pytest.mark.parametrize("code", ["if x: b = app\nelse: b = y()\nb", "b = app\nfor b in x: pass\nb"])
def test_what_may_be_something_else_is_not_certain(code: str) -> None:
    assert value_of(code) == [replace(APP, is_certain=False)]


@pytest.mark.parametrize(
    "code",
    [
        "".join(f"a{n} = a{n + 1} or a{n + 1}\n" for n in range(24)) + "a0",
        "".join(f"def a{n}(): return a{n + 1}() or a{n + 1}()\n" for n in range(24)) + "a0()",
        "x = " + " or ".join(["a"] * 500) + "\nx",
    ],
    ids=["names", "functions", "operands"],
)
def test_many_ways_to_nothing_are_each_gone_once(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    resolve = Resolver.values

    def count(*arguments: t.Any) -> tuple[Value, ...]:
        nonlocal asked
        asked += 1
        return resolve(*arguments)

    monkeypatch.setattr(Resolver, "values", count)
    assert value_of(code) == []
    assert asked < 1000


def test_names_that_lead_to_each_other_end() -> None:
    chain = "".join(f"a{number} = a{number + 1}\n" for number in range(2000))
    assert value_of(chain + "a0") == []
    assert value_of("a = b\nb = a\na") == []
