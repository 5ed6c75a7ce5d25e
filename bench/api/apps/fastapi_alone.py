"""FastAPI with the routes that are asked for alone: it tries one after the other."""

from __future__ import annotations

from typing import Any

from . import fastapi


def make_app() -> Any:
    return fastapi.make_app(further_routes=0)
