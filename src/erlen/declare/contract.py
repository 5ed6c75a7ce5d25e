"""What setting an application up needs of it; ``plan`` and ``serve`` each say what they need besides.

The body is annotations only. Each part of an application (registrar, links, error handling, request cycle,
gateways) inherits the contract of its layer and may use what stands there; the application inherits all
parts, and so provides it.
"""

from __future__ import annotations

import typing as t

from ..observe import ApplicationPart

if t.TYPE_CHECKING:
    import os

    import click
    from werkzeug.routing import Map, Rule

    from .. import typing as ft
    from ..config import Config
    from ..templating import Environment
    from .blueprint import Blueprint


class Application(ApplicationPart):
    """An application as it is set up: its name, its folders, its tables."""

    # identity and resources
    name: str
    import_name: str
    root_path: str
    instance_path: str
    template_folder: str | os.PathLike[str] | None
    # The view function of static files, or None.
    static_view: ft.RouteCallable | None
    cli: click.Group

    # whether it is being developed
    debug: bool

    # collaborators
    config: Config
    jinja_env: Environment
    url_rule_class: type[Rule]
    url_map: Map

    # tables, in Flask's shapes
    view_functions: dict[str, ft.RouteCallable]
    view_adapters: list[ft.ViewAdapter]
    before_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.BeforeRequestCallable]]
    after_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.AfterRequestCallable[t.Any]]]
    teardown_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.TeardownCallable]]
    url_value_preprocessors: dict[ft.AppOrBlueprintKey, list[ft.URLValuePreprocessorCallable]]
    url_default_functions: dict[ft.AppOrBlueprintKey, list[ft.URLDefaultCallable]]
    template_context_processors: dict[ft.AppOrBlueprintKey, list[ft.TemplateContextProcessorCallable]]
    error_handler_spec: ft.HandlerTable
    teardown_appcontext_funcs: list[ft.TeardownCallable]
    shell_context_processors: list[ft.ShellContextProcessorCallable]
    url_build_error_handlers: list[t.Callable[[Exception, str, dict[str, t.Any]], str]]
    blueprints: dict[str, Blueprint]
    static_sources: dict[str, ft.StaticSource | None]
    extensions: dict[str, t.Any]

    before_websocket_funcs: ft.HookTable
    after_websocket_funcs: ft.HookTable
    teardown_websocket_funcs: ft.HookTable
    has_websockets: bool

    before_serving_funcs: list[ft.ServingCallable]
    after_serving_funcs: list[ft.ServingCallable]
    while_serving_gens: list[t.Callable[[], t.AsyncGenerator[None, None]]]

    # whether set-up is over
    _got_first_request: bool


if t.TYPE_CHECKING:

    class AnyApplication(Application, t.Any):  # type: ignore[misc]  # that is the point
        """An application for users: editors know the names of the contract, and it passes for ``Erlen``.

        No annotation down here may name that class, and users write ``app: Flask`` where they get one.
        """
