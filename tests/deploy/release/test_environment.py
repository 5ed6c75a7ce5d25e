"""The environment of a release: how it is made, and what is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from erlen.deploy.release import environment
from erlen.deploy.release.environment import Installation, words_of
from erlen.deploy.release.errors import ReleaseError


@pytest.mark.parametrize(
    ("files", "what", "words"),
    [
        ({}, Installation("python"), []),
        ({}, Installation("python", more=("erlen",)), ["erlen"]),
        ({}, Installation("python", wheel="a-1-py3-none-any.whl"), ["./a-1-py3-none-any.whl"]),
        ({"requirements.txt": ""}, Installation("python"), ["--requirement", "requirements.txt"]),
        ({"pyproject.toml": "[tool.ruff]\n"}, Installation("python"), []),
        ({"pyproject.toml": "# [project]\n"}, Installation("python"), []),
        ({"pyproject.toml": "[project]\n"}, Installation("python"), ["."]),
        ({"pyproject.toml": "x = 1\n [ build-system ]\n"}, Installation("python"), ["."]),
        ({"setup.py": ""}, Installation("python", more=("x",)), [".", "x"]),
        (
            {"requirements.txt": "", "pyproject.toml": "[project]"},
            Installation("python"),
            ["--requirement", "requirements.txt"],
        ),
    ],
    ids=lambda value: "" if not isinstance(value, dict) else " ".join(f"{k}={v!r}" for k, v in value.items()),
)
def test_what_is_installed(
    files: dict[str, str], what: Installation, words: list[str], tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert words_of(tmp_path, what) == words


def test_pip_gets_its_options_and_the_variables_of_whoever_makes_the_release(
    tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://pypi.example")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    environment.make(tmp_path, python)
    environment.install(tmp_path, Installation(python, more=("a", "b[c]"), pip_options=("--no-index", "-q")))
    words, folder, variables = json.loads((tmp_path / ".pip").read_text())
    assert words == ["install", "--quiet", "--no-index", "-q", "a", "b[c]"]
    assert folder == str(tmp_path)
    assert "PIP_INDEX_URL" in variables
    assert not {"PYTHONPATH", "VIRTUAL_ENV"} & set(variables)
    assert environment.python_of(tmp_path) == str(tmp_path / ".venv" / "bin" / "python")


def test_what_pip_says_is_told(tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.make(tmp_path, python)
    monkeypatch.setenv("PIP_SAYS", "ERROR: No matching distribution found for shop-base")
    with pytest.raises(ReleaseError, match=r"status 1.\nERROR: No matching distribution found for shop-base"):
        environment.install(tmp_path, Installation(python, more=("shop-base",)))


def test_an_environment_without_erlen_is_told(tmp_path: Path, python: str) -> None:
    environment.make(tmp_path, python)
    (tmp_path / ".venv" / "bin" / "erlen").unlink()
    with pytest.raises(ReleaseError, match=r"--with 'erlen\[serve,dotenv\]'"):
        environment.install(tmp_path, Installation(python))


def test_a_python_without_venv_is_told(tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENV_FAILS", "1")
    with pytest.raises(
        ReleaseError, match="ensurepip is not available\nOn Debian, 'apt install python3-venv'"
    ):
        environment.make(tmp_path, python)
    with pytest.raises(ReleaseError, match=r"gone -I -m venv .venv does not start: No such file"):
        environment.make(tmp_path, "/gone")
