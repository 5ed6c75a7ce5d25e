"""An underscore means: this module."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache

from tests.architecture.layers import modules, tree_of

# COMPAT: names that Flask has, and that applications, extensions and their tests rely on.
FLASKS = (
    "_AppCtxGlobals",
    "_app",
    "_after_request_functions",
    "_app_option",
    "_called_with_wrong_args",
    "_cv_app",
    "_cv_request",
    "_debug_option",
    "_default",
    "_default_template_ctx_processor",
    "_endpoint_from_view_func",
    "_env_file_callback",
    "_env_file_option",
    "_find_error_handler",
    "_find_package_path",
    "_get_exc_class_and_code",
    "_got_first_request",
    "_no_app_msg",
    "_no_req_msg",
    "_path_is_ancestor",
    "_sentinel",
    "_session",
    "_set_app",
    "_set_debug",
    "_split_blueprint_path",
    "_validate_key",
)
# Names of asyncio, Click, Jinja, logging, os, SQLAlchemy, sys and Werkzeug, on objects of theirs.
OF_LIBRARIES = (
    "_add_cookies_to_wsgi",
    "_assign_stack",
    "_body",
    "_converters",
    "_field_defaults",
    "_fields",
    "_cookies",
    "_current_frames",
    "_exit",
    "_get_current_object",
    "_get_running_loop",
    "_getframe",
    "_limit_clause",
    "_limit_is_max",
    "_list",
    "_load_form_data",
    "_log_destroy_pending",
    "_make_finalize",
    "_matcher",
    "_next",
    "_offset_clause",
    "_on_close",
    "_open",
    "_order_by_clauses",
    "_output_child_to_const",
    "_parse_form_data",
    "_pos",
    "_request_from_builder_args",
    "_set_running_loop",
    "_stream",
    "_trace",
    "_unregister_task",
    "_update_cookies_from_response",
)
# These numbers only fall.
MOST_ACCESSES = 4
MOST_IMPORTS = 0


def test_few_private_names_are_read_from_other_modules() -> None:
    accesses = Counter(
        node.attr
        for name in modules()
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Attribute) and _is_private(node.attr) and node.attr not in _own(name)
    )
    assert sum(accesses.values()) <= MOST_ACCESSES, accesses


def test_few_private_names_are_imported() -> None:
    imported = Counter(
        alias.name
        for name in modules()
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("erlen"))
        for alias in node.names
        if _is_private(alias.name)
    )
    assert sum(imported.values()) <= MOST_IMPORTS, imported


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in (*FLASKS, *OF_LIBRARIES)


@cache
def _own(module: str) -> frozenset[str]:
    """Return what a module defines: functions, classes, names, attributes of its objects."""
    return frozenset(name for node in ast.walk(tree_of(module)) for name in _defined(node))


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Name):
                yield part.id
            elif (
                isinstance(part, ast.Attribute)
                and isinstance(part.value, ast.Name)
                and part.value.id == "self"
            ):
                yield part.attr
    if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["__slots__"]:
        yield from (part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant))
