"""Declaring what runs around serving: what is refused at set-up, and what the lists have."""

from __future__ import annotations

import typing as t
from functools import partial

import pytest

from erlen import Blueprint, Erlen, websocket

HOOKS = ("before_websocket", "after_websocket", "teardown_websocket")


async def echo(**values: t.Any) -> None:
    await websocket.send(f"{websocket.endpoint} {values}")


SERVING = ("before_serving", "after_serving", "while_serving")


@pytest.mark.parametrize("name", HOOKS)
def test_hooks_are_added_to_tables_of_flasks_shape(name: str) -> None:
    app, blueprint = Erlen("app"), Blueprint("blueprint", __name__)

    def hook(*_: t.Any) -> None: ...

    assert getattr(app, name)(hook) is hook
    assert getattr(blueprint, name)(hook) is hook
    app.register_blueprint(blueprint)

    assert getattr(app, f"{name}_funcs") == {None: [hook], "blueprint": [hook]}


@pytest.mark.parametrize("name", [*HOOKS, *SERVING, "add_websocket"])
def test_the_first_request_ends_the_time_for_it(name: str) -> None:
    app = Erlen("app")
    app.add_url_rule("/", view_func=lambda: "")
    app.test_client().get("/")

    async def hook(*_: t.Any) -> t.AsyncIterator[None]:
        yield

    with pytest.raises(AssertionError, match=name):
        getattr(app, name)(*(("/ws", "ws", echo) if name == "add_websocket" else (hook,)))


@pytest.mark.parametrize("name", SERVING)
def test_functions_around_serving_are_added_to_lists_and_returned_by_the_decorator(name: str) -> None:
    app = Erlen("app")

    async def generator() -> t.AsyncIterator[None]:
        yield

    lists = {
        "before_serving": app.before_serving_funcs,
        "after_serving": app.after_serving_funcs,
        "while_serving": app.while_serving_gens,
    }

    assert getattr(app, name)(generator) is generator
    assert lists[name] == [generator]


@pytest.mark.parametrize("wrong", [lambda: None, partial(lambda: None), echo])
def test_while_serving_takes_an_asynchronous_generator(wrong: t.Any) -> None:
    with pytest.raises(TypeError, match="yield"):
        Erlen("app").while_serving(wrong)
