"""An application and a blueprint, and the tables of their hooks."""

from __future__ import annotations

import typing as t

from erlen import Blueprint, Erlen

HOOKS = {
    "before_request": "before_request_funcs",
    "after_request": "after_request_funcs",
    "teardown_request": "teardown_request_funcs",
    "context_processor": "template_context_processors",
    "url_value_preprocessor": "url_value_preprocessors",
    "url_defaults": "url_default_functions",
}


def function(*args: t.Any, **values: object) -> t.Any:
    return args[0] if args else ""


def registrars() -> list[t.Any]:
    return [Erlen("app"), Blueprint("blue", "app")]
