"""URLs are built as Flask builds them."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import BuildError

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
