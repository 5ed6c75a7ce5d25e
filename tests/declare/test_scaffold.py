"""What applications and blueprints have in common: tables of one shape, folders, a name."""

from __future__ import annotations

from tests.declare.registrars import HOOKS
from tests.serve.beside import Framework, beside_flask


@beside_flask
def test_tables_have_flasks_shapes(framework: Framework) -> object:
    told: list[object] = []
    for one in (framework.Flask("app"), framework.Blueprint("blue", "app")):
        for table in (*HOOKS.values(), "view_functions", "error_handler_spec"):
            value = getattr(one, table)
            told.append(
                (isinstance(value, dict), getattr(value, "default_factory", None) is not None, len(value))
            )
        told.append(isinstance(one.before_request_funcs["anything"], list))
        told.append(dict(one.error_handler_spec["anything"][404]))
        told.append(one.template_context_processors[None][0].__name__)
    app = framework.Flask("app")
    for name in ("blueprints", "extensions", "url_build_error_handlers", "teardown_appcontext_funcs"):
        told.append((type(getattr(app, name)).__name__, len(getattr(app, name))))
    return [*told, app.shell_context_processors]


# templates


@beside_flask
def test_registrars_say_who_they_are(framework: Framework) -> object:
    named = type("Named", (framework.Flask,), {})
    said = [repr(named("my_app")), repr(framework.Blueprint("blue", "app")), str(named("my_app"))]
    return [*said, framework.Flask("my_app").name, framework.Blueprint("blue", "app").name]
