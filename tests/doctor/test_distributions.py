"""Which of the installed distributions extend Flask."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from erlen.doctor.distributions import Installed, extensions, normalized

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Write the metadata of a distribution into a folder, as an installer does."""

    def write(name: str, version: str = "1.0", requires: tuple[str, ...] = (), folder: str = "site") -> None:
        info = tmp_path / folder / f"{normalized(name).replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (info / "METADATA").write_text("\n".join(lines) + "\n")

    return write


def found(tmp_path: Path, *folders: str, known: tuple[str, ...] = ()) -> list[Installed]:
    path = [str(tmp_path / folder) for folder in folders or ("site",)]
    return extensions(known, metadata.distributions(path=path))


@pytest.mark.parametrize("name", ["Flask-Login", "flask_sock", "pytest-flask", "turbo-flask", "Flask.Old"])
def test_a_distribution_with_flask_in_its_name(name: str, install: Install, tmp_path: Path) -> None:
    install(name)
    assert found(tmp_path) == [Installed(name, "1.0")]


@pytest.mark.parametrize(
    "requirement", ["flask", "Flask>=2.0", "flask (>=1)", 'Flask[async]; python_version>"3"']
)
def test_a_distribution_that_requires_flask(requirement: str, install: Install, tmp_path: Path) -> None:
    install("dash", requires=("plotly", requirement))
    assert found(tmp_path) == [Installed("dash", "1.0")]


@pytest.mark.parametrize(
    "requires", [(), ("Flask-Login",), ("flask; extra == 'flask'",), ("click>=8",)], ids=str
)
def test_another_distribution_is_none(requires: tuple[str, ...], install: Install, tmp_path: Path) -> None:
    install("sentry-sdk", requires=requires)
    assert found(tmp_path) == []


def test_one_that_was_tried_is_one(install: Install, tmp_path: Path) -> None:
    install("sentry-sdk", requires=("flask; extra == 'flask'",))
    assert found(tmp_path, known=("sentry-sdk",)) == [Installed("sentry-sdk", "1.0")]


@pytest.mark.parametrize("name", ["Flask", "erlen", "flaskless"])
def test_flask_and_erlen_are_none(name: str, install: Install, tmp_path: Path) -> None:
    install(name, requires=("flask",) if name == "erlen" else ())
    assert found(tmp_path) == []


def test_the_first_of_two_is_the_one_that_is_imported(install: Install, tmp_path: Path) -> None:
    install("Flask-Login", "2.0", folder="first")
    install("flask-login", "1.0", folder="second")
    assert found(tmp_path, "first", "second") == [Installed("Flask-Login", "2.0")]


def test_they_are_in_the_order_of_their_names(install: Install, tmp_path: Path) -> None:
    for name in ("Flask-Zebra", "flask-ant", "Flask_Moth"):
        install(name)
    assert [each.key for each in found(tmp_path)] == ["flask-ant", "flask-moth", "flask-zebra"]


def test_a_distribution_without_a_name_is_left_out(install: Install, tmp_path: Path) -> None:
    install("flask-good")
    broken = tmp_path / "site" / "flask_broken-1.0.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\n")
    assert found(tmp_path) == [Installed("flask-good", "1.0")]


@pytest.mark.parametrize("name", ["Flask_Login", "flask.login", "FLASK--login"])
def test_names_are_compared_as_indexes_do(name: str) -> None:
    assert normalized(name) == "flask-login"
