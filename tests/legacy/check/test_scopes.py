"""Which names are bound where."""

from __future__ import annotations

import ast
import sys

import pytest

from erlen.legacy.check.scopes import Binder


def bind(code: str, name: str = "a.b") -> Binder:
    return Binder(ast.parse(code), name, is_package=False)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import a.b, c as d", "a d"),
        ("from a import b, c as d", "b d"),
        ("a = b, c = d", "a b c"),
        ("[a, (b, *c)] = d", "a b c"),
        ("a: int = 1\nb: int", "a b"),
        ("a += 1", "a"),
        ("for a, b in c: d = 1", "a b d"),
        ("with a as b, c as (d, e): pass", "b d e"),
        ("try: a = 1\nexcept B as c: d = 1", "a c d"),
        ("def a(b, /, c, *d, e, **f): g = 1", "a"),
        ("class A:\n    b = 1\n    def c(self): d = 1", "A"),
        ("x = [a for a in b]", "x"),
        ("x = [(y := a) for a in b]", "x y"),
        ("x = lambda a: (b := a)", "x"),
        ("def f():\n    global a\n    a = 1", "a f"),
        ("if a: b = 1\nelse: c = 1\nwhile d: e = 1", "b c e"),
        ("a.b = 1\nc[0] = 1", ""),
        (
            "match a:\n    case [b, *c]: pass\n    case {'d': e, **f}: pass\n    case g as h: pass",
            "b c e f g h",
        ),
    ],
)
def test_the_names_of_a_module(code: str, names: str) -> None:
    assert sorted(bind(code).scope.bindings) == names.split()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="except* came with Python 3.11")
def test_groups_of_exceptions() -> None:
    assert sorted(bind("try: a = 1\nexcept* B as c: d = 1").scope.bindings) == ["a", "c", "d"]


def test_a_function_s_names_are_its_own() -> None:
    binder = bind("def f(a, *b, c=1, **d):\n    e = 1\n    def g(): pass")
    scope = binder.scopes[binder.scope.bindings["f"][0].node]
    assert sorted(scope.bindings) == ["a", "b", "c", "d", "e", "g"]


def test_names_of_a_class_are_not_seen_in_its_methods() -> None:
    binder = bind("class A:\n    b = 1\n    def c(self): pass")
    [in_class, in_method] = [scope for scope in binder.scopes.values() if scope.parent]
    assert in_class.find("b") is not None
    assert in_method.find("b") is None
    assert in_method.find("A") is not None


def test_what_methods_assign_to_self_is_the_class_s() -> None:
    binder = bind("class A:\n    def b(self):\n        self.c = 1\n        def d(): self.e = 2")
    [in_class] = [scope for scope in binder.scopes.values() if scope.kind == "class"]
    assert sorted(in_class.attributes) == ["c", "e"]


def test_nonlocal_names_are_the_outer_function_s() -> None:
    binder = bind("def a():\n    b = 1\n    def c():\n        nonlocal b\n        b = 2")
    outer = next(scope for scope in binder.scopes.values() if "c" in scope.bindings)
    assert len(outer.bindings["b"]) == 2


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("import x.y", "x"),
        ("import x.y as x", "x.y"),
        ("from y import x", "y.x"),
        ("from . import x", "a.x"),
        ("from .c import x", "a.c.x"),
        ("from .. import x", "x"),
        ("from .....c import x", "c.x"),
    ],
)
def test_what_an_import_is_of(code: str, target: str) -> None:
    [binding] = bind(code).scope.bindings["x"]
    assert (binding.kind, binding.target) == ("import", target)


def test_which_packages_are_imported() -> None:
    binder = bind("import a.b\ndef f():\n    from c.d import *\nfrom . import e\n")
    assert binder.imports == {"a", "c"}


def test_stars() -> None:
    assert bind("from c import *\nfrom .d import *").scope.stars == ["c", "a.d"]
