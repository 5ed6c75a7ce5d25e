"""Starlette with the rules that are asked for before the further ones: the least that it can take."""

from __future__ import annotations

from starlette.applications import Starlette

from .starlette import FURTHER, PLAIN, VIEWS


def make_app() -> Starlette:
    return Starlette(routes=[PLAIN, *VIEWS, *FURTHER])
