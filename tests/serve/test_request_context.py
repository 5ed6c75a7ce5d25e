"""Contexts: what is active when, who sees whom, and what is torn down in which order."""

from __future__ import annotations

import contextvars
import gc
import sys
import threading
import typing as t
import weakref

import pytest
from werkzeug.exceptions import NotFound

import erlen
from erlen import Erlen
from erlen.active import NOTHING, cv_app, cv_request, state_variable
from tests.serve.beside import Framework, beside_flask, call, environ, told_alike
from tests.serve.contexts import active, noting_ends

# what is active


@beside_flask
def test_nothing_is_active_at_first_and_nothing_at_last(framework: Framework) -> object:
    app = framework.Flask("app")
    told = [active(framework)]
    with app.app_context():
        told.append(active(framework))
    told.append(active(framework))
    with app.test_request_context("/path"):
        told.append(active(framework))
    return [*told, active(framework)]


@beside_flask
def test_a_request_inside_its_application_shares_g_and_leaves_it(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    with app.app_context() as outer:
        framework.g.user = "fixture"
        with app.test_request_context("/path"):
            log.append((active(framework), framework.globals.app_ctx._get_current_object() is outer))
            framework.g.user = "changed"
        log.append(active(framework))
    return log


@beside_flask
def test_a_request_inside_another_application_brings_its_own(framework: Framework) -> object:
    one, two, log = framework.Flask("one"), framework.Flask("two"), []
    for app in (one, two):
        noting_ends(framework, app, log)
    with one.app_context():
        framework.g.user = "one's"
        with two.test_request_context("/two"):
            log.append(active(framework))
            framework.g.user = "two's"
            with one.test_request_context("/one"):
                log.append(active(framework))
            log.append(active(framework))
        log.append(active(framework))
    return log


@beside_flask
def test_a_request_inside_a_request_of_its_application_shares_g(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    with app.test_request_context("/outer"):
        framework.g.user = "outer"
        with app.test_request_context("/inner"):
            log.append(active(framework))
            framework.g.user = "inner"
        log.append(active(framework))
    return log


@beside_flask
def test_a_request_that_a_view_makes_shares_its_g(
    framework: Framework,
) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    app.add_url_rule("/inner", "inner", lambda: str(framework.g.get("user")))

    @app.get("/outer")
    def outer() -> str:
        framework.g.user = "ada"
        inner = app.test_client().get("/inner").text
        return f"{inner} {framework.request.path} {framework.g.user}"

    return call(app, "/outer").body, log


# pushing and popping


@beside_flask
def test_a_context_may_be_pushed_again_while_it_is_active(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    context = app.test_request_context("/path")
    for depth in range(3):
        context.push()
        framework.g.user = depth
    for _ in range(3):
        log.append(active(framework))
        context.pop()
    return [*log, active(framework)]


@beside_flask
def test_a_context_may_be_pushed_again_after_it_went(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.secret_key = "secret"
    noting_ends(framework, app, log)
    context = app.test_request_context("/path")
    for _ in range(2):
        with context:
            log.append((active(framework), dict(framework.session)))
            framework.session["n"] = 1
            framework.g.user = "ada"
    return log


@beside_flask
def test_each_push_of_a_context_keeps_the_application_context_it_brought(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    context = app.test_request_context("/path")
    with context:
        framework.g.user = "outer"
        with framework.Flask("other").app_context(), context:
            framework.g.user = "inner"
        log.append(active(framework))
    return log


REQUEST, APP = "test_request_context", "app_context"


@pytest.mark.parametrize("outer", [APP, REQUEST])
@pytest.mark.parametrize("inner", [APP, REQUEST])
@pytest.mark.parametrize("same_app", [True, False])
def test_popping_in_the_wrong_order_ends_as_in_flask(outer: str, inner: str, same_app: bool) -> None:
    def story(framework: Framework) -> object:
        one = framework.Flask("one")
        other = one if same_app else framework.Flask("other")
        first, second = getattr(one, outer)(), getattr(other, inner)()
        told: list[object] = []
        first.push()
        second.push()
        for context in (first, second):
            try:
                context.pop()
            except (AssertionError, LookupError) as error:
                told.append(isinstance(error, AssertionError))
            told.append(active(framework))
        _clean(framework)
        return told

    told_alike(story)


def _clean(framework: Framework) -> None:
    """Forget what is active: a test popped in the wrong order."""
    framework.globals._cv_app.set(None)
    framework.globals._cv_request.set(None)
    state_variable.set(NOTHING)


@pytest.mark.parametrize("kind", ["app_context", "test_request_context"])
def test_a_context_that_is_not_active_cannot_be_popped(kind: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        told: list[object] = []
        for _ in range(2):
            with pytest.raises(LookupError):
                getattr(app, kind)().pop()
            told.append(active(framework))
        with app.app_context(), pytest.raises((LookupError, AssertionError)):
            getattr(app, kind)().pop()
        return told

    assert told_alike(story)


@beside_flask
def test_the_error_of_a_wrong_pop_names_both_contexts(framework: Framework) -> object:
    app = framework.Flask("app")
    with app.test_request_context("/outer") as outer:
        inner = app.test_request_context("/inner")
        inner.push()
        with pytest.raises(AssertionError) as caught:
            outer.pop()
        _clean(framework)
        outer.push()
    return "/inner" in str(caught.value), "/outer" in str(caught.value)


def test_an_exception_in_push_leaves_the_context_to_be_popped() -> None:
    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []
        noting_ends(framework, app, log)

        class Interface(framework.sessions.SessionInterface):  # type: ignore[misc]
            def open_session(self, app: object, request: object) -> None:
                raise OSError("no sessions today")

        app.session_interface = Interface()
        context = app.test_request_context("/path")
        with pytest.raises(OSError, match="today"):
            context.push()
        log.append(active(framework))
        context.pop()
        return [*log, active(framework)]

    assert told_alike(story)[-1] == (False, False, False)


# identity


@beside_flask
def test_each_call_makes_an_object_of_its_own(framework: Framework) -> object:
    app = framework.Flask("app")
    made = [app.app_context(), app.app_context(), app.test_request_context(), app.test_request_context()]
    return len({id(context) for context in made}), [type(context).__name__ for context in made]


@beside_flask
def test_each_request_has_contexts_of_its_own_that_go_when_it_went(framework: Framework) -> object:
    app = framework.Flask("app")
    seen: list[t.Any] = []

    @app.get("/")
    def view() -> str:
        for proxy in (framework.globals.app_ctx, framework.globals.request_ctx):
            seen.append(weakref.ref(proxy._get_current_object()))
        seen.append(weakref.ref(framework.request._get_current_object()))
        return ",".join(str(one() is not None) for one in seen[-3:])

    said = [call(app).body, call(app).body]
    gc.collect()
    return said, [one() for one in seen]


@beside_flask
def test_everybody_gets_the_same_contexts(framework: Framework) -> object:
    """The application context of a request may be made late, but once."""
    app, seen = framework.Flask("app"), []
    cv_app, cv_request = framework.globals._cv_app, framework.globals._cv_request

    def look() -> None:
        contexts = (framework.globals.app_ctx._get_current_object(), cv_app.get(), cv_app.get(None))
        requests = (framework.globals.request_ctx._get_current_object(), cv_request.get())
        seen.append([*map(id, (*contexts, *requests)), id(framework.g._get_current_object())])

    app.before_request(look)
    app.add_url_rule("/", "view", lambda: (look(), "")[1])
    app.after_request(lambda response: (look(), response)[1])
    app.teardown_request(lambda error: look())
    app.teardown_appcontext(
        lambda error: seen.append([id(cv_app.get()), id(framework.g._get_current_object())])
    )
    call(app)
    shapes = [[one.index(number) for number in one] for one in seen]
    return shapes, len({tuple(one) for one in seen[:4]}), seen[4] == [seen[0][0], seen[0][5]]


@beside_flask
def test_g_touched_first_is_the_g_of_the_context_made_later(framework: Framework) -> object:
    app = framework.Flask("app")

    @app.get("/")
    def view() -> str:
        framework.g.user = "ada"
        context = framework.globals.app_ctx._get_current_object()
        return f"{context.g.user} {context.g is framework.g._get_current_object()}"

    return call(app).body


@beside_flask
def test_outsiders_keep_attributes_on_contexts_and_requests(framework: Framework) -> object:
    app = framework.Flask("app")

    @app.before_request
    def before() -> None:
        framework.globals.request_ctx.limit = 1
        framework.globals.app_ctx.limit = 2
        framework.request.limit = 3
        framework.g.limit = 4
        framework.globals.request_ctx._get_current_object().flashes = ["seen"]

    @app.get("/")
    def view() -> list[object]:
        request_context = framework.globals.request_ctx
        return [
            request_context.limit,
            framework.globals.app_ctx.limit,
            framework.request.limit,
            framework.g.limit,
            request_context.flashes,
            framework.g.__dict__,
            hasattr(framework.globals.app_ctx, "session"),
            hasattr(request_context, "session"),
        ]

    return call(app).body, call(app).body


@beside_flask
def test_attributes_of_a_context_are_those_of_flask(framework: Framework) -> object:
    app = framework.Flask("app")
    app.secret_key = "secret"
    app.config["SERVER_NAME"] = "erlen.test"
    context = app.test_request_context("/path")
    told = [context.flashes, context._session, context._after_request_functions, context.app is app]
    told += [context.request.path, context.url_adapter.server_name, context.request.url_rule]
    with pytest.raises(AssertionError):
        context.session  # noqa: B018
    with context:
        told += [context._session.accessed, dict(context.session), context._session.accessed]
        told += [str(context.request.routing_exception)[:3], repr(context)]
    outer = app.app_context()
    told += [outer.app is app, outer.url_adapter.server_name, outer.g.get("x")]
    return told


@beside_flask
def test_the_session_of_a_context_is_there_when_it_went(framework: Framework) -> object:
    app = framework.Flask("app")
    app.secret_key = "secret"
    with app.test_request_context() as context:
        pass
    return dict(context.session)


@beside_flask
def test_a_request_context_may_be_given_request_and_session(framework: Framework) -> object:
    app = framework.Flask("app")
    app.add_url_rule("/<n>", "view", lambda n: "")
    given = app.request_class(environ("/given"))
    context = framework.ctx.RequestContext(app, given.environ, request=given, session={"given": 1})
    context._session = framework.sessions.SecureCookieSession({"given": 2})
    with context:
        request = framework.request._get_current_object()
        return request is given, dict(framework.session), request.view_args, request.endpoint


@beside_flask
def test_request_and_url_adapter_of_a_context_may_be_replaced(framework: Framework) -> object:
    app = framework.Flask("app")
    app.add_url_rule("/<n>", "view", lambda n: "")
    context = app.test_request_context("/first")
    context.request = app.request_class(environ("/second"))
    context.url_adapter = app.url_map.bind("erlen.test", path_info="/third")
    with context:
        return framework.request.path, framework.request.view_args, framework.url_for("view", n=1)


@beside_flask
def test_without_a_url_adapter_nothing_is_matched(framework: Framework) -> object:
    app = framework.Flask("app")
    app.add_url_rule("/", "view", lambda: "")
    context = app.test_request_context("/")
    context.url_adapter = None
    with context:
        return framework.request.url_rule, framework.request.routing_exception, framework.request.endpoint


@beside_flask
def test_matching_may_be_repeated_by_hand(framework: Framework) -> object:
    app = framework.Flask("app")
    app.add_url_rule("/<n>", "view", lambda n: "")
    context = app.test_request_context("/1")
    context.match_request()
    told = [context.request.view_args]
    context.request.view_args = {}
    context.match_request()
    return [*told, context.request.view_args, context.request.endpoint]


# other threads


@beside_flask
def test_a_copy_shares_request_and_session(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.secret_key = "secret"
    noting_ends(framework, app, log)
    with app.test_request_context("/path") as context:
        framework.session["n"] = 1
        framework.g.user = "ada"
        twin = context.copy()
        told = [twin is context, twin.request is context.request, twin._session is context._session]

        def elsewhere() -> None:
            log.append(active(framework))
            with twin:
                log.append((active(framework), framework.session["n"]))

        thread = threading.Thread(target=contextvars.Context().run, args=(elsewhere,))
        thread.start()
        thread.join()
    return told, log


def test_threads_have_contexts_of_their_own() -> None:
    app = Erlen("app")
    seen: list[object] = []
    with app.test_request_context():
        thread = threading.Thread(target=lambda: seen.append(state_variable.get()))
        thread.start()
        thread.join()
    assert seen == [NOTHING] or hasattr(sys.flags, "thread_inherit_context")


@beside_flask
def test_an_exhausted_generator_of_contexts_leaves_nothing(framework: Framework) -> object:
    app = framework.Flask("app")

    def generator() -> t.Iterator[object]:
        with app.test_request_context("/inside"):
            yield active(framework)
            yield active(framework)

    return [*generator(), active(framework)]


# g


def test_a_context_is_made_only_when_somebody_asks() -> None:
    """Most requests never do."""
    app = Erlen("app")
    seen: list[object] = []

    @app.get("/")
    def view() -> str:
        state = state_variable.get()
        seen.append(state[0].made_app_context)
        erlen.current_app.config.get("DEBUG")
        erlen.g.user = "ada"
        seen.append(state[0].made_app_context)
        cv_app.get()
        seen.append(state[0].made_app_context is cv_app.get())
        return ""

    call(app)
    assert seen == [None, None, True]
    assert cv_request.get(None) is None


@beside_flask
def test_a_routing_exception_waits_for_the_view(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.before_request(lambda: log.append(type(framework.request.routing_exception).__name__))
    with app.test_request_context("/nowhere"):
        app.preprocess_request()
        with pytest.raises(NotFound):
            app.dispatch_request()
    return log


def test_a_configuration_that_fails_to_tell_the_trusted_hosts_trusts_none() -> None:
    class Failing(erlen.Config):
        def __getitem__(self, key: str) -> t.Any:
            if key == "TRUSTED_HOSTS":
                raise TypeError("no hosts")
            return super().__getitem__(key)

    app = Erlen("app", static_folder=None)
    context = app.request_context(environ("/"))
    app.config = Failing(app.root_path, app.config)
    with pytest.raises(TypeError, match="no hosts"):
        context.make_request()
