"""Which handler is found; ``tests/serve`` asks Flask."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from erlen.plan.handlers import find_handler


def handler(error: t.Any) -> str:
    return "handled"


def other(error: t.Any) -> str:
    return "other"


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({}, None),
        ({None: {}}, None),
        ({None: {404: {}}}, None),
        ({None: {404: {NotFound: handler}}}, handler),
        ({None: {404: {HTTPException: handler}}}, handler),
        ({None: {404: {Forbidden: other}, None: {HTTPException: handler}}}, handler),
        ({None: {403: {NotFound: other}}}, None),
        ({None: {404: {NotFound: other}}, "a.b": {404: {NotFound: handler}}}, handler),
        ({"a": {404: {NotFound: other}}, "a.b": {404: {NotFound: handler}}}, handler),
        ({None: {404: {NotFound: handler}}, "a.b": {None: {NotFound: other}}}, handler),
        ({None: {404: {HTTPException: other, NotFound: handler}}}, handler),
        ({"elsewhere": {404: {NotFound: other}}}, None),
    ],
)
def test_codes_go_before_classes_and_inner_blueprints_before_outer_ones(spec: t.Any, found: object) -> None:
    assert find_handler(spec, NotFound, 404, ["a.b", "a"]) is found


def test_an_exception_without_a_code_is_looked_up_by_its_class() -> None:
    spec: t.Any = {None: {404: {ValueError: other}, None: {Exception: handler}}}
    assert find_handler(spec, ValueError, None, []) is handler
