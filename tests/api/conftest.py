"""Applications with an Api, by both protocols and in both colours."""

from __future__ import annotations

import typing as t

import pytest

from erlen import Erlen
from erlen.api import Api
from tests.protocols.web import COROUTINE, ERLEN, PLAIN, Colour, Web


class Served:
    """An application with an Api around it, asked by one protocol, with views of one colour."""

    def __init__(self, way: str, colour: Colour, **options: t.Any) -> None:
        self.web = Web(way)
        self.colour = colour
        self.app = Erlen("app", static_folder=None)
        self.app.logger.disabled = True
        self.api = Api(self.app, **options)

    def add(
        self, rule: str, view: t.Any, methods: t.Sequence[str] = ("GET",), endpoint: str | None = None
    ) -> None:
        """Add a view of this colour."""
        self.app.add_url_rule(rule, endpoint or view.__name__, self.colour(view), methods=list(methods))

    def ask(self, path: str, method: str = "GET", **options: t.Any) -> t.Any:
        """Return the response to a request."""
        return self.web.client(self.app, use_cookies=False).open(path, method=method, **options)

    def send(self, path: str, body: bytes, content_type: str = "application/json") -> t.Any:
        """Return the response to a POST of bytes."""
        return self.ask(path, "POST", data=body, content_type=content_type)


@pytest.fixture(params=ERLEN)
def way(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[PLAIN, COROUTINE], ids=lambda colour: colour.name)
def colour(request: pytest.FixtureRequest) -> Colour:
    return request.param


@pytest.fixture
def served(way: str, colour: Colour) -> Served:
    return Served(way, colour)


def faults_of(response: t.Any) -> list[tuple[str, str]]:
    """Return where the faults of an answer are, in their order."""
    assert response.status_code == 422, (response.status_code, response.text)
    assert response.mimetype == "application/problem+json"
    return [(fault["in"], fault.get("at", fault.get("name"))) for fault in response.json["errors"]]
