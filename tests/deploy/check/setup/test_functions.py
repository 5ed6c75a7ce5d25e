"""The functions that an application calls."""

from __future__ import annotations

from erlen import Blueprint, Erlen
from erlen.deploy.check.setup import functions


def application() -> Erlen:
    app = Erlen(__name__, static_folder=None)
    blueprint = Blueprint("b", __name__)
    app.add_url_rule("/", "view", print)
    app.before_request(len)
    app.teardown_appcontext(repr)
    app.register_error_handler(404, str)
    blueprint.after_request(abs)
    blueprint.register_error_handler(ValueError, min)
    blueprint.add_url_rule("/b", "view", max)
    app.register_blueprint(blueprint)
    return app


def test_hooks_have_their_kind_and_their_blueprint() -> None:
    found = {
        (each.kind, each.blueprint, each.function, each.arguments) for each in functions.hooks(application())
    }
    assert found >= {
        ("before_request", None, len, 0),
        ("after_request", "b", abs, 1),
        ("teardown_appcontext", None, repr, 1),
    }


def test_handlers_have_their_error() -> None:
    found = {
        (each.blueprint, each.error and each.error.__name__, each.code, each.function)
        for each in functions.handlers(application())
    }
    assert found == {(None, "NotFound", 404, str), ("b", "ValueError", None, min)}


def test_all_functions_that_are_called() -> None:
    assert set(functions.called_functions(application())) >= {print, max, len, repr, str, abs, min}


def test_each_table_of_hooks_is_there() -> None:
    assert all(
        hasattr(Erlen(__name__), table) and hasattr(Blueprint("b", __name__), table)
        for table in functions.HOOKS
    )


def test_endpoints_of_a_blueprint() -> None:
    assert functions.endpoints_below(application(), "b") == ["b.view"]
    assert functions.endpoints_below(application(), "c") == []


def test_a_circle_of_wrappers_does_no_harm() -> None:
    def one() -> None: ...
    def two() -> None: ...

    one.__wrapped__, two.__wrapped__ = two, one  # type: ignore[attr-defined]
    assert functions.unwrapped(one) is one
    assert functions.line_of(one) == (__file__, one.__code__.co_firstlineno)
    assert functions.line_of(len) is None
