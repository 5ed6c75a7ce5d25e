"""A change drops the plan, and only what it concerns is worked out again."""

from __future__ import annotations

import copy
import gc
import sys
import threading
import typing as t
import weakref

import pytest
from werkzeug.routing import Rule

import erlen
from erlen import Blueprint, Config, Erlen
from erlen.plan import compiler
from erlen.plan.model import Plan
from tests.serve.beside import call


def plan_of(app: Erlen) -> Plan:
    return app.request_planner.current(app)


@pytest.fixture
def app() -> Erlen:
    app = Erlen(__name__)
    app.add_url_rule("/a", "a", lambda: "a")
    app.add_url_rule("/b/<n>", "b", lambda n: n)
    blueprint = Blueprint("blue", __name__)
    blueprint.add_url_rule("/blue", "c", lambda: "blue")
    app.register_blueprint(blueprint)
    return app


def asked(app: Erlen) -> Plan:
    """Return the plan after each route was asked for."""
    for path in ("/a", "/b/1", "/blue"):
        assert call(app, path).status == "200 OK"
    return plan_of(app)


# what a change concerns

Change: t.TypeAlias = t.Callable[[Erlen], object]


class Answering(erlen.Response):
    pass


def changes(**those: Change) -> t.Any:
    return pytest.mark.parametrize("change", those.values(), ids=those)


HOOKS: dict[str, Change] = {
    "a hook": lambda app: app.before_request_funcs.setdefault(None, []).append(str),
    "a list": lambda app: app.after_request_funcs.update({"blue": []}),
    "a missing list": lambda app: app.teardown_request_funcs["elsewhere"],
    "a preprocessor": lambda app: app.url_value_preprocessors[None].append(print),
}
CONFIG: dict[str, Change] = {
    "a key": lambda app: app.config.update(SESSION_COOKIE_NAME="biscuit"),
    "an attribute": lambda app: setattr(app, "testing", True),
    "trusted hosts": lambda app: app.config.__setitem__("TRUSTED_HOSTS", ["localhost"]),
}
ROUTING: dict[str, Change] = {
    "a rule": lambda app: app.url_map.add(app.url_rule_class("/d", endpoint="a")),
    "a foreign rule": lambda app: app.url_map.add(Rule("/d", endpoint="a")),
    "a rule's methods": lambda app: setattr(next(app.url_map.iter_rules("a")), "methods", {"GET"}),
    "a setting": lambda app: setattr(app.url_map, "strict_slashes", False),
    "subdomains": lambda app: setattr(app, "subdomain_matching", True),
}
SEAMS: dict[str, Change] = {
    "a seam": lambda app: setattr(app, "make_response", app.make_response),
    "a table": lambda app: setattr(app, "before_request_funcs", {}),
    "the session interface": lambda app: setattr(app, "session_interface", erlen.sessions.SessionInterface()),
    "the response class": lambda app: setattr(app, "response_class", Answering),
    "the configuration": lambda app: setattr(app, "config", Config(app.root_path, dict(app.config))),
}
NOTHING: dict[str, Change] = {
    "an attribute of one's own": lambda app: setattr(app, "something", 1),
    "a view function": lambda app: app.view_functions.update(a=str),
    "an error handler": lambda app: app.error_handler_spec[None][404].update({KeyError: str}),
    "an extension": lambda app: app.extensions.update(x=1),
    "a function in a list": lambda app: app.before_request_funcs.get(None, []).append(str),
    "reading a key": lambda app: app.config.get("DEBUG"),
    "looking for a list": lambda app: app.before_request_funcs.get("elsewhere"),
}


@changes(**HOOKS, **CONFIG, **ROUTING, **SEAMS)
def test_what_the_plan_was_worked_out_from_makes_it_stale(app: Erlen, change: Change) -> None:
    before = asked(app)
    change(app)
    assert plan_of(app) is not before
    assert plan_of(app) is plan_of(app)


@changes(**NOTHING)
def test_anything_else_leaves_the_plan_as_it_is(app: Erlen, change: Change) -> None:
    app.before_request(lambda: None)
    before = asked(app)
    change(app)
    assert plan_of(app) is before


def test_a_test_client_leaves_the_plan_as_it_is(app: Erlen) -> None:
    before = asked(app)
    app.test_client()  # makes a subclass of the response class
    assert plan_of(app) is before


@changes(**HOOKS, **CONFIG)
def test_only_a_change_of_the_routing_builds_another_matcher(app: Erlen, change: Change) -> None:
    before = asked(app).matcher
    assert before is not None
    change(app)
    assert asked(app).matcher is before


@changes(**ROUTING)
def test_a_change_of_the_routing_builds_another_matcher(app: Erlen, change: Change) -> None:
    before = asked(app).matcher
    change(app)
    assert plan_of(app).matcher is not before


@changes(**HOOKS, **CONFIG, **ROUTING)
def test_seams_are_looked_at_again_only_when_one_changed(app: Erlen, change: Change) -> None:
    before = asked(app).own
    change(app)
    assert plan_of(app).own is before


@changes(**CONFIG)
def test_a_configuration_key_leaves_routes_and_hooks_as_they_are(app: Erlen, change: Change) -> None:
    before = asked(app)
    routes = dict(before.routes)
    change(app)
    after = plan_of(app)
    assert after.routes is before.routes
    assert after.chains is before.chains
    asked(app)
    assert after.routes == routes


@changes(**HOOKS)
def test_a_hook_leaves_verdicts_on_hosts_as_they_are(app: Erlen, change: Change) -> None:
    before = asked(app)
    change(app)
    assert plan_of(app).domains is before.domains


@changes(**CONFIG)
def test_a_configuration_key_makes_hosts_be_judged_anew(app: Erlen, change: Change) -> None:
    before = asked(app)
    change(app)
    assert plan_of(app).domains is not before.domains


# what a change costs


def calls_of(function: t.Callable[[], object]) -> int:
    """Count the Python calls; no clock decides."""
    count = 0

    def profile(frame: object, event: str, _: object) -> None:
        nonlocal count
        count += event == "call"

    gc.disable()  # what goes meanwhile calls those who watched it
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def large(number: int) -> Erlen:
    app = Erlen(__name__)
    for n in range(number):
        app.add_url_rule(f"/{n}", str(n), lambda: "")
        app.add_url_rule(f"/{n}/<x>", f"{n}x", lambda x: x)
    for path in ("/1", "/1/a", "/2"):
        call(app, path)
    return app


@changes(**HOOKS, **CONFIG)
def test_a_change_costs_the_same_in_a_large_application(change: Change) -> None:
    def after_a_change(number: int) -> int:
        # the smallest of three: objects of other tests that die meanwhile call those who watched them
        return min(calls_after(change, large(number)) for _ in range(3))

    assert after_a_change(200) == after_a_change(5)


def calls_after(change: Change, app: Erlen) -> int:
    change(app)
    return calls_of(lambda: call(app, "/1/a"))


def test_a_hook_is_worked_out_for_the_routes_that_are_asked_for_only() -> None:
    app = large(50)
    app.before_request_funcs.setdefault(None, []).append(lambda: None)
    call(app, "/7")
    assert [route.endpoint for route in plan_of(app).routes.values()] == ["7"]


def test_a_warm_request_compiles_nothing(app: Erlen, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(app)
    monkeypatch.setattr(compiler, "Plan", None)
    monkeypatch.setattr(compiler, "Matcher", None)
    asked(app)


# changes at the same time


def test_a_change_while_the_plan_is_compiled_is_not_lost(app: Erlen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread adds a rule when the matcher has read the map already."""
    original = compiler.Matcher

    def matcher_then_change(url_map: t.Any) -> object:
        matcher = original(url_map)
        monkeypatch.setattr(compiler, "Matcher", original)
        other = threading.Thread(target=app.add_url_rule, args=("/late", "late", lambda: "late"))
        other.start()
        other.join()
        return matcher

    monkeypatch.setattr(compiler, "Matcher", matcher_then_change)
    assert call(app, "/a").body == b"a"
    assert call(app, "/late").body == b"late"


def test_changes_and_requests_in_many_threads_lose_nothing() -> None:
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: ",".join(map(str, sorted(erlen.g.seen))))
    app.before_request(lambda: setattr(erlen.g, "seen", set()))
    hooks = app.before_request_funcs
    faults: list[object] = []

    def sees(number: int) -> t.Callable[[], None]:
        return lambda: erlen.g.seen.add(number)

    def add(n: int) -> None:
        for step in range(20):
            number = n * 20 + step
            hooks.setdefault(None, []).append(sees(number))
            answer = call(app)
            seen = answer.body.decode().split(",")
            if answer.status != "200 OK" or str(number) not in seen:
                faults.append((number, answer))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert call(app).body.decode() == ",".join(map(str, range(80)))


# whom changes are told to


def test_an_application_that_is_made_leaves_another_alone(app: Erlen) -> None:
    plan = asked(app)
    Erlen("other").register_blueprint(Blueprint("blue", __name__))
    assert app.request_planner.plan is plan


def test_a_change_of_one_application_leaves_another_alone(app: Erlen) -> None:
    other = Erlen("other")
    before = plan_of(other)
    for change in (*HOOKS.values(), *CONFIG.values(), *ROUTING.values(), *SEAMS.values()):
        change(app)
    assert plan_of(other) is before


def test_an_application_is_freed_with_the_last_reference_to_it() -> None:
    app = Erlen(__name__)
    call(app)
    gone = weakref.ref(app)
    del app
    gc.collect()
    assert gone() is None


def test_a_configuration_put_in_later_is_heard(app: Erlen) -> None:
    app.config = Config(app.root_path, dict(app.config))
    assert asked(app)
    app.config["TRUSTED_HOSTS"] = ["elsewhere"]
    assert call(app, "/a").status == "400 BAD REQUEST"


def test_a_configuration_shared_by_two_applications_is_right_for_both(app: Erlen) -> None:
    other = Erlen("other")
    other.add_url_rule("/a", "a", lambda: "other")
    other.config = app.config
    assert (call(app, "/a").body, call(other, "/a").body) == (b"a", b"other")
    app.config["TRUSTED_HOSTS"] = ["elsewhere"]
    assert (call(app, "/a").status, call(other, "/a").status) == ("400 BAD REQUEST",) * 2


@pytest.mark.parametrize("kind", [dict, copy.copy], ids=["dict", "copy"])
def test_tables_of_somebody_else_are_read_as_they_are(app: Erlen, kind: t.Callable[[t.Any], t.Any]) -> None:
    asked(app)
    table = app.before_request_funcs = kind(app.before_request_funcs)
    assert asked(app)
    table[None] = [lambda: "theirs"]
    assert call(app, "/a").body == b"theirs"
    del table[None]
    assert call(app, "/a").body == b"a"


def test_a_configuration_that_is_a_plain_dict_is_read_as_it_is(app: Erlen) -> None:
    app.config = t.cast(Config, dict(app.config))
    assert asked(app)
    app.config["TRUSTED_HOSTS"] = ["elsewhere"]
    assert call(app, "/a").status == "400 BAD REQUEST"
