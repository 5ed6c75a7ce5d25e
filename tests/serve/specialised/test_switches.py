"""Each switch leaves the straight path: else an application would be compared with itself."""

from __future__ import annotations

import inspect
import pkgutil
import sys
import types
import typing as t
from contextlib import ExitStack

import pytest

from erlen.plan.overrides import APPLICATION_SEAMS
from erlen.signals import __all__ as signals
from tests.serve.beside import STRAIGHT, Framework, call, environ
from tests.serve.specialised.running import FOLDER, NOTHING, Surroundings
from tests.serve.specialised.switches import SWITCHES, Switch, making

PROBES: dict[str, dict[str, t.Any]] = {
    "form": {"method": "POST", "data": {"x": "1"}},
    "query": {"query_string": "x=1"},
    "posted": {"method": "POST", "json": {"x": 1}},
}
for_each_switch = pytest.mark.parametrize("switch", SWITCHES.values(), ids=SWITCHES)


def application(framework: Framework, surroundings: Surroundings) -> t.Any:
    """Make an application with one view for each thing that a switch may touch."""
    app = framework.Flask("app", static_folder=None)
    app.secret_key = "secret"
    app.logger.disabled = True
    for change in surroundings.made:
        change(app)

    def view(name: str, answer: t.Callable[[], t.Any], **options: t.Any) -> None:
        for wrap in surroundings.wrap:
            answer = wrap(answer)
        app.add_url_rule(f"/{name}", name, answer, **options)

    def proxies() -> str:
        framework.g.x = framework.request.accept_languages
        return f"{framework.g.x} {framework.session.new} {framework.current_app.import_name}"

    view("text", lambda: "text")
    view("json", lambda: {"a": 1})
    view("headed", lambda: framework.make_response("headed"))
    view("query", lambda: framework.request.args["x"])
    view("form", lambda: framework.request.form["x"], methods=["POST"])
    view("posted", lambda: framework.request.get_json(), methods=["POST"])
    view("disk", lambda: framework.send_from_directory(FOLDER, "classes.py"))
    view("session", lambda: str(framework.session.update(n=1)))
    view("page", lambda: framework.render_template_string("{{ g.x }}"))
    view("flash", lambda: framework.flash("flashed") or "flashed")
    view("fails", lambda: 1 // 0)
    view("proxies", proxies)
    blueprint = framework.Blueprint("outer", "app")
    hook: t.Callable[..., t.Any] = lambda: None  # noqa: E731
    for wrap in surroundings.wrap:
        hook = wrap(hook)
    blueprint.before_request(hook)
    blueprint.add_url_rule("/hooked", "hooked", lambda: "hooked")
    app.register_blueprint(blueprint)
    return app


def called(framework: Framework, surroundings: Surroundings, probe: str) -> tuple[set[types.CodeType], t.Any]:
    """Return what a warm request calls, and the application."""
    app = application(framework, surroundings)
    codes: set[types.CodeType] = set()

    def profile(frame: types.FrameType, event: str, _: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    with ExitStack() as stack:
        for surround in surroundings.around:
            stack.enter_context(surround())
        for profiler in (None, None, profile):
            given = environ(f"/{probe}", **PROBES.get(probe, {}))
            for change in surroundings.environ:
                change(given)
            sys.setprofile(profiler)
            try:
                call(app, given)
            finally:
                sys.setprofile(None)
    return codes, app


def codes_of(names: tuple[str, ...]) -> set[types.CodeType]:
    return {inspect.unwrap(pkgutil.resolve_name(name)).__code__ for name in names}


@for_each_switch
def test_a_switch_leaves_the_straight_path(switch: Switch) -> None:
    made = making([next(name for name, one in SWITCHES.items() if one is switch)])
    straight, app = called(STRAIGHT, NOTHING, switch.probe)
    general, general_app = called(made.framework(), made.surroundings(), switch.probe)
    left, taken = codes_of(switch.left), codes_of(switch.taken)
    assert left | taken, "a switch has to name what shows that it works"
    assert left <= straight
    assert not left & general
    assert taken <= general
    assert not taken & straight
    own, general_own = (one.request_planner.current(one).own for one in (app, general_app))
    for name in switch.clears:
        assert getattr(own, name)
        assert not getattr(general_own, name)


def test_every_seam_and_every_signal_has_its_switches() -> None:
    for seam in APPLICATION_SEAMS:
        assert {f"{seam} in a subclass", f"{seam} on the instance", f"{seam} on Erlen"} <= SWITCHES.keys()
    assert {f"receiver of {name}" for name in signals if name != "Namespace"} <= SWITCHES.keys()
