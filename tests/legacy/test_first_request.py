"""Functions before the first request."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from erlen import Blueprint, Flask, request

pytestmark = pytest.mark.usefixtures("of_1_1")
PROTOCOLS = pytest.mark.parametrize("protocol", ["wsgi", "asgi"])


def make_app() -> Any:
    app = Flask(__name__)
    app.add_url_rule("/", "view", lambda: "view")
    return app


@PROTOCOLS
def test_they_run_once_and_first(protocol: str) -> None:
    app, order = make_app(), []
    app.before_request(lambda: order.append("before"))
    app.before_first_request(lambda: order.append(f"first {request.path} {app.got_first_request}"))
    blueprint: Any = Blueprint("b", __name__)
    blueprint.before_app_first_request(lambda: order.append("of the blueprint"))
    app.register_blueprint(blueprint)
    client = app.test_client(protocol=protocol)
    assert [client.get("/").text for _ in range(2)] == ["view", "view"]
    assert order == ["first / False", "of the blueprint", "before", "before"]
    assert app.got_first_request


@PROTOCOLS
def test_afterwards_the_application_is_as_fast_as_any(protocol: str) -> None:
    app = make_app()
    app.before_first_request(lambda: None)
    assert "full_dispatch_request" in vars(app)
    app.test_client(protocol=protocol).get("/")
    assert "full_dispatch_request" not in vars(app)
    assert app.request_planner.current(app).straight


@PROTOCOLS
def test_coroutine_functions(protocol: str) -> None:
    app, order = make_app(), []

    @app.before_first_request
    async def first() -> None:
        order.append("first")

    assert app.test_client(protocol=protocol).get("/").text == "view"
    assert order == ["first"]


def test_the_list_may_be_filled_and_replaced() -> None:
    app, order = make_app(), []
    app.before_first_request_funcs.append(lambda: order.append("appended"))
    assert len(app.before_first_request_funcs) == 1
    app.before_first_request_funcs = [lambda: order.append("replaced")]
    app.test_client().get("/")
    assert order == ["replaced"]


def test_routes_may_be_added() -> None:
    app = make_app()
    app.debug = True
    app.before_first_request(lambda: app.add_url_rule("/late", "late", lambda: "late"))
    client = app.test_client()
    client.get("/")
    assert client.get("/late").text == "late"


def test_one_that_fails_is_tried_again() -> None:
    app, tries = make_app(), []

    @app.before_first_request
    def first() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("not yet")

    app.register_error_handler(ValueError, lambda error: "not for these")
    client = app.test_client()
    assert [client.get("/").status_code for _ in range(4)] == [500, 500, 200, 200]
    assert len(tries) == 3


@PROTOCOLS
def test_others_wait(protocol: str) -> None:
    app, ready, seen = Flask(__name__), [], []
    entered, go_on = threading.Event(), threading.Event()
    app.add_url_rule("/", "view", lambda: str(len(ready)))

    @app.before_first_request  # type: ignore[attr-defined]
    def first() -> None:
        entered.set()
        go_on.wait(10)
        ready.append(1)

    def send() -> None:
        seen.append(app.test_client(protocol=protocol).get("/").text)

    threads = [threading.Thread(target=send) for _ in range(4)]
    threads[0].start()
    assert entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert (seen, len(ready)) == (["1"] * 4, 1)


def test_a_function_may_send_a_request_itself() -> None:
    app, seen = make_app(), []
    app.before_first_request(lambda: seen.append(app.test_client().get("/").text))
    assert app.test_client().get("/").text == "view"
    assert seen == ["view"]


def test_a_replacement_of_the_seam_is_called_and_stays() -> None:
    app, order = make_app(), []
    plain = app.full_dispatch_request

    def replaced() -> Any:
        order.append("replaced")
        return plain()

    app.full_dispatch_request = replaced
    app.before_first_request(lambda: order.append("first"))
    client = app.test_client()
    client.get("/")
    client.get("/")
    assert order == ["first", "replaced", "replaced"]
    assert app.full_dispatch_request is replaced


def test_a_subclass_may_override_both() -> None:
    order = []

    class Own(Flask):
        def full_dispatch_request(self) -> Any:
            order.append("seam")
            return super().full_dispatch_request()

        def try_trigger_before_first_request_functions(self) -> None:
            order.append("trigger")
            super().try_trigger_before_first_request_functions()  # type: ignore[misc]

    app: Any = Own(__name__)
    app.before_first_request(lambda: order.append("first"))
    app.test_client().get("/")
    app.test_client().get("/")
    assert order == ["trigger", "first", "seam", "seam"]


def test_after_the_first_request_it_is_too_late() -> None:
    app, order = make_app(), []
    app.test_client().get("/")
    app.before_first_request(lambda: order.append("never"))
    app.test_client().get("/")
    assert order == []


def test_an_application_is_freed() -> None:
    import gc
    import weakref

    app = make_app()
    app.before_first_request(lambda: None)
    reference = weakref.ref(app)
    del app
    gc.collect()
    assert reference() is None
