"""Rendering in coroutines: what the template or a context processor returns may have to be awaited."""

from __future__ import annotations

import typing as t
from inspect import isawaitable

from .. import templating
from ..signals import before_render_template, template_rendered
from . import processors_of, require_application

if t.TYPE_CHECKING:
    from jinja2 import Template

    from . import Environment, Names, Templating


async def render_template_async(template_name_or_list: Names, **context: t.Any) -> str:
    """Render a template as ``render_template`` does, in a coroutine.

    Context processors may be coroutine functions, and so may what the template calls: it awaits them.
    """
    app = require_application()
    template = _async_environment(app).get_or_select_template(template_name_or_list)
    return await _render_async(app, template, context)


async def render_template_string_async(source: str, **context: t.Any) -> str:
    """Render a template that is given as text, as ``render_template_async`` does."""
    app = require_application()
    template = templating.string_template(_async_environment(app), source)
    return await _render_async(app, template, context)


def _async_environment(app: Templating) -> Environment:
    """Return the application's environment for asynchronous templates; only compiling differs."""
    environment = app.jinja_env
    known: tuple[Environment, Environment] | None = app.__dict__.get("_async_jinja_env")
    if known is None or known[0] is not environment:
        known = vars(app)["_async_jinja_env"] = (environment, environment.overlay(enable_async=True))
    return known[1]


async def _render_async(app: Templating, template: Template, context: dict[str, t.Any]) -> str:
    given = context.copy()
    for processor in processors_of(app):
        made = processor()
        context.update((await made) if isawaitable(made) else made)
    context.update(given)
    values: dict[str, t.Any] = {"template": template, "context": context}
    await _send_async(app, before_render_template, values)
    text = await template.render_async(context)
    await _send_async(app, template_rendered, values)
    return text


async def _send_async(app: Templating, signal: t.Any, values: dict[str, t.Any]) -> None:
    if signal.receivers:
        await signal.send_async(app, _sync_wrapper=_as_coroutine, **values)


def _as_coroutine(receiver: t.Callable[..., t.Any]) -> t.Callable[..., t.Awaitable[t.Any]]:
    async def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
        return receiver(*args, **kwargs)

    return call
