"""Blueprints: a set of routes, hooks and handlers to be registered on an application later."""

from __future__ import annotations

import os
import typing as t
from collections import defaultdict
from functools import wraps

from .. import typing as ft
from .registrar import (
    F,
    T_after_request,
    T_before_request,
    T_context_processor,
    T_error_handler,
    T_teardown,
    T_template_test,
    T_url_defaults,
    T_url_value_preprocessor,
    _endpoint_from_view_func,
    _sentinel,
    setupmethod,
)
from .scaffold import Scaffold
from .websockets import WEBSOCKET_TABLES, T_after_websocket

if t.TYPE_CHECKING:
    from ..wrappers import Response
    from .contract import AnyApplication, Application

# An application, where users override a method and say `app: Flask` themselves.
_App: t.TypeAlias = t.Any

DeferredSetupFunction = t.Callable[["BlueprintSetupState"], None]


class BlueprintSetupState:
    """The data of one registration of a blueprint: prefix, subdomain, name, defaults."""

    def __init__(self, blueprint: Blueprint, app: _App, options: t.Any, first_registration: bool) -> None:
        self.app: AnyApplication = app
        self.blueprint = blueprint
        self.options = options
        self.first_registration = first_registration
        self.subdomain: str | None = self._option("subdomain", blueprint.subdomain)
        self.url_prefix: str | None = self._option("url_prefix", blueprint.url_prefix)
        self.name: str = options.get("name", blueprint.name)
        self.name_prefix: str = options.get("name_prefix", "")
        self.url_defaults: dict[str, t.Any] = {
            **blueprint.url_values_defaults,
            **dict(options.get("url_defaults", ())),
        }

    def _option(self, name: str, default: str | None) -> str | None:
        value = self.options.get(name)
        return default if value is None else value

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        **options: t.Any,
    ) -> None:
        """Add a rule to the application, under this registration's prefix, name and defaults."""
        if self.url_prefix is not None:
            rule = _join_paths(self.url_prefix, rule) if rule else self.url_prefix
        if endpoint is None:
            endpoint = _endpoint_from_view_func(view_func)
        options.setdefault("subdomain", self.subdomain)
        defaults = self.url_defaults
        if "defaults" in options:
            defaults = {**defaults, **options.pop("defaults")}
        full_endpoint = f"{self.name_prefix}.{self.name}.{endpoint}".lstrip(".")
        self.app.add_url_rule(rule, full_endpoint, view_func, defaults=defaults, **options)


def _join_paths(prefix: str, path: str) -> str:
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}"


class Blueprint(Scaffold):
    """A set of routes, hooks and handlers that is repeated on each application which registers it.

    *name* is put before its endpoints (``name.endpoint``). *import_name* is usually ``__name__``.
    Raises ValueError where *name* is empty or has a dot.
    """

    _got_registered_once = False

    def __init__(
        self,
        name: str,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        url_prefix: str | None = None,
        subdomain: str | None = None,
        url_defaults: dict[str, t.Any] | None = None,
        root_path: str | None = None,
        cli_group: str | None = _sentinel,
    ) -> None:
        self.check_name(name)
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        self.name = name
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        self.url_values_defaults: dict[str, t.Any] = {} if url_defaults is None else url_defaults
        self.cli_group = cli_group
        self.deferred_functions: list[DeferredSetupFunction] = []
        self._blueprints: list[tuple[Blueprint, dict[str, t.Any]]] = []

    def check_name(self, name: str) -> None:
        """Raise ValueError for a name that a blueprint cannot have."""
        if not name:
            raise ValueError("A blueprint's 'name' may not be empty: its endpoints are called by it.")
        if "." in name:
            raise ValueError(f"A blueprint's 'name' may not have a dot, which separates names: {name!r}.")

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_registered_once:
            raise AssertionError(
                f"The setup method '{f_name}' of blueprint '{self.name}' was called after the blueprint"
                " was registered, so the application would not know of it. Register the blueprint last:"
                " import the modules that use it before 'register_blueprint'."
            )

    def open_resource(self, resource: str, mode: str = "rb", encoding: str | None = "utf-8") -> t.IO[t.Any]:
        """Open a file beside the package for reading; *mode* is 'r', 'rt' or 'rb'."""
        return self._open_for_reading(self.root_path, resource, mode, encoding)

    # recording

    @setupmethod
    def record(self, func: DeferredSetupFunction) -> None:
        """Call *func* with the set-up state at each registration."""
        self.deferred_functions.append(func)

    @setupmethod
    def record_once(self, func: DeferredSetupFunction) -> None:
        """Call *func* with the set-up state at the first registration on an application."""

        @wraps(func)
        def at_first(state: BlueprintSetupState) -> None:
            if state.first_registration:
                func(state)

        self.record(at_first)

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: t.Any,
    ) -> None:
        """Route *rule* to *endpoint*, below the prefix and name of each registration."""
        if endpoint and "." in endpoint:
            raise ValueError(f"'endpoint' may not have a dot: {endpoint!r}. The blueprint's name is added.")
        view_name = getattr(view_func, "__name__", "")
        if view_func and "." in view_name:
            raise ValueError(f"The name of 'view_func' may not have a dot: {view_name!r}.")

        def add(state: BlueprintSetupState) -> None:
            state.add_url_rule(
                rule, endpoint, view_func, provide_automatic_options=provide_automatic_options, **options
            )

        self.record(add)

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: t.Any) -> None:
        """Register *blueprint* below this one; *options* win over the blueprint's own."""
        if blueprint is self:
            raise ValueError(f"Blueprint {self.name!r} cannot be registered on itself.")
        self._blueprints.append((blueprint, options))

    def send_static_file(self, filename: str) -> Response:
        """Answer with a file of the static folder, or raise NotFound."""
        return super().send_static_file(filename)

    # COMPAT: applications exempt static files from their checks by the dotted name of this view function.
    send_static_file.__module__ = "flask.blueprints"

    def make_setup_state(
        self, app: _App, options: dict[str, t.Any], first_registration: bool = False
    ) -> BlueprintSetupState:
        """Create the state that deferred functions are called with; override to extend it."""
        return BlueprintSetupState(self, app, options, first_registration)

    # registration

    def register(self, app: _App, options: dict[str, t.Any]) -> None:
        """Repeat on *app* what was recorded; called by ``app.register_blueprint``.

        Raises ValueError where the application has another blueprint of that name.
        """
        name = f"{options.get('name_prefix', '')}.{options.get('name', self.name)}".lstrip(".")
        self.check_name_is_free(app, name, options)
        is_merged = app.blueprints.get(name) is self
        first = all(known is not self for known in app.blueprints.values())
        app.blueprints[name] = self
        self._got_registered_once = True
        state = self.make_setup_state(app, options, first)
        if self.has_static_folder:
            state.add_url_rule(
                f"{self.static_url_path}/<path:filename>",
                view_func=self.send_static_file,
                endpoint="static",
            )
        if not is_merged:
            self._merge_blueprint_funcs(app, name)
        for deferred in self.deferred_functions:
            deferred(state)
        self._register_commands(app, name, options)
        for child, child_options in self._blueprints:
            child.register(app, _nested_options(state, name, child, child_options))

    def check_name_is_free(self, app: Application, name: str, options: dict[str, t.Any]) -> None:
        """Raise ValueError where *app* has a blueprint of that name."""
        if name not in app.blueprints:
            return
        taken_by = app.blueprints[name]
        own_name = options.get("name", self.name)
        whose = "this" if taken_by is self else "a different"
        where = f" at '{name}'" if own_name != name else ""
        raise ValueError(
            f"The name '{own_name}' is already registered for {whose} blueprint{where}."
            " Give this registration another one: register_blueprint(…, name='…')."
        )

    def _register_commands(self, app: Application, name: str, options: dict[str, t.Any]) -> None:
        if "cli" not in vars(self) or not self.cli.commands:
            return
        group = options.get("cli_group", self.cli_group)
        if group is None:
            app.cli.commands.update(self.cli.commands)
            return
        self.cli.name = name if group is _sentinel else group
        app.cli.add_command(self.cli)

    def _merge_blueprint_funcs(self, app: Application, name: str) -> None:
        for own, handlers_by_code in self.error_handler_spec.items():
            # COMPAT: handlers are copied, so that two registrations do not share them.
            copied: dict[int | None, dict[type[Exception], ft.ErrorHandlerCallable]] = defaultdict(dict)
            copied.update((code, dict(handlers)) for code, handlers in handlers_by_code.items())
            app.error_handler_spec[_nested_key(name, own)] = copied
        app.view_functions.update(self.view_functions)
        for table_name in _MERGED_TABLES:
            into: ft.HookTable = getattr(app, table_name)
            for own, functions in getattr(self, table_name).items():
                into[_nested_key(name, own)].extend(functions)

    # what a blueprint adds to the whole application

    def _app_hook(self, table_name: str, f: F) -> F:
        def append(state: BlueprintSetupState) -> None:
            table: ft.HookTable = getattr(state.app, table_name)
            table.setdefault(None, []).append(f)

        self.record_once(append)
        return f

    @setupmethod
    def before_app_request(self, f: T_before_request) -> T_before_request:
        """Register *f* as ``before_request`` does, for every request of the application."""
        return self._app_hook("before_request_funcs", f)

    @setupmethod
    def after_app_request(self, f: T_after_request) -> T_after_request:
        """Register *f* as ``after_request`` does, for every request of the application."""
        return self._app_hook("after_request_funcs", f)

    @setupmethod
    def teardown_app_request(self, f: T_teardown) -> T_teardown:
        """Register *f* as ``teardown_request`` does, for every request of the application."""
        return self._app_hook("teardown_request_funcs", f)

    @setupmethod
    def before_app_websocket(self, f: T_before_request) -> T_before_request:
        """Register *f* as ``before_websocket`` does, for every WebSocket of the application."""
        return self._app_hook("before_websocket_funcs", f)

    @setupmethod
    def after_app_websocket(self, f: T_after_websocket) -> T_after_websocket:
        """Register *f* as ``after_websocket`` does, for every WebSocket of the application."""
        return self._app_hook("after_websocket_funcs", f)

    @setupmethod
    def teardown_app_websocket(self, f: T_teardown) -> T_teardown:
        """Register *f* as ``teardown_websocket`` does, for every WebSocket of the application."""
        return self._app_hook("teardown_websocket_funcs", f)

    @setupmethod
    def app_context_processor(self, f: T_context_processor) -> T_context_processor:
        """Register *f* as ``context_processor`` does, for every template of the application."""
        return self._app_hook("template_context_processors", f)

    @setupmethod
    def app_url_value_preprocessor(self, f: T_url_value_preprocessor) -> T_url_value_preprocessor:
        """Register *f* as ``url_value_preprocessor`` does, for every request of the application."""
        return self._app_hook("url_value_preprocessors", f)

    @setupmethod
    def app_url_defaults(self, f: T_url_defaults) -> T_url_defaults:
        """Register *f* as ``url_defaults`` does, for every URL of the application."""
        return self._app_hook("url_default_functions", f)

    @setupmethod
    def app_errorhandler(self, code: type[Exception] | int) -> t.Callable[[T_error_handler], T_error_handler]:
        """Decorate an error handler as ``errorhandler`` does, for every request of the application."""

        def decorator(f: T_error_handler) -> T_error_handler:
            self.record_once(lambda state: state.app.register_error_handler(code, f))
            return f

        return decorator

    def _app_template_function(self, kind: str, f: t.Callable[..., t.Any], name: str | None) -> None:
        def add(state: BlueprintSetupState) -> None:
            getattr(state.app.jinja_env, kind)[name or f.__name__] = f

        self.record_once(add)

    @setupmethod
    def app_template_filter(self, name: str | None = None) -> t.Callable[[F], F]:
        """Decorate a template filter for the application; its name is the function's own or *name*."""
        return adding(self.add_app_template_filter, name)

    @setupmethod
    def add_app_template_filter(self, f: ft.TemplateFilterCallable, name: str | None = None) -> None:
        """Add a template filter to the application."""
        self._app_template_function("filters", f, name)

    @setupmethod
    def app_template_test(self, name: str | None = None) -> t.Callable[[T_template_test], T_template_test]:
        """Decorate a template test for the application; its name is the function's own or *name*."""
        return adding(self.add_app_template_test, name)

    @setupmethod
    def add_app_template_test(self, f: ft.TemplateTestCallable, name: str | None = None) -> None:
        """Add a template test to the application."""
        self._app_template_function("tests", f, name)

    @setupmethod
    def app_template_global(self, name: str | None = None) -> t.Callable[[F], F]:
        """Decorate a template global for the application; its name is the function's own or *name*."""
        return adding(self.add_app_template_global, name)

    @setupmethod
    def add_app_template_global(self, f: ft.TemplateGlobalCallable, name: str | None = None) -> None:
        """Add a template global to the application."""
        self._app_template_function("globals", f, name)


_MERGED_TABLES = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "url_default_functions",
    "url_value_preprocessors",
    "template_context_processors",
    *WEBSOCKET_TABLES,
)


def adding(add: t.Callable[..., None], name: str | None) -> t.Callable[[F], F]:
    """Turn ``add(f, name=…)`` into a decorator."""

    def decorator(f: F) -> F:
        add(f, name=name)
        return f

    return decorator


def _nested_key(name: str, own: str | None) -> str:
    return name if own is None else f"{name}.{own}"


def _nested_options(
    state: BlueprintSetupState, name: str, child: Blueprint, options: dict[str, t.Any]
) -> dict[str, t.Any]:
    """Return the options for a nested blueprint: its prefix after the parent's, its subdomain before it."""
    merged = {**options, "name_prefix": name}
    subdomain = options.get("subdomain")
    if subdomain is None:
        subdomain = child.subdomain
    parts = [part for part in (subdomain, state.subdomain) if part is not None]
    if parts:
        merged["subdomain"] = ".".join(parts)
    prefix = options.get("url_prefix")
    if prefix is None:
        prefix = child.url_prefix
    if prefix is not None and state.url_prefix is not None:
        merged["url_prefix"] = _join_paths(state.url_prefix, prefix)
    elif prefix is not None or state.url_prefix is not None:
        merged["url_prefix"] = state.url_prefix if prefix is None else prefix
    return merged
