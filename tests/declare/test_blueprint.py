"""Blueprints repeat on the application what was recorded, as Flask's do."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Rule

from tests.serve.beside import Framework, beside_flask, call, examples, told_alike

# any tree of blueprints

TABLES = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "url_value_preprocessors",
    "url_default_functions",
    "template_context_processors",
)
RECORDED = (
    *("before_request", "after_request", "teardown_request", "context_processor", "url_value_preprocessor"),
    *("url_defaults", "before_app_request", "after_app_request", "teardown_app_request", "app_url_defaults"),
    *("app_context_processor", "app_url_value_preprocessor"),
)


@dataclass(frozen=True)
class Described:
    """A blueprint, the options it is registered with, and those that it registers."""

    name: str
    made: dict[str, t.Any]
    options: dict[str, t.Any]
    recorded: tuple[str, ...]
    rules: tuple[tuple[str, dict[str, t.Any]], ...]
    handlers: tuple[int, ...]
    children: tuple[Described, ...] = field(default=())

    def on(self, framework: Framework) -> t.Any:
        blueprint = framework.Blueprint(self.name, "app", **self.made)
        for method in self.recorded:
            getattr(blueprint, method)(named(f"{self.name} {method}"))
        for rule, options in self.rules:
            blueprint.add_url_rule(rule, **options)
        for code in self.handlers:
            blueprint.register_error_handler(code, named(f"{self.name} {code}"))
            blueprint.app_errorhandler(code)(named(f"{self.name} app {code}"))
        blueprint.cli.command(f"{self.name}-command")(lambda: None)
        for child in self.children:
            blueprint.register_blueprint(child.on(framework), **child.options)
        return blueprint


def named(name: str) -> t.Callable[..., None]:
    def function(*args: object, **values: object) -> None: ...

    function.__name__ = function.__qualname__ = name
    return function


_prefixes = st.sampled_from(("/p", "/p/", "p", "/<int:x>", "/", ""))
_made = st.fixed_dictionaries(
    {},
    optional={
        "url_prefix": _prefixes,
        "subdomain": st.sampled_from(("sub", "")),
        "url_defaults": st.sampled_from(({"lang": "en"}, {"x": 1})),
        "static_folder": st.just("static"),
        "static_url_path": st.sampled_from(("/files", "files")),
        "cli_group": st.sampled_from((None, "group")),
    },
)
_options = st.fixed_dictionaries(
    {},
    optional={
        "url_prefix": _prefixes,
        "subdomain": st.sampled_from(("other", "")),
        "name": st.sampled_from(("again", "a")),
        "url_defaults": st.sampled_from(({"lang": "de"}, (("y", 2),))),
        "cli_group": st.sampled_from((None, "option")),
    },
)
_rule_options = st.fixed_dictionaries(
    {"endpoint": st.sampled_from(("one", "two"))},
    optional={
        "methods": st.sampled_from((["POST"], ["GET", "OPTIONS"])),
        "defaults": st.sampled_from(({"lang": "fr"}, {"z": 3})),
        "subdomain": st.just("own"),
        "strict_slashes": st.booleans(),
        "provide_automatic_options": st.sampled_from((True, False, None)),
        "build_only": st.just(True),
    },
)
_rules = st.lists(
    st.tuples(st.sampled_from(("/", "/rule", "rule", "", "/<name>", "//twice", "/rule/")), _rule_options),
    max_size=3,
)


@st.composite
def _described(draw: st.DrawFn, depth: int = 0) -> Described:
    return Described(
        draw(st.sampled_from("abc")),
        draw(_made),
        draw(_options),
        tuple(draw(st.lists(st.sampled_from(RECORDED), max_size=3))),
        tuple(draw(_rules)),
        tuple(draw(st.lists(st.sampled_from((404, 500)), unique=True, max_size=1))),
        tuple(draw(st.lists(_described(depth + 1), max_size=2))) if depth < 2 else (),
    )


def rule_told(rule: Rule) -> tuple[object, ...]:
    automatic = getattr(rule, "provide_automatic_options", None)
    said = (rule.rule, rule.endpoint, sorted(rule.methods or ()), rule.subdomain, rule.defaults)
    return (*said, rule.strict_slashes, rule.build_only, automatic)


def functions_told(table: t.Any) -> dict[str, list[str]]:
    names = {str(name): [function.__name__ for function in functions] for name, functions in table.items()}
    return {name: these for name, these in names.items() if these}


def all_told(app: t.Any) -> list[object]:
    """Tell of everything that an application has recorded."""
    handlers = {
        (str(name), str(code), cls.__name__): function.__name__
        for name, codes in app.error_handler_spec.items()
        for code, classes in codes.items()
        for cls, function in classes.items()
    }
    return [
        [rule_told(rule) for rule in app.url_map.iter_rules()],
        [functions_told(getattr(app, name)) for name in TABLES],
        sorted(handlers.items()),
        [(name, blueprint.name) for name, blueprint in app.blueprints.items()],
        sorted(app.view_functions),
        sorted((name, sorted(getattr(one, "commands", ()))) for name, one in app.cli.commands.items()),
    ]


@given(st.lists(_described(), min_size=1, max_size=2), st.booleans())
@examples(50)
def test_any_tree_of_blueprints_is_registered_as_in_flask(described: list[Described], twice: bool) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", static_folder=None, subdomain_matching=True)
        told: list[object] = []
        for one in described:
            blueprint = one.on(framework)
            for options in (one.options, {"name": "twice", "url_prefix": "/twice"})[: 1 + twice]:
                try:
                    app.register_blueprint(blueprint, **options)
                except (ValueError, AssertionError, SyntaxError) as error:
                    told.append(type(error))  # SyntaxError: a variable twice in one rule
        return [*told, *all_told(app)]

    told_alike(story)


# what is recorded


@beside_flask
def test_a_function_recorded_once_runs_at_the_first_registration_only(framework: Framework) -> object:
    log: list[tuple[str, str, bool]] = []
    blueprint = framework.Blueprint("blue", "app")
    blueprint.record(lambda state: log.append(("each", state.app.name, state.first_registration)))
    blueprint.record_once(lambda state: log.append(("once", state.app.name, state.first_registration)))
    for app in (framework.Flask("one"), framework.Flask("two")):
        app.register_blueprint(blueprint)
        app.register_blueprint(blueprint, name="again")
    return log


@beside_flask
def test_a_state_has_what_extensions_read(framework: Framework) -> object:
    seen: list[t.Any] = []
    blueprint = framework.Blueprint("blue", "app", url_prefix="/p", subdomain="s", url_defaults={"a": 1})
    blueprint.record(seen.append)
    app = framework.Flask("app")
    app.register_blueprint(blueprint, url_prefix="/other", url_defaults={"b": 2}, mine="x")
    (state,) = seen
    return [
        state.app is app,
        state.blueprint is blueprint,
        state.options,
        state.first_registration,
        (state.url_prefix, state.subdomain, state.name, state.name_prefix, state.url_defaults),
    ]


@beside_flask
def test_a_state_may_have_its_method_replaced(framework: Framework) -> object:
    """As Flask-RESTful does."""
    seen: list[object] = []
    blueprint = framework.Blueprint("blue", "app", url_prefix="/p")

    def replace(state: t.Any) -> None:
        original = state.add_url_rule

        def add_url_rule(rule: str, *args: t.Any, **options: t.Any) -> None:
            seen.append(rule)
            original(f"/replaced{rule}", *args, **options)

        state.add_url_rule = add_url_rule

    blueprint.record(replace)
    blueprint.add_url_rule("/rule", "view", lambda: "")
    app = framework.Flask("app", static_folder=None)
    app.register_blueprint(blueprint)
    return seen, [rule.rule for rule in app.url_map.iter_rules()]


@beside_flask
def test_a_blueprint_may_make_states_of_its_own(framework: Framework) -> object:
    """As Flask-Admin does."""

    class State(framework.blueprints.BlueprintSetupState):  # type: ignore[misc]
        def add_url_rule(self, rule: str, *args: t.Any, **options: t.Any) -> None:
            super().add_url_rule(f"/mine{rule}", *args, **options)

    class Blueprint(framework.Blueprint):  # type: ignore[misc]
        def make_setup_state(self, app: t.Any, options: t.Any, first_registration: bool = False) -> t.Any:
            return State(self, app, options, first_registration)

        def register(self, app: t.Any, options: dict[str, t.Any]) -> None:
            options["url_prefix"] = "/forced"
            super().register(app, options)

    blueprint = Blueprint("blue", "app", static_folder="static")
    blueprint.add_url_rule("/rule", "view", lambda: "")
    app = framework.Flask("app", static_folder=None)
    app.register_blueprint(blueprint)
    return [rule.rule for rule in app.url_map.iter_rules()]


@beside_flask
def test_views_of_static_files_have_flasks_dotted_names(framework: Framework) -> object:
    """Applications compare them, to exempt static files from their checks; tracers show them."""
    app = framework.Flask("app", static_folder="static")
    app.register_blueprint(framework.Blueprint("blue", "app", static_folder="static"))
    views = [app.view_functions[endpoint] for endpoint in ("static", "blue.static")]
    return [(view.__module__, view.__name__, view.__qualname__) for view in views]


@beside_flask
def test_handlers_of_two_registrations_are_not_shared(framework: Framework) -> object:
    blueprint = framework.Blueprint("blue", "app")
    blueprint.register_error_handler(404, named("recorded"))
    one, two = framework.Flask("one"), framework.Flask("two")
    one.register_blueprint(blueprint)
    two.register_blueprint(blueprint)
    (cls,) = one.error_handler_spec["blue"][404]
    one.error_handler_spec["blue"][404][cls] = named("replaced")
    return [app.error_handler_spec["blue"][404][cls].__name__ for app in (one, two)]


@beside_flask
def test_view_functions_of_a_blueprint_are_taken_over(framework: Framework) -> object:
    blueprint = framework.Blueprint("blue", "app")

    @blueprint.endpoint("somewhere")
    def view() -> str:
        return "there"

    app = framework.Flask("app")
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "somewhere")
    return call(app).body


@beside_flask
def test_what_a_blueprint_says_of_others_is_nested_below_it(framework: Framework) -> object:
    blueprint = framework.Blueprint("blue", "app")
    blueprint.before_request_funcs["child"].append(named("before child"))
    blueprint.error_handler_spec["child"][404][Exception] = named("handles child")
    app = framework.Flask("app")
    app.register_blueprint(blueprint)
    return all_told(app)[1:3]


# mistakes


def mistakes(framework: Framework) -> dict[str, t.Callable[[], object]]:
    app, blueprint = framework.Flask("app"), framework.Blueprint("blue", "app")
    app.register_blueprint(blueprint)
    fresh = framework.Blueprint("fresh", "app")
    dotted = named("with.dot")
    return {
        "no name": lambda: framework.Blueprint("", "app"),
        "a dot in the name": lambda: framework.Blueprint("a.b", "app"),
        "a name twice": lambda: app.register_blueprint(framework.Blueprint("blue", "app")),
        "itself twice": lambda: app.register_blueprint(blueprint),
        "itself in itself": lambda: fresh.register_blueprint(fresh),
        "a dot in an endpoint": lambda: fresh.add_url_rule("/", "a.b", lambda: ""),
        "a dot in a view's name": lambda: fresh.add_url_rule("/", view_func=dotted),
        "a route afterwards": lambda: blueprint.add_url_rule("/", "x", lambda: ""),
        "a hook afterwards": lambda: blueprint.before_request(lambda: None),
        "a record afterwards": lambda: blueprint.record(lambda state: None),
        "a handler afterwards": lambda: blueprint.register_error_handler(404, lambda error: ""),
        "a child afterwards": lambda: blueprint.register_blueprint(fresh),
        "methods of a method": lambda: fresh.get("/", methods=["POST"]),
        "no handler for 999": lambda: fresh.errorhandler(999)(lambda error: ""),
        "an instance": lambda: fresh.register_error_handler(ValueError(), lambda error: ""),
        "no exception": lambda: fresh.register_error_handler(str, lambda error: ""),
        "a base exception": lambda: fresh.register_error_handler(KeyboardInterrupt, lambda error: ""),
    }


@pytest.mark.parametrize("name", mistakes(__import__("erlen")))
def test_mistakes_are_the_errors_that_flask_raises(name: str) -> None:
    def story(framework: Framework) -> object:
        with pytest.raises((ValueError, AssertionError, TypeError)) as caught:
            mistakes(framework)[name]()
        return type(caught.value)

    told_alike(story)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a name twice", ("'blue'", "name=")),
        ("a dot in an endpoint", ("'a.b'",)),
        ("a dot in the name", ("'a.b'",)),
        ("a hook afterwards", ("'before_request'", "'blue'")),
        ("itself in itself", ("'fresh'",)),
        ("no handler for 999", ("999",)),
        ("methods of a method", ("'get'", "'route'")),
        ("no exception", ("'str'",)),
    ],
)
def test_a_mistake_at_set_up_is_named(name: str, words: tuple[str, ...]) -> None:
    import erlen

    with pytest.raises((ValueError, AssertionError, TypeError)) as caught:
        mistakes(erlen)[name]()
    assert all(word in str(caught.value) for word in words)


@beside_flask
def test_a_blueprint_made_by_an_old_constructor_works(framework: Framework) -> object:
    """Some extensions call the constructor by hand."""

    class Blueprint(framework.Blueprint):  # type: ignore[misc]
        def __init__(self, **options: t.Any) -> None:
            framework.Blueprint.__init__(self, "blue", "app", **options)
            self.mine = 1

    blueprint = Blueprint(url_prefix="/p")
    blueprint.add_url_rule("/", "view", lambda: "view")
    app = framework.Flask("app")
    app.register_blueprint(blueprint)
    return call(app, "/p/").body, repr(blueprint), blueprint.mine
