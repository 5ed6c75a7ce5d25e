"""Tests of the script clear_cache."""

from __future__ import annotations

import pytest
from flask import Flask

from erlen.script import load
from shop import cache


@pytest.mark.parametrize(("dry_run", "left"), [(True, 1), (False, 0)])
def test_pages_are_deleted_unless_it_is_a_dry_run(app: Flask, dry_run: bool, left: int) -> None:
    cache.folder().mkdir(parents=True)
    (cache.folder() / "a.html").touch()
    load("clear_cache").main(dry_run=dry_run)
    assert len(cache.files()) == left
