"""What old names are rewritten to, where the new way does the same."""

from __future__ import annotations

import ast
import typing as t

from . import uses
from .finding import Edit, Finding
from .table import table

if t.TYPE_CHECKING:
    from .scopes import Scope

_Chain: t.TypeAlias = tuple[ast.AST, ...]

# The table says what only moved: `instead` ends in the same name. Of these, the new one is not the same.
_MOVED_AND_CHANGED = frozenset(
    (
        # What it returns is no plain text any more.
        "werkzeug.escape",
        "werkzeug.utils.escape",
        # It trusted X-Forwarded-Host as well.
        "werkzeug.contrib.fixers.ProxyFix",
        # They are gone from there, too, or will be.
        "werkzeug.extract_path_info",
        "werkzeug.make_line_iter",
        "werkzeug.OrderedMultiDict",
        "werkzeug.ImmutableOrderedMultiDict",
    )
)
# Jinja's functions that only have another name now, from whichever module.
_RENAMED = {
    "contextfunction": "jinja2.pass_context",
    "contextfilter": "jinja2.pass_context",
    "evalcontextfunction": "jinja2.pass_eval_context",
    "evalcontextfilter": "jinja2.pass_eval_context",
    "environmentfunction": "jinja2.pass_environment",
    "environmentfilter": "jinja2.pass_environment",
    "soft_unicode": "markupsafe.soft_str",
}
# The same where it is used in a certain way.
_SOMETIMES: dict[str, tuple[str, t.Callable[[_Chain], bool]]] = {
    "inspect.getargspec": ("inspect.getfullargspec", uses.reads_arguments),
    "werkzeug.security.safe_str_cmp": ("hmac.compare_digest", uses.compares_bytes),
    "werkzeug.safe_str_cmp": ("hmac.compare_digest", uses.compares_bytes),
    "werkzeug.urls.url_parse": ("urllib.parse.urlsplit", uses.reads_a_part_of_a_url),
    "werkzeug.url_parse": ("urllib.parse.urlsplit", uses.reads_a_part_of_a_url),
    "werkzeug.urls.url_unquote": ("urllib.parse.unquote", uses.has_one_argument),
    "werkzeug.url_unquote": ("urllib.parse.unquote", uses.has_one_argument),
    "werkzeug.urls.url_unquote_plus": ("urllib.parse.unquote_plus", uses.has_one_argument),
    "werkzeug.url_unquote_plus": ("urllib.parse.unquote_plus", uses.has_one_argument),
}
_ARGUMENTS = {
    "flask.send_file(attachment_filename)": "download_name",
    "flask.send_file(cache_timeout)": "max_age",
    "flask.send_file(add_etags)": "etag",
    "flask.send_file(filename_or_fp)": "path_or_file",
    "flask.send_from_directory(filename)": "path",
}
_ATTRIBUTES = {
    "flask.Flask.session_cookie_name": 'config["SESSION_COOKIE_NAME"]',
    "flask.Flask.use_x_sendfile": 'config["USE_X_SENDFILE"]',
}
_KEYS = {
    "flask.Flask.config[JSON_AS_ASCII]": "json.ensure_ascii",
    "flask.Flask.config[JSON_SORT_KEYS]": "json.sort_keys",
    "flask.Flask.config[JSONIFY_MIMETYPE]": "json.mimetype",
}
_PRETTY = "flask.Flask.config[JSONIFY_PRETTYPRINT_REGULAR]"


def can_rewrite(finding: Finding) -> bool:
    """Tell whether this use of an old name can be rewritten so that the program does the same."""
    return bool(edits_of(finding))


def edits_of(finding: Finding) -> list[Edit]:
    """Return the changes that bring one use of an old name up to date; none where that is not safe."""
    is_in_text = any(isinstance(node, ast.JoinedStr) for node in finding.around)
    if finding.module is None or not finding.is_certain or is_in_text:
        return []
    make = _EDITS.get((finding.kind, type(finding.node)))
    return list(make(finding)) if make else []


def _target(finding: Finding) -> str | None:
    """Return the dotted name that does the same."""
    record = finding.record
    if record.name == "flask.ext":
        _, _, *extension = finding.full.split(".")
        return ".".join([f"flask_{extension[0]}", *extension[1:]]) if extension else None
    if record.name in _SOMETIMES:
        target, condition = _SOMETIMES[record.name]
        chains = finding.uses if finding.kind == "import" else [finding.around]
        return target if chains and all(map(condition, chains)) else None
    name = record.name.rpartition(".")[2]
    if record.library in ("jinja2", "markupsafe") and name in _RENAMED:
        return _RENAMED[name]
    has_moved = record.instead.rpartition(".")[2] == name and record.name not in _MOVED_AND_CHANGED
    # It may have moved to where it is no more, either.
    is_elsewhere = "." in record.instead and table().record_of(record.instead) is None
    if not has_moved or not is_elsewhere or " " in record.instead:
        return None
    return record.instead + finding.full.removeprefix(record.name)


def _move_name(finding: Finding) -> t.Iterator[Edit]:
    """Rewrite `from flask import escape`, or `import flask.ext.login`."""
    target = _target(finding)
    statement = finding.around[-1]
    if target is None or not isinstance(finding.node, ast.alias):
        return
    if isinstance(statement, ast.Import):
        if finding.node.asname or _is_only_for(finding):
            yield Edit("import", finding.span, target)
    elif "." in target and (len(_aliases(statement)) == 1 or uses.has_its_own_line(finding.around)):
        yield Edit("alias", finding.span, target)


def _is_only_for(finding: Finding) -> bool:
    """Tell whether `flask`, which `import flask.ext.login` binds, is used for nothing else."""
    prefix = finding.full.split(".")[1:3]
    for *_, outer, inner, _name in finding.uses:
        if not isinstance(outer, ast.Attribute) or not isinstance(inner, ast.Attribute):
            return False
        if [inner.attr, outer.attr] != prefix:
            return False
    return bool(finding.uses) and finding.full.count(".") == 2


def _aliases(statement: ast.AST) -> list[ast.alias]:
    return statement.names if isinstance(statement, ast.ImportFrom) else []


def _move_module(finding: Finding) -> t.Iterator[Edit]:
    """Rewrite `from flask.ext.login import LoginManager`, or `from flask.ext import login`."""
    node = finding.node
    assert isinstance(node, ast.ImportFrom)
    if finding.full == "flask.ext":
        if node.names[0].name != "*" and uses.has_its_own_line(finding.around):
            yield Edit("modules", finding.span, "flask_")
        return
    target = _target(finding)
    if target is not None:
        yield Edit("module", finding.span, target)


def _replace_attribute(finding: Finding) -> t.Iterator[Edit]:
    """Rewrite `flask.escape` and `app.session_cookie_name`."""
    node = finding.node
    assert isinstance(node, ast.Attribute)
    in_config = _ATTRIBUTES.get(finding.record.name)
    if in_config is not None:
        if _is_plain(node.value):
            yield Edit("expression", finding.span, f"{ast.unparse(node.value)}.{in_config}")
        return
    target = _target(finding)
    if target is None or finding.module is None:
        return
    if finding.record.name == "flask.ext":
        yield from _replace_extension(finding, target)
        return
    module, _, name = target.removesuffix(finding.full.removeprefix(finding.record.name)).rpartition(".")
    if module == finding.record.name.rpartition(".")[0]:
        yield Edit("attribute", finding.span, name)
    elif (added := _import_for(finding, module)) is not None:
        yield Edit("expression", finding.span, f"{module}.{name}", *added)


def _replace_extension(finding: Finding, target: str) -> t.Iterator[Edit]:
    outer = finding.around[-2]
    module = target.partition(".")[0]
    added = _import_for(finding, module)
    if isinstance(outer, ast.Attribute) and finding.module is not None and added is not None:
        imported = finding.imported_by
        if isinstance(imported, ast.Import) and any(".ext." in alias.name for alias in imported.names):
            added = ("", 0)
        yield Edit("expression", finding.module.source.span(outer), module, *added)


def _import_for(finding: Finding, module: str) -> tuple[str, int] | None:
    """Return the import that a module needs, and the line of the statement to put it behind.

    `("", 0)` where it is imported already, None where the name stands for something else.
    """
    assert finding.module is not None
    first = module.partition(".")[0]
    names = set()
    for scope in finding.module.binder.scopes.values():
        for binding in scope.bindings.get(first, []):
            alias = binding.node
            if not isinstance(alias, ast.alias) or alias.asname or binding.target != first:
                return None
            if scope.parent is None:
                names.add(alias.name)
    if module in names:
        return "", 0
    statement = finding.imported_by
    if statement is None or not uses.has_its_own_line(_around(finding.module.scope, statement)):
        return None
    return f"import {module}", statement.lineno


def _around(scope: Scope, statement: ast.stmt) -> tuple[ast.AST, ...]:
    """Return a statement behind the one whose body it is in."""
    for node in ast.walk(scope.node):
        for block in ("body", "orelse", "finalbody"):
            if statement in (getattr(node, block, None) or ()):
                return node, statement
    return (statement,)


def _rename_argument(finding: Finding) -> t.Iterator[Edit]:
    """Rewrite `send_file(…, attachment_filename=…)`."""
    new = _ARGUMENTS.get(finding.record.name)
    call = finding.around[-2]
    if new is None or not isinstance(call, ast.Call):
        return
    is_taken = any(keyword.arg in (new, None) for keyword in call.keywords)
    if not is_taken:
        yield Edit("argument", finding.span, new)


def _replace_key(finding: Finding) -> t.Iterator[Edit]:
    """Rewrite `app.config["JSON_SORT_KEYS"] = …`, where it is a statement."""
    statement, node = finding.around[-2], finding.node
    if not isinstance(statement, ast.Assign) or statement.targets != [node]:
        return
    assert isinstance(node, ast.Subscript)
    assert finding.module is not None
    if not isinstance(node.value, ast.Attribute) or not _is_plain(node.value.value):
        return
    app = ast.unparse(node.value.value)
    if finding.record.name in _KEYS:
        yield Edit("expression", finding.span, f"{app}.{_KEYS[finding.record.name]}")
    elif finding.record.name == _PRETTY and isinstance(statement.value, ast.Constant):
        yield Edit("expression", finding.span, f"{app}.json.compact")
        span = finding.module.source.span(statement.value)
        yield Edit("expression", span, str(not statement.value.value))


def _is_plain(node: ast.expr) -> bool:
    """Tell whether this is a name, or attributes of one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


_EDITS: dict[tuple[str, type[ast.AST]], t.Callable[[Finding], t.Iterator[Edit]]] = {
    ("import", ast.alias): _move_name,
    ("import", ast.ImportFrom): _move_module,
    ("attribute", ast.Attribute): _replace_attribute,
    ("argument", ast.keyword): _rename_argument,
    ("key", ast.Subscript): _replace_key,
}
