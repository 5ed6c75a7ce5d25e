"""Which function is called: the one that is in the table when the request comes, whatever it is."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.exceptions import NotFound

from erlen import Erlen
from erlen.plan import routes
from tests.serve.beside import Framework, beside_flask, call

# functions in the tables


@beside_flask
def test_the_view_function_is_the_one_in_the_table_when_the_request_comes(framework: Framework) -> object:
    app = framework.Flask("app")
    app.add_url_rule("/", "view", lambda: "first")
    said = [call(app).body]

    async def another() -> str:
        return "coroutine"

    for view in (lambda: "second", another, lambda: "third"):
        app.view_functions["view"] = view
        said += [call(app).body, call(app).body]
    app.view_functions = {"view": lambda: "in a new table"}
    said.append(call(app).body)
    app.before_request_funcs.setdefault(None, []).append(
        lambda: app.view_functions.update(view=lambda: "in a hook")
    )
    return [*said, call(app).body]


@beside_flask
def test_a_view_function_that_was_deleted_is_a_key_error(framework: Framework) -> object:
    app = framework.Flask("app")
    app.testing = True
    app.add_url_rule("/", "view", lambda: "there")
    call(app)
    del app.view_functions["view"]
    with pytest.raises(KeyError) as caught:
        call(app)
    return caught.value.args


# adapted functions


def test_functions_that_come_and_go_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "_MOST_ADAPTED", 5)
    app = Erlen(__name__)

    def view_of(n: int) -> t.Callable[[], t.Awaitable[str]]:
        async def view() -> str:
            return str(n)

        return view

    app.add_url_rule("/", "view", view_of(0))
    for n in range(20):
        app.view_functions["view"] = view_of(n)
        assert call(app).body == str(n).encode()
    assert len(app.request_planner.current(app).adapted) == 5


def test_a_new_function_is_called_although_an_old_one_had_its_address() -> None:
    """Functions are known by identity, and Python uses an address again."""
    app = Erlen(__name__)
    app.add_url_rule("/", "view", lambda: "")
    hooks = app.before_request_funcs.setdefault(None, [])
    for n in range(200):
        hooks[:] = [lambda n=n: str(n)]
        assert call(app).body == str(n).encode()


class Refusing:
    """A callable that can be neither compared nor hashed."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise NotFound

    def __call__(self) -> str:
        return "called"


def test_any_callable_may_be_a_view_or_a_hook() -> None:
    app = Erlen(__name__)
    app.add_url_rule("/", "view", lambda: "view")
    app.view_functions["view"] = Refusing()
    assert call(app).body == b"called"
    app.before_request_funcs.setdefault(None, []).append(Refusing())
    assert call(app).body == b"called"
