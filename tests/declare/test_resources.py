"""Where files are looked for, and how they are served."""

from __future__ import annotations

import importlib.util
import os
import sys
import types
import typing as t
from datetime import timedelta
from pathlib import Path, PurePath

import flask.sansio.scaffold
import pytest
from werkzeug.exceptions import NotFound

import erlen
from erlen import Erlen
from erlen.declare.resources import find_package
from tests.serve.beside import Framework, call, outcome, told_alike


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in (("static/a.txt", "static"), ("other/b.txt", "other"), ("data.txt", "dätä")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


FOLDERS: tuple[t.Any, ...] = (
    "static",
    "other",
    "static/",
    "./static",
    None,
    PurePath("static"),
    "missing",
    "",
)


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
@pytest.mark.parametrize("path", [None, "/files", "files", "/files/", "", "/"])
def test_static_files_lie_and_are_served_where_flasks_are(
    folder: t.Any, path: str | None, root: Path
) -> None:
    def story(framework: Framework) -> object:
        told: list[object] = []
        try:
            app = framework.Flask("app", static_folder=folder, static_url_path=path, root_path=str(root))
        except Exception as error:
            return type(error)
        told += [app.static_folder, app.static_url_path, app.has_static_folder]
        told += [(rule.rule, rule.endpoint) for rule in app.url_map.iter_rules()]
        blueprint = framework.Blueprint(
            *("blue", "app"), static_folder=folder, static_url_path=path, url_prefix="/p", root_path=str(root)
        )
        told += [blueprint.static_folder, blueprint.static_url_path]
        told.append(outcome(app.register_blueprint, blueprint))
        for url in (
            "/static/a.txt",
            "/files/a.txt",
            "/other/b.txt",
            "/p/static/a.txt",
            "/p/files/a.txt",
            "/a.txt",
        ):
            answer = call(app, url)
            told.append((url, answer.status, answer.body if answer.status == "200 OK" else b""))
        return told

    told_alike(story)


def test_folders_may_be_changed_later(root: Path) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", root_path=str(root))
        told: list[object] = [app.static_folder, app.static_url_path]
        app.static_folder = "other/"
        told += [app.static_folder, app.static_url_path]
        app.static_url_path = "/elsewhere/"
        told.append(app.static_url_path)
        app.static_folder = None
        told += [app.static_folder, app.has_static_folder, app.static_url_path]
        with app.test_request_context(), pytest.raises(RuntimeError):
            app.send_static_file("a.txt")
        return told

    told_alike(story)


@pytest.mark.parametrize("name", ["a.txt", "../data.txt", "/etc/passwd", "..\\data.txt", "missing", "", "."])
def test_no_file_outside_of_the_folder_is_served(name: str, root: Path) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", root_path=str(root))
        with app.test_request_context():
            try:
                response = app.send_static_file(name)
            except NotFound:
                return "not found"
            response.direct_passthrough = False
            data = response.get_data()
            response.close()
            return data

    assert told_alike(story) == (b"static" if name == "a.txt" else "not found")


@pytest.mark.parametrize("value", [None, 60, timedelta(minutes=2), 0])
def test_how_long_browsers_may_keep_a_file(value: t.Any, root: Path) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", root_path=str(root))
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = value
        with app.app_context():
            told = [
                app.get_send_file_max_age("a.txt"),
                framework.Blueprint("b", "app").get_send_file_max_age(None),
            ]
        answer = call(app, "/static/a.txt")
        app.get_send_file_max_age = lambda name: 7
        return [
            *told,
            dict(answer.headers)["Cache-Control"],
            dict(call(app, "/static/a.txt").headers)["Cache-Control"],
        ]

    told_alike(story)


@pytest.mark.parametrize("mode", ["r", "rt", "rb", "w", "x", "a", "r+"])
@pytest.mark.parametrize("encoding", [None, "utf-8", "latin-1"])
def test_resources_are_opened_for_reading_only(mode: str, encoding: str | None, root: Path) -> None:
    def story(framework: Framework) -> object:
        told: list[object] = []
        for one in (
            framework.Flask("app", root_path=str(root)),
            framework.Blueprint("blue", "app", root_path=str(root)),
        ):
            try:
                with one.open_resource("data.txt", mode, encoding=encoding) as file:
                    told.append(file.read())
            except ValueError as error:
                told.append(type(error))
            told.append(outcome(one.open_resource, "missing.txt"))
        return told

    told_alike(story)


def test_a_refused_mode_is_named(root: Path) -> None:
    with pytest.raises(ValueError, match="'w'"):
        Erlen("app", root_path=str(root)).open_resource("data.txt", "w")


def test_instance_resources_may_be_written(root: Path) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", instance_path=str(root))
        with app.open_instance_resource("new.txt", "w") as file:
            file.write("é")
        with app.open_instance_resource("new.txt") as file:
            raw = file.read()
        with app.open_instance_resource("new.txt", "r", encoding="latin-1") as file:
            return raw, file.read()

    told_alike(story)


def test_templates_are_loaded_from_their_folder(root: Path) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", root_path=str(root))
        told: list[object] = [
            app.template_folder,
            app.jinja_loader.searchpath,
            app.jinja_loader is app.jinja_loader,
        ]
        told.append(framework.Flask("app", template_folder=None).jinja_loader)
        blueprint = framework.Blueprint("blue", "app", template_folder="t", root_path=str(root))
        told += [blueprint.jinja_loader.searchpath, framework.Blueprint("b", "app").jinja_loader]
        app.jinja_loader = "mine"
        return [*told, app.jinja_loader]

    told_alike(story)


# where a package lies


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Path]:
    """Packages of all kinds, in a folder of the path and in one that looks installed."""
    installed = (
        tmp_path / "prefix" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    )
    windows = tmp_path / "windows" / "Lib" / "site-packages"
    odd = tmp_path / "odd" / "site-packages"
    for folder in (tmp_path / "plain", installed, windows, odd):
        suffix = folder.parent.parent.name if folder is not odd else "odd"
        suffix = {"lib": "unix", "prefix": "unix", "windows": "windows"}.get(suffix, suffix).replace("-", "_")
        suffix = "plain" if folder.name == "plain" else suffix
        for name in (f"a_package_{suffix}", f"a_namespace_{suffix}/inner"):
            (folder / name).mkdir(parents=True)
        (folder / f"a_package_{suffix}" / "__init__.py").touch()
        (folder / f"a_package_{suffix}" / "module.py").touch()
        (folder / f"a_namespace_{suffix}" / "inner" / "__init__.py").touch()
        (folder / f"a_module_{suffix}.py").touch()
        monkeypatch.syspath_prepend(folder)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith(("a_package", "a_namespace", "a_module"))]:
        del sys.modules[name]


KINDS = ("a_package_{}", "a_package_{}.module", "a_module_{}", "a_namespace_{}", "a_namespace_{}.inner")


@pytest.mark.parametrize("where", ["plain", "unix", "windows", "odd"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_package_is_found_where_flask_finds_it(kind: str, where: str, modules: Path) -> None:
    name = kind.format(where)
    found = find_package(name)
    assert found == flask.sansio.scaffold.find_package(name)
    assert Path(found[1]).is_relative_to(modules)

    def story(framework: Framework) -> object:
        app = framework.Flask(name, root_path=str(modules))
        return app.instance_path, app.auto_find_instance_path()

    told_alike(story)


@pytest.mark.parametrize(
    "name", ["missing_module", "missing.module", "__main__", "json", "pytest", "erlen", "os.path"]
)
def test_other_packages_are_found_where_flask_finds_them(name: str) -> None:
    assert find_package(name) == flask.sansio.scaffold.find_package(name)


def test_a_module_without_a_file_lies_in_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "made_up", types.ModuleType("made_up"))
    assert find_package("made_up") == flask.sansio.scaffold.find_package("made_up") == (None, os.getcwd())


def test_a_frozen_or_zipped_module_is_found_where_flask_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zipfile

    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_module.py", "")
        file.writestr("zipped_package/__init__.py", "")
    monkeypatch.syspath_prepend(archive)
    for name in ("zipped_module", "zipped_package"):
        assert importlib.util.find_spec(name) is not None
        assert find_package(name) == flask.sansio.scaffold.find_package(name)


def test_files_of_a_response_are_closed(root: Path) -> None:
    app = Erlen("app", root_path=str(root))
    with app.test_request_context():
        response = erlen.send_from_directory(root / "static", "a.txt")
        response.close()
    assert call(app, "/static/a.txt").body == b"static"
