"""The public names of ``erlen.deploy.health``, as an application uses them."""

from __future__ import annotations

import logging
import typing as t

import pytest

from erlen import Erlen, current_app
from erlen.deploy import health


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_an_application_that_has_no_checks_is_alive_and_ready(protocol: str) -> None:
    app = Erlen(__name__)
    health.init_app(app)
    client = app.test_client(protocol=protocol)
    live, ready = client.get("/livez"), client.get("/readyz")
    assert (live.status_code, live.text) == (200, "ok\n")
    assert (ready.status_code, ready.json) == (200, {"status": "ready", "checks": {}})
    assert live.headers["Cache-Control"] == ready.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_checks_of_both_colours_are_told_with_their_times(protocol: str) -> None:
    app = Erlen(__name__)
    checks = health.init_app(app)
    names = []

    @checks.check("plain")
    def plain() -> None:
        names.append(current_app.name)

    @checks.check("coroutine")
    async def coroutine() -> bool:
        names.append(current_app.name)
        return True

    response = app.test_client(protocol=protocol).get("/readyz")
    assert response.status_code == 200
    told: t.Any = response.json
    assert {name: check["status"] for name, check in told["checks"].items()} == {
        "plain": "ok",
        "coroutine": "ok",
    }
    assert all(check["milliseconds"] >= 0 for check in told["checks"].values())
    assert names == [__name__] * 2


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_the_reason_goes_to_the_log_and_to_nobody_else(
    protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = Erlen(__name__)
    app.config.update(DEBUG=True, TESTING=True, PROPAGATE_EXCEPTIONS=True)
    checks = health.init_app(app)

    @checks.check("database")
    def database() -> None:
        raise ConnectionError("postgresql://shop:hunter2@10.0.0.9/shop does not answer")

    response = app.test_client(protocol=protocol).get("/readyz")
    assert response.status_code == 503
    assert set(response.json["checks"]["database"]) == {"status", "milliseconds"}
    assert "hunter2" not in f"{response.headers}{response.text}"
    assert "hunter2" in caplog.text


def test_a_probe_that_is_answered_well_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    app = Erlen(__name__)
    health.init_app(app).check("fine", lambda: None)
    with caplog.at_level(logging.DEBUG):
        for path in ("/livez", "/readyz"):
            assert app.test_client().get(path).status_code == 200
    assert [record for record in caplog.records if record.name == app.logger.name] == []
