"""Caches of compiled templates can be shared with Jinja: neither gets the other's code."""

from __future__ import annotations

import typing as t
from pathlib import Path

import jinja2
import pytest
from jinja2 import DictLoader, FileSystemBytecodeCache

from erlen import Erlen
from erlen.templating import Environment
from erlen.templating.bytecode import KeyedCache
from erlen.templating.compiler import CodeGenerator

LOADER = DictLoader({"page": "{{ a.name }}", "other": "{% include 'page' %}"})
VALUES = {"a": {"name": "<name>"}}


@pytest.fixture
def app() -> Erlen:
    return Erlen(__name__)


@pytest.fixture
def cache(tmp_path: Path) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path))


def test_erlen_and_jinja_have_files_of_their_own(
    app: Erlen, cache: FileSystemBytecodeCache, tmp_path: Path
) -> None:
    ours = Environment(app, loader=LOADER, bytecode_cache=cache, autoescape=True)
    theirs = jinja2.Environment(loader=LOADER, bytecode_cache=cache, autoescape=True)
    for environment in (ours, theirs, ours.overlay(), ours):
        assert environment.get_template("page").render(VALUES) == "&lt;name&gt;"
    files = {path.name: b"erlen" in path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(files.values()) == [False, True]


def test_a_template_that_is_cached_is_not_compiled_again(
    app: Erlen, cache: FileSystemBytecodeCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    Environment(app, loader=LOADER, bytecode_cache=cache).get_template("page")
    monkeypatch.setattr(CodeGenerator, "__init__", None)
    again = Environment(app, loader=LOADER, bytecode_cache=cache)
    assert again.get_template("page").render(VALUES) == "<name>"


@pytest.mark.parametrize("options", [{"finalize": str}, {"enable_async": True}])
def test_an_environment_with_jinjas_code_has_jinjas_keys(
    app: Erlen, cache: FileSystemBytecodeCache, options: dict[str, t.Any]
) -> None:
    assert Environment(app, loader=LOADER, bytecode_cache=cache, **options).bytecode_cache is cache


def test_the_cache_answers_as_itself(app: Erlen, cache: FileSystemBytecodeCache, tmp_path: Path) -> None:
    environment = Environment(app, loader=LOADER)
    assert environment.bytecode_cache is None
    environment.bytecode_cache = cache
    shown: t.Any = environment.bytecode_cache
    assert isinstance(shown, KeyedCache)
    assert shown.directory == str(tmp_path)
    environment.bytecode_cache = shown
    assert t.cast(KeyedCache, environment.bytecode_cache).original is cache
    environment.get_template("other").render(VALUES)
    assert len(list(tmp_path.iterdir())) == 2
    shown.clear()
    assert not list(tmp_path.iterdir())
