"""mod_wsgi's processes, and the file that it runs."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import pytest

from erlen.deploy.targets.apache_wsgi import script, script_file, wsgi_directives, wsgi_process

from .sites import site


def test_the_processes_are_the_users_and_have_the_environment() -> None:
    line = wsgi_process(site())[0]
    assert "user=shop group=shop" in line
    assert 'python-home="/srv/shop/current/.venv"' in line
    assert 'home="/srv/shop/current"' in line


def test_the_application_is_in_the_main_interpreter_below_the_prefix() -> None:
    said = wsgi_directives(site(prefix="/app"))
    assert "WSGIApplicationGroup %{GLOBAL}" in said
    assert f'WSGIScriptAlias "/app" "{script_file(site())}"' in said
    assert f'WSGIScriptAlias "/" "{script_file(site())}"' in wsgi_directives(site())


@pytest.mark.parametrize("reference", ["shop_code:app", "shop_code:make('x')", "shop_code:apps.first"])
def test_the_file_has_an_object_named_application_and_reads_env(
    reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / 'a "folder"; {1}'
    folder.mkdir()
    (folder / ".env").write_text("SHOP_SETTING=from the file\n")
    code = types.ModuleType("shop_code")
    code.app = code.make = lambda *args: code
    code.apps = types.SimpleNamespace(first=code)
    monkeypatch.setitem(sys.modules, "shop_code", code)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOP_SETTING", "")
    monkeypatch.delenv("SHOP_SETTING")
    values: dict[str, object] = {}
    exec(script(site(application=reference, folder=str(folder), needs_alias=False)), values)
    assert values["application"] is not None
    assert os.environ["SHOP_SETTING"] == "from the file"
    assert Path.cwd() == folder
    assert sys.path[0] == str(folder)


def test_the_alias_is_set_up_before_the_application_is_imported() -> None:
    lines = script(site()).splitlines()
    assert lines.index("erlen.as_flask.install()") < lines.index("from wsgi import app as application")
    assert "as_flask" not in script(site(needs_alias=False))
