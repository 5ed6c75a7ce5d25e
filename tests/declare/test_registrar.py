"""What the decorators record, where, and what they give back."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.exceptions import HTTPException, NotFound

import erlen
from erlen import Blueprint, Erlen
from erlen.views import MethodView, View
from tests.declare.registrars import HOOKS, function, registrars
from tests.serve.beside import Framework, beside_flask, call, outcome, told_alike

RULES = ("route", "get", "post", "put", "delete", "patch")


@pytest.mark.parametrize("registrar", registrars(), ids=["application", "blueprint"])
@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_recorded_and_given_back(registrar: t.Any, name: str) -> None:
    assert getattr(registrar, name)(function) is function
    assert getattr(registrar, HOOKS[name])[None][-1] is function


@pytest.mark.parametrize("registrar", registrars(), ids=["application", "blueprint"])
@pytest.mark.parametrize(
    "decorate",
    [
        lambda one: one.route("/x")(function),
        lambda one: one.get("/y")(function),
        lambda one: one.endpoint("z")(function),
        lambda one: one.errorhandler(404)(function),
        lambda one: one.errorhandler(KeyError)(function),
        lambda one: one.cli.command("c") and function,
    ],
)
def test_a_decorator_gives_back_what_it_decorates(
    registrar: t.Any, decorate: t.Callable[..., object]
) -> None:
    assert decorate(registrar) is function


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"endpoint": "named"},
        {"methods": ["PUT", "get"]},
        {"methods": ()},
        {"methods": {"OPTIONS"}},
        {"defaults": {"n": 1}, "strict_slashes": False},
        {"provide_automatic_options": False},
        {"provide_automatic_options": True, "methods": ["OPTIONS"]},
        {"subdomain": "sub", "build_only": True},
        {"redirect_to": "/x"},
        {"methods": "GET"},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_rule_is_what_flask_makes_of_it(name: str, options: dict[str, t.Any]) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", static_folder=None)
        app.config["PROVIDE_AUTOMATIC_OPTIONS"] = options.get("defaults") is None

        def view(**values: object) -> str:
            return ""

        error = outcome(lambda: getattr(app, name)("/path", **options)(view) is view)
        rules = [
            (
                rule.rule,
                rule.endpoint,
                sorted(rule.methods),
                rule.defaults,
                rule.strict_slashes,
                rule.subdomain,
            )
            for rule in app.url_map.iter_rules()
        ]
        rules += [(rule.provide_automatic_options, rule.redirect_to) for rule in app.url_map.iter_rules()]
        return error, rules, sorted(app.view_functions)

    told_alike(story)


@beside_flask
def test_a_view_function_may_say_what_its_rules_are(framework: Framework) -> object:
    app = framework.Flask("app", static_folder=None)

    def view() -> str:
        return ""

    view.methods = ["POST", "put"]  # type: ignore[attr-defined]
    view.required_methods = ["LINK"]  # type: ignore[attr-defined]
    app.add_url_rule("/one", view_func=view)
    app.add_url_rule("/two", view_func=view, methods=["DELETE"])
    view.provide_automatic_options = False  # type: ignore[attr-defined]
    app.add_url_rule("/three", view_func=view)
    return [
        (rule.rule, sorted(rule.methods), rule.provide_automatic_options) for rule in app.url_map.iter_rules()
    ]


def test_views_of_classes_are_routed() -> None:
    app = Erlen("app")

    class Page(View):
        methods: t.ClassVar = ["POST"]

        def dispatch_request(self) -> str:
            return "page"

    class Item(MethodView):
        def get(self) -> str:
            return "got"

        def delete(self) -> str:
            return "deleted"

    app.add_url_rule("/page", view_func=Page.as_view("page"))
    app.add_url_rule("/item", view_func=Item.as_view("item"))
    assert call(app, "/page", method="POST").body == b"page"
    assert call(app, "/item", method="DELETE").body == b"deleted"
    assert call(app, "/page").status == "405 METHOD NOT ALLOWED"


@beside_flask
def test_a_rule_without_a_name_needs_a_function(framework: Framework) -> object:
    app = framework.Flask("app")
    return (
        outcome(app.add_url_rule, "/"),
        outcome(app.add_url_rule, "/x", "x"),
        call(app, "/x", method="OPTIONS").status,
    )


# error handlers


@pytest.mark.parametrize(
    "given", [404, 500, 418, NotFound, HTTPException, KeyError, Exception, 200, 999, -1, "404", None]
)
def test_a_handler_is_recorded_under_class_and_code(given: t.Any) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        error = outcome(app.register_error_handler, given, function)
        if error is not None and error not in (ValueError, TypeError):
            error = "another"
        told = [
            (n, c, cls.__name__)
            for n, codes in app.error_handler_spec.items()
            for c, h in codes.items()
            for cls in h
        ]
        return error, told

    told_alike(story)


@pytest.mark.parametrize(
    ("given", "words"),
    [(999, "999"), (KeyError(), "instance, not a class"), (str, "'str' is not a subclass of Exception")],
)
def test_what_cannot_be_handled_is_named(given: t.Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        Erlen("app").register_error_handler(given, function)


# the end of set-up


LATE: dict[str, t.Callable[[t.Any], object]] = {
    **{name: lambda app, name=name: getattr(app, name)(function) for name in HOOKS},  # type: ignore[misc]
    **{name: lambda app, name=name: getattr(app, name)("/late") for name in RULES},  # type: ignore[misc]
    "add_url_rule": lambda app: app.add_url_rule("/late", "late", function),
    "endpoint": lambda app: app.endpoint("late"),
    "errorhandler": lambda app: app.errorhandler(404),
    "register_error_handler": lambda app: app.register_error_handler(404, function),
    "register_blueprint": lambda app: app.register_blueprint(Blueprint("late", "app")),
    "template_filter": lambda app: app.template_filter(),
    "add_template_filter": lambda app: app.add_template_filter(function),
    "template_test": lambda app: app.template_test(),
    "add_template_test": lambda app: app.add_template_test(function),
    "template_global": lambda app: app.template_global(),
    "add_template_global": lambda app: app.add_template_global(function),
    "teardown_appcontext": lambda app: app.teardown_appcontext(function),
    "shell_context_processor": lambda app: app.shell_context_processor(function),
}


@pytest.mark.parametrize("name", LATE)
def test_after_the_first_request_set_up_is_refused_by_name(name: str) -> None:
    app = Erlen("my_app")
    LATE[name](app)
    call(app)
    with pytest.raises(AssertionError, match=f"'{name}'.*'my_app'"):
        LATE[name](app)


def test_a_request_context_is_no_first_request() -> None:
    app = Erlen("app")
    with app.test_request_context(), app.app_context():
        app.before_request(function)
    assert function in app.before_request_funcs[None]


# templates


def test_a_registrar_by_itself_does_not_know_its_end() -> None:
    assert erlen.app.AppRegistrar._check_setup_finished is not None
