"""What only applications record: blueprints, template functions, teardown of the application context."""

from __future__ import annotations

import typing as t

from .. import typing as ft
from ..wrappers.websocket import HANDLER
from .blueprint import Blueprint, adding
from .contract import Application
from .registrar import F, T_teardown, T_template_test, _endpoint_from_view_func, setupmethod
from .scaffold import Scaffold
from .serving import ServingRegistrar

T_shell_context_processor = t.TypeVar("T_shell_context_processor", bound=ft.ShellContextProcessorCallable)


class AppRegistrar(ServingRegistrar, Scaffold, Application):
    """The part of an application that records rules and what concerns the whole application."""

    # Whether there is a rule for a WebSocket.
    has_websockets = False

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_first_request:
            raise AssertionError(
                f"The setup method '{f_name}' was called on application {self.name!r} after its first"
                " request. Requests served before would not have known of it."
                " Import everything that sets the application up before it is served."
            )

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: t.Any) -> None:
        """Register *blueprint*; *options* (url_prefix, subdomain, name, url_defaults, …) win over its own."""
        blueprint.register(self, options)

    def iter_blueprints(self) -> t.ValuesView[Blueprint]:
        """Return the registered blueprints in the order of their registration."""
        return self.blueprints.values()

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: t.Any,
    ) -> None:
        """Route *rule* to *endpoint*, and the endpoint to *view_func*.

        Raises AssertionError where the endpoint has another view function already.
        """
        if endpoint is None:
            endpoint = _endpoint_from_view_func(view_func)
        if hasattr(view_func, HANDLER):
            self.has_websockets = True
        methods, automatic = self._rule_methods(
            options.pop("methods", None), view_func, provide_automatic_options
        )
        rule_object: t.Any = self.url_rule_class(rule, methods=methods, endpoint=endpoint, **options)
        rule_object.provide_automatic_options = automatic
        self.url_map.add(rule_object)
        if view_func is not None:
            self._set_view_function(endpoint, view_func)

    def _rule_methods(
        self, methods: t.Iterable[str] | None, view_func: t.Any, automatic: bool | None
    ) -> tuple[set[str], bool]:
        """Return the methods of a rule, and whether OPTIONS is answered for the view function."""
        named = (getattr(view_func, "methods", None) or ("GET",)) if methods is None else methods
        if isinstance(named, str):
            raise TypeError(f"'methods' must be a list of strings, for example [{named!r}], not {named!r}.")
        allowed = {method.upper() for method in named}
        required: set[str] = set(getattr(view_func, "required_methods", ()))
        if automatic is None:
            automatic = getattr(view_func, "provide_automatic_options", None)
        if automatic is None:
            automatic = "OPTIONS" not in allowed and bool(self.config["PROVIDE_AUTOMATIC_OPTIONS"])
            if automatic:
                required.add("OPTIONS")
        return allowed | required, automatic

    def _set_view_function(self, endpoint: str, view_func: ft.RouteCallable) -> None:
        known = self.view_functions.get(endpoint)
        if known is not None and known != view_func:
            raise AssertionError(
                f"Endpoint {endpoint!r} has a view function already, {_where(known)};"
                f" {_where(view_func)} would replace it. Give one of them another name or 'endpoint'."
            )
        self.view_functions[endpoint] = view_func

    # templates

    @setupmethod
    def template_filter(self, name: str | None = None) -> t.Callable[[F], F]:
        """Decorate a template filter; its name is the function's own or *name*."""
        return adding(self.add_template_filter, name)

    @setupmethod
    def add_template_filter(self, f: ft.TemplateFilterCallable, name: str | None = None) -> None:
        """Add a template filter."""
        self.jinja_env.filters[name or f.__name__] = f

    @setupmethod
    def template_test(self, name: str | None = None) -> t.Callable[[T_template_test], T_template_test]:
        """Decorate a template test; its name is the function's own or *name*."""
        return adding(self.add_template_test, name)

    @setupmethod
    def add_template_test(self, f: ft.TemplateTestCallable, name: str | None = None) -> None:
        """Add a template test."""
        self.jinja_env.tests[name or f.__name__] = f

    @setupmethod
    def template_global(self, name: str | None = None) -> t.Callable[[F], F]:
        """Decorate a template global; its name is the function's own or *name*."""
        return adding(self.add_template_global, name)

    @setupmethod
    def add_template_global(self, f: ft.TemplateGlobalCallable, name: str | None = None) -> None:
        """Add a template global."""
        self.jinja_env.globals[name or f.__name__] = f

    # contexts

    @setupmethod
    def teardown_appcontext(self, f: T_teardown) -> T_teardown:
        """Call *f* with the exception, or None, when an application context ends."""
        self.teardown_appcontext_funcs.append(f)
        return f

    @setupmethod
    def shell_context_processor(self, f: T_shell_context_processor) -> T_shell_context_processor:
        """Add what *f* returns to the names that are available in the shell."""
        self.shell_context_processors.append(f)
        return f

    def make_shell_context(self) -> dict[str, t.Any]:
        """Return the names that are available in the shell: ``app``, ``g`` and what the processors add."""
        from ..context_proxies import g

        names: dict[str, t.Any] = {"app": self, "g": g}
        for processor in self.shell_context_processors:
            names.update(processor())
        return names


def _where(view_func: t.Any) -> str:
    """Return the name of a function and the place of its definition."""
    name = getattr(view_func, "__qualname__", None) or repr(view_func)
    code = getattr(view_func, "__code__", None)
    if code is None:
        return f"{name} of {getattr(view_func, '__module__', '?')}"
    return f"{name} ({code.co_filename}:{code.co_firstlineno})"
