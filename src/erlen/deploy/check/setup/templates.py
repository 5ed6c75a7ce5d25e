"""Templates that cannot be compiled, that are named and not there, and that others hide."""

from __future__ import annotations

import ast
import typing as t

from jinja2 import Environment, TemplateError, TemplateNotFound, nodes

from ..examined import Examined
from ..finding import Finding, Kind, Level, Place
from ..templates import TemplateFile
from .syntax import calls_of_framework, depends_on_settings, keyword, text_of

TEMPLATE_SYNTAX = Kind("template-syntax", Level.ERROR, "Each page that is made of it is answered with a 500.")
TEMPLATE_MISSING = Kind(
    "template-missing", Level.ERROR, "Each page that is made of it is answered with a 500."
)
TEMPLATE_HIDDEN = Kind(
    "template-hidden",
    Level.WARNING,
    "Templates are found by their name, first in the application's folder, then in those of the blueprints as"
    " they were registered: this one is never used.",
)

_RENDER = ("render_template", "stream_template")
_Named: t.TypeAlias = tuple[list[str], int]


def check_compile(examined: Examined) -> t.Iterator[Finding]:
    """Find templates that Jinja cannot compile."""
    for template in examined.templates:
        if template.problem is not None:
            message, line = template.problem
            what = f"The template {template.name!r} cannot be compiled: {message}"
            yield TEMPLATE_SYNTAX.found(what, Place(template.path, line))


def check_named(examined: Examined) -> t.Iterator[Finding]:
    """Find templates that code and other templates name, and that are not there."""
    environment = examined.app.jinja_env
    for source in examined.loaded:
        for call, around in calls_of_framework(source, *_RENDER):
            names = _names_in(call)
            if names and not depends_on_settings(around) and not _is_there(environment, names):
                yield _missing(examined, names, Place(source.path, call.lineno))
    if type(environment).join_path is not Environment.join_path:
        return
    for template in examined.templates:
        for names, line in _named_by(template):
            if not _is_there(environment, names):
                yield _missing(examined, names, Place(template.path, line))


def _names_in(call: ast.Call) -> list[str]:
    """Return the names that are given to `render_template`; nothing where one is not known."""
    given = call.args[0] if call.args else keyword(call, "template_name_or_list")
    elements = given.elts if isinstance(given, ast.List | ast.Tuple) else [given]
    texts = [text_of(each) for each in elements]
    return [text for text in texts if text is not None] if None not in texts else []


def _named_by(template: TemplateFile) -> t.Iterator[_Named]:
    """Yield the names of the templates that one extends, includes and imports."""
    if template.tree is None:
        return
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    for node in template.tree.find_all(kinds):
        if getattr(node, "ignore_missing", False):
            continue
        given = dict(node.iter_fields()).get("template")
        elements = given.items if isinstance(given, nodes.List | nodes.Tuple) else [given]
        names = [each.value for each in elements if isinstance(each, nodes.Const)]
        if len(names) == len(elements) and all(isinstance(name, str) for name in names):
            yield names, node.lineno


def _is_there(environment: Environment, names: list[str]) -> bool:
    """Tell whether one of several templates is there, or that is not known."""
    if environment.loader is None:
        return True
    for name in names:
        try:
            environment.loader.get_source(environment, name)
        except TemplateNotFound:
            continue
        except (TemplateError, RuntimeError, OSError, ValueError, TypeError):
            pass
        return True
    return not names


def _missing(examined: Examined, names: list[str], place: Place) -> Finding:
    folders = {template.path.parents[template.name.count("/")] for template in examined.templates}
    where = min(folders, key=lambda folder: len(folder.parts), default=None)
    which = " or ".join(map(repr, names))
    write = f"{where}/{names[0]}" if where is not None else f"templates/{names[0]}"
    return TEMPLATE_MISSING.found(f"There is no template {which}.", place, write=write)


def check_hidden(examined: Examined) -> t.Iterator[Finding]:
    """Find templates of blueprints whose name belongs to another one of the project."""
    first: dict[str, TemplateFile] = {}
    for template in examined.templates:
        before = first.setdefault(template.name, template)
        if before.path == template.path or before.text == template.text:
            continue
        owner = f"the blueprint {before.blueprint!r}" if before.blueprint else "the application"
        name = f"{template.name!r} of the blueprint {template.blueprint!r}"
        what = f"The template {name} is hidden by that of {owner}."
        write = f"{template.path.parent.name}/{template.blueprint}/{template.path.name}"
        yield TEMPLATE_HIDDEN.found(what, Place(template.path), write=write)
