"""`flask.ext` needs the alias: `test_old_modules` imports from it."""

from __future__ import annotations

import pytest

from erlen.legacy.modules import ext


def test_without_the_alias_it_has_nothing() -> None:
    """The real Flask is installed beside these tests, which has no such package."""
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'flask\.ext'"):
        ext.__getattr__("sqlalchemy")
    assert ext.__path__ == []
