"""The application context and g: what is active, and which context brings it."""

from __future__ import annotations

import copy
import pickle
import typing as t

import pytest

import erlen
from erlen import Erlen
from tests.serve.beside import Framework, beside_flask, call
from tests.serve.contexts import active, noting_ends

# what is active


@beside_flask
def test_an_application_context_inside_a_request_has_a_g_of_its_own(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    with app.test_request_context("/path"):
        framework.g.user = "outer"
        with app.app_context():
            log.append(active(framework))
            framework.g.user = "inner"
        log.append(active(framework))
    return log


# pushing and popping


@beside_flask
def test_an_application_context_may_be_pushed_again_while_it_is_active(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    context = app.app_context()
    with context, context:
        framework.g.user = "ada"
        log.append(active(framework))
        with context:
            log.append(active(framework))
        log.append(active(framework))
    return log


@beside_flask
def test_an_application_context_may_be_pushed_again_after_it_went(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    context = app.app_context()
    for user in ("ada", "grace"):
        with context:
            log.append(active(framework))
            framework.g.user = user
    return log


@beside_flask
def test_an_application_context_pushed_inside_outlives_the_request(framework: Framework) -> object:
    """As fixtures do that push by hand and pop in the wrong order."""
    app = framework.Flask("app")
    told = []
    with app.app_context():
        request_context = app.test_request_context("/path")
        request_context.push()
        inner = app.app_context()
        inner.push()
        framework.g.user = "inner"
        request_context.pop()
        told.append(active(framework))
        inner.pop()
        told.append(active(framework))
    return [*told, active(framework)]


# teardown


@beside_flask
def test_an_application_context_is_pushed_before_the_request(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.add_url_rule("/", "view", lambda: "")

    def receiver(sender: t.Any, **kwargs: t.Any) -> None:
        log.append(framework.has_request_context())

    framework.appcontext_pushed.connect(receiver, app)
    call(app)
    return log


# g


@beside_flask
def test_g_is_a_namespace_with_the_ways_of_a_dict(framework: Framework) -> object:
    app = framework.Flask("app")
    with app.app_context():
        g = framework.g
        g.a = 1
        told: list[object] = [g.get("a"), g.get("b"), g.get("b", 2), g.setdefault("a", 3), g.setdefault("c")]
        told += [g.pop("a"), g.pop("a", 4), "c" in g, "a" in g, list(g), repr(g), hasattr(g, "missing")]
        with pytest.raises(KeyError):
            g.pop("a")
        with pytest.raises(AttributeError):
            g.missing  # noqa: B018
        with pytest.raises(AttributeError):
            del g.missing
        del g.c
        return [*told, list(g), g.__dict__]


def test_a_missing_attribute_of_g_is_named() -> None:
    with Erlen("app").app_context(), pytest.raises(AttributeError, match="'missing'"):
        erlen.g.missing  # noqa: B018


@beside_flask
def test_g_may_be_of_another_class(framework: Framework) -> object:
    class Space(framework.ctx._AppCtxGlobals):  # type: ignore[misc]
        color = "blue"

        def __getattr__(self, name: str) -> object:
            return f"no {name}"

    app = framework.Flask("app")
    app.app_ctx_globals_class = Space
    app.add_url_rule("/", "view", lambda: f"{framework.g.color} {framework.g.size}")
    with app.app_context():
        return framework.g.color, framework.g.size, call(app).body


@beside_flask
def test_g_can_be_copied_and_pickled_as_a_namespace(framework: Framework) -> object:
    app = framework.Flask("app")
    with app.app_context():
        framework.g.a = [1]
        g = framework.g._get_current_object()
        twins = (copy.copy(g), copy.deepcopy(g), pickle.loads(pickle.dumps(g)))
        return [(type(twin).__name__, twin.a, twin.a is g.a) for twin in twins]
