"""Each switch leaves the straight form: else an application would be compared with itself."""

from __future__ import annotations

import inspect
import pkgutil
import sys
import types
import typing as t
from contextlib import ExitStack

import pytest

from erlen.plan.overrides import APPLICATION_SEAMS
from tests.seams import SIGNALS
from tests.serve.beside import STRAIGHT, Framework, call, environ
from tests.serve.specialised.general_form import GeneralForm
from tests.serve.specialised.results import FILE, FOLDER
from tests.serve.specialised.switches import SWITCHES, form_with

# The requests to views for which a plain GET is not enough.
REQUESTS: dict[str, dict[str, t.Any]] = {
    "form": {"method": "POST", "data": {"x": "1"}},
    "query": {"query_string": "x=1"},
    "session": {"headers": {"Cookie": "a=b"}},
    "posted": {"method": "POST", "json": {"x": 1}},
}


def application(framework: Framework, form: GeneralForm) -> t.Any:
    """Make an application with one view for each thing that a switch may touch."""
    app = framework.Flask("app", static_folder=None)
    app.secret_key = "secret"
    app.logger.disabled = True
    for change in form.changes_of_application:
        change(app)

    def view(name: str, answer: t.Callable[[], t.Any], **options: t.Any) -> None:
        app.add_url_rule(f"/{name}", name, form.wrapped(answer), **options)

    def proxies() -> str:
        framework.g.x = framework.request.accept_languages
        return f"{framework.g.x} {framework.session.new} {framework.current_app.import_name}"

    view("text", lambda: "text")
    view("json", lambda: {"a": 1})
    view("headed", lambda: framework.make_response("headed"))
    view("query", lambda: framework.request.args["x"])
    view("form", lambda: framework.request.form["x"], methods=["POST"])
    view("posted", lambda: framework.request.get_json(), methods=["POST"])
    view("disk", lambda: framework.send_from_directory(FOLDER, FILE))
    view("session", lambda: str(framework.session.update(n=1)))
    view("page", lambda: framework.render_template_string("{{ g.x }}"))
    view("flash", lambda: framework.flash("flashed") or "flashed")
    view("fails", lambda: 1 // 0)
    view("proxies", proxies)
    blueprint = framework.Blueprint("outer", "app")
    blueprint.before_request(form.wrapped(lambda: None))
    blueprint.add_url_rule("/hooked", "hooked", lambda: "hooked")
    app.register_blueprint(blueprint)
    return app


def called(framework: Framework, form: GeneralForm, probe: str) -> tuple[set[types.CodeType], t.Any]:
    """Return what a warm request calls, and the application."""
    app = application(framework, form)
    codes: set[types.CodeType] = set()

    def profile(frame: types.FrameType, event: str, _: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    with ExitStack() as stack:
        for around in form.contexts_around_requests:
            stack.enter_context(around())
        for profiler in (None, None, profile):
            given = environ(f"/{probe}", **REQUESTS.get(probe, {}))
            for change in form.changes_of_environ:
                change(given)
            sys.setprofile(profiler)
            try:
                call(app, given)
            finally:
                sys.setprofile(None)
    return codes, app


def codes_of(names: tuple[str, ...]) -> set[types.CodeType]:
    return {inspect.unwrap(pkgutil.resolve_name(name)).__code__ for name in names}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_leaves_the_straight_path(name: str) -> None:
    switch, form = SWITCHES[name], form_with([name])
    straight, app = called(STRAIGHT, GeneralForm(), switch.probe)
    general, general_app = called(form.framework(), form, switch.probe)
    leaves, takes = codes_of(switch.leaves), codes_of(switch.takes)
    assert leaves | takes, "a switch has to name what shows that it works"
    assert leaves <= straight
    assert not leaves & general
    assert takes <= general
    assert not takes & straight
    own, general_own = (one.request_planner.current(one).own for one in (app, general_app))
    for attribute in switch.plan_loses:
        assert getattr(own, attribute)
        assert not getattr(general_own, attribute)


def test_every_seam_and_every_signal_has_its_switches() -> None:
    for seam in APPLICATION_SEAMS:
        assert f"a subclass overrides {seam}" in SWITCHES
        assert f"the instance is patched at {seam}" in SWITCHES
        assert f"the class Erlen is patched at {seam}" in SWITCHES
    assert {f"a receiver is connected to {signal}" for signal in SIGNALS} <= SWITCHES.keys()
