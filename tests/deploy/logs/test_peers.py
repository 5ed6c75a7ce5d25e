"""Who is on the other side."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from erlen import Erlen
from erlen.deploy.logs import peers
from tests.gateway.asgi.driver import http


@pytest.mark.parametrize("address", [None, "", "localhost", "0.0.0.0", "/run/shop.sock"])
def test_a_peer_without_an_address_came_by_a_unix_socket(address: Any) -> None:
    assert peers.name_of(address) == "unix"


def test_a_request_comes_by_a_trusted_proxy_if_the_gateway_says_so() -> None:
    assert peers.came_by_trusted_proxy({"erlen.proxy": "unix"})
    assert not peers.came_by_trusted_proxy({"REMOTE_ADDR": "127.0.0.1", "HTTP_ERLEN_PROXY": "unix"})


def test_an_environ_has_the_clients_address() -> None:
    assert peers.client_of_environ({"REMOTE_ADDR": "1.2.3.4"}) == "1.2.3.4"


@pytest.mark.parametrize("client", [None, (), ("", 0), ["/run/x", None], "text", (3, 4)])
def test_a_scope_may_have_no_address(client: Any) -> None:
    scope = http(client=client)
    assert peers.peer_of_scope(scope) == "unix"
    assert peers.client_of_scope(Erlen("shop"), scope) == "unix"


def test_a_proxy_fix_is_asked_under_asgi_too() -> None:
    app = Erlen("shop")
    scope = http("/", "GET", ("X-Forwarded-For", "9.9.9.9"))
    assert peers.client_of_scope(app, scope) == "127.0.0.1"
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    assert peers.client_of_scope(app, scope) == "9.9.9.9"
    assert peers.peer_of_scope(scope) == "127.0.0.1"
    assert peers.client_of_scope(app, {**scope, "path": 3}) == "127.0.0.1"  # malformed
