"""Erlen with `erlen.api`, by coroutine views with models of pydantic's."""

from __future__ import annotations

from typing import Any

from . import erlen_async, pydantic_models


def make_app() -> Any:
    return erlen_async.make_app(pydantic_models)
