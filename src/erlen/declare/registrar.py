"""The decorators that applications and blueprints share.

Each only records: it writes to a table in Flask's shape and returns what it was given.
"""

from __future__ import annotations

import typing as t
from collections import defaultdict
from functools import wraps

from werkzeug.exceptions import HTTPException, default_exceptions

from .. import typing as ft
from ..late_module import add_late_module
from ..templating import _default_template_ctx_processor
from ..wrappers.lazy import Lazy

if t.TYPE_CHECKING:
    import click
    from werkzeug.sansio.response import Response as BaseResponse

F = t.TypeVar("F", bound=t.Callable[..., t.Any])
T_route = t.TypeVar("T_route", bound=ft.RouteCallable)
T_error_handler = t.TypeVar("T_error_handler", bound=ft.ErrorHandlerCallable)
T_before_request = t.TypeVar("T_before_request", bound=ft.BeforeRequestCallable)
# Flask's own type for this takes any result, also the None of a function that forgets its `return`.
T_after_request = t.TypeVar(
    "T_after_request", bound=t.Callable[[t.Any], "BaseResponse | t.Awaitable[BaseResponse]"]
)
T_teardown = t.TypeVar("T_teardown", bound=ft.TeardownCallable)
T_context_processor = t.TypeVar("T_context_processor", bound=ft.TemplateContextProcessorCallable)
T_url_value_preprocessor = t.TypeVar("T_url_value_preprocessor", bound=ft.URLValuePreprocessorCallable)
T_template_test = t.TypeVar("T_template_test", bound=ft.TemplateTestCallable)
T_url_defaults = t.TypeVar("T_url_defaults", bound=ft.URLDefaultCallable)

_sentinel: t.Any = object()


def setupmethod(f: F) -> F:
    """Make a method refuse calls once set-up is over: what it records might be half applied."""
    name = f.__name__

    @wraps(f)
    def guarded(self: Registrar, *args: t.Any, **kwargs: t.Any) -> t.Any:
        self._check_setup_finished(name)
        return f(self, *args, **kwargs)

    return t.cast(F, guarded)  # a function of the same signature


def _endpoint_from_view_func(view_func: ft.RouteCallable | None) -> str:
    """Return the endpoint of a rule that names none: the function's own name."""
    assert view_func is not None, "a rule without an endpoint needs a view function to take its name from"
    return view_func.__name__


class Registrar:
    """The decorators for routes, hooks and error handlers; the base of applications and blueprints."""

    name: str
    import_name: str

    view_functions: dict[str, ft.RouteCallable]
    error_handler_spec: ft.HandlerTable
    before_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.BeforeRequestCallable]]
    after_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.AfterRequestCallable[t.Any]]]
    teardown_request_funcs: dict[ft.AppOrBlueprintKey, list[ft.TeardownCallable]]
    template_context_processors: dict[ft.AppOrBlueprintKey, list[ft.TemplateContextProcessorCallable]]
    url_value_preprocessors: dict[ft.AppOrBlueprintKey, list[ft.URLValuePreprocessorCallable]]
    url_default_functions: dict[ft.AppOrBlueprintKey, list[ft.URLDefaultCallable]]

    def _make_tables(self, hook_table: t.Callable[[], ft.HookTable]) -> None:
        """Fill the registrar with empty tables; *hook_table* makes those that the plan reads."""
        self.view_functions = {}
        self.error_handler_spec = defaultdict(lambda: defaultdict(dict))
        self.before_request_funcs = hook_table()
        self.after_request_funcs = hook_table()
        self.teardown_request_funcs = hook_table()
        self.url_value_preprocessors = hook_table()
        self.url_default_functions = defaultdict(list)
        # COMPAT: extensions expect the default processor as the first one.
        self.template_context_processors = defaultdict(list, {None: [_default_template_ctx_processor]})

    if t.TYPE_CHECKING:
        cli: click.Group  # it can be set, too
    else:

        @Lazy
        def cli(self) -> click.Group:
            """The group for commands of this application or blueprint; made when it is first touched."""
            # PERF: a process that only serves imports neither Click nor the built-in commands.
            add_late_module("erlen.cli")
            from ..cli.app_group import AppGroup

            return AppGroup(name=self.name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def _check_setup_finished(self, f_name: str) -> None:
        raise NotImplementedError

    # routes

    @setupmethod
    def route(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Decorate a view function to serve the URLs that match *rule*."""

        def decorator(f: T_route) -> T_route:
            endpoint = options.pop("endpoint", None)
            self.add_url_rule(rule, endpoint, f, **options)
            return f

        return decorator

    @setupmethod
    def get(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Decorate a view function to answer GET."""
        return self._method_route("GET", rule, options)

    @setupmethod
    def post(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Decorate a view function to answer POST."""
        return self._method_route("POST", rule, options)

    @setupmethod
    def put(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Decorate a view function to answer PUT."""
        return self._method_route("PUT", rule, options)

    @setupmethod
    def delete(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Decorate a view function to answer DELETE."""
        return self._method_route("DELETE", rule, options)

    @setupmethod
    def patch(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Decorate a view function to answer PATCH."""
        return self._method_route("PATCH", rule, options)

    def _method_route(
        self, method: str, rule: str, options: dict[str, t.Any]
    ) -> t.Callable[[T_route], T_route]:
        if "methods" in options:
            raise TypeError(f"'{method.lower()}' takes no 'methods'; use 'route' for several of them.")
        return self.route(rule, methods=[method], **options)

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

        *options* go to the rule: methods, defaults, subdomain, host, strict_slashes, redirect_to, …
        """
        raise NotImplementedError

    @setupmethod
    def endpoint(self, endpoint: str) -> t.Callable[[F], F]:
        """Decorate the view function of an endpoint whose rules are added elsewhere."""

        def decorator(f: F) -> F:
            self.view_functions[endpoint] = f
            return f

        return decorator

    # hooks

    @setupmethod
    def before_request(self, f: T_before_request) -> T_before_request:
        """Call *f* before each request; what it returns, if not None, is the result."""
        self.before_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def after_request(self, f: T_after_request) -> T_after_request:
        """Pass each response through *f*, last registered first."""
        self.after_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def teardown_request(self, f: T_teardown) -> T_teardown:
        """Call *f* with the exception, or None, when a request context ends."""
        self.teardown_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def context_processor(self, f: T_context_processor) -> T_context_processor:
        """Add what *f* returns to every template's context."""
        self.template_context_processors[None].append(f)
        return f

    @setupmethod
    def url_value_preprocessor(self, f: T_url_value_preprocessor) -> T_url_value_preprocessor:
        """Call *f* with endpoint and URL values before the hooks; it may change the values."""
        self.url_value_preprocessors[None].append(f)
        return f

    @setupmethod
    def url_defaults(self, f: T_url_defaults) -> T_url_defaults:
        """Call *f* with endpoint and values of each URL that is built; it may add values."""
        self.url_default_functions[None].append(f)
        return f

    # error handlers

    @setupmethod
    def errorhandler(
        self, code_or_exception: type[Exception] | int
    ) -> t.Callable[[T_error_handler], T_error_handler]:
        """Decorate the function that answers an HTTP error code or a class of exceptions."""

        def decorator(f: T_error_handler) -> T_error_handler:
            self.register_error_handler(code_or_exception, f)
            return f

        return decorator

    @setupmethod
    def register_error_handler(
        self, code_or_exception: type[Exception] | int, f: ft.ErrorHandlerCallable
    ) -> None:
        """Let *f* answer an HTTP error code or a class of exceptions."""
        exc_class, code = self._get_exc_class_and_code(code_or_exception)
        self.error_handler_spec[None][code][exc_class] = f

    @staticmethod
    def _get_exc_class_and_code(
        exc_class_or_code: type[Exception] | int,
    ) -> tuple[type[Exception], int | None]:
        """Return the class that handlers are looked up by, and its HTTP code if it has one.

        Raises ValueError or TypeError that says what can be registered.
        """
        only = "Handlers can only be registered for exception classes and HTTP error codes."
        if isinstance(exc_class_or_code, int):
            known = default_exceptions.get(exc_class_or_code)
            if known is None:
                raise ValueError(
                    f"{exc_class_or_code!r} is no HTTP error code that has an exception of its own."
                    " Use a subclass of HTTPException with that code instead."
                )
            return known, known.code
        if isinstance(exc_class_or_code, Exception):
            raise TypeError(f"{exc_class_or_code!r} is an instance, not a class. {only}")
        if not issubclass(exc_class_or_code, Exception):
            raise ValueError(f"'{exc_class_or_code.__name__}' is not a subclass of Exception. {only}")
        code = exc_class_or_code.code if issubclass(exc_class_or_code, HTTPException) else None
        return exc_class_or_code, code
