"""What the extensions run on."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path

import pytest

from erlen import alias
from erlen.doctor import surroundings
from erlen.doctor.surroundings import START_FILE, Surroundings, look, version_of


def around(aliased: bool, start_file: bool) -> Surroundings:
    return Surroundings("0.1.0", "3.11.7", "3.1.5", "", aliased, start_file, servers={})


def test_the_versions_are_those_that_are_installed() -> None:
    here = look()
    assert here.erlen == metadata.version("erlen")
    assert here.python == platform.python_version()
    assert here.werkzeug == metadata.version("werkzeug")
    assert here.flask == "3.1.3"


def test_a_distribution_that_is_missing_has_no_version() -> None:
    assert version_of("no-such-distribution") == ""


def test_the_installed_servers_are_listed() -> None:
    here = look()
    assert here.servers["gunicorn"] == metadata.version("gunicorn")
    assert "mod-wsgi" not in here.servers
    assert list(here.servers) == [name for name in surroundings.SERVERS if name in here.servers]


def test_the_alias_is_on_while_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alias, "is_installed", lambda: True)
    assert look().aliased
    monkeypatch.setattr(alias, "is_installed", lambda: False)
    assert not look().aliased


@pytest.mark.parametrize("is_there", [True, False])
def test_the_start_file_is_looked_for_on_the_path(
    is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_there:
        (tmp_path / START_FILE).touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert look().start_file is is_there


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (
            around(aliased=True, start_file=True),
            "in this process and those that it starts; elsewhere with ERLEN_AS_",
        ),
        (around(aliased=False, start_file=True), "not in this process; elsewhere with ERLEN_AS_FLASK=1"),
        (
            around(aliased=True, start_file=False),
            "in this process and those that it starts; ERLEN_AS_FLASK has no ",
        ),
    ],
)
def test_the_state_of_the_alias_in_words(told: Surroundings, state: str) -> None:
    assert told.alias_state().startswith(state)
