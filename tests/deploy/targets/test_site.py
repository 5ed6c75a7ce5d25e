"""What follows from a site by itself."""

from __future__ import annotations

import pytest

from erlen.deploy.targets.options import Unreadable
from erlen.deploy.targets.site import SERVERS

from .sites import site


def test_the_first_name_is_the_main_one() -> None:
    assert site().domain == "shop.example"
    assert site(domains=()).domain is None


def test_the_folder_of_the_socket_is_that_of_the_pid_file() -> None:
    assert site().run_folder == "/run/shop"
    assert site(socket="/srv/run/x.sock").run_folder == "/srv/run"
    assert site(socket=None).run_folder == "/run/shop"


def test_uwsgi_speaks_its_protocol_over_its_socket_alone() -> None:
    speaking = [server for server in SERVERS if site(server=server).speaks_uwsgi]
    assert speaking == ["uwsgi"]
    assert not site(server="uwsgi", socket=None).speaks_uwsgi


def test_the_prefix_is_told_once_by_the_path_by_an_option_or_by_a_header() -> None:
    by_path = {server for server in SERVERS if site(server=server).server_gets_whole_path}
    by_header = {server for server in SERVERS if site(server=server, prefix="/app").prefix_header}
    assert by_header == {"gunicorn"}
    # 'uvicorn --root-path'
    assert set(SERVERS) - by_path - by_header == {"uvicorn"}


def test_no_websocket_is_open_under_wsgi() -> None:
    assert site(websockets=("/echo",), interface="asgi").open_websockets == ("/echo",)
    assert site(websockets=("/echo",), interface="wsgi").open_websockets == ()


def test_the_certificate_is_certbots_or_the_one_that_was_named() -> None:
    assert site().certificate_files == (
        "/etc/letsencrypt/live/shop.example/fullchain.pem",
        "/etc/letsencrypt/live/shop.example/privkey.pem",
    )
    assert site(certificate="/c", key="/k", domains=()).certificate_files == ("/c", "/k")


def test_https_without_a_name_and_a_certificate_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(Unreadable, match="--domain"):
        _ = site(domains=()).certificate_files
