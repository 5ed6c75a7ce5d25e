"""Extensions that lose something on Erlen are found, if they are installed and imported."""

from __future__ import annotations

from pathlib import Path

import flask_wtf  # noqa: F401
import pytest

from erlen import Erlen
from erlen.deploy.check.examined import Examined
from erlen.deploy.check.risks import packages
from erlen.doctor.matrix import Run


def found(monkeypatch: pytest.MonkeyPatch, name: str, wsgi: int | None, losses: tuple[str, ...]) -> list[str]:
    run = Run("0.1", "3.11", "suite", 10, wsgi, None, "", "2026-11-29", losses)
    monkeypatch.setattr(packages, "load", lambda: {name: [run]})
    return [each.kind.id for each in packages.check_extensions(Examined(Erlen("shop"), Path()))]


def test_one_that_is_broken_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "flask-wtf", 0, ("all",)) == ["extension-broken"]


def test_one_with_losses_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "flask-wtf", 9, ("one",)) == ["extension-with-losses"]


def test_one_that_runs_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "flask-wtf", 10, ()) == []


@pytest.mark.parametrize("name", ["flask-of-nobody", "bottle"])
def test_one_that_is_not_installed_or_not_imported_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delitem(packages.sys.modules, "bottle", raising=False)
    assert found(monkeypatch, name, 0, ("all",)) == []
