"""The image is started by the command of its server, on the port of a variable."""

from __future__ import annotations

import pytest

from erlen.deploy.targets import image
from erlen.deploy.targets.site import SERVERS, Server

from .sites import site


@pytest.mark.parametrize("server", SERVERS)
def test_the_program_is_that_of_the_image_and_listens_to_everybody(server: Server) -> None:
    words = image.words(site(server=server))
    assert words[0].startswith("/venv/bin/")
    assert not any(".sock" in word or "/srv/" in word or "/run/" in word for word in words)


def test_erlen_serve_finds_the_port_in_the_variable() -> None:
    words = image.words(site())
    assert words == ("/venv/bin/erlen", "--app", "wsgi:app", "serve", "--interface", "wsgi", "--grace", "30")


def test_others_are_told_it() -> None:
    assert image.words(site(server="waitress"))[2:4] == ("--listen", "0.0.0.0:8000")


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("a", "--port", "1", "b"), ("a", "b")),
        (("--port", "--port", "b"), ("b",)),
        (("a", "--ports", "1"), ("a", "--ports", "1")),
    ],
)
def test_an_option_is_left_out_with_its_value(words: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert image.without(words, "--port") == kept


@pytest.mark.parametrize(("server", "name"), [("gunicorn", "gunicorn.conf.py"), ("uwsgi", "uwsgi.ini")])
def test_the_settings_of_a_server_are_in_a_folder_of_the_project(server: Server, name: str) -> None:
    each = image.in_image(site(server=server))
    (file,) = image.settings_files(each)
    assert file.path == f"docker/{name}"
    assert f"/app/docker/{name}" in image.words(each)
    assert "0.0.0.0:8000" in file.text


def test_servers_without_a_file_of_settings_have_none() -> None:
    assert image.settings_files(site()) == []


def test_paths_are_escaped_as_requests_have_them() -> None:
    assert image.url_path(site(prefix="/lä den"), "/livez") == "/l%C3%A4%20den/livez"
