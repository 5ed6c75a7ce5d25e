"""What only applications record: functions for templates and the shell, blueprints."""

from __future__ import annotations

import pytest

from erlen import Erlen
from tests.declare.registrars import function, registrars
from tests.serve.beside import Framework, beside_flask


@beside_flask
def test_an_endpoint_has_one_view_function(framework: Framework) -> object:
    app = framework.Flask("app")

    def view() -> str:
        return ""

    app.add_url_rule("/one", view_func=view)
    app.add_url_rule("/two", view_func=view)
    app.add_url_rule("/three", "view")
    with pytest.raises(AssertionError, match="view"):
        app.add_url_rule("/four", "view", lambda: "")
    return sorted(app.view_functions)


def test_a_view_function_that_would_be_replaced_is_named_with_file_and_line() -> None:
    def first() -> str:
        return ""

    app = Erlen("app")
    app.add_url_rule("/one", "taken", first)
    with pytest.raises(AssertionError) as caught:
        app.add_url_rule("/two", "taken", registrars)
    said = str(caught.value)
    assert "'taken'" in said
    assert f"first ({__file__}:{first.__code__.co_firstlineno})" in said
    assert "registrars" in said


# templates


@beside_flask
def test_template_functions_are_known_by_name(framework: Framework) -> object:
    app = framework.Flask("app")
    app.template_filter()(function)
    app.template_filter("named")(function)
    app.add_template_filter(function, name="added")
    app.template_test("even")(function)
    app.add_template_test(function)
    app.template_global("call_me")(function)
    app.add_template_global(function)
    env = app.jinja_env
    tables = (env.filters, env.tests, env.globals)
    return [[name for name, value in table.items() if value is function] for table in tables]


@beside_flask
def test_the_shell_has_what_processors_add(framework: Framework) -> object:
    app = framework.Flask("app")
    app.shell_context_processor(lambda: {"answer": 42})
    app.shell_context_processor(lambda: {"app": "replaced"})
    with app.app_context():
        names = app.make_shell_context()
    return sorted(names), names["answer"], names["app"], names["g"] is framework.g


@beside_flask
def test_blueprints_are_listed_in_the_order_of_their_registration(framework: Framework) -> object:
    app = framework.Flask("app")
    for name in "cab":
        app.register_blueprint(framework.Blueprint(name, "app"))
    return [blueprint.name for blueprint in app.iter_blueprints()], list(app.blueprints)
