"""Templates that are rendered in coroutines await what their context processors and functions give."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from erlen import (
    Erlen,
    before_render_template,
    render_template_async,
    render_template_string_async,
    template_rendered,
)


@pytest.fixture
def app(tmp_path: Path) -> Erlen:
    (tmp_path / "page.html").write_text("{{ word }} {{ own }}")
    return Erlen("app", template_folder=str(tmp_path))


def rendered(app: Erlen, source: str, **values: Any) -> str:
    async def main() -> str:
        with app.app_context():
            return await render_template_string_async(source, **values)

    return asyncio.run(main())


def test_a_template_is_found_as_by_the_plain_function(app: Erlen) -> None:
    async def main() -> str:
        with app.app_context():
            return await render_template_async(["missing.html", "page.html"], word="<b>")

    assert asyncio.run(main()) == "&lt;b&gt; "


def test_rendering_needs_an_application() -> None:
    with pytest.raises(RuntimeError, match="Working outside of application context"):
        asyncio.run(render_template_string_async("x"))


def test_context_processors_of_either_colour_add_variables_and_the_arguments_win(app: Erlen) -> None:
    @app.context_processor
    async def coroutine() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"own": "coroutine", "word": "never"}

    @app.context_processor
    def plain() -> dict[str, Any]:
        return {"other": "plain", "word": "never"}

    assert rendered(app, "{{ own }} {{ other }} {{ word }}", word="given") == "coroutine plain given"


def test_what_a_template_calls_is_awaited(app: Erlen) -> None:
    async def ask() -> str:
        await asyncio.sleep(0)
        return "awaited"

    assert rendered(app, "{{ ask() }} {{ 'x' if ask() else '' }}", ask=ask) == "awaited x"


def test_an_asynchronous_iterator_can_be_looped_over(app: Erlen) -> None:
    async def rows() -> Any:
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    assert rendered(app, "{% for row in rows %}{{ row }};{% endfor %}", rows=rows()) == "0;1;2;"


def test_filters_are_those_of_the_applications_environment_also_when_it_is_replaced(app: Erlen) -> None:
    app.add_template_filter(str.upper, "loud")
    assert rendered(app, "{{ 'a' | loud }}") == "A"
    app.jinja_env = app.create_jinja_environment()
    app.jinja_env.filters["loud"] = str.title
    assert rendered(app, "{{ 'ab' | loud }}") == "Ab"


def test_receivers_of_either_colour_hear_of_it(app: Erlen) -> None:
    log: list[object] = []

    async def before(sender: Erlen, template: Any, context: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        log.append(("before", sender is app, context["word"]))

    def after(sender: Erlen, template: Any, context: dict[str, Any]) -> None:
        log.append(("after", sender is app, context["word"]))

    with before_render_template.connected_to(before, app), template_rendered.connected_to(after, app):
        assert rendered(app, "{{ word }}", word="x") == "x"
    assert log == [("before", True, "x"), ("after", True, "x")]
