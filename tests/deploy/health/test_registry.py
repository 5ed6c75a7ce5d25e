"""Which checks there are, at which paths, and what is refused."""

from __future__ import annotations

import gc
import typing as t
import weakref
from importlib import metadata

import pytest

from erlen import Erlen
from erlen.deploy.health import Health, init_app


def status_of(app: Erlen, path: str) -> int:
    return app.test_client().get(path).status_code


def test_paths_may_be_others_or_none() -> None:
    app = Erlen(__name__)
    init_app(app, live="/health/live", ready=None)
    assert [status_of(app, path) for path in ("/health/live", "/livez", "/readyz")] == [200, 404, 404]


def test_one_object_serves_several_applications_and_checks_may_come_later() -> None:
    health, calls = Health(), []
    apps = [Erlen("one"), Erlen("two")]
    for app in apps:
        health.init_app(app)
        assert status_of(app, "/readyz") == 200
    health.check("late comer", lambda: calls.append(1))
    assert [status_of(app, "/readyz") for app in apps] == [200, 200]
    assert len(calls) == 2
    assert apps[0].extensions["erlen.health"] is health


@pytest.mark.parametrize(
    "path", ["livez", "", "/live?z", "/live#z", "/l%69vez", "/live\n", "/lìvez", 7, b"/l"]
)
def test_a_path_that_no_request_has_is_refused(path: t.Any) -> None:
    with pytest.raises(ValueError, match="must be a path"):
        Health(live=path)
    with pytest.raises(ValueError, match="must be a path"):
        Health(ready=path)


def test_two_answers_at_one_path_are_refused() -> None:
    with pytest.raises(ValueError, match="same path"):
        Health(live="/z", ready="/z")
    app = Erlen(__name__)
    init_app(app)
    with pytest.raises(ValueError, match="/livez, /readyz already"):
        init_app(app)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), "5", None])
def test_a_timeout_is_a_number_of_seconds(timeout: t.Any) -> None:
    with pytest.raises(ValueError, match="number of seconds"):
        Health(timeout=timeout)
    if timeout is not None:  # for a check that is the usual one
        with pytest.raises(ValueError, match="number of seconds"):
            Health().check("name", print, timeout=timeout)


@pytest.mark.parametrize("name", ["", None, print])
def test_a_check_has_a_name(name: t.Any) -> None:
    with pytest.raises(TypeError, match="needs a name"):
        Health().check(name, print)


def test_a_check_is_a_function_and_has_a_name_of_its_own() -> None:
    health = Health()
    with pytest.raises(TypeError, match="must be a function"):
        health.check("disk", "function")  # type: ignore[call-overload]
    health.check("disk", print)
    with pytest.raises(ValueError, match="There is a check 'disk' already"):
        health.check("disk", print)


def test_the_decorated_function_stays_what_it_is() -> None:
    def function() -> None: ...

    assert Health().check("name")(function) is function
    assert Health().check("name", function) is function


class EntryPoint(t.NamedTuple):
    """An entry point of a distribution that is not installed."""

    name: str
    loaded: t.Any
    value: str = "plugin:add"
    dist: t.Any = None

    def load(self) -> t.Any:
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded


def install(monkeypatch: pytest.MonkeyPatch, *plugins: EntryPoint) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(metadata, "entry_points", lambda group: asked.append(group) or plugins)
    return asked


def test_plugins_add_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def add(health: Health, app: Erlen) -> None:
        given.append(app)
        health.check("queue", lambda: False)

    asked = install(monkeypatch, EntryPoint("queue", add))
    app, other = Erlen(__name__), Erlen(__name__)
    health = init_app(app)
    health.init_app(other)
    assert asked == ["erlen.health"]
    assert given == [app]  # once
    response = app.test_client().get("/readyz")
    assert {name: check["status"] for name, check in response.json["checks"].items()} == {"queue": "failed"}


def test_a_plugin_that_fails_says_which_it_is_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, EntryPoint("queue", ImportError("no module named queues")))
    app = Erlen(__name__)
    with pytest.raises(
        RuntimeError, match="'queue' of 'plugin:add' could not be added: ImportError: no module"
    ):
        init_app(app)
    assert app.direct_answers == {}
    init_app(app, plugins=False)
    assert status_of(app, "/readyz") == 200


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_an_application_that_no_server_has_started_is_started_by_the_question(protocol: str) -> None:
    app, opened = Erlen(__name__), []

    @app.before_serving
    async def open_pool() -> None:
        opened.append("pool")

    init_app(app)
    client = app.test_client(protocol=protocol)
    assert client.get("/livez").status_code == 200
    assert opened == []
    assert list(client.get("/readyz").json["checks"]) == ["serving"]
    assert client.get("/readyz").json["checks"] == {}
    assert opened == ["pool"]


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_an_application_that_does_not_start_is_not_ready_until_it_does(protocol: str) -> None:
    app, attempts = Erlen(__name__), []

    @app.before_serving
    def fails_once() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("not yet")

    init_app(app)
    client = app.test_client(protocol=protocol)
    assert [client.get("/readyz").status_code for _ in range(3)] == [503, 200, 200]
    assert len(attempts) == 2


def test_an_application_is_collected_with_its_answers() -> None:
    app = Erlen(__name__)
    init_app(app)
    assert status_of(app, "/readyz") == 200
    reference = weakref.ref(app)
    gc.collect()
    del app
    gc.collect()
    assert reference() is None
