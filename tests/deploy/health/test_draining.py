"""A process that drains: not ready, and alive."""

from __future__ import annotations

import typing as t

import pytest

from erlen import Erlen
from erlen.deploy import health


@pytest.fixture(autouse=True)
def _drains_no_longer() -> t.Iterator[None]:
    yield
    health.undrain()


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_a_process_that_drains_is_not_ready_and_calls_no_check(protocol: str) -> None:
    calls: list[int] = []
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: "still served")
    health.init_app(app).check("counted", lambda: calls.append(1))
    client = app.test_client(protocol=protocol)
    assert not health.is_draining()
    assert client.get("/readyz").status_code == 200

    health.drain()
    assert health.is_draining()
    response = client.get("/readyz")
    assert (response.status_code, response.json) == (503, {"status": "draining"})
    assert (client.get("/livez").status_code, client.get("/").text) == (200, "still served")
    assert len(calls) == 1

    health.undrain()
    assert client.get("/readyz").status_code == 200
    assert len(calls) == 2
