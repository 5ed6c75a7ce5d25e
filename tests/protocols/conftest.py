"""The ways to reach an application, and the colours of its functions."""

from __future__ import annotations

import pytest

from tests.protocols.web import COROUTINE, ERLEN, PLAIN, WAYS, Colour, Web


@pytest.fixture(params=WAYS)
def web(request: pytest.FixtureRequest) -> Web:
    """Real Flask, Erlen by WSGI, and Erlen by ASGI."""
    return Web(request.param)


@pytest.fixture(params=ERLEN)
def erlen_web(request: pytest.FixtureRequest) -> Web:
    """Erlen by WSGI and by ASGI, for what Flask has not."""
    return Web(request.param)


@pytest.fixture(params=[PLAIN, COROUTINE], ids=lambda colour: colour.name)
def colour(request: pytest.FixtureRequest) -> Colour:
    """The colour of views, or of all functions of a scenario."""
    return request.param


@pytest.fixture(params=[PLAIN, COROUTINE], ids=lambda colour: f"hooks {colour.name}")
def hooks(request: pytest.FixtureRequest) -> Colour:
    """The colour of what surrounds a view."""
    return request.param
