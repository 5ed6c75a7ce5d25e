"""The domain of the session cookie."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from erlen import Flask, session


def cookie(base_url: str, **config: Any) -> str:
    app = Flask(__name__)
    app.secret_key = "key"
    app.config.update(config)

    @app.get("/")
    def index() -> str:
        session["a"] = 1
        return ""

    return app.test_client().get("/", base_url=base_url).headers["Set-Cookie"].lower()


@pytest.mark.usefixtures("of_2_2")
@pytest.mark.parametrize(
    ("config", "domain"),
    [
        ({"SERVER_NAME": "example.com"}, "example.com"),
        ({"SERVER_NAME": "example.com:80"}, "example.com"),
        ({"SERVER_NAME": "example.com", "SESSION_COOKIE_DOMAIN": False}, None),
        ({"SERVER_NAME": "example.com", "SESSION_COOKIE_DOMAIN": "other.com"}, "other.com"),
        ({"SERVER_NAME": "example.com", "APPLICATION_ROOT": "/x"}, "example.com"),
        ({}, None),
    ],
)
def test_it_is_that_of_the_server_name(config: dict[str, Any], domain: str | None) -> None:
    text = cookie("http://example.com", **config)
    assert (f"domain={domain};" in text) if domain else ("domain=" not in text)


@pytest.mark.usefixtures("of_2_2")
@pytest.mark.parametrize(
    ("host", "message", "domain"),
    [
        ("localhost", '"localhost" is not a valid cookie domain', None),
        ("127.0.0.1", "an IP address", "127.0.0.1"),
    ],
)
def test_a_host_that_browsers_refuse_warns(host: str, message: str, domain: str | None) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        text = cookie(f"http://{host}", SERVER_NAME=host)
    assert message in str(caught[-1].message)
    assert ("domain=" in text) is (domain is not None)


def test_without_the_layer_it_is_the_hosts_own() -> None:
    assert "domain=" not in cookie("http://example.com", SERVER_NAME="example.com")
