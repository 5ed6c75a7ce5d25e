"""Templates see what Flask's templates see; those made of strings are kept as long as nothing changes."""

from __future__ import annotations

import copy
import logging
import typing as t
from pathlib import Path

import flask
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.ext import Extension
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import SandboxedEnvironment, SecurityError
from markupsafe import Markup

import erlen
import erlen.templating
from erlen import Blueprint, Erlen, render_template, render_template_string, stream_template
from erlen.templating import DispatchingJinjaLoader, Environment, stream_template_string

Change = t.Callable[[Environment], object]


@pytest.fixture
def app(tmp_path: Path) -> Erlen:
    app = Erlen("shop", root_path=str(tmp_path))
    app.secret_key = "secret"
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.html").write_text("<p>{{ text }}</p>")
    (folder / "page.txt").write_text("{{ text }}")
    (folder / "_macros.html").write_text(
        "{% macro hello(name) %}Hello {{ name }}!{% endmacro %}"
        "{% macro where() %}{{ request.path }} {{ g.name }} {{ session.n }}{% endmacro %}"
        "{% set answer = 42 %}"
    )
    (folder / "imports.html").write_text("{% from '_macros.html' import where %}{{ where() }}")
    return app


@pytest.fixture
def context(app: Erlen) -> t.Iterator[None]:
    with app.test_request_context("/here"):
        yield


def kept(app: Erlen) -> t.Any:
    """How often a string was found kept, and how often compiled."""
    return t.cast(t.Any, app.jinja_env._kept).cache_info()


# what templates see


@pytest.mark.usefixtures("context")
def test_a_template_is_rendered_with_its_variables() -> None:
    assert render_template("page.html", text="<b>") == "<p>&lt;b&gt;</p>"
    assert render_template("page.txt", text="<b>") == "<b>"
    assert render_template_string("{{ text }}", text="<b>") == "&lt;b&gt;"


@pytest.mark.usefixtures("context")
def test_the_first_template_that_exists_is_rendered(app: Erlen) -> None:
    assert render_template(["missing.html", "page.txt", "page.html"], text=1) == "1"
    assert render_template(app.jinja_env.get_template("page.txt"), text=2) == "2"
    assert render_template([app.jinja_env.get_template("page.txt")], text=3) == "3"


@pytest.mark.usefixtures("context")
def test_a_template_sees_request_session_g_config_and_functions(app: Erlen) -> None:
    app.config["TOWN"] = "Jena"
    erlen.session["n"] = 5
    erlen.g.name = "ada"
    erlen.flash("saved")
    app.add_url_rule("/items/<int:n>", "item", lambda n: "")
    source = "{{ request.path }} {{ session.n }} {{ g.name }} {{ config.TOWN }} {{ url_for('item', n=1) }}"
    assert render_template_string(source) == "/here 5 ada Jena /items/1"
    assert render_template_string("{{ get_flashed_messages() }}") == "[&#39;saved&#39;]"
    assert render_template("imports.html") == "/here ada 5"


def test_without_a_request_a_template_sees_g_and_config(app: Erlen) -> None:
    with app.app_context():
        erlen.g.name = "ada"
        assert render_template_string("{{ g.name }} {{ config.DEBUG }}") == "ada False"
        assert sorted(erlen.templating._default_template_ctx_processor()) == ["g"]
    assert erlen.templating._default_template_ctx_processor() == {}


def test_rendering_needs_an_application() -> None:
    with pytest.raises(RuntimeError, match="outside of application context"):
        render_template_string("")


def test_reading_the_session_in_a_template_is_noticed(app: Erlen) -> None:
    app.add_url_rule("/read", "read", lambda: render_template_string("{{ session.n }}"))
    app.add_url_rule("/leave", "leave", lambda: render_template_string("{{ request.path }}"))
    client = app.test_client()
    assert client.get("/read").headers["Vary"] == "Cookie"
    assert "Vary" not in client.get("/leave").headers


def test_context_processors_add_variables_and_the_arguments_win(app: Erlen) -> None:
    app.context_processor(lambda: {"a": "app", "b": "app", "config": "mine"})
    bp = Blueprint("bp", __name__)
    inner = Blueprint("inner", __name__)
    other = Blueprint("other", __name__)
    bp.context_processor(lambda: {"b": "bp", "c": "bp"})
    inner.context_processor(lambda: {"c": "inner"})
    other.context_processor(lambda: {"a": "other"})
    inner.add_url_rule("/", "view", lambda: render_template_string("{{ a }} {{ b }} {{ c }} {{ config }}"))
    app.add_url_rule("/app", "view", lambda: render_template_string("{{ a }} {{ b }} {{ c }}", a="given"))
    bp.register_blueprint(inner)
    app.register_blueprint(bp)
    app.register_blueprint(other)
    assert app.test_client().get("/").text == "app bp inner mine"
    assert app.test_client().get("/app").text == "given app "


def test_a_context_processor_may_be_a_coroutine_function(app: Erlen) -> None:
    @app.context_processor
    async def later() -> dict[str, str]:
        return {"a": "awaited"}

    with app.app_context():
        assert render_template_string("{{ a }}") == "awaited"


def test_a_context_is_updated_in_place(app: Erlen) -> None:
    with app.test_request_context():
        variables: dict[str, t.Any] = {"g": "mine"}
        app.update_template_context(variables)
        assert variables["g"] == "mine"
        assert variables["request"] is erlen.request._get_current_object()


@pytest.mark.parametrize(
    "name", [None, "a.html", "a.htm", "a.xml", "a.xhtml", "a.svg", "a.txt", "a.HTML", "html"]
)
def test_what_is_escaped_is_what_flask_escapes(app: Erlen, name: str | None) -> None:
    assert app.select_jinja_autoescape(name) is flask.Flask(__name__).select_jinja_autoescape(name)


def test_a_macro_can_be_used_in_python(app: Erlen) -> None:
    with app.app_context():
        assert erlen.get_template_attribute("_macros.html", "hello")("you") == "Hello you!"
        assert erlen.get_template_attribute("_macros.html", "answer") == 42
        with pytest.raises(AttributeError):
            erlen.get_template_attribute("_macros.html", "missing")


def test_tojson_is_the_applications_json(app: Erlen) -> None:
    with app.app_context():
        assert (
            render_template_string("{{ data|tojson }}", data={"b": "<", "a": 1}) == '{"a": 1, "b": "\\u003c"}'
        )


# the environment


@pytest.mark.parametrize(
    ("debug", "config", "expected"),
    [(False, None, False), (True, None, True), (True, False, False), (False, True, True)],
)
def test_templates_are_reloaded_in_debug_mode_or_as_configured(
    app: Erlen, debug: bool, config: bool | None, expected: bool
) -> None:
    app.config.update(DEBUG=debug, TEMPLATES_AUTO_RELOAD=config)
    assert app.jinja_env.auto_reload is expected


def test_the_environment_is_made_once_and_can_be_replaced(app: Erlen) -> None:
    environment = app.jinja_env
    assert app.jinja_env is environment
    assert environment.app is app
    app.jinja_env = other = Environment(app)
    assert app.jinja_env is other
    del app.jinja_env
    assert app.jinja_env is not other


def test_options_reach_the_environment(tmp_path: Path) -> None:
    class App(Erlen):
        jinja_options = {"trim_blocks": True, "autoescape": False, "auto_reload": True}

    app = App(__name__)
    assert app.jinja_env.trim_blocks
    assert app.jinja_env.auto_reload
    with app.app_context():
        assert render_template_string("{% if 1 %}\n{{ text }}{% endif %}", text="<") == "<"


def test_the_loader_can_be_replaced() -> None:
    class App(Erlen):
        def create_global_jinja_loader(self) -> t.Any:
            return jinja2.DictLoader({"a.html": "custom"})

    app = App(__name__)
    with app.app_context():
        assert render_template("a.html") == "custom"
    assert app.jinja_env.list_templates() == ["a.html"]


def test_the_names_in_the_environment_are_flasks() -> None:
    ours, theirs = Erlen(__name__).jinja_env, flask.Flask(__name__).jinja_env
    for table in ("globals", "filters", "tests", "policies", "extensions"):
        assert set(getattr(ours, table)) == set(getattr(theirs, table))
        assert isinstance(getattr(ours, table), dict)


def test_a_template_may_have_globals_of_its_own(app: Erlen) -> None:
    app.jinja_env.globals.update(a="environment", b="environment")
    template = app.jinja_env.from_string("{{ a }} {{ b }} {{ c }}", globals={"a": "template"})
    app.jinja_env.globals["b"] = "changed"
    assert template.render(c="given") == "template changed given"
    template.globals["c"] = "late"
    assert template.render(b="given") == "template given late"
    template.globals = {"a": "replaced"}
    assert template.render(b=1) == "replaced 1 "


# signals


@pytest.mark.usefixtures("context")
def test_signals_are_sent_around_a_template(app: Erlen) -> None:
    events: list[tuple[str, str, t.Any]] = []

    def before(sender: Erlen, template: t.Any, context: dict[str, t.Any]) -> None:
        events.append(("before", template.name, context["text"]))
        context["text"] = "changed"

    def after(sender: Erlen, template: t.Any, context: dict[str, t.Any]) -> None:
        events.append(("after", template.name, context["text"]))

    with (
        erlen.before_render_template.connected_to(before, app),
        erlen.template_rendered.connected_to(after, app),
    ):
        assert render_template("page.txt", text="text") == "changed"
        stream = stream_template("page.txt", text="text")
        assert events[2:] == [("before", "page.txt", "text")]
        assert "".join(stream) == "changed"
    assert events == [("before", "page.txt", "text"), ("after", "page.txt", "changed")] * 2


@pytest.mark.usefixtures("context")
def test_render_can_be_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erlen.templating, "_render", lambda app, template, context: f"patched {context}")
    assert render_template("page.html", a=1) == "patched {'a': 1}"
    assert render_template_string("", b=1) == "patched {'b': 1}"


# streams


def test_a_template_is_streamed_with_its_request(app: Erlen) -> None:
    ended: list[str] = []
    app.teardown_request(lambda error: ended.append("teardown"))

    @app.get("/page")
    def page() -> t.Iterator[str]:
        return stream_template("page.html", text=erlen.request.path)

    @app.get("/string")
    def string() -> t.Iterator[str]:
        erlen.session["n"] = 1
        return stream_template_string("{{ request.path }} {{ g.missing }} {{ session.n }}")

    client = app.test_client()
    assert client.get("/page").text == "<p>/page</p>"
    assert client.get("/string").text == "/string  1"
    assert ended == ["teardown", "teardown"]


def test_a_template_is_streamed_without_a_request(app: Erlen) -> None:
    with app.app_context():
        pieces = stream_template_string("{% for n in [1, 2] %}{{ n }};{% endfor %}")
        assert "".join(pieces) == "1;2;"


# strings are kept


@pytest.mark.usefixtures("context")
def test_a_string_is_compiled_once(app: Erlen) -> None:
    for n in range(3):
        assert render_template_string("{{ n }}", n=n) == str(n)
        assert "".join(stream_template_string("{{ n }}", n=n)) == str(n)
    assert (kept(app).misses, kept(app).hits) == (1, 5)


@pytest.mark.usefixtures("context")
def test_the_number_of_kept_strings_is_bounded(app: Erlen) -> None:
    for n in range(erlen.templating.environment._KEPT_STRINGS + 10):
        assert render_template_string(f"{n}") == str(n)
    assert kept(app).currsize == erlen.templating.environment._KEPT_STRINGS
    assert render_template_string("x" * erlen.templating.environment._KEPT_LENGTH + "y").endswith("xy")
    assert kept(app).misses == erlen.templating.environment._KEPT_STRINGS + 10


CHANGES: dict[str, Change] = {
    "a filter": lambda env: env.filters.update(f=lambda value: "changed"),
    "a filter by item": lambda env: env.filters.__setitem__("f", lambda value: "changed"),
    "a filter that takes the context": lambda env: env.filters.update(
        f=jinja2.pass_context(lambda context, value: "changed")
    ),
    "a new table of filters": lambda env: setattr(
        env, "filters", {**env.filters, "f": lambda value: "changed"}
    ),
    "a test": lambda env: env.tests.__setitem__("t", lambda value: True),
    "a global": lambda env: env.globals.__setitem__("glob", "changed"),
    "a new table of globals": lambda env: setattr(env, "globals", {**env.globals, "glob": "changed"}),
    "the undefined": lambda env: setattr(env, "undefined", Changed),
    "the escaping": lambda env: setattr(env, "autoescape", False),
    "blocks that are trimmed": lambda env: setattr(env, "trim_blocks", True),
    "the delimiters": lambda env: setattr(env, "variable_start_string", "[["),
    "an extension": lambda env: env.add_extension(Changing),
    "a finalizer": lambda env: setattr(env, "finalize", lambda value: f"final {value}"),
    "a policy": lambda env: env.policies.__setitem__("truncate.leeway", 100),
}
SOURCE = (
    "{{ value|f }} {{ value is t }} {{ glob }} {{ missing }} {{ '<' }} {{ value }}"
    "{% if 1 %}\n{% endif %}{{ 'word word word'|truncate(5) }} mark"
)


class Changed(jinja2.Undefined):
    def __str__(self) -> str:
        return "changed"


class Changing(Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return source.replace("mark", "changed")


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_the_environment_shows_in_a_string_that_was_kept(app: Erlen, change: Change) -> None:
    app.jinja_env.filters["f"] = lambda value: "filtered"
    app.jinja_env.tests["t"] = lambda value: False
    app.jinja_env.globals["glob"] = "global"
    before = render_template_string(SOURCE, value="<")
    assert render_template_string(SOURCE, value="<") == before
    assert kept(app).hits == 1

    change(app.jinja_env)

    variables: dict[str, t.Any] = {"value": "<"}
    app.update_template_context(variables)
    fresh = app.jinja_env.from_string(SOURCE).render(variables)
    assert fresh != before
    assert render_template_string(SOURCE, value="<") == fresh


@pytest.mark.usefixtures("context")
def test_a_filter_that_was_removed_is_missing_at_once(app: Erlen) -> None:
    app.jinja_env.filters["f"] = str.upper
    assert render_template_string("{{ 'a'|f }}") == "A"
    del app.jinja_env.filters["f"]
    with pytest.raises(jinja2.TemplateAssertionError, match="No filter named 'f'"):
        render_template_string("{{ 'a'|f }}")


@pytest.mark.usefixtures("context")
def test_a_table_that_somebody_put_in_stays_theirs(app: Erlen) -> None:
    filters = dict(app.jinja_env.filters, f=lambda value: "one")
    app.jinja_env.filters = filters
    assert render_template_string("{{ 'a'|f }}") == "one"
    filters["f"] = lambda value: "two"
    assert render_template_string("{{ 'a'|f }}") == "two"
    assert app.jinja_env._kept is None


@pytest.mark.usefixtures("context")
def test_a_filter_on_a_constant_is_asked_at_each_rendering(app: Erlen) -> None:
    language = "en"
    app.jinja_env.filters["translate"] = lambda text: f"{text} in {language}"
    app.jinja_env.tests["spoken"] = lambda text: text == language
    source = "{{ 'hello'|translate }} {{ 'en' is spoken }}{% if 'de' is spoken %} Hallo{% endif %}"
    assert render_template_string(source) == "hello in en True"
    language = "de"
    assert render_template_string(source) == "hello in de False Hallo"
    assert kept(app).currsize == 0


@pytest.mark.usefixtures("context")
def test_a_filter_that_failed_on_a_constant_is_asked_again(app: Erlen) -> None:
    def later(text: str) -> Markup:
        if not ready:
            raise ZeroDivisionError
        return Markup(text)

    ready = False
    app.jinja_env.filters["later"] = later
    source = "{{ 1 ~ ('<'|later) }}"
    with pytest.raises(ZeroDivisionError):
        render_template_string(source)
    ready = True
    assert render_template_string(source) == app.jinja_env.from_string(source).render()


@pytest.mark.usefixtures("context")
def test_filters_on_variables_do_not_hinder_keeping(app: Erlen) -> None:
    app.jinja_env.filters["double"] = lambda value: value * 2
    app.jinja_env.tests["big"] = lambda value: value > 9
    source = "{{ n|double|string }} {{ n is big }} {{ 'text'|upper }} {{ n|tojson }}"
    assert render_template_string(source, n=5) == "10 False TEXT 5"
    assert render_template_string(source, n=10) == "20 True TEXT 10"
    assert kept(app).hits == 1


@pytest.mark.usefixtures("context")
def test_json_of_a_constant_follows_the_provider(app: Erlen) -> None:
    assert render_template_string("{{ {'b': 1, 'é': 2}|tojson }}") == '{"b": 1, "\\u00e9": 2}'
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    assert render_template_string("{{ {'b': 1, 'é': 2}|tojson }}") == '{"b": 1, "é": 2}'


def test_escaping_that_depends_on_the_request_is_decided_for_each() -> None:
    class App(Erlen):
        def select_jinja_autoescape(self, filename: str | None) -> bool:
            return erlen.request.path != "/raw"

    app = App(__name__)
    for path, text in (("/", "&lt;"), ("/raw", "<"), ("/", "&lt;"), ("/raw", "<")):
        with app.test_request_context(path):
            assert render_template_string("{{ '<' }}") == text


@pytest.mark.usefixtures("context")
def test_an_error_in_a_string_is_jinjas_own(app: Erlen) -> None:
    source = "first\n{{ 'a'|missing }}"
    for _ in range(2):
        with pytest.raises(jinja2.TemplateAssertionError) as ours:
            render_template_string(source)
        with pytest.raises(jinja2.TemplateAssertionError) as jinjas:
            app.jinja_env.from_string(source)
        assert (str(ours.value), ours.value.lineno, ours.value.source) == (
            str(jinjas.value),
            jinjas.value.lineno,
            source,
        )
    with pytest.raises(jinja2.TemplateSyntaxError, match="unexpected"):
        render_template_string("{{ } }}")


@pytest.mark.usefixtures("context")
def test_what_is_not_plain_text_is_left_to_jinja(app: Erlen) -> None:
    class Text(str):
        __slots__ = ()

    assert render_template_string(Text("{{ a }}"), a=1) == "1"
    assert render_template_string(app.jinja_env.parse("{{ a }}"), a=1) == "1"  # type: ignore[arg-type]
    assert kept(app).misses == 0


def overriding(name: str) -> type[Environment]:
    def method(self: Environment, *args: t.Any, **kwargs: t.Any) -> t.Any:
        calls.append(name)
        return getattr(jinja2.Environment, name)(self, *args, **kwargs)

    calls: list[str] = []
    return type("Mine", (Environment,), {name: method, "calls": calls})


@pytest.mark.parametrize("name", ["from_string", "compile", "parse"])
def test_an_environment_that_compiles_in_its_own_way_is_asked_each_time(name: str) -> None:
    app = Erlen(__name__)
    environment = overriding(name)
    app.jinja_environment = environment
    with app.app_context():
        for _ in range(2):
            assert render_template_string("{{ a }}", a=1) == "1"
    expected = 0 if name == "parse" else 2  # Jinja parses by itself when it compiles
    assert environment.calls == [name] * expected  # type: ignore[attr-defined]


def test_a_method_that_was_replaced_on_the_environment_is_called(app: Erlen) -> None:
    with app.app_context():
        render_template_string("{{ a }}")
        app.jinja_env.from_string = lambda source: jinja2.Template("mine")  # type: ignore[method-assign]
        assert render_template_string("{{ a }}") == "mine"
        del app.jinja_env.from_string
        assert render_template_string("{{ a }}") == ""


def test_a_plain_jinja_environment_is_right_if_slow() -> None:
    class Plain(jinja2.Environment):
        def __init__(self, app: Erlen, **options: t.Any) -> None:
            super().__init__(loader=app.create_global_jinja_loader(), **options)

    app = Erlen(__name__)
    app.jinja_environment = t.cast(t.Any, Plain)
    with app.app_context():
        app.jinja_env.filters["f"] = lambda value: "one"
        assert render_template_string("{{ 'a'|f }}") == "one"
        app.jinja_env.filters["f"] = lambda value: "two"
        assert render_template_string("{{ 'a'|f }}") == "two"


def test_an_environment_can_be_mixed_with_one_of_jinjas() -> None:
    class Native(Environment, NativeEnvironment):
        pass

    class Sandboxed(Environment, SandboxedEnvironment):
        pass

    class App(Erlen):
        jinja_environment = Native

    app = App(__name__)
    with app.app_context():
        for _ in range(2):
            assert render_template_string("{{ [1, n] }}", n=2) == [1, 2]  # type: ignore[comparison-overlap]
    app = Erlen(__name__)
    app.jinja_environment = Sandboxed
    with app.app_context():
        for _ in range(2):
            with pytest.raises(SecurityError):
                render_template_string("{{ ''.__class__.__mro__ }}")


DUPLICATES: dict[str, t.Callable[[Environment], Environment]] = {
    "overlay": lambda env: env.overlay(),
    "overlay with an option": lambda env: env.overlay(trim_blocks=True),
    "copy": copy.copy,
}


@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES)
def test_another_environment_has_templates_of_its_own(
    app: Erlen, duplicate: t.Callable[[Environment], Environment]
) -> None:
    with app.app_context():
        render_template_string("{{ missing }}")
        other = duplicate(app.jinja_env)
        other.undefined = Changed
        template = erlen.templating.string_template(other, "{{ missing }}")
        assert template.environment is other
        assert template.render() == "changed"
        assert render_template_string("{{ missing }}") == ""


def test_an_extension_may_use_the_environment_while_it_is_made() -> None:
    class Early(Extension):
        def __init__(self, environment: jinja2.Environment) -> None:
            super().__init__(environment)
            environment.filters["early"] = str.upper
            environment.extend(early_setting=1)

    app = Erlen(__name__)
    app.jinja_options = {"extensions": [Early, "jinja2.ext.do"]}
    with app.app_context():
        assert render_template_string("{% do [] %}{{ 'a'|early }}") == "A"
    assert kept(app).misses == 1


def test_a_change_while_a_string_is_compiled_is_not_lost(app: Erlen) -> None:
    class Slow(Extension):
        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            # Another thread changes the filter while this one compiles.
            self.environment.filters["f"] = changes.pop() if changes else self.environment.filters["f"]
            return source

    changes = [jinja2.pass_context(lambda context, value: "new")]
    app.jinja_env.filters["f"] = lambda value: "old"
    app.jinja_env.add_extension(Slow)
    with app.app_context():
        render_template_string("{{ a|f }}")
        assert render_template_string("{{ a|f }}") == "new"


expressions = st.recursive(
    st.sampled_from(["1", "'<b>'", "''", "none", "value", "missing", "[1, '<']", "true"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["upper", "e", "safe", "default('d')", "tojson", "string"])).map(
            lambda pair: f"({pair[0]})|{pair[1]}"
        ),
        st.tuples(inner, st.sampled_from(["or", "and", "~", "=="]), inner).map(
            lambda three: f"({three[0]}) {three[1]} ({three[2]})"
        ),
        inner.map(lambda text: f"({text}) is defined"),
        st.tuples(inner, inner).map(lambda pair: f"(({pair[0]}) if ({pair[1]}))"),
    ),
    max_leaves=5,
)


@given(st.lists(expressions, min_size=1, max_size=3), st.sampled_from(["<i>", "", 0, None]))
def test_a_kept_string_renders_what_flask_renders(parts: list[str], value: object) -> None:
    source = " ".join(f"{{{{ {part} }}}}" for part in parts)
    source += f"{{% if {parts[0]} %}}yes{{% endif %}}{{% set x = {parts[0]} %}}{{{{ x }}}}"
    with FLASK.app_context():
        expected = outcome(lambda: flask.render_template_string(source, value=value))
    with ERLEN.app_context():
        assert outcome(lambda: render_template_string(source, value=value)) == expected
        assert outcome(lambda: render_template_string(source, value=value)) == expected


ERLEN, FLASK = Erlen(__name__), flask.Flask(__name__)


def outcome(render: t.Callable[[], str]) -> object:
    try:
        return render()
    except Exception as error:
        return type(error)


# where templates come from


@pytest.fixture
def shop(app: Erlen, tmp_path: Path) -> Erlen:
    for name in ("cart", "till"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.html").write_text(name)
        (folder / "both.html").write_text(name)
        app.register_blueprint(Blueprint(name, __name__, root_path=str(tmp_path), template_folder=name))
    app.register_blueprint(Blueprint("bare", __name__))
    return app


def test_the_application_comes_first_then_the_blueprints_in_order(shop: Erlen, tmp_path: Path) -> None:
    with shop.app_context():
        assert render_template("till.html") == "till"
        assert render_template("both.html") == "cart"
        (tmp_path / "templates" / "cart.html").write_text("mine")
        assert render_template("cart.html") == "mine"
    assert sorted(shop.jinja_env.list_templates()) == [
        "_macros.html",
        "both.html",
        "cart.html",
        "imports.html",
        "page.html",
        "page.txt",
        "till.html",
    ]


def test_a_missing_template_names_where_was_searched(shop: Erlen, tmp_path: Path) -> None:
    gone = Blueprint("gone", "gone.module", root_path=str(tmp_path), template_folder="gone")
    shop.register_blueprint(gone)
    with shop.app_context(), pytest.raises(jinja2.TemplateNotFound) as caught:
        render_template("missing.html")
    text = str(caught.value)
    assert type(caught.value) is jinja2.TemplateNotFound
    assert caught.value.name == "missing.html"
    assert text.startswith("missing.html ")
    assert f"{tmp_path / 'templates'} of application 'shop'" in text
    assert f"{tmp_path / 'cart'} of blueprint 'cart'" in text
    assert f"{tmp_path / 'gone'} (no such folder) of blueprint 'gone' (gone.module)" in text


def test_a_missing_template_without_any_folder_says_so() -> None:
    app = Erlen("bare", template_folder=None)
    with app.app_context(), pytest.raises(jinja2.TemplateNotFound, match="'bare' has no template folder"):
        render_template("missing.html")


def test_several_missing_templates_are_all_named(app: Erlen) -> None:
    with app.app_context(), pytest.raises(jinja2.TemplatesNotFound, match=r"one\.html, two\.html"):
        render_template(["one.html", "two.html"])


def test_an_error_of_a_loader_is_its_own(app: Erlen) -> None:
    def load(name: str) -> str:
        raise ZeroDivisionError

    app.jinja_loader = jinja2.FunctionLoader(load)
    with app.app_context(), pytest.raises(ZeroDivisionError):
        render_template("any.html")


def test_loading_explains_itself_when_asked(shop: Erlen, caplog: pytest.LogCaptureFixture) -> None:
    shop.config["EXPLAIN_TEMPLATE_LOADING"] = True
    shop.logger.setLevel(logging.INFO)
    with shop.app_context(), caplog.at_level(logging.INFO):
        assert render_template("both.html") == "cart"
        with pytest.raises(jinja2.TemplateNotFound):
            render_template("missing.html")
    twice, missing = (record.getMessage() for record in caplog.records)
    assert "multiple loaders returned a match" in twice
    assert "could not be found" in missing


def test_the_loader_can_be_used_by_itself(shop: Erlen) -> None:
    loader = DispatchingJinjaLoader(shop)
    source, filename, uptodate = loader.get_source(shop.jinja_env, "till.html")
    assert source == "till"
    assert filename is not None
    assert filename.endswith("till.html")
    assert uptodate is not None
    assert uptodate()
    assert [holder.name for holder, _ in loader._iter_loaders("any")] == ["shop", "cart", "till"]
