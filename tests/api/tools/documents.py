"""The documents that tools read: of the shop, and of an application with every feature."""

from __future__ import annotations

import importlib
import sys
import typing as t
from pathlib import Path

from erlen import Erlen
from tests.api import everything

CHECKOUT = Path(__file__).parents[3]
SHOP = CHECKOUT / "examples" / "shop-api"


def shop() -> Erlen:
    """Make the application of the example."""
    sys.path.insert(0, str(SHOP))
    try:
        module = importlib.import_module("orders")
    finally:
        sys.path.remove(str(SHOP))
    app: Erlen = module.create_app()
    return app


def _served(app: Erlen, path: str) -> bytes:
    answer = app.test_client().get(path)
    assert answer.status_code == 200, answer.text
    return answer.data


DOCUMENTS: dict[str, t.Callable[[], bytes]] = {
    "shop": lambda: _served(shop(), "/shop/openapi.json"),
    "everything": lambda: _served(everything.create_app(), "/openapi.json"),
}
