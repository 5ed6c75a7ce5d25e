"""The pages about servers show the commands that are tested."""

from __future__ import annotations

import pytest

from tests.docs.pages import DOCS

from .servers import SERVERS, Server

SHOWN = [server for server in SERVERS if server.page]


@pytest.mark.parametrize("server", SHOWN, ids=lambda server: server.name)
def test_the_page_about_a_server_shows_the_tested_command(server: Server) -> None:
    page = DOCS / "how-to" / str(server.page)
    assert f"$ {server.words.format(port=8000, app='hello:app')}\n" in page.read_text()
