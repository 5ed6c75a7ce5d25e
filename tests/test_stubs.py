"""The stubs name for type checkers what the alias hands out."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.alias import MODULES
from erlen.stubs import main, write_stubs


def private_names_of(module: str) -> set[str]:
    """Return the names with an underscore that a module of Flask's defines."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    names = set()
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        targets = getattr(node, "targets", [getattr(node, "target", node)])
        names |= {getattr(each, "name", getattr(each, "id", "")) for each in targets}
    return {name for name in names if name.startswith("_") and not name.startswith("__")}


def test_there_is_one_for_each_module_of_the_alias(tmp_path: Path) -> None:
    write_stubs(tmp_path)
    written = {path.relative_to(tmp_path).with_suffix("") for path in tmp_path.rglob("*.pyi")}
    names = {".".join(path.parts).removesuffix(".__init__") for path in written}
    assert names == set(MODULES)


# Importing the one takes Flask's name; the other is a folder without a file.
@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"flask.__main__", "flask.sansio"}))
def test_names_with_an_underscore_are_those_that_flask_defines_too(module: str, tmp_path: Path) -> None:
    write_stubs(tmp_path)
    stub = tmp_path.joinpath(*module.split("."))
    path = stub / "__init__.pyi" if stub.is_dir() else stub.with_suffix(".pyi")
    named = {line.rpartition(" as ")[2] for line in path.read_text().splitlines() if " as " in line}
    # Erlen has that one in another module.
    here = vars(importlib.import_module(MODULES[module])).keys() - {"_lazy_sha1"}
    assert named == private_names_of(module) & here


def test_they_go_where_pyright_looks_for_them(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "erlen.stubs"], cwd=tmp_path, check=True)
    assert (tmp_path / "typings/flask/__init__.pyi").read_text() == "from erlen import *\n"


def test_another_folder_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "stubs")])
    assert (tmp_path / "stubs/flask/sansio/app.pyi").is_file()
    assert str(tmp_path / "stubs" / "flask") in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["a", "b"]])
def test_other_arguments_show_the_usage(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage: python -m erlen.stubs" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
