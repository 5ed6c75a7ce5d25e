"""The proxies are what is active, in every way that Werkzeug's are."""

from __future__ import annotations

import copy
import operator
import typing as t
from collections.abc import MutableMapping
from functools import partial

import pytest
from werkzeug.local import LocalProxy

import erlen
from erlen import Erlen, active, context_proxies
from tests.serve.beside import FRAMEWORKS, Framework, beside_flask, call, told_alike

NAMES = ("current_app", "g", "request", "session", "app_ctx", "request_ctx")


def proxy(framework: Framework, name: str) -> t.Any:
    return getattr(framework.globals, name)


def inside(framework: Framework) -> t.Any:
    """Return a context in which every proxy is bound."""
    app = framework.Flask("app", static_folder=None)
    app.secret_key = "secret"
    return app.test_request_context("/path?a=1&b=2", headers={"X-One": "1"})


def told(function: t.Callable[[], t.Any]) -> object:
    """Tell what a call gives in a form that compares, or what it raises."""
    try:
        given = function()
    except Exception as error:
        return type(error).__name__
    if isinstance(given, (bool, int, str, bytes, tuple, type(None))):
        return given
    if isinstance(given, dict):
        return dict(given)
    return type(given).__name__


# what may be done with any object


USES: dict[str, t.Callable[[t.Any], t.Any]] = {
    "bool": bool,
    "not": operator.not_,
    "class": lambda one: one.__class__.__name__,
    "type": lambda one: type(one).__name__,
    "name of a type": lambda one: type(one).__mro__[-2].__name__,
    "is a proxy": lambda one: isinstance(one, LocalProxy),
    "len": len,
    "iter": lambda one: list(iter(one)),
    "reversed": lambda one: list(reversed(one)),
    "in": lambda one: "a" in one,
    "hash": lambda one: hash(one) == hash(one._get_current_object()),
    "equal to itself": lambda one: one == one._get_current_object(),
    "equal the other way": lambda one: one._get_current_object() == one,
    "unequal": lambda one: one != 1,
    "less": lambda one: one < 1,
    "item": lambda one: one["a"],
    "set item": lambda one: operator.setitem(one, "a", 1),
    "delete item": lambda one: operator.delitem(one, "a"),
    "call": lambda one: one(),
    "add": lambda one: one + 1,
    "or": lambda one: one | {"x": 1},
    "in-place or": lambda one: operator.ior(one, {"x": 1}),
    "invert": operator.invert,
    "int": int,
    "float": float,
    "index": operator.index,
    "round": round,
    "bytes": bytes,
    "format": lambda one: format(one, "") == str(one),
    "str": lambda one: str(one) == str(one._get_current_object()),
    "repr": lambda one: repr(one) == repr(one._get_current_object()),
    "dir": lambda one: dir(one) == dir(one._get_current_object()),
    "vars": lambda one: one.__dict__ is one._get_current_object().__dict__,
    "enter": lambda one: one.__enter__,
    "await": lambda one: one.__await__,
    "missing attribute": lambda one: one.missing,
    "delete a missing attribute": lambda one: delattr(one, "missing"),
    "set an attribute": lambda one: setattr(one, "mine", 1) or one._get_current_object().mine,
    "set a private attribute": lambda one: setattr(one, "_mine", 1) or one._get_current_object()._mine,
    "delete an attribute": lambda one: (setattr(one, "mine", 1), delattr(one, "mine"), hasattr(one, "mine"))[
        -1
    ],
    "copy": lambda one: type(copy.copy(one)).__name__,
    "current object": lambda one: type(one._get_current_object()).__name__,
    "same object": lambda one: one._get_current_object() is one._get_current_object(),
    "doc": lambda one: type(one.__doc__).__name__,
    "callable": callable,
    "empty name": lambda one: getattr(one, "", "nothing"),
}


def uses(of: t.Iterable[str]) -> list[tuple[str, str]]:
    """Pair every proxy with every use."""
    return [(name, use) for name in NAMES for use in of]


@pytest.mark.parametrize(("name", "use"), uses(USES))
def test_inside_a_context_a_proxy_can_be_used_as_its_object(name: str, use: str) -> None:
    def story(framework: Framework) -> object:
        with inside(framework):
            one = proxy(framework, name)
            said = told(lambda: USES[use](one)), told(lambda: USES[use](one))
        return [name.replace("ThroughSeams", "Flask").replace("Erlen", "Flask") for name in map(str, said)]

    told_alike(story)


OUTSIDE = {
    **USES,
    "repr": repr,
    "str": str,
    "dir": lambda one: dir(one),
    "vars": lambda one: one.__dict__,
    "type of one": lambda one: isinstance(one, Erlen),
    "attribute": lambda one: one.method,
    "known attribute": lambda one: one.get,
    "read": lambda one: one.config,
    "get": lambda one: one.get("x"),
    "write": lambda one: setattr(one, "x", 1),
}


@pytest.mark.parametrize(("name", "use"), uses(sorted(OUTSIDE.keys() - {"iter"})))
def test_outside_of_any_context_a_proxy_is_unbound(name: str, use: str) -> None:
    told_alike(lambda framework: [told(lambda: OUTSIDE[use](proxy(framework, name)))])


@pytest.mark.parametrize(
    ("name", "context"),
    [("current_app", "app"), ("g", "app"), ("app_ctx", "app"), ("request", "req"), ("session", "req")],
)
def test_an_unbound_proxy_says_what_is_missing_and_what_to_do(name: str, context: str) -> None:
    missing = {"app": "application", "req": "request"}[context]
    way_out = {"app": "with app.app_context():", "req": "with app.test_request_context("}[context]
    with pytest.raises(RuntimeError, match=f"Working outside of {missing} context") as caught:
        proxy(erlen, name).anything  # noqa: B018
    assert way_out in str(caught.value)


@beside_flask
def test_in_an_application_context_only_the_request_is_missing(framework: Framework) -> object:
    with framework.Flask("app").app_context():
        proxies = [proxy(framework, name) for name in NAMES]
        return [(bool(one), told(partial(getattr, one, "x"))) for one in proxies]


@beside_flask
def test_proxies_are_instances_of_the_classes_of_their_objects(framework: Framework) -> object:
    with inside(framework):
        return [
            isinstance(framework.current_app, framework.Flask),
            isinstance(framework.request, framework.Request),
            isinstance(framework.session, MutableMapping),
            isinstance(framework.session, framework.sessions.SecureCookieSession),
            isinstance(framework.g, framework.ctx._AppCtxGlobals),
            isinstance(framework.globals.app_ctx, framework.ctx.AppContext),
            isinstance(framework.globals.request_ctx, framework.ctx.RequestContext),
            isinstance(framework.request, framework.Flask),
        ]


@pytest.mark.parametrize("name", NAMES)
@beside_flask
def test_the_type_of_a_proxy_says_that_it_is_one(framework: Framework, name: str) -> object:
    kind = type(proxy(framework, name))
    told = [str(kind), kind.__module__, kind.__name__, kind.__qualname__, kind.__doc__]
    # What a request, a session or an application has are no attributes of the proxy's type.
    words = ("method", "args", "get", "pop", "config", "logger", "x", "session", "app")
    return [
        *told,
        [word for word in words if hasattr(kind, word)],
        sorted(dir(kind)) >= sorted(dir(LocalProxy)),
    ]


@pytest.mark.parametrize("name", ["current_app", "request", "g", "session"])
@beside_flask
def test_an_attribute_that_fails_is_asked_once_and_tells_why(framework: Framework, name: str) -> object:
    asked = []

    class Failing:
        @property
        def broken(self) -> str:
            asked.append("asked")
            raise AttributeError("the reason")

    app = framework.Flask("app")
    with app.test_request_context() as context:
        if name == "current_app":
            context.app = Failing()
            framework.globals.app_ctx.app = Failing()
        elif name == "g":
            framework.globals.app_ctx.g = Failing()
        else:
            setattr(context, {"session": "_session"}.get(name, name), Failing())
        try:
            proxy(framework, name).broken  # noqa: B018
        except AttributeError as error:
            told = [str(error), len(asked)]
        told += [hasattr(proxy(framework, name), "broken"), getattr(proxy(framework, name), "nothing", 1)]
        context.app = framework.globals.app_ctx.app = app
        context.request = framework.Request({"werkzeug.request": None})
    return told


@beside_flask
def test_a_proxy_taken_before_follows_the_context(framework: Framework) -> object:
    request, app, told = framework.request, framework.current_app, []
    for name in ("one", "two"):
        with framework.Flask(name).test_request_context(f"/{name}"):
            told.append((app.name, request.path, app == request, app != request))
    return told


@beside_flask
def test_attributes_read_through_a_proxy_are_those_of_the_object(framework: Framework) -> object:
    """Some have a short cut: all of them, then."""
    told_so_far: list[object] = []
    with inside(framework):
        for proxy_ in (framework.request, framework.current_app):
            one = proxy_._get_current_object()
            for name in sorted(set(dir(one))):
                if name.startswith("__"):
                    continue
                direct, through = told(lambda: getattr(one, name)), told(lambda: getattr(proxy_, name))  # noqa: B023
                if direct != through:
                    told_so_far.append((name, direct, through))
    return told_so_far == []


SHORT_CUTS = ("method", "args", "form", "path", "headers", "view_args", "url_rule", "stream", "mine")


@pytest.mark.parametrize("name", SHORT_CUTS)
def test_attributes_written_through_a_proxy_are_the_objects(name: str) -> None:
    def story(framework: Framework) -> object:
        with inside(framework):
            setattr(framework.request, name, "written")
            said = [getattr(framework.request, name), getattr(framework.request._get_current_object(), name)]
            said.append(told(lambda: delattr(framework.request, name)))
            framework.request.url_rule = None
            return said

    told_alike(story)


@beside_flask
def test_an_attribute_error_inside_a_property_stays_one(framework: Framework) -> object:
    class Request(framework.Request):  # type: ignore[misc]
        @property
        def broken(self) -> object:
            raise AttributeError("inside")

        @property
        def is_secure(self) -> object:
            raise AttributeError("inside, where the proxy has a short cut")

    app = framework.Flask("app")
    app.request_class = Request
    context = app.test_request_context()
    context.url_adapter = None
    with context:
        return [
            hasattr(framework.request, "broken"),
            hasattr(framework.request, "is_secure"),
            getattr(framework.request, "is_secure", "default"),
        ]


# session and g as containers


@beside_flask
def test_the_session_is_used_as_a_dict(framework: Framework) -> object:
    said: list[object] = []
    with inside(framework):
        session = framework.session
        session["a"] = 1
        session.update(b=2)
        said += ["a" in session, len(session), list(session), sorted(session.items()), session.get("c")]
        said += [session.pop("b"), session.setdefault("d", 4), session == {"a": 1, "d": 4}, dict(session)]
        said += [session | {"x": 1} == {"a": 1, "d": 4, "x": 1}, list(reversed(session)), bool(session)]
        said += [session.modified, session.permanent, session.new, session.accessed]
        session.permanent = True
        del session["a"]
        said += [dict(session), type(copy.copy(session)).__name__, dict(copy.deepcopy(session)), str(session)]
        session.clear()
        said += [bool(session), len(session), repr(session)[:21]]
    return said


@beside_flask
def test_in_place_or_changes_the_session_itself(framework: Framework) -> object:
    with inside(framework):
        before = framework.session._get_current_object()
        local = framework.session
        local |= {"a": 1}
        return (
            dict(framework.session),
            framework.session._get_current_object() is before,
            type(local).__name__,
        )


@pytest.mark.parametrize("look", ["read", "in", "len", "iter", "bool", "repr", "attribute", "object", "has"])
def test_looking_at_the_session_marks_it_as_accessed(look: str) -> None:
    looks: dict[str, t.Callable[[t.Any], object]] = {
        "read": lambda session: session.get("x"),
        "in": lambda session: "x" in session,
        "len": len,
        "iter": list,
        "bool": bool,
        "repr": repr,
        "attribute": lambda session: session.new,
        "object": lambda session: session._get_current_object(),
        "has": lambda session: hasattr(session, "x"),
    }

    def story(framework: Framework) -> object:
        with inside(framework) as context:
            before = context._session.accessed
            looks[look](framework.session)
            return before, context._session.accessed

    assert told_alike(story) == (False, True)


@beside_flask
def test_g_is_used_as_a_namespace(framework: Framework) -> object:
    with framework.Flask("app").app_context():
        g = framework.g
        g.a, g._b = 1, 2
        setattr(g, "with space", 3)
        said = [
            g.a,
            g._b,
            getattr(g, "with space"),
            sorted(g),
            "a" in g,
            "missing" in g,
            g.get("a"),
            g.__dict__,
        ]
        g.__dict__["c"] = 4
        return [*said, g.c, hasattr(g, "get"), g == g._get_current_object(), repr(g), bool(g)]


class _Empty:
    """Nothing in it, by its own account."""

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("kind", ["with a length", "a dict"])
def test_g_may_be_empty_by_its_own_account(kind: str) -> None:
    def story(framework: Framework) -> object:
        bases = ((_Empty,) if kind == "with a length" else (dict,), framework.ctx._AppCtxGlobals)
        app = framework.Flask("app")
        app.app_ctx_globals_class = type("G", (*bases[0], bases[1]), {})

        @app.get("/")
        def view() -> str:
            framework.g.user = "ada"
            return str(getattr(framework.g, "user", "lost"))

        return call(app).body

    told_alike(story)


# the variables behind the proxies


@beside_flask
def test_has_context_tells_what_is_active(framework: Framework) -> object:
    app = framework.Flask("app")
    said = [framework.has_app_context(), framework.has_request_context()]
    with app.app_context():
        said += [framework.has_app_context(), framework.has_request_context()]
    with app.test_request_context():
        said += [framework.has_app_context(), framework.has_request_context()]
    return said


def test_all_frameworks_offer_the_same_proxies() -> None:
    for framework in FRAMEWORKS:
        for name in NAMES:
            assert isinstance(proxy(framework, name), LocalProxy)
        assert framework.g is framework.globals.g
        assert framework.request is framework.globals.request
        assert not hasattr(framework.globals, "_request_ctx_stack")
        assert not hasattr(framework.globals, "_app_ctx_stack")


# where nothing is active


@pytest.mark.parametrize(
    ("require", "message"),
    [
        (active.require_app_context, "application context"),
        (context_proxies.require_app, "application context"),
        (context_proxies.require_g, "application context"),
        (active.require_request_context, "request context"),
        (context_proxies.require_request, "request context"),
        (context_proxies.require_session, "request context"),
        (context_proxies.require_websocket, "websocket context"),
    ],
)
def test_an_error_names_what_is_not_active(require: t.Callable[[], t.Any], message: str) -> None:
    with pytest.raises(RuntimeError, match=f"Working outside of {message}"):
        require()


def test_in_an_application_context_there_is_no_request() -> None:
    with Erlen("app").app_context() as context:
        assert active.require_app_context() is context
        with pytest.raises(RuntimeError, match="Working outside of request context"):
            context_proxies.require_request()
