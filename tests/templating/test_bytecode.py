"""Caches of compiled templates can be shared with Jinja: neither gets the other's code."""

from __future__ import annotations

import typing as t
from pathlib import Path

import jinja2
import pytest
from jinja2 import DictLoader, FileSystemBytecodeCache

from erlen import Erlen
from erlen.templating import DispatchingJinjaLoader, Environment
from erlen.templating.compiler import CodeGenerator

LOADER = DictLoader({"page": "{{ a.name }}", "other": "{% include 'page' %}", "wrong": "\n{{ 1 / 0 }}"})
VALUES = {"a": {"name": "<name>"}}


class Loader(DispatchingJinjaLoader):
    """A loader with a way of its own to load."""

    def load(self, *args: t.Any) -> jinja2.Template:
        return jinja2.BaseLoader.load(self, *args)


@pytest.fixture
def app() -> Erlen:
    app = Erlen(__name__)
    app.jinja_loader = LOADER  # type: ignore[assignment]
    return app


@pytest.fixture
def cache(tmp_path: Path) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path))


def of_erlen(folder: Path) -> list[bool]:
    """Tell for each file of a cache whether Erlen's generator made it."""
    return sorted(b"erlen" in path.read_bytes() for path in folder.iterdir())


def test_erlen_and_jinja_have_files_of_their_own(
    app: Erlen, cache: FileSystemBytecodeCache, tmp_path: Path
) -> None:
    ours = Environment(app, bytecode_cache=cache, autoescape=True)
    theirs = jinja2.Environment(loader=LOADER, bytecode_cache=cache, autoescape=True)
    for environment in (ours, theirs, ours.overlay(), ours):
        assert environment.get_template("page").render(VALUES) == "&lt;name&gt;"
    assert of_erlen(tmp_path) == [False, True]


def test_a_template_that_is_cached_is_not_compiled_again(
    app: Erlen, cache: FileSystemBytecodeCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    Environment(app, bytecode_cache=cache).get_template("page")
    monkeypatch.setattr(CodeGenerator, "__init__", None)
    again = Environment(app, bytecode_cache=cache)
    assert again.get_template("page").render(VALUES) == "<name>"


@pytest.mark.parametrize("options", [{"finalize": str}, {"enable_async": True}])
def test_an_environment_with_jinjas_code_has_jinjas_names(
    app: Erlen, cache: FileSystemBytecodeCache, tmp_path: Path, options: dict[str, t.Any]
) -> None:
    Environment(app, bytecode_cache=cache, **options).get_template("page")
    assert of_erlen(tmp_path) == [False]


@pytest.mark.parametrize("kind", ["a loader of Jinja's", "a subclass"])
def test_a_loader_that_knows_no_other_names_gets_jinjas_code(
    app: Erlen, cache: FileSystemBytecodeCache, tmp_path: Path, kind: str
) -> None:
    loader = LOADER if kind == "a loader of Jinja's" else Loader(app)
    environment = Environment(app, loader=loader, bytecode_cache=cache)
    assert environment.get_template("page").render(VALUES) == "<name>"
    assert of_erlen(tmp_path) == [False]
    environment.bytecode_cache = None
    assert isinstance(environment.code_generator_class(environment, "page", None), CodeGenerator)


def test_the_cache_is_the_one_that_was_set(
    app: Erlen, cache: FileSystemBytecodeCache, tmp_path: Path
) -> None:
    environment = app.jinja_env
    assert environment.bytecode_cache is None
    environment.bytecode_cache = cache
    assert environment.bytecode_cache is cache
    environment.get_template("other").render(VALUES)
    assert of_erlen(tmp_path) == [True, True]
    cache.clear()
    assert not list(tmp_path.iterdir())


def test_an_error_names_its_line_when_the_code_came_from_the_cache(
    app: Erlen, cache: FileSystemBytecodeCache
) -> None:
    for _ in range(2):
        environment = Environment(app, bytecode_cache=cache)
        with pytest.raises(ZeroDivisionError) as caught:
            environment.get_template("wrong").render()
        assert caught.traceback[-1].lineno == 1


def test_a_template_that_is_not_there_is_named(app: Erlen, cache: FileSystemBytecodeCache) -> None:
    environment = Environment(app, bytecode_cache=cache)
    with pytest.raises(jinja2.TemplateNotFound, match="nothing"):
        environment.get_template("nothing")
