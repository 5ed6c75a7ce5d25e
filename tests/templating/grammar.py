"""Random templates of Jinja's whole grammar."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "x", "item", "a", "x", "item", "a", "x", "item", "nope")
ATTRIBUTES = ("name", "id", "text", "items", "a", "get", "method", "nope", "__class__", "if")
FILTERS = (
    "upper", "e", "escape", "safe", "length", "default('-')", "default('<', true)", "join(', ')", "list",
    "first", "last", "trim", "string", "int", "replace('a', '<')", "truncate(5)", "title", "tojson",
    "map(attribute='name')|list", "sort", "reverse", "d",
    "attr('name')", "format(1)", "forceescape",
    "urlencode", "striptags", "wordcount", "sum", "unique|list", "batch(2)|list", "items|list", "abs", "lower",
    "capitalize", "center(9)", "indent", "round", "float", "select|list", "reject('odd')|list", "xmlattr",
)  # fmt: skip
TESTS = (
    "defined", "undefined", "none", "odd", "even", "string", "mapping", "iterable", "callable", "number",
    "sequence", "true",
    "boolean", "integer", "escaped", "in [1, 'a']", "eq 7", "divisibleby 2", "sameas none",
    "filter", "lower",
)  # fmt: skip
LOOP = ("index", "index0", "first", "last", "length", "revindex", "revindex0", "depth", "depth0", "previtem",
        "nextitem", "cycle('odd', '<even>')", "cycle()", "changed(item)", "nope", "cycle(*[1, 2])")  # fmt: skip

_constants = st.sampled_from(
    [
        "1",
        "0",
        "-1",
        "1.5",
        "'<text>'",
        '"a"',
        "true",
        "none",
        "[]",
        "[1, '<']",
        "{}",
        "{'name': '<k>', 'id': 2}",
        "()",
        "(1, 2)",
    ]
)
_names = st.sampled_from(NAMES)
_attributes = st.sampled_from(ATTRIBUTES)
_keys = st.sampled_from(
    ["'name'", "'id'", "'items'", "0", "1", "-1", "-3", "b", "1.5", "[]", "1:", ":2", "::2", "'nope'"]
)


def _extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    named = st.builds("{}={}".format, st.sampled_from(["k", "name", "p", "caller", "id", "if"]), inner)
    arguments = st.builds(
        lambda *parts: ", ".join(filter(None, parts)),
        *(st.one_of(st.just(""), each) for each in (inner, inner, named, named)),
        st.sampled_from(["", "", "", "*[1, 2]", "*b"]),
        st.sampled_from(["", "", "", "**{'k': 1}", "**a"]),
    )
    return st.one_of(
        st.builds("{}.{}".format, inner, _attributes),
        st.builds("{}.{}.{}".format, _names, _attributes, _attributes),
        st.builds("{}[{}]".format, inner, _keys),
        st.builds("f({})".format, arguments),
        st.builds("f({}, k={})".format, inner, inner),
        st.builds("{}({})".format, inner, arguments),
        st.builds("{}.{}({})".format, _names, _attributes, arguments),
        st.builds("({}|{})".format, inner, st.sampled_from(FILTERS)),
        st.builds("({} is {})".format, inner, st.sampled_from(TESTS)),
        st.builds("({} is not {})".format, inner, st.sampled_from(TESTS)),
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "%", "*", "~", "~", "~", "and", "or", "and", "or", "==", "==", "!=", "<", "in", "not in", "<= 3 <"]), inner),
        st.builds("(not {})".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("({} if {})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("loop.{}".format, st.sampled_from(LOOP)),
    )  # fmt: skip


expressions = st.recursive(st.one_of(_names, _names, _constants), _extend, max_leaves=4)
_targets = st.sampled_from(["item", "item", "x", "a, b", "(x, item)"])
_text = st.sampled_from(["text", "<br>", " & ", "\n", "'", "{# note #}", "{% raw %}{{ raw }}{% endraw %}"])
_blocks = st.integers(0, 10**9)


def _statements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    e, targets = expressions, _targets
    loop = st.one_of(
        st.builds("{{{{ loop.{} }}}}".format, st.sampled_from(LOOP)),
        st.builds("{{% if loop.{} %}}{}{{% endif %}}".format, st.sampled_from(LOOP), inner),
        st.sampled_from(
            ["{% break %}", "{% continue %}", "{{ loop }}", "{% set x = loop %}", "{% set x = loop.index %}"]
        ),
        inner,
    )
    body = st.builds("{}{}{}".format, inner, loop, inner)
    return st.one_of(
        st.builds("{{% if {} %}}{}{{% endif %}}".format, e, inner),
        st.builds("{{% if {} %}}{}{{% elif {} %}}{}{{% else %}}{}{{% endif %}}".format, e, inner, e, inner, inner),
        st.builds("{{% for {} in {} %}}{}{{% endfor %}}".format, targets, e, body),
        st.builds("{{% for {} in b %}}{}{{% endfor %}}".format, targets, body),
        st.builds("{{% for item in c %}}\n{}\n{{% else %}}{}{{% endfor %}}".format, body, inner),
        st.builds("{{% for item in b if {} %}}{}{{% endfor %}}".format, e, body),
        st.builds("{{% for item in b recursive %}}{}{{{{ loop(item) }}}}{{% endfor %}}".format, body),
        st.builds("{{% for x in c %}}{{% for item in b %}}{}{{% endfor %}}{{{{ loop.index }}}}{{% endfor %}}".format, body),
        st.builds("{{% macro m{}(p, q={}, item=1) %}}{}{{{{ p }}}}{{{{ q }}}}{{% endmacro %}}".format, st.integers(0, 1), e, inner),
        st.builds("{{% macro m0(p) %}}{}{{{{ varargs }}}}{{{{ kwargs }}}}{{{{ caller() }}}}{{% endmacro %}}".format, inner),
        st.builds("{{{{ m{}({}, {}) }}}}".format, st.integers(0, 1), e, e),
        st.builds("{{{{ m{}({}, q={}) }}}}".format, st.integers(0, 1), e, e),
        st.builds("{{{{ m0({}, item={}, nope=1) }}}}".format, e, e),
        st.builds("{{% call m{}({}) %}}{}{{% endcall %}}".format, st.integers(0, 1), e, inner),
        st.builds("{{% call(item) m0({}) %}}{}{{% endcall %}}".format, e, inner),
        st.builds("{{% set x = {} %}}".format, e),
        st.builds("{{% set x, a = {} %}}".format, e),
        st.builds("{{% set x %}}{}{{% endset %}}".format, inner),
        st.builds("{{% set x | upper %}}{}{{% endset %}}".format, inner),
        st.builds("{{% set x = namespace(name={}) %}}{{% set x.name = {} %}}".format, e, e),
        st.builds("{{% with x = {} %}}{}{{% endwith %}}".format, e, inner),
        st.builds("{{% filter {} %}}{}{{% endfilter %}}".format, st.sampled_from(["upper", "e", "trim"]), inner),
        st.builds("{{% autoescape {} %}}{}{{% endautoescape %}}".format, st.sampled_from(["true", "false", "a"]), inner),
        st.builds("{{% block n{} %}}{}{{% endblock %}}".format, _blocks, inner),
        st.builds("{{% block n{} scoped %}}{}{{% endblock %}}".format, _blocks, inner),
        st.builds("{{% include '{}' %}}{}".format, st.sampled_from(["part", "part.txt", "nowhere"]), inner),
        st.builds("{{% include 'part' without context %}}{}".format, inner),
        st.builds("{{% include [{}, 'part'] ignore missing %}}{}".format, e, inner),
        st.builds("{{% import 'macros' as x %}}{{{{ x.show({}) }}}}{}".format, e, inner),
        st.builds("{{% from 'macros' import show as m1, nope with context %}}{{{{ m1({}) }}}}{}".format, e, inner),
        st.builds("{{% do {} %}}{}".format, e, inner),
        st.builds("{{% trans x={} %}}one {{{{ x }}}}{{% pluralize %}}more {{{{ x }}}}{{% endtrans %}}{}".format, e, inner),
    )  # fmt: skip


_outputs = st.one_of(st.builds("{{{{ {} }}}}".format, expressions), _text)
_bodies = st.recursive(_outputs, lambda inner: st.lists(st.one_of(inner, _statements(inner)), min_size=1, max_size=3).map("\n".join), max_leaves=6)  # fmt: skip
bodies = st.lists(st.one_of(_bodies, _statements(_bodies)), min_size=1, max_size=4).map("\n".join)
_MACROS = (
    "{% macro m0(p) %}{{ p }}{% endmacro %}{% macro m1(p, q=2, item=a) %}{{ q }}{{ item }}{% endmacro %}\n"
)
templates = st.one_of(
    bodies,
    st.builds("{}{}".format, st.just(_MACROS), bodies),
    st.builds(
        "{{% extends 'base' %}}{}{{% block body %}}{{{{ super() }}}}{}{{% endblock %}}".format, bodies, bodies
    ),
    st.builds("{{% if a %}}{{% extends 'base' %}}{{% endif %}}{}".format, bodies),
    st.builds("{}{{{{ self.n() }}}}{{% block n %}}{}{{% endblock %}}".format, bodies, bodies),
)
