"""In an application of 10,000 rules a change costs what it costs with ten, and so does a request.

Nothing here looks at a clock: what Python calls is counted, and for matching each of its instructions.
"""

from __future__ import annotations

import gc
import sys
import types
import typing as t
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from werkzeug.exceptions import NotFound

import erlen
from erlen import Blueprint, Erlen
from erlen.serve.matching import match
from erlen.serve.request_context import RequestContext
from tests.serve.beside import Answer, call, environ

FEW, MANY = 10, 10_000
# What is built when a plan is compiled: by file below erlen, and the function's name.
BUILDING = {
    "a matcher": ("plan/matcher.py", "Matcher.__init__"),
    "a node": ("plan/matcher.py", "Node.__init__"),
    "a leaf": ("plan/matcher.py", "Leaf.__init__"),
    "a route": ("plan/model.py", "RoutePlan.__init__"),
    "hooks": ("plan/model.py", "Hooks.__init__"),
    "a plan": ("plan/model.py", "Plan.__init__"),
    "own": ("plan/compiler.py", "find_own"),
}
PATHS = {
    "without variables": "/s/0",
    "with a variable": "/v/0/some",
    "with a number": "/i/7/0",
    "with a path": "/p/0/some/where",
    "of a blueprint": "/blue/0/some",
}


def application(rules: int) -> Erlen:
    """Make an application of that many rules, half of them with variables, and ask it for some."""
    app = Erlen("app", static_folder=None)
    app.secret_key = "secret"
    app.logger.disabled = True
    blueprint = Blueprint("blue", "app", url_prefix="/blue")
    for n in range(rules // 10):
        for kind in "stuwx":
            app.add_url_rule(f"/{kind}/{n}", f"{kind}{n}", _fixed)
        app.add_url_rule(f"/v/{n}/<x>", f"v{n}", _variable)
        app.add_url_rule(f"/i/<int:x>/{n}", f"i{n}", _variable)
        app.add_url_rule(f"/p/{n}/<path:x>", f"p{n}", _variable)
        blueprint.add_url_rule(f"/{n}/<x>", f"b{n}", _variable)
        app.add_url_rule(f"/m/{n}/<x>/<y>", f"m{n}", lambda x, y: x, methods=["POST"])
    app.register_blueprint(blueprint)
    return app


def _fixed() -> str:
    return "fixed"


def _variable(x: object) -> str:
    return str(x)


class Applications(t.NamedTuple):
    small: Erlen
    large: Erlen


@pytest.fixture(scope="module")
def apps() -> Applications:
    return Applications(application(FEW), application(MANY))


def warmed(app: Erlen) -> Erlen:
    for path in PATHS.values():
        for _ in range(2):
            assert call(app, path).status == "200 OK"
    return app


def name_of(frame: types.FrameType) -> tuple[str, str]:
    """Return the file of a function and its name, with that of its object's class."""
    code = frame.f_code
    _, _, path = code.co_filename.rpartition("/erlen/")
    owner = frame.f_locals.get("self")
    return path, code.co_name if owner is None else f"{type(owner).__name__}.{code.co_name}"


def calls_of(function: t.Callable[[], object]) -> Counter[tuple[str, str]]:
    """Count the calls of Python functions, by file and name."""
    calls: Counter[tuple[str, str]] = Counter()

    def profile(frame: types.FrameType, event: str, _: object) -> None:
        if event == "call":
            calls[name_of(frame)] += 1

    gc.disable()  # what goes meanwhile calls those who watched it
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls


def built(calls: Counter[tuple[str, str]]) -> dict[str, int]:
    return {name: calls[key] for name, key in BUILDING.items() if calls[key]}


# what a change compiles


@contextmanager
def patched(owner: t.Any, name: str) -> Iterator[None]:
    original, own = getattr(owner, name), name in vars(owner)

    def patch(*args: t.Any, **kwargs: t.Any) -> t.Any:
        return original(*args, **kwargs)

    setattr(owner, name, patch)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, original)
        else:
            delattr(owner, name)


@contextmanager
def in_list(functions: list[t.Any], function: t.Callable[..., t.Any]) -> Iterator[None]:
    functions.append(function)
    try:
        yield
    finally:
        functions.remove(function)


@contextmanager
def in_table(app: Erlen, table: str, name: str | None, function: t.Callable[..., t.Any]) -> Iterator[None]:
    lists: dict[str | None, list[t.Any]] = getattr(app, table)
    before = lists.get(name)
    lists[name] = [function]
    try:
        yield
    finally:
        if before is None:
            del lists[name]
        else:
            lists[name] = before


@contextmanager
def configured(app: Erlen, key: str, value: object) -> Iterator[None]:
    before = app.config[key]
    app.config[key] = value
    try:
        yield
    finally:
        app.config[key] = before


@contextmanager
def handled(app: Erlen) -> Iterator[None]:
    app.error_handler_spec[None][404] = {NotFound: lambda error: "handled"}
    try:
        yield
    finally:
        del app.error_handler_spec[None][404]


@contextmanager
def replaced_view(app: Erlen, endpoint: str) -> Iterator[None]:
    before = app.view_functions[endpoint]
    app.view_functions[endpoint] = lambda x: "another"
    try:
        yield
    finally:
        app.view_functions[endpoint] = before


Change: t.TypeAlias = t.Callable[[Erlen], t.ContextManager[object]]
HOOK_CHANGES: dict[str, Change] = {
    "a before hook": lambda app: in_table(app, "before_request_funcs", None, lambda: None),
    "an after hook": lambda app: in_table(app, "after_request_funcs", None, lambda response: response),
    "a teardown function": lambda app: in_table(app, "teardown_request_funcs", None, lambda error: None),
    "a preprocessor": lambda app: in_table(app, "url_value_preprocessors", None, lambda e, v: None),
    "a hook of the blueprint": lambda app: in_table(app, "before_request_funcs", "blue", lambda: None),
    "a hook of another blueprint": lambda app: in_table(app, "before_request_funcs", "red", lambda: None),
}
CONFIG_CHANGES: dict[str, Change] = {
    "a key": lambda app: configured(app, "MAX_COOKIE_SIZE", 1_000),
    "the secret key": lambda app: configured(app, "SECRET_KEY", "another"),
    "the cookie's name": lambda app: configured(app, "SESSION_COOKIE_NAME", "biscuit"),
}
SEAM_CHANGES: dict[str, Change] = {
    "a seam of the instance": lambda app: patched(app, "make_response"),
    "a seam of Erlen": lambda app: patched(Erlen, "dispatch_request"),
    "a method of the response": lambda app: patched(erlen.Response, "set_cookie"),
    "a method of the session interface": lambda app: patched(type(app.session_interface), "open_session"),
}
UNPLANNED_CHANGES: dict[str, Change] = {
    "an error handler": lambda app: handled(app),
    "a receiver": lambda app: erlen.request_started.connected_to(lambda sender: None, app),
    "a function in a list": lambda app: in_list(app.teardown_appcontext_funcs, lambda error: None),
    "a view function": lambda app: replaced_view(app, "v0"),
}
ALL_CHANGES = {**HOOK_CHANGES, **CONFIG_CHANGES, **SEAM_CHANGES, **UNPLANNED_CHANGES}


def of(changes: dict[str, Change]) -> t.Any:
    return pytest.mark.parametrize("change", changes.values(), ids=changes)


def first_after(change: Change, app: Erlen) -> Counter[tuple[str, str]]:
    """Return what the first request calls after a change, the second time that it is made."""
    calls: Counter[tuple[str, str]] = Counter()
    for _ in range(2):
        warmed(app)
        with change(app):
            calls = calls_of(lambda: call(app, "/v/0/some"))
    return calls


@of(ALL_CHANGES)
def test_the_first_request_after_a_change_calls_the_same_functions_as_often(
    apps: Applications, change: Change
) -> None:
    assert first_after(change, apps.large) == first_after(change, apps.small)


@of(HOOK_CHANGES)
def test_a_hook_builds_the_lists_of_the_route_that_is_asked_for(apps: Applications, change: Change) -> None:
    calls = built(first_after(change, apps.large))
    assert calls == {"a route": 1, "hooks": 1, "a plan": 1}


@of(CONFIG_CHANGES)
def test_a_configuration_key_builds_neither_routes_nor_hooks(apps: Applications, change: Change) -> None:
    assert built(first_after(change, apps.large)) == {"a plan": 1}


@of(SEAM_CHANGES)
def test_a_seam_is_looked_at_and_the_matcher_kept(apps: Applications, change: Change) -> None:
    calls = built(first_after(change, apps.large))
    assert calls.pop("own") == 1
    assert calls == {"a route": 1, "hooks": 1, "a plan": 1}


@of(UNPLANNED_CHANGES)
def test_what_is_looked_at_when_it_is_used_builds_nothing(apps: Applications, change: Change) -> None:
    assert set(built(first_after(change, apps.large))) <= {"a plan"}


def test_a_hundred_changes_before_a_request_cost_what_one_costs(apps: Applications) -> None:
    app = warmed(apps.large)
    with ExitStack() as stack:
        for n in range(100):
            stack.enter_context(HOOK_CHANGES["a hook of another blueprint"](app))
            app.config["UNHEARD_OF"] = n
        calls = calls_of(lambda: call(app, "/v/0/some"))
    assert built(calls) == {"a route": 1, "hooks": 1, "a plan": 1}


def test_a_warm_request_builds_nothing(apps: Applications) -> None:
    app = warmed(apps.large)
    for path in PATHS.values():
        assert built(calls_of(lambda path=path: call(app, path))) == {}


# rules that come later


def test_rules_that_come_later_build_what_the_next_paths_need_and_no_more() -> None:
    """However many rules there are; once for all that came, and not again for each request."""
    counted = []
    for app in (application(10), application(1000)):
        warmed_by = call(app, "/s/0")
        for n in range(50):
            app.url_map.add(app.url_rule_class(f"/late/{n}", endpoint="s0"))
        counted.append(built(calls_of(lambda app=app: call(app, "/late/7"))))
        assert built(calls_of(lambda app=app: call(app, "/late/7"))) == {}
        assert call(app, "/s/0") == warmed_by
    few, many = counted
    assert few == many
    assert (few["a matcher"], few["a leaf"]) == (1, 1)


# matching


def instructions_of(app: Erlen, path: str, method: str) -> Counter[tuple[str, str]]:
    """Count the instructions of Python that matching a warm request takes, by file and function."""
    given = environ(path, method=method)
    count: Counter[tuple[str, str]] = Counter()

    def trace(frame: types.FrameType, event: str, _: object) -> t.Any:
        frame.f_trace_opcodes = True
        if event == "opcode":
            count[frame.f_code.co_filename, frame.f_code.co_name] += 1
        return trace

    plan = app.request_planner.current(app)
    with app.app_context():
        # CPython 3.12 reports the instructions of a function from its second traced call on.
        for tracing in (None, None, trace, trace):
            count.clear()
            context = RequestContext(app, {**given})
            before = sys.gettrace()
            gc.disable()  # a collection calls whoever listens, and that would be counted
            sys.settrace(tracing)
            try:
                match(context, plan, context.environ)
            finally:
                sys.settrace(before)
                gc.enable()
    return count


NOT_FOUND = {"nowhere": "/nowhere", "below a rule": "/s/0/nowhere", "no number": "/i/x/0"}


@pytest.mark.parametrize("path", {**PATHS, **NOT_FOUND}.values(), ids={**PATHS, **NOT_FOUND})
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_matching_takes_the_same_steps_among_ten_rules_and_ten_thousand(
    apps: Applications, path: str, method: str
) -> None:
    small, large = (instructions_of(app, path, method) for app in apps)
    assert small, "nothing was counted"
    assert large == small


@pytest.mark.parametrize("number", [0, 1, 499, 999])
def test_the_last_rule_is_found_in_as_many_steps_as_the_first(apps: Applications, number: int) -> None:
    first, last = (instructions_of(apps.large, f"/v/{n}/some", "GET") for n in (0, number))
    assert last == first


def test_an_answer_is_the_same_among_ten_rules_and_ten_thousand(apps: Applications) -> None:
    def answers(app: Erlen) -> list[Answer]:
        paths = [*PATHS.values(), *NOT_FOUND.values()]
        return [call(app, path, method=m) for path in paths for m in ("GET", "HEAD", "POST")]

    assert answers(apps.large) == answers(apps.small)


def test_what_sessions_need_is_worked_out_again_for_a_configuration_and_not_for_a_hook() -> None:
    app = Erlen(__name__)
    app.secret_key = "a key of the tests"
    first = app.request_planner.current(app).sessions
    assert first is not None
    app.before_request(lambda: None)
    assert app.request_planner.current(app).sessions is first
    app.config["SESSION_COOKIE_NAME"] = "other"
    second = app.request_planner.current(app).sessions
    assert second is not None
    assert second is not first
    assert second.name == "other"
