"""URLs are built as Flask builds them."""

from __future__ import annotations

import sys
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import BaseConverter, BuildError, MapAdapter

from tests.serve.beside import Framework, beside_flask, examples, told_alike


def linked(framework: Framework, **config: object) -> t.Any:
    """Make an application with rules of every kind to link to."""
    app = framework.Flask("app", subdomain_matching=bool(config.get("SERVER_NAME")))
    app.config.update(config)
    rules: dict[str, dict[str, t.Any]] = {
        "/": {"endpoint": "index"},
        "/one/<name>": {"endpoint": "one"},
        "/two/<int:n>/<path:rest>": {"endpoint": "two"},
        "/post": {"endpoint": "methods", "methods": ["POST"]},
        "/get/<x>": {"endpoint": "methods", "methods": ["GET"]},
        "/pages/": {"endpoint": "pages", "defaults": {"page": 1}},
        "/pages/<int:page>": {"endpoint": "pages"},
        "/sub": {"endpoint": "sub", "subdomain": "sub"},
        "/secure": {"endpoint": "secure"},
    }
    for rule, options in rules.items():
        app.add_url_rule(rule, **options)
    inner = framework.Blueprint("inner", "app", url_prefix="/inner")
    outer = framework.Blueprint("outer", "app", url_prefix="/outer", url_defaults={"lang": "en"})
    inner.add_url_rule("/view", "view", lambda **values: "")
    outer.add_url_rule("/<lang>/view", "view", lambda **values: "")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app


def build(framework: Framework, *args: t.Any, **kwargs: t.Any) -> object:
    try:
        return framework.url_for(*args, **kwargs)
    except Exception as error:
        return type(error)


ENDPOINTS = (
    *("index", "one", "two", "methods", "pages", "sub", "secure", "missing", "static"),
    *("outer.view", "outer.inner.view", ".view", ".inner.view", ".missing", "", ".", "outer.missing"),
)
_values = st.dictionaries(
    st.sampled_from(("name", "n", "rest", "x", "page", "lang", "q", "filename", "é")),
    st.sampled_from((1, 0, "a", "a/b", "é ü", "", None, "a?b#c", ["x", "y"], "100%", True, -1.5)),
    max_size=4,
)
_options = st.fixed_dictionaries(
    {},
    optional={
        "_anchor": st.sampled_from(("top", "é ü", "", "a/b?c#d", "<x>")),
        "_method": st.sampled_from(("GET", "POST", "DELETE")),
        "_scheme": st.sampled_from(("https", "http", "ftp", "")),
        "_external": st.sampled_from((True, False)),
    },
)
_config = st.fixed_dictionaries(
    {},
    optional={
        "SERVER_NAME": st.sampled_from(("erlen.test", "erlen.test:8000")),
        "APPLICATION_ROOT": st.sampled_from(("/", "/root")),
        "PREFERRED_URL_SCHEME": st.sampled_from(("http", "https")),
    },
)
_where = st.sampled_from(("/", "/one/a", "/outer/en/view", "/outer/inner/view", "/nowhere", "app", "nothing"))


@given(
    _config,
    _where,
    st.lists(st.tuples(st.sampled_from(ENDPOINTS), _values, _options), min_size=1, max_size=6),
)
@examples(60)
def test_any_url_is_flasks(
    config: dict[str, t.Any], where: str, wanted: list[tuple[str, dict[str, t.Any], dict[str, t.Any]]]
) -> None:
    def story(framework: Framework) -> object:
        app = linked(framework, **config)
        told = [build(app, endpoint, **values, **options) for endpoint, values, options in wanted]
        if where == "nothing":
            return told
        context = app.app_context() if where == "app" else app.test_request_context(where)
        with context:
            for endpoint, values, options in wanted:
                told.append(build(framework, endpoint, **values, **options))
        return told

    told_alike(story)


class Shouted(BaseConverter):
    """A converter of an application."""

    def to_url(self, value: object) -> str:
        return str(value).upper()


def _add_defaults(app: t.Any) -> None:
    app.url_default_functions[None].append(lambda endpoint, values: values.setdefault("lang", "de"))


def _add_build_error_handler(app: t.Any) -> None:
    app.url_build_error_handlers.append(lambda error, endpoint, values: f"/found?{sorted(values)}")


def _replace_adapter(app: t.Any) -> None:
    class Adapter(MapAdapter):
        def build(self, *args: t.Any, **kwargs: t.Any) -> str:
            return f"own:{super().build(*args, **kwargs)}"

    def replace() -> None:
        cv_request_of(app).get().url_adapter.__class__ = Adapter

    app.before_request_funcs.setdefault(None, []).append(replace)


def cv_request_of(app: t.Any) -> t.Any:
    module = sys.modules["flask.globals" if type(app).__module__ == "flask.app" else "erlen.globals"]
    return module._cv_request


def _add_rule_later(app: t.Any) -> None:
    app._got_first_request = False
    app.add_url_rule("/earlier/<name>", endpoint="one", view_func=app.view_functions["one"], methods=["GET"])


def _override_url_for(app: t.Any) -> None:
    own = app.url_for
    app.url_for = lambda endpoint, **values: f"instance:{own(endpoint, **values)}"


def _override_defaults(app: t.Any) -> None:
    app.inject_url_defaults = lambda endpoint, values: values.update(name="injected", lang="fr")


CHANGES: tuple[t.Callable[[t.Any], None], ...] = (
    *(_add_defaults, _add_build_error_handler, _replace_adapter, _add_rule_later, _override_url_for),
    _override_defaults,
)
_served = st.fixed_dictionaries(
    {},
    optional={
        "SERVER_NAME": st.sampled_from(("erlen.test", "other.test")),
        "subdomain_matching": st.booleans(),
        "host_matching": st.booleans(),
        "default_subdomain": st.just("www"),
    },
)


@pytest.mark.filterwarnings("ignore:Current server name:UserWarning")
@given(
    _served,
    st.sampled_from(("", "/root", "/é ü", "//odd/")),
    st.sampled_from(("erlen.test", "sub.erlen.test", "www.erlen.test:8000")),
    st.sampled_from(("GET", "POST")),
    st.lists(st.sampled_from(CHANGES), max_size=2, unique=True),
    st.lists(st.tuples(st.sampled_from(ENDPOINTS), _values, _options), min_size=1, max_size=6),
)
@examples(50)
def test_any_url_that_a_view_builds_is_flasks(
    served: dict[str, t.Any],
    script_name: str,
    host: str,
    method: str,
    changes: list[t.Callable[[t.Any], None]],
    wanted: list[tuple[str, dict[str, t.Any], dict[str, t.Any]]],
) -> None:
    """Once before anything was changed, once after; the second request of a host finds it known."""

    def story(framework: Framework) -> object:
        options = dict(served)
        app = framework.Flask(
            "app",
            subdomain_matching=options.pop("subdomain_matching", False),
            host_matching=options.get("host_matching", False),
            static_folder=None,
        )
        options.pop("host_matching", None)
        if "default_subdomain" in options:
            app.url_map.default_subdomain = options.pop("default_subdomain")
        app.config.update(options)
        app.url_map.converters["shouted"] = Shouted
        add_rules(app, framework)
        app.errorhandler(404)(lambda error: view())

        def view(**values: t.Any) -> dict[str, t.Any]:
            return {"urls": [repr(build(framework, e, **v, **o)) for e, v, o in wanted]}

        for endpoint in ("one", "inner.view"):
            app.view_functions[endpoint] = view
        told = []
        for change in (*[lambda app: None] * 2, *changes):
            change(app)
            for path in ("/one/a", "/inner/b", "/x"):
                environ = {"SCRIPT_NAME": script_name.encode().decode("latin1"), "HTTP_HOST": host}
                answer = app.test_client().open(path, method=method, environ_overrides=environ)
                told.append(answer.get_data(as_text=True))
        return told

    told_alike(story)


def add_rules(app: t.Any, framework: Framework) -> None:
    rules: dict[str, dict[str, t.Any]] = {
        "/": {"endpoint": "index"},
        "/one/<name>": {"endpoint": "one", "methods": ["GET", "POST"]},
        "/two/<int:n>/<path:rest>": {"endpoint": "two"},
        "/post": {"endpoint": "methods", "methods": ["POST"]},
        "/get/<x>": {"endpoint": "methods", "methods": ["GET"]},
        "/pages/": {"endpoint": "pages", "defaults": {"page": 1}},
        "/pages/<int:page>": {"endpoint": "pages"},
        "/sub": {"endpoint": "sub", "subdomain": "sub"},
        "/loud/<shouted:name>": {"endpoint": "missing"},
    }
    for rule, options in rules.items():
        app.add_url_rule(rule, **options)
    inner = framework.Blueprint("inner", "app", url_prefix="/inner")
    inner.add_url_rule("/<x>", "view", methods=["GET", "POST"], view_func=lambda **values: "")
    inner.add_url_rule("/other/<lang>", "missing", view_func=lambda **values: "")
    app.register_blueprint(inner)


@beside_flask
def test_functions_add_values_from_the_application_inwards(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    outer, inner = framework.Blueprint("outer", "app"), framework.Blueprint("inner", "app")
    for name, place in (("app", app), ("outer", outer), ("inner", inner)):

        def defaults(endpoint: str, values: dict[str, t.Any], name: str = name) -> None:
            log.append((name, endpoint, dict(values)))
            values.setdefault("lang", name)

        place.url_defaults(defaults)
        place.add_url_rule(f"/{name}/<lang>", "view", lambda lang: "")
    inner.app_url_defaults(lambda endpoint, values: log.append("from a blueprint"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    with app.test_request_context():
        return [framework.url_for(name) for name in ("view", "outer.view", "outer.inner.view")], log


@beside_flask
def test_build_error_handlers_are_asked_in_turn(framework: Framework) -> object:
    app, log = framework.Flask("app"), []

    def nothing(error: BuildError, endpoint: str, values: dict[str, t.Any]) -> None:
        log.append((type(error).__name__, endpoint, sorted(values.items())))

    def another(error: BuildError, endpoint: str, values: dict[str, t.Any]) -> t.NoReturn:
        raise BuildError("another", {}, None)

    def answer(error: BuildError, endpoint: str, values: dict[str, t.Any]) -> str:
        return f"answer for {error.endpoint}"

    told: list[object] = []
    with app.test_request_context():
        for handlers in ((), (nothing,), (nothing, another, nothing), (another, answer), (answer,)):
            app.url_build_error_handlers[:] = handlers
            try:
                told.append(framework.url_for("missing", x=1, _anchor="a", _scheme="https"))
            except BuildError as error:
                told.append(error.endpoint)
    return told, log


@beside_flask
def test_the_error_of_an_unknown_endpoint_points_at_its_caller(framework: Framework) -> object:
    app = framework.Flask("app")
    with app.test_request_context(), pytest.raises(BuildError) as caught:
        framework.url_for("missing")
    return str(caught.value), caught.traceback[-1].name == "build"


@beside_flask
def test_an_application_by_itself_builds_for_its_server_name(framework: Framework) -> object:
    app = framework.Flask("app")
    with pytest.raises(RuntimeError, match="SERVER_NAME"):
        app.url_for("static", filename="x")
    with app.app_context(), pytest.raises(RuntimeError, match="SERVER_NAME"):
        framework.url_for("static", filename="x")
    app.config["SERVER_NAME"] = "erlen.test"
    told = [app.url_for("static", filename="x")]
    with app.app_context():
        told.append(framework.url_for("static", filename="x", _external=False))
    return told


@pytest.mark.parametrize("name", [None, "erlen.test", "erlen.test:80"])
@pytest.mark.parametrize("subdomain_matching", [True, False])
@pytest.mark.parametrize("base_url", ["http://erlen.test", "https://sub.erlen.test:443", "http://other.test"])
@pytest.mark.filterwarnings("ignore:Current server name:UserWarning")
def test_the_adapter_of_a_request_is_flasks(
    name: str | None, subdomain_matching: bool, base_url: str
) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", subdomain_matching=subdomain_matching)
        app.config["SERVER_NAME"] = name
        told = []
        with app.test_request_context("/path?q=1", base_url=base_url) as context:
            for adapter in (context.url_adapter, app.create_url_adapter(framework.request)):
                told.append((adapter.server_name, adapter.subdomain, adapter.script_name, adapter.url_scheme))
                told.append((adapter.path_info, adapter.default_method, adapter.query_args))
        outside = app.create_url_adapter(None)
        return told, outside and outside.server_name

    told_alike(story)


@beside_flask
def test_redirect_is_the_applications(framework: Framework) -> object:
    class App(framework.Flask):  # type: ignore[misc]
        def redirect(self, location: str, code: int = 302) -> t.Any:
            return super().redirect(f"{location}?through=app", code)

    app = App("app")
    with app.app_context():
        response = framework.redirect("/x", 303)
    return response.location, response.status, type(response) is framework.Response
