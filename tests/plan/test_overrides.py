"""Whatever somebody overrides or patches takes effect: where, when and as often as in Flask."""

from __future__ import annotations

import typing as t
from contextlib import ExitStack

import pytest

import erlen
from tests.seams import APP_CONTEXT_SEAMS, REQUEST_CONTEXT_SEAMS, SEAMS
from tests.serve.beside import Framework, beside_flask, call, told_alike

CONTEXTS = (
    *(("RequestContext", name) for name in REQUEST_CONTEXT_SEAMS),
    *(("AppContext", name) for name in APP_CONTEXT_SEAMS),
)


COLLABORATORS = (
    ("sessions", "SecureCookieSessionInterface", "should_set_cookie"),
    ("json.provider", "DefaultJSONProvider", "response"),
    ("wrappers", "Response", "__call__"),
    ("wrappers", "Request", "on_json_loading_failed"),
    ("wrappers", "Request", "_load_form_data"),
)


SESSIONS = ("open_session", "save_session", "get_cookie_name")


def application(framework: Framework, kind: type | None = None) -> t.Any:
    """Make an application whose requests pass every seam."""
    app = (kind or framework.Flask)("app")
    app.secret_key = "secret"
    app.logger.disabled = True
    app.before_request(lambda: None)
    app.teardown_appcontext(lambda error: None)
    app.add_url_rule("/", "index", lambda: framework.url_for("index", n=1))
    app.add_url_rule("/fails", "fails", lambda: 1 // 0)
    app.add_url_rule("/json", "json", lambda: {"answer": 42})
    app.add_url_rule("/session", "session", lambda: str(framework.session.setdefault("n", 1)))
    app.add_url_rule("/unknown", "unknown", lambda: framework.url_for("nowhere"))
    app.add_url_rule("/form", "form", lambda: framework.request.form.get("x", ""), methods=["POST"])
    app.add_url_rule("/posted", "posted", lambda: framework.request.json, methods=["POST"])

    async def coroutine() -> str:
        return "coroutine"

    app.add_url_rule("/coroutine", "coroutine", coroutine)
    return app


REQUESTS: tuple[tuple[str, str], ...] = (
    ("GET", "/"),
    ("GET", "/nowhere"),
    ("GET", "/fails"),
    ("GET", "/json"),
    ("GET", "/session"),
    ("GET", "/unknown"),
    ("OPTIONS", "/"),
    ("POST", "/form"),
    ("POST", "/posted"),
    ("GET", "/coroutine"),
)


def ask_everything(app: t.Any, log: list[str]) -> list[t.Any]:
    told: list[t.Any] = []
    for method, path in REQUESTS:
        log.clear()
        kwargs = {"data": "x=1", "content_type": "application/json"} if method == "POST" else {}
        answer = call(app, path, method=method, **kwargs)
        names = sorted(name for name, _ in answer.headers)
        told.append((method, path, answer.status, names, len(answer.body), tuple(log)))
    log.clear()
    return told


def noting(original: t.Callable[..., t.Any], log: list[str]) -> t.Callable[..., t.Any]:
    """Do what was done anyway, and note it."""

    def seam(*args: t.Any, **kwargs: t.Any) -> t.Any:
        log.append(original.__name__)
        return original(*args, **kwargs)

    return seam


def patching(owner: t.Any, name: str, log: list[str]) -> ExitStack:
    """Patch a seam until the stack is closed, which puts the former method back."""
    own = vars(owner).get(name)
    setattr(owner, name, noting(getattr(owner, name), log))
    stack = ExitStack()
    stack.callback(delattr if own is None else setattr, owner, name, *([] if own is None else [own]))
    return stack


# where and when a seam is overridden


@pytest.mark.parametrize("name", SEAMS)
def test_a_seam_may_be_replaced_on_the_instance(name: str) -> None:
    def story(framework: Framework) -> object:
        log: list[str] = []
        app = application(framework)
        told = [ask_everything(app, log)]
        with patching(app, name, log):
            told += [ask_everything(app, log), ask_everything(app, log)]
        return [*told, ask_everything(app, log)]

    first, patched, again, last = told_alike(story)
    assert patched == again
    assert first == last != patched


WITHIN = {
    "before_request": ("dispatch_request", "make_response", "process_response", "finalize_request"),
    "after_request": ("do_teardown_request", "do_teardown_appcontext"),
    "teardown_request": ("do_teardown_appcontext",),
}


@pytest.mark.parametrize(
    ("hook", "name"),
    [(hook, name) for hook, names in WITHIN.items() for name in names],
)
def test_a_seam_replaced_while_a_request_runs_is_called_for_that_request(hook: str, name: str) -> None:
    def story(framework: Framework) -> object:
        log: list[str] = []
        app = framework.Flask("app")
        app.add_url_rule("/", "view", lambda: "text")

        def replace(given: t.Any = None) -> t.Any:
            if not log:
                setattr(app, name, noting(getattr(app, name), log))
            return given

        getattr(app, hook)(replace)
        return [call(app), call(app), log]

    told_alike(story)


@pytest.mark.parametrize("name", SEAMS)
def test_a_seam_may_be_patched_on_the_class(name: str) -> None:
    def story(framework: Framework) -> object:
        log: list[str] = []
        app = application(framework)
        told = [ask_everything(app, log)]
        with patching(framework.Flask, name, log):
            told += [ask_everything(app, log)]
        return [*told, ask_everything(app, log)]

    first, patched, last = told_alike(story)
    assert first == last != patched


@pytest.mark.parametrize("name", SEAMS)
def test_a_seam_may_be_overridden_in_a_subclass(name: str) -> None:
    def story(framework: Framework) -> object:
        log: list[str] = []
        original = getattr(framework.Flask, name)
        overriding = type("App", (framework.Flask,), {name: noting(original, log)})
        return ask_everything(application(framework, overriding), log)

    assert any(log for *_, log in told_alike(story))


@pytest.mark.parametrize("name", SEAMS)
def test_a_seam_may_come_from_a_class_mixed_in(name: str) -> None:
    def story(framework: Framework) -> object:
        log: list[str] = []
        mixin = type("Mixin", (), {name: noting(getattr(framework.Flask, name), log)})
        app = application(framework, type("App", (mixin, framework.Flask), {}))
        told = ask_everything(app, log)
        delattr(mixin, name)  # of a class that nobody watches: noticed when something else changes
        app.make_response = app.make_response
        return told, ask_everything(app, log)

    overridden, after = told_alike(story)
    assert overridden != after


@pytest.mark.parametrize("name", SEAMS)
def test_a_seam_may_be_called_by_hand(name: str) -> None:
    """From a subclass' method that calls the one of Flask by name."""

    def story(framework: Framework) -> object:
        log: list[str] = []

        def seam(self: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
            log.append(f"{len(args)} {sorted(kwargs)}")
            return getattr(framework.Flask, name)(self, *args, **kwargs)

        return ask_everything(application(framework, type("App", (framework.Flask,), {name: seam})), log)

    assert told_alike(story)


@pytest.mark.parametrize(("context", "name"), CONTEXTS)
def test_a_method_of_a_context_may_be_patched(context: str, name: str) -> None:
    def story(framework: Framework) -> object:
        log: list[str] = []
        app = application(framework)
        told = [ask_everything(app, log)]
        with patching(getattr(framework.ctx, context), name, log):
            told.append(ask_everything(app, log))
        return [*told, ask_everything(app, log)]

    first, patched, last = told_alike(story)
    assert first == last != patched


@pytest.mark.parametrize(("module", "owner", "name"), COLLABORATORS)
def test_a_method_of_a_collaborator_may_be_patched(module: str, owner: str, name: str) -> None:
    def story(framework: Framework) -> object:
        log: list[str] = []
        app = application(framework)
        told = [ask_everything(app, log)]
        place = framework
        for part in module.split("."):
            place = getattr(place, part)
        with patching(getattr(place, owner), name, log):
            told.append(ask_everything(app, log))
        return [*told, ask_everything(app, log)]

    first, patched, last = told_alike(story)
    assert first == last != patched


def patched_sessions(framework: Framework, name: str, on_class: bool, warm: bool) -> object:
    log: list[str] = []
    app = application(framework)
    # Applications share the interface of the class; this one gets its own.
    app.session_interface = interface = framework.sessions.SecureCookieSessionInterface()
    told = [ask_everything(app, log)] if warm else []
    with patching(type(interface) if on_class else interface, name, log):
        told.append(ask_everything(app, log))
    told.append(ask_everything(app, log))
    # How often it is asked for the cookie's name is its own affair.
    return [[(*row, set(noted)) for *row, noted in one] for one in told]


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize("on_class", [True, False], ids=["class", "instance"])
def test_a_session_interface_may_be_patched_before_the_first_request(name: str, on_class: bool) -> None:
    patched, last = told_alike(patched_sessions, name, on_class, warm=False)
    assert patched != last


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize("on_class", [True, False], ids=["class", "instance"])
def test_a_session_interface_may_be_patched_after_the_first_request(name: str, on_class: bool) -> None:
    first, patched, last = told_alike(patched_sessions, name, on_class, warm=True)
    assert first == last != patched


@beside_flask
def test_a_seam_set_on_the_class_of_a_context_may_change_what_is_made(framework: Framework) -> object:
    class Context(framework.ctx.RequestContext):  # type: ignore[misc]
        def match_request(self) -> None:
            super().match_request()
            self.request.view_args = {"name": "somebody"}

    app = framework.Flask("app")
    app.add_url_rule("/<name>", "view", lambda name: name)
    app.request_context = lambda environ: Context(app, environ)
    said = [call(app, "/ada").body]
    del app.request_context
    return [*said, call(app, "/ada").body]


# what is skipped on the straight form is Erlen's own


@pytest.mark.parametrize("name", [name for name in SEAMS if not name.startswith("handle")])
def test_overriding_a_seam_harmlessly_changes_no_answer(name: str) -> None:
    straight, general = application(erlen), application(erlen)
    seam = getattr(general, name)
    setattr(general, name, lambda *args, **kwargs: seam(*args, **kwargs))
    for method, path in REQUESTS:
        kwargs = {"data": "x=1", "content_type": "application/json"} if method == "POST" else {}
        for _ in range(2):
            one, other = (call(app, path, method=method, **kwargs) for app in (straight, general))
            assert sorted_allow(one) == sorted_allow(other)


def sorted_allow(answer: t.Any) -> t.Any:
    headers = [(n, ", ".join(sorted(v.split(", "))) if n == "Allow" else v) for n, v in answer.headers]
    return answer.status, [pair for pair in headers if pair[0] != "Set-Cookie"], answer.body


def test_the_straight_path_is_taken_while_nothing_is_overridden() -> None:
    """Else the tests above would compare the general form with itself."""
    app = application(erlen)

    def own() -> bool:
        return bool(app.request_planner.current(app).own.straight)

    assert own()
    app.make_response = app.make_response
    assert not own()
    del app.make_response
    assert own()
