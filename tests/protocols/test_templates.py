"""Templates in a request: what they see, whole and streamed."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.protocols.web import Colour, Web


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "{{ word }} {{ request.path }} {{ g.user }} {{ session.n }}"
        " {{ url_for('view') }} {{ config.TESTING }}"
    )
    (tmp_path / "templates" / "rows.html").write_text(
        "{% for row in rows %}{{ row }} {{ request.path }};{% endfor %}"
    )
    return tmp_path


def rendering(web: Web, folder: Path, view: t.Callable[..., t.Any]) -> t.Any:
    app = web.Flask("app", root_path=str(folder))
    app.secret_key = "key"
    app.add_url_rule("/", "view", view)
    return app


def test_templates_see_the_request_and_what_they_are_given(web: Web, folder: Path, hooks: Colour) -> None:
    app = rendering(web, folder, lambda: web.render_template("page.html", word="<hello>"))

    @app.before_request
    @hooks
    def before() -> None:
        web.g.user, web.session["n"] = "amy", 3

    assert web.client(app).get("/").text == "&lt;hello&gt; / amy 3 / False"


def test_coroutine_views_render_templates(web: Web, folder: Path, colour: Colour) -> None:
    app = rendering(
        web, folder, colour(lambda: web.render_template_string("{{ request.path }} {{ x }}", x=1))
    )

    assert web.client(app).get("/").text == "/ 1"


def test_context_processors_add_values(web: Web, folder: Path, colour: Colour) -> None:
    app = rendering(
        web, folder, colour(lambda: web.render_template_string("{{ own }} {{ user() }} {{ word }}", word=1))
    )
    app.context_processor(lambda: {"own": web.request.path, "user": lambda: "amy", "word": "never"})
    shop = web.Blueprint("shop", "app", url_prefix="/shop")
    shop.context_processor(lambda: {"own": "shop"})
    shop.add_url_rule("/", "view", colour(lambda: web.render_template_string("{{ own }} {{ user() }}")))
    app.register_blueprint(shop)
    client = web.client(app)

    assert [client.get(path).text for path in ("/", "/shop/")] == ["/ amy 1", "shop amy"]


def test_filters_tests_and_globals_are_the_applications(web: Web, folder: Path, colour: Colour) -> None:
    source = "{{ 'ab' | backwards }} {{ 4 is double_of(2) }} {{ answer() }}"
    app = rendering(web, folder, colour(lambda: web.render_template_string(source)))
    app.template_filter("backwards")(lambda text: text[::-1])
    app.template_test("double_of")(lambda n, m: n == 2 * m)
    app.template_global("answer")(lambda: 42)

    assert web.client(app).get("/").text == "ba True 42"


def test_a_template_is_streamed_with_its_context(erlen_web: Web, folder: Path, hooks: Colour) -> None:
    web, log = erlen_web, []

    def rows() -> t.Iterator[int]:
        for n in range(3):
            log.append(n)
            yield n

    app = rendering(web, folder, lambda: web.stream_template("rows.html", rows=rows()))
    app.teardown_request(hooks(lambda error: log.append("teardown")))

    with web.client(app).get("/") as response:
        assert response.text == "0 /;1 /;2 /;"
    assert log == [0, 1, 2, "teardown"]


def test_rendering_is_signalled(web: Web, folder: Path, colour: Colour) -> None:
    log: list[t.Any] = []
    app = rendering(web, folder, colour(lambda: web.render_template_string("text", x=1)))

    def receiver(sender: t.Any, template: t.Any, context: t.Any) -> None:
        log.append([template.name, context["x"], web.request.path])

    with (
        web.before_render_template.connected_to(receiver, app),
        web.template_rendered.connected_to(receiver, app),
    ):
        web.client(app).get("/")

    assert log == [[None, 1, "/"]] * 2


def test_templates_are_rendered_by_coroutines(erlen_web: Web, folder: Path, hooks: Colour) -> None:
    from erlen import render_template_async, render_template_string_async

    async def view() -> str:
        page = await render_template_async("rows.html", rows=[1])
        return page + await render_template_string_async("{{ own }}")

    app = rendering(erlen_web, folder, view)
    app.context_processor(hooks(lambda: {"own": erlen_web.request.path}))

    assert erlen_web.client(app).get("/").text == "1 /;/"


def test_a_plain_view_renders_with_coroutine_context_processors(
    erlen_web: Web, folder: Path, hooks: Colour
) -> None:
    app = rendering(erlen_web, folder, lambda: erlen_web.render_template_string("{{ own }}"))
    app.context_processor(hooks(lambda: {"own": erlen_web.request.path}))

    assert erlen_web.client(app).get("/").text == "/"


def test_rendering_on_the_loop_never_waits_for_a_coroutine_on_it(erlen_web: Web, folder: Path) -> None:
    async def view() -> str:
        return erlen_web.render_template_string("{{ own }}")

    async def processor() -> dict[str, t.Any]:
        return {"own": 1}

    app = rendering(erlen_web, folder, view)
    app.testing = True
    app.context_processor(processor)

    with pytest.raises(RuntimeError, match="processor"):
        erlen_web.client(app).get("/")
