"""A project is known by its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from erlen.deploy.targets.project import NO_PROJECT, Project, read_project

NAMES = {"requirements": "requirements.txt", "pyproject": "pyproject.toml", "env": ".env.example"}


def read(folder: Path, **files: str | bytes) -> Project:
    for name, text in files.items():
        (folder / NAMES[name]).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_project(folder, str(folder.parent))


def test_an_empty_folder_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) == NO_PROJECT


@pytest.mark.parametrize(
    ("text", "stands_alone"),
    [
        ("flask>=3.1\n# -r is not here\n", True),
        ("flask\n-r base.txt\n", False),
        ("  -c limits.txt", False),
        ("--requirement=base.txt", False),
        ("-e .\n", False),
        ("./packages/shop\n", False),
        ("--index-url https://example.org/simple\nflask\n", True),
    ],
)
def test_requirements_may_be_in_other_files(text: str, stands_alone: bool, tmp_path: Path) -> None:
    assert read(tmp_path, requirements=text).requirements_stand_alone == stands_alone


@pytest.mark.parametrize(
    ("files", "asks"),
    [
        ({"requirements": "erlen==0.1.0"}, True),
        ({"requirements": "flask\n  erlen[serve]>=0.1"}, True),
        ({"requirements": "erlen-plugin==1"}, False),
        ({"requirements": "# erlen\nflask"}, False),
        ({"pyproject": '[project]\ndependencies = ["flask", "erlen>=0.1"]'}, True),
        ({"pyproject": "[project]\ndependencies = [\n  'erlen',\n]"}, True),
        ({"pyproject": '[project]\nname = "shop"\ndependencies = ["flask"]'}, False),
    ],
)
def test_the_version_of_erlen_may_be_said(files: dict[str, str], asks: bool, tmp_path: Path) -> None:
    assert read(tmp_path, **files).asks_for_erlen == asks


@pytest.mark.parametrize(
    ("text", "has_dependencies", "is_package"),
    [
        ("[tool.ruff]\nline-length = 90\n", False, False),
        ("[project]\nname = 'shop'\n", True, False),
        ("[build-system]\nrequires = []\n[project]\nname = 'shop'\n", True, True),
        ("[ project ]\n", True, False),
        ("# [project]\n", False, False),
        ("[build-system]\n", False, False),
    ],
)
def test_pyproject_is_that_of_an_application_or_of_a_package(
    text: str, has_dependencies: bool, is_package: bool, tmp_path: Path
) -> None:
    found = read(tmp_path, pyproject=text)
    assert (found.has_dependencies, found.is_package) == (has_dependencies, is_package)


def test_hashes_are_seen(tmp_path: Path) -> None:
    assert read(tmp_path, requirements="flask==3.1.3 \\\n  --hash=sha256:00\n").requirements_have_hashes


def test_variables_are_those_of_the_example(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfSECRET_KEY=\nexport MAIL=a@b\nMAIL=c\n# NO=1\nnot a name\nTWO.PARTS=1\n\xff=1\n"
    assert read(tmp_path, env=text).variables == ("MAIL", "SECRET_KEY")


@pytest.mark.parametrize(("path", "instance"), [("instance", "instance"), ("a b/c", "a b/c"), ("", None)])
def test_the_instance_folder_counts_where_it_is_in_the_project(
    path: str, instance: str | None, tmp_path: Path
) -> None:
    assert read_project(tmp_path, str(tmp_path / path)).instance == instance
    assert read_project(tmp_path / "project", str(tmp_path / path)).instance is None


def test_files_that_are_none_are_nothing(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").mkdir()
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe\x00[project]")
    assert read(tmp_path) == NO_PROJECT
