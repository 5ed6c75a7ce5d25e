"""Questions to the syntax tree."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from erlen.deploy.check.setup import syntax
from erlen.deploy.check.sources import Source


@pytest.mark.parametrize(
    ("imports", "call", "found"),
    [
        ("from flask import url_for", "url_for('a')", True),
        ("from erlen import url_for", "url_for('a')", True),
        ("from flask.helpers import url_for", "url_for('a')", True),
        ("from flask import url_for as link", "link('a')", True),
        ("import flask", "flask.url_for('a')", True),
        ("import erlen as e", "e.url_for('a')", True),
        ("from flask import url_for\ndef url_for(x): pass", "url_for('a')", False),
        ("from other import url_for", "url_for('a')", False),
        ("from flaskr import url_for", "url_for('a')", False),
        ("from .flask import url_for", "url_for('a')", False),
        ("import flask", "flask.app.url_for('a')", False),
        ("import other as flask", "flask.url_for('a')", False),
    ],
)
def test_calls_of_the_framework(tmp_path: Path, imports: str, call: str, found: bool) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"{imports}\ndef view():\n    return {call}\n")
    calls = list(syntax.calls_of_framework(Source(path), "url_for"))
    assert [node.lineno for node, _ in calls] == ([path.read_text().count("\n")] if found else [])
    for _, around in calls:
        function = syntax.function_around(around)
        assert function is not None
        assert function.name == "view"


def test_nodes_come_in_the_order_of_the_text() -> None:
    tree = ast.parse("a = [b, c]\nd = e")
    names = [(node.id, len(around)) for node, around in syntax.walk(tree) if isinstance(node, ast.Name)]
    assert names == [("a", 2), ("b", 3), ("c", 3), ("d", 2), ("e", 2)]


def test_a_tree_may_be_deep() -> None:
    tree = ast.parse("a = " + "b + " * 500 + "b")
    assert sum(isinstance(node, ast.Name) for node, _ in syntax.walk(tree)) == 502


@pytest.mark.parametrize(
    ("code", "depends"),
    [
        ("if app.config['A']: x()", True),
        ("if Config.A: x()", True),
        ("x() if config else 0", True),
        ("try: x()\nexcept E: pass", True),
        ("if a: x()", False),
        ("config(x())", False),
        ("if a == 'config': x()", False),
        ("if " + "a + " * 900 + "config.B: x()", True),
    ],
)
def test_what_depends_on_settings(code: str, depends: bool) -> None:
    found = [around for node, around in syntax.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    assert syntax.depends_on_settings(found[-1]) is depends


def test_arguments_that_are_texts() -> None:
    def call(code: str) -> ast.Call:
        value = ast.parse(code, mode="eval").body
        assert isinstance(value, ast.Call)
        return value

    assert syntax.first_text(call("f('a', x='b')"), "x") == "a"
    assert syntax.first_text(call("f(x='b')"), "x") == "b"
    assert syntax.first_text(call("f(a, x='b')"), "x") is None
    assert syntax.first_text(call("f()"), "x") is None
    assert syntax.text_of(call("f(3)").args[0]) is None
    assert syntax.keyword(call("f(**x)"), "x") is None


def test_decorators_have_their_last_name() -> None:
    (function,) = ast.parse("@a\n@b.c(1)\nasync def f(): pass").body
    assert isinstance(function, ast.AsyncFunctionDef)
    assert [name for _, name in syntax.decorators(function)] == ["a", "c"]
