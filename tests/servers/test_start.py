"""What servers say when they cannot start, or are started in the wrong way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contract.servers import DidNotStart

from .requests import get
from .servers import SERVERS, Server, running

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

RSGI = Server("granian-rsgi", "granian --host 127.0.0.1 --port {port} {app}", protocol="rsgi")
TYPED = """
from erlen import Blueprint
from erlen.api import Api
shop = Blueprint("shop", __name__)
Api(shop)

@shop.get("/orders")
def orders(nobody: FOLDER.__class__) -> str: ...

app.register_blueprint(shop)
"""
# The parameter, the view, and what to do about it.
REFUSAL = re.compile(
    r"SetupError: Nothing supplies 'nobody' of the view 'shop.orders' \(/orders\).*register a provider"
)
WSGI = [server for server in SERVERS if server.protocol == "wsgi"]
ASGI = [server for server in SERVERS if server.protocol == "asgi"]


def refusal(server: Server, folder: Path, more: str = "") -> str:
    """Start a server that must not stay; return what it wrote. Some end before they listen, some after."""
    try:
        with running(server, folder, more) as serving:
            assert serving.wait_for_its_end() is not None, f"It runs on:\n{serving.log}"
            return serving.log
    except DidNotStart as error:
        return str(error)


def test_granian_without_an_interface_is_told_to_name_one(tmp_path: Path) -> None:
    assert "granian --interface" in refusal(RSGI, tmp_path)


@pytest.mark.parametrize("how", ["broken", "exits", "exits plainly", "cancelled"])
@pytest.mark.parametrize("server", ASGI, ids=lambda server: server.name)
def test_an_asgi_server_ends_with_the_message_of_a_hook_that_fails(
    server: Server, how: str, tmp_path: Path
) -> None:
    (tmp_path / how).touch()
    assert "the database is not there" in refusal(server, tmp_path)


@pytest.mark.parametrize("server", WSGI, ids=lambda server: server.name)
def test_a_wsgi_server_tries_a_hook_that_fails_again_at_the_next_request(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "broken").touch()
    with running(server, tmp_path) as serving:
        assert [get(serving, "/").status for _ in range(2)] == [500, 500]
        assert "the database is not there" in serving.log
        (tmp_path / "broken").unlink()
        assert [get(serving, "/").status for _ in range(2)] == [200, 200]
        assert serving.events.count("before serving") == 1


@pytest.mark.parametrize("server", ASGI, ids=lambda server: server.name)
def test_an_asgi_server_ends_with_what_is_wrong_with_a_typed_view(server: Server, tmp_path: Path) -> None:
    assert REFUSAL.search(refusal(server, tmp_path, TYPED))
    assert not (tmp_path / "events").exists()  # no function for the start of serving has run


@pytest.mark.parametrize("server", WSGI, ids=lambda server: server.name)
def test_a_wsgi_server_logs_what_is_wrong_with_a_typed_view_at_each_request(
    server: Server, tmp_path: Path
) -> None:
    with running(server, tmp_path, TYPED) as serving:
        for number, path in enumerate(("/", "/nowhere", "/orders"), 1):
            if server.name == "uwsgi":  # closes the connection where an application raises an exception
                with pytest.raises(ConnectionError):
                    get(serving, path)
            else:
                assert get(serving, path).status == 500
            assert serving.until(lambda number=number: len(REFUSAL.findall(serving.log)) == number)
        assert serving.events == []
