"""Which templates Erlen's generator compiles, and that it stays out of all others."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import partial
from pathlib import Path

import jinja2
import pytest
from jinja2 import DictLoader
from jinja2.nativetypes import NativeEnvironment
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment, SecurityError

from erlen import Erlen, render_template
from erlen.templating import Environment

ERLENS = "erlen.templating.runtime"
SOURCE = "{{ a.name }}"


class Upper(Environment):
    def getattr(self, obj: t.Any, attribute: str) -> t.Any:
        return f"{attribute.upper()}"


class Sandbox(SandboxedEnvironment, Environment):
    pass


class Native(Environment, NativeEnvironment):
    pass


class Shouting(Context):
    def resolve_or_missing(self, key: str) -> t.Any:
        return key.upper()


class WithContext(Environment):
    context_class = Shouting


@pytest.fixture
def app() -> Erlen:
    return Erlen(__name__)


def code_of(environment: jinja2.Environment, **options: t.Any) -> str:
    return environment.compile(SOURCE, raw=True, **options)


def test_an_application_uses_erlens_generator(app: Erlen) -> None:
    assert ERLENS in code_of(app.jinja_env)


def test_the_configuration_turns_it_off(app: Erlen) -> None:
    app.config["TEMPLATES_COMPILED"] = False
    assert code_of(app.jinja_env) == code_of(jinja2.Environment(autoescape=True))


@pytest.mark.parametrize("kind", [Upper, Sandbox, Native, WithContext])
def test_a_class_that_replaces_something_has_its_own_code(app: Erlen, kind: type[Environment]) -> None:
    assert ERLENS not in code_of(kind(app, loader=None))


@pytest.mark.parametrize("options", [{"finalize": str}, {"enable_async": True}])
def test_an_option_that_changes_the_code_has_jinjas(app: Erlen, options: dict[str, t.Any]) -> None:
    environment = Environment(app, loader=None, **options)
    assert code_of(environment) == code_of(jinja2.Environment(**options))


def test_an_overlay_for_coroutines_has_jinjas_code(app: Erlen) -> None:
    assert ERLENS not in code_of(app.jinja_env.overlay(enable_async=True))


def test_a_template_for_a_file_has_jinjas_code(app: Erlen) -> None:
    """It may be loaded by an environment that has no Erlen."""
    environment = Environment(app, loader=None)
    assert code_of(environment, defer_init=True) == code_of(jinja2.Environment(), defer_init=True)


@pytest.mark.parametrize("name", ["getattr", "getitem", "concat", "context_class", "sandboxed"])
def test_what_is_set_on_the_environment_counts_at_once(app: Erlen, name: str) -> None:
    environment = Environment(app, loader=DictLoader({"page": SOURCE}))
    loaded = environment.get_template("page")
    setattr(environment, name, getattr(environment, name))
    assert ERLENS not in code_of(environment)
    replaced = environment.get_template("page")
    assert replaced is not loaded
    delattr(environment, name)
    assert environment.get_template("page") is not replaced
    assert ERLENS in code_of(environment)


def test_what_somebody_patches_on_jinjas_class_counts(app: Erlen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jinja2.Environment, "getattr", lambda self, obj, name: f"patched {name}")
    assert Environment(app, loader=None).from_string(SOURCE).render(a=1) == "patched name"


def test_a_sandbox_keeps_its_word(app: Erlen) -> None:
    with pytest.raises(SecurityError):
        Sandbox(app, loader=None).from_string("{{ a.__class__.mro() }}").render(a=1)


def test_a_generator_of_somebody_elses_stays(app: Erlen) -> None:
    class Generator(jinja2.compiler.CodeGenerator):
        pass

    class Own(Environment):
        code_generator_class = Generator

    assert Own(app, loader=None).code_generator_class is Generator


# bad input


@pytest.fixture
def folder(app: Erlen, tmp_path: Path) -> Path:
    app.jinja_options = {"loader": jinja2.FileSystemLoader(tmp_path), "auto_reload": True}
    return tmp_path


def test_a_template_that_changes_while_it_is_rendered_is_rendered_to_its_end(
    app: Erlen, folder: Path
) -> None:
    (folder / "page").write_text("{{ change() }}{% for n in range(2) %}old {{ n }} {% endfor %}")

    def change() -> str:
        (folder / "page").write_text("new {{ 1 }} ")
        return ""

    with app.app_context():
        assert render_template("page", change=change) == "old 0 old 1 "
        app.jinja_env.cache.clear()  # type: ignore[union-attr]  # the clock of the file may not have moved
        assert render_template("page") == "new 1 "


@pytest.mark.parametrize(
    "source",
    ["{{ a.b", "\n{% for %}", "{{ a|nope }}", "{% block a %}{% endblock %}\n" * 2, "{{ f(k=1, k=2) }}"],
)
def test_a_template_that_does_not_compile_says_what_jinja_says(app: Erlen, folder: Path, source: str) -> None:
    (folder / "page").write_text(source)

    def failure(render: Callable[[], object]) -> tuple[t.Any, ...]:
        with pytest.raises((jinja2.TemplateError, SyntaxError)) as caught:
            render()
        error: t.Any = caught.value
        return (type(error), str(error), error.lineno, error.filename)

    with app.app_context():
        ours = failure(lambda: render_template("page"))
    jinjas = jinja2.Environment(autoescape=True, loader=jinja2.FileSystemLoader(folder))
    theirs = failure(lambda: jinjas.get_template("page"))
    assert ours == theirs


def test_an_include_of_itself_ends_with_an_exception(app: Erlen, folder: Path) -> None:
    (folder / "page").write_text("{% include 'page' %}")
    with app.app_context(), pytest.raises(RecursionError):
        render_template("page")


def test_much_output_arrives_as_a_whole(app: Erlen, folder: Path) -> None:
    (folder / "page").write_text("{% for n in range(1000) %}{{ text }}{% endfor %}")
    with app.app_context():
        assert len(render_template("page", text="<" + "x" * 9_996)) >= 9_990_000 + 7_000


class Junk:
    def __getattr__(self, name: str) -> str:
        return f"<{name}>"


class Raising:
    def __getattr__(self, name: str) -> t.NoReturn:
        raise ZeroDivisionError(name)


def test_an_object_that_has_every_attribute_is_asked_for_markup_as_in_jinja(app: Erlen, folder: Path) -> None:
    (folder / "page.html").write_text("{{ thing.name }} {{ thing }}")
    jinjas = jinja2.Environment(autoescape=True, loader=jinja2.FileSystemLoader(folder))
    with app.app_context():
        assert render_template("page.html", thing=Attributes()) == "&lt;name&gt; &lt;text&gt;"
        for render in (partial(render_template, "page.html"), jinjas.get_template("page.html").render):
            with pytest.raises(TypeError, match="'str' object is not callable"):
                render(thing=Junk())


class Attributes(Junk):
    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return super().__getattr__(name)

    def __str__(self) -> str:
        return "<text>"


def test_what_an_object_raises_comes_with_the_line_of_the_template(app: Erlen, folder: Path) -> None:
    (folder / "page").write_text("one\n{{ thing.name }}")
    with app.app_context(), pytest.raises(ZeroDivisionError, match="name") as caught:
        render_template("page", thing=Raising())
    assert [(entry.lineno + 1) for entry in caught.traceback if str(entry.path).endswith("page")] == [2]
