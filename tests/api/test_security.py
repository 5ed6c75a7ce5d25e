"""Credentials are read from their place, and their lack is a 401 that says how to send them."""

import base64
import typing as t
from typing import Annotated

import pytest

from erlen.api import ApiKey, Basic, Bearer, OAuth2, OpenIdConnect, Scheme
from tests.api.conftest import Served

BASIC = base64.b64encode(b"ann:pass").decode()


@pytest.mark.parametrize(
    ("scheme", "request_options", "expected", "challenge"),
    [
        (Bearer(), {"headers": {"Authorization": "Bearer abc"}}, "abc", "Bearer"),
        (OAuth2(flows={}), {"headers": {"Authorization": "bearer abc"}}, "abc", "Bearer"),
        (
            OpenIdConnect(url="https://id.example"),
            {"headers": {"Authorization": "Bearer abc"}},
            "abc",
            "Bearer",
        ),
        (ApiKey(), {"headers": {"X-API-Key": "abc"}}, "abc", "Apikey"),
        (ApiKey(key="k", where="query"), {"query_string": "k=abc"}, "abc", "Apikey"),
        (ApiKey(key="k", where="cookie"), {"headers": {"Cookie": "k=abc"}}, "abc", "Apikey"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_credentials_are_read(
    served: Served, scheme: Scheme, request_options: dict[str, t.Any], expected: str, challenge: str
) -> None:
    def show(token) -> str:  # type: ignore[no-untyped-def]
        return f"{token}"

    show.__annotations__ = {"token": Annotated[str, scheme], "return": str}
    served.add("/", show)
    assert served.ask("/", **request_options).text == expected
    refused = served.ask("/")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith(challenge)
    assert refused.mimetype == "application/problem+json"


def test_basic_gives_user_and_password(served: Served) -> None:
    def show(login: Annotated[t.Any, Basic(realm="shop")]) -> str:
        return f"{login.username} {login.password}"

    served.add("/", show)
    assert served.ask("/", headers={"Authorization": f"Basic {BASIC}"}).text == "ann pass"
    assert (
        served.ask("/", headers={"Authorization": "Bearer x"}).headers["WWW-Authenticate"]
        == "Basic realm=shop"
    )


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic abc", "Bearer\tabc", "abc"])
def test_malformed_credentials_are_missing_ones(served: Served, given: str) -> None:
    def show(token: Annotated[str, Bearer()]) -> str:
        return "in"

    served.add("/", show)
    assert served.ask("/", headers={"Authorization": given}).status_code == 401


@pytest.mark.parametrize(
    ("scheme", "document"),
    [
        (Bearer(bearer_format="JWT"), {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        (Basic(description="d"), {"type": "http", "scheme": "basic", "description": "d"}),
        (ApiKey(key="k", where="cookie"), {"type": "apiKey", "in": "cookie", "name": "k"}),
        (OAuth2(flows={"implicit": {}}), {"type": "oauth2", "flows": {"implicit": {}}}),
        (
            OpenIdConnect(url="https://id.example"),
            {"type": "openIdConnect", "openIdConnectUrl": "https://id.example"},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_schemes_are_described(scheme: Scheme, document: dict[str, t.Any]) -> None:
    assert scheme.as_document() == document


def test_names() -> None:
    assert (Bearer().title, Bearer(name="token").title) == ("bearer", "token")
    with pytest.raises(NotImplementedError):
        Scheme().read(None)  # type: ignore[arg-type]
