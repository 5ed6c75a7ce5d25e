"""Render a template by Jinja and by Erlen's generator, and tell what each gave."""

from __future__ import annotations

import re
import traceback
import typing as t
import warnings
from functools import lru_cache

import jinja2
from jinja2 import DictLoader

from erlen import Erlen
from erlen.templating import Environment
from erlen.templating.compiler import CodeGenerator

from . import hostile

EXTENSIONS = ["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n", "jinja2.ext.debug"]
SOURCES = {
    "base": "<base>{% block body %}{{ a.name }}{% endblock %}{{ x }}</base>",
    "part": "part {{ item }} {{ a.name }}\n{{ loop }}{% set c = 1 %}",
    "part.txt": "{% for item in b %}{{ loop.last }}{{ item.name }}{% endfor %}",
    "macros": "{% macro show(p, q='<q>') %}[{{ p }}{{ q }}{{ a }}]{% endmacro %}\n{% set x = 1 %}",
}
_APP = Erlen(__name__)


def environments(sources: dict[str, str], **options: t.Any) -> tuple[jinja2.Environment, Environment]:
    """Return an environment of Jinja's and one of Erlen's with the same options."""
    options = {"autoescape": True, "extensions": EXTENSIONS, "loader": DictLoader(sources), **options}
    made = (jinja2.Environment(**options), Environment(_APP, **options))
    for environment in made:
        t.cast(t.Any, environment).install_gettext_callables(
            lambda text: text, lambda one, many, n: many, newstyle=bool(len(sources) % 2)
        )
    assert made[1].code_generator_class is CodeGenerator
    return made


@lru_cache(32)
def _environments_of(source: str, options: tuple[tuple[str, t.Any], ...]) -> tuple[jinja2.Environment, ...]:
    """Return the same environments for each value that a template gets: compiling takes longest."""
    return environments({**SOURCES, "page": source}, **dict(options))


def told(environment: jinja2.Environment, name: str, values: dict[str, t.Any]) -> tuple[t.Any, ...]:
    """Render a template, and return its text, or the exception with the lines of templates it came from."""
    try:
        return ("text", str(environment.get_template(name).render(values)))
    except Exception as error:
        return _described(error)


def told_in_pieces(environment: jinja2.Environment, name: str, values: dict[str, t.Any]) -> tuple[t.Any, ...]:
    """Render a template as a stream, and return its pieces, with what ended it."""
    pieces: list[str] = []
    try:
        pieces.extend(map(str, environment.get_template(name).generate(values)))
    except Exception as error:
        return (*pieces, *_described(error))
    return tuple(pieces)


def _described(error: BaseException) -> tuple[t.Any, ...]:
    if isinstance(error, RecursionError):
        # How deep it is depends on how many functions are called at each level.
        return (type(error),)
    lines = [
        (frame.filename, frame.lineno, frame.name)
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.endswith(".py")
    ]
    context = error.__context__
    return (type(error), str(error), lines, type(context), str(context))


def _without_addresses(value: t.Any) -> t.Any:
    return re.sub("(?i)0x[0-9a-f]+", "0x", value) if isinstance(value, str) else value


def compare(
    source: str, choices: dict[str, tuple[bool, int]], in_pieces: bool = False, **options: t.Any
) -> tuple[t.Any, ...]:
    """Render by both and assert that everything is equal: text or exception, and what was asked of values."""
    tell = told_in_pieces if in_pieces else told
    results = []
    # Python warns of some code as it does for Jinja's, with lines of the generated code.
    warnings.simplefilter("ignore", SyntaxWarning)
    for environment in _environments_of(source, tuple(sorted(options.items()))):
        log: hostile.Log = []
        answer = tell(environment, "page", hostile.make(choices, log))
        results.append((tuple(map(_without_addresses, answer)), log))
    assert results[1] == results[0]
    return t.cast("tuple[t.Any, ...]", results[0][0])
