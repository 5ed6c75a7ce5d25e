"""Links to endpoints that do not exist, without the variables that a rule asks for, and to missing files."""

from __future__ import annotations

import ast
import difflib
import os
import typing as t
from dataclasses import dataclass

from jinja2 import nodes

from erlen import Erlen

from ..examined import Examined
from ..finding import Finding, Kind, Level, Place
from ..sources import Source, first_line
from ..templates import TemplateFile
from .functions import line_of
from .syntax import Around, calls_of_framework, depends_on_settings, function_around, text_of

LINK_ENDPOINT = Kind(
    "link-endpoint", Level.ERROR, "The call raises BuildError: the page is answered with a 500."
)
LINK_BLUEPRINT = Kind(
    "link-blueprint", Level.WARNING, "Where the call is reached, it raises BuildError: a 500 for the page."
)
LINK_VARIABLES = Kind(
    "link-variables", Level.ERROR, "The call raises BuildError: the page is answered with a 500."
)
STATIC_MISSING = Kind("static-missing", Level.WARNING, "The browser gets a 404 in place of the file.")

_OPTIONS = ("_anchor", "_method", "_scheme", "_external")


@dataclass(frozen=True)
class Link:
    """A call of `url_for` with an endpoint that is known."""

    endpoint: str
    place: Place
    # The names of the values; None where not all of them are known.
    names: frozenset[str] | None
    # The file that is named, where it is a text.
    filename: str | None = None
    # The blueprints whose requests it may be called for, None for the application; empty where not known.
    blueprints: tuple[str | None, ...] = ()


def check_links(examined: Examined) -> t.Iterator[Finding]:
    """Find links that cannot be built, and those to static files that are not there."""
    app = examined.app
    if not _are_plain(app):
        return
    links = [*_of_code(examined)]
    if app.jinja_env.globals.get("url_for") == app.url_for:
        links += _of_templates(examined)
    for link in links:
        endpoints = _endpoints(app, link)
        unknown = [each for each in endpoints if each not in _known(app)]
        if unknown and len(unknown) == len(endpoints):
            yield _unknown(app, link, unknown[0])
        elif len(endpoints) == 1:
            yield from _without_variables(app, link, endpoints[0])
            yield from _without_file(app, link, endpoints[0])


def _are_plain(app: Erlen) -> bool:
    """Tell whether links are built by Erlen alone: no function of the application answers for it."""
    replaced = ("url_for", "handle_url_build_error", "create_url_adapter", "inject_url_defaults")
    return not app.url_build_error_handlers and all(
        getattr(type(app), name) is getattr(Erlen, name) and name not in vars(app) for name in replaced
    )


def _known(app: Erlen) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def _endpoints(app: Erlen, link: Link) -> list[str]:
    """Return the full endpoints that a link may be to: one that begins with a dot has a blueprint."""
    if not link.endpoint.startswith("."):
        return [link.endpoint]
    blueprints = link.blueprints or (None, *app.blueprints)
    return [f"{blueprint}{link.endpoint}" if blueprint else link.endpoint[1:] for blueprint in blueprints]


def _unknown(app: Erlen, link: Link, endpoint: str) -> Finding:
    known = sorted(_known(app))
    blueprint = endpoint.rpartition(".")[0]
    if (
        blueprint
        and blueprint not in app.blueprints
        and not difflib.get_close_matches(blueprint, app.blueprints)
    ):
        # A part that is not installed, or not switched on, may be asked for before.
        what = f"There is no endpoint {link.endpoint!r}: no blueprint {blueprint!r} is registered."
        return LINK_BLUEPRINT.found(what, link.place, write=f"app.register_blueprint({blueprint})")
    # What is forgotten most is the blueprint's name.
    last = endpoint.rpartition(".")[2]
    close = [each for each in known if each.rpartition(".")[2] == last]
    close = close or difflib.get_close_matches(endpoint, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    write = f'url_for("{close[0]}")' if close else "erlen routes"
    return LINK_ENDPOINT.found(f"There is no endpoint {link.endpoint!r}{hint}", link.place, write=write)


def _without_variables(app: Erlen, link: Link, endpoint: str) -> t.Iterator[Finding]:
    names = endpoint.split(".")
    blueprints = (".".join(names[:depth]) for depth in range(1, len(names)))
    if link.names is None or any(app.url_default_functions.get(name) for name in (None, *blueprints)):
        return
    missing = []
    for rule in app.url_map.iter_rules(endpoint):
        missing.append(sorted(rule.arguments - set(rule.defaults or ()) - link.names))
    fewest = min(missing, key=len)
    if fewest:
        listed = ", ".join(map(repr, fewest))
        surplus = sorted(
            link.names - {name for rule in app.url_map.iter_rules(endpoint) for name in rule.arguments}
        )
        instead = f" (it gives {', '.join(map(repr, surplus))})" if surplus else ""
        what = f"The link to {endpoint!r} gives no {listed}{instead}."
        values = ", ".join(f"{name}=…" for name in fewest)
        yield LINK_VARIABLES.found(what, link.place, write=f'url_for("{link.endpoint}", {values})')


def _without_file(app: Erlen, link: Link, endpoint: str) -> t.Iterator[Finding]:
    """Find a file that is named and that is not in the folder of static files."""
    blueprint, _, name = endpoint.rpartition(".")
    owner = app.blueprints.get(blueprint) if blueprint else app
    view: t.Any = app.view_functions.get(endpoint)
    if owner is None or name != "static" or link.filename is None or owner.static_folder is None:
        return
    # Another view may send files from elsewhere, and another source may have other names for them.
    if getattr(view, "__qualname__", "").rpartition(".")[2] not in ("send_static_file", "<lambda>"):
        return
    path = os.path.join(owner.static_folder, link.filename.lstrip("/"))
    if not os.path.isfile(path) and type(owner).send_static_file in _SENDERS:
        what = f"There is no file {link.filename!r} in the folder of static files."
        yield STATIC_MISSING.found(what, link.place, write=path)


def _senders() -> tuple[t.Any, ...]:
    from erlen import Blueprint

    return Erlen.send_static_file, Blueprint.send_static_file


_SENDERS = _senders()


# what names endpoints


_Written: t.TypeAlias = dict[tuple[str, int], list[str]]


def _of_code(examined: Examined) -> t.Iterator[Link]:
    written: _Written = {}
    for name, view in examined.app.view_functions.items():
        if (line := line_of(view)) is not None:
            written.setdefault(line, []).append(name)
    for source in examined.loaded:
        for call, around in calls_of_framework(source, "url_for"):
            endpoint = text_of(call.args[0]) if len(call.args) == 1 else None
            if endpoint is None or depends_on_settings(around):
                continue
            given = {each.arg: each.value for each in call.keywords}
            names = (
                None
                if None in given
                else frozenset(name for name in given if name and not _is_none(given[name]))
            )
            yield Link(
                endpoint,
                Place(source.path, call.lineno),
                None if names is None else names.difference(_OPTIONS),
                text_of(given.get("filename")),
                _blueprints_of(written, source, around),
            )


def _is_none(node: ast.expr) -> bool:
    """Tell whether a value is None, which is as if it were not given."""
    return isinstance(node, ast.Constant) and node.value is None


def _blueprints_of(written: _Written, source: Source, around: Around) -> tuple[str | None, ...]:
    """Return the blueprints whose view a function is; nothing where it is none."""
    function = function_around(around)
    if function is None:
        return ()
    endpoints = written.get((str(source.path), first_line(function)), ())
    return tuple(dict.fromkeys(endpoint.rpartition(".")[0] or None for endpoint in endpoints))


def _of_templates(examined: Examined) -> t.Iterator[Link]:
    for template in examined.templates:
        if template.tree is not None and "url_for" not in _bound(template.tree):
            yield from _in_template(template, template.tree, depends=False)


def _bound(tree: nodes.Template) -> set[str]:
    """Return the names that a template sets itself."""
    names = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    for node in tree.find_all(nodes.FromImport):
        names.update(each if isinstance(each, str) else each[1] for each in node.names)
    return names | {node.name for node in tree.find_all(nodes.Macro)}


def _in_template(template: TemplateFile, node: nodes.Node, depends: bool) -> t.Iterator[Link]:
    if isinstance(node, nodes.If | nodes.CondExpr):
        depends = depends or any(name.name == "config" for name in node.test.find_all(nodes.Name))
        depends = depends or (isinstance(node.test, nodes.Name) and node.test.name == "config")
    if isinstance(node, nodes.Call) and not depends:
        link = _link(template, node)
        if link is not None:
            yield link
    for child in node.iter_child_nodes():
        yield from _in_template(template, child, depends)


def _link(template: TemplateFile, call: nodes.Call) -> Link | None:
    if not isinstance(call.node, nodes.Name) or call.node.name != "url_for":
        return None
    endpoint = _text(call.args[0]) if len(call.args) == 1 else None
    if endpoint is None or call.dyn_args is not None:
        return None
    given = {each.key: each.value for each in call.kwargs}
    names = None
    if call.dyn_kwargs is None:
        names = frozenset(
            name
            for name, value in given.items()
            if not (isinstance(value, nodes.Const) and value.value is None)
        ).difference(_OPTIONS)
    return Link(endpoint, Place(template.path, call.lineno), names, _text(given.get("filename")))


def _text(node: nodes.Node | None) -> str | None:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None
