"""The configuration of gunicorn: it is Python, so what it says is looked at as gunicorn would."""

from __future__ import annotations

import os
import sys
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.targets.gunicorn import files

from .sites import site


def settings(**changes: object) -> dict[str, t.Any]:
    """Return what the file says, without the lines that change this process."""
    (file,) = files(site(**changes))
    values: dict[str, t.Any] = {"load_env": lambda path: path}
    ignored = ("import erlen.as_flask", "erlen.as_flask.install()", "from erlen")
    lines = [line for line in file.text.splitlines() if not line.startswith(ignored)]
    exec("\n".join(lines), values)
    return values


def test_it_listens_at_the_socket_or_at_the_port() -> None:
    assert settings()["bind"] == "unix:/run/shop/shop.sock"
    assert settings(socket=None)["bind"] == "127.0.0.1:8000"
    assert settings(socket=None, host="0.0.0.0")["bind"] == "0.0.0.0:8000"


def test_it_believes_no_header_by_itself() -> None:
    said = settings()
    assert said["forwarded_allow_ips"] == said["forwarder_headers"] == ""
    assert said["secure_scheme_headers"] == {}


def test_the_worker_is_that_of_the_protocol() -> None:
    assert settings(threads=5)["worker_class"] == "gthread"
    assert settings(threads=5)["threads"] == 5
    assert settings(interface="asgi")["worker_class"] == "asgi"
    assert settings(workers=3)["workers"] == 3


def test_the_alias_is_set_up_before_the_application_is_imported() -> None:
    (file,) = files(site())
    assert "erlen.as_flask.install()" in file.text
    (file,) = files(site(needs_alias=False))
    assert "as_flask" not in file.text


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_any_folder_is_the_one_that_was_meant(text: str) -> None:
    assert settings(folder=f"/srv/{text}")["chdir"] == f"/srv/{text}"


def test_every_setting_is_one_of_gunicorn(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = pytest.importorskip("gunicorn.config")
    known = config.KNOWN_SETTINGS
    names = {name for name in settings() if not name.startswith("__")} - {"load_env"}
    assert names <= {setting.name for setting in known}
    assert os.path.isabs(settings()["chdir"])
    assert "gunicorn" in sys.modules
