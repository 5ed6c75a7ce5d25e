"""The active contexts, and the variables that answer for them."""

from __future__ import annotations

from erlen import Erlen, active, context_proxies
from erlen.active import NOTHING, state_variable
from tests.serve.beside import Framework, beside_flask, call, outcome

# the variables


@beside_flask
def test_the_variables_answer_as_context_variables(framework: Framework) -> object:
    cv_app, cv_request = framework.globals._cv_app, framework.globals._cv_request
    said: list[object] = []
    for variable in (cv_app, cv_request):
        said += [
            outcome(variable.get),
            variable.get(None),
            variable.get("default"),
            isinstance(variable.name, str),
        ]
    app = framework.Flask("app")
    with app.app_context() as outer:
        said += [cv_app.get() is outer, cv_app.get(None) is outer, cv_request.get(None)]
        with app.test_request_context() as context:
            said += [cv_app.get() is outer, cv_request.get() is context, cv_request.get(None) is context]
    return said


@beside_flask
def test_the_variables_may_be_set_and_reset(framework: Framework) -> object:
    """As tools do that carry a request into another thread."""
    cv_app, cv_request = framework.globals._cv_app, framework.globals._cv_request
    context = framework.Flask("app").test_request_context("/path")
    context.push()
    app_context = cv_app.get()
    context.pop()
    app_token = cv_app.set(app_context)
    token = cv_request.set(context)
    said = [framework.current_app.name, framework.request.path, framework.has_request_context()]
    cv_request.reset(token)
    said += [framework.has_request_context(), framework.has_app_context()]
    cv_app.reset(app_token)
    return [*said, framework.has_app_context()]


@beside_flask
def test_variables_set_to_none_mean_that_nothing_is_active(framework: Framework) -> object:
    framework.globals._cv_app.set(None)
    framework.globals._cv_request.set(None)
    said = framework.has_app_context(), framework.has_request_context()
    state_variable.set(NOTHING)
    return said


# asking for what is active


def test_the_active_application_is_known_before_anybody_asks_for_its_context() -> None:
    app = Erlen("app")
    assert active.active_app() is None

    @app.get("/")
    def view() -> str:
        assert active.get_state()[1] is active.OWN
        assert active.active_app() is context_proxies.require_app() is app
        assert active.get_state()[1] is active.OWN
        return "seen"

    assert call(app).body == b"seen"


def test_the_application_context_of_a_request_is_made_once_when_it_is_asked_for() -> None:
    assert active.app_context_of(NOTHING) is None
    with Erlen("app").test_request_context():
        context = active.require_app_context()
        assert active.app_context_of(active.get_state()) is context is active.cv_app.get()
        assert context.g is context_proxies.require_g()
