"""Views as classes: one object per request, and for MethodView one method per HTTP method."""

from __future__ import annotations

import typing as t
from inspect import iscoroutinefunction

from .context_proxies import current_app, request
from .originals import inherits

if t.TYPE_CHECKING:
    from . import typing as ft

F = t.TypeVar("F", bound=t.Callable[..., t.Any])

http_method_funcs = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})


class CoroutineForm(t.NamedTuple):
    """The coroutine function that does the same as a plain view function.

    The view has it as its attribute ``coroutine_form``. A decorator may copy that attribute to another
    function, for which it is not valid: hence the first field, the view itself.
    """

    stands_for: t.Callable[..., t.Any]
    function: t.Callable[..., t.Awaitable[t.Any]]


class View:
    """A view that is written as a class: subclass it, and register what ``as_view`` returns."""

    # The methods that it answers, as for a route; None means GET.
    methods: t.ClassVar[t.Collection[str] | None] = None
    # Whether OPTIONS is answered automatically, as for a route; None means that it is.
    provide_automatic_options: t.ClassVar[bool | None] = None
    # Decorators for the view function; the first is the innermost.
    decorators: t.ClassVar[list[t.Callable[..., t.Any]]] = []
    # False: one object serves all requests, and must not store anything of a request.
    init_every_request: t.ClassVar[bool] = True

    def dispatch_request(self) -> ft.ResponseReturnValue:
        """Answer the request; the variables of the URL come as keyword arguments."""
        raise NotImplementedError

    @classmethod
    def as_view(cls, name: str, *class_args: t.Any, **class_kwargs: t.Any) -> ft.RouteCallable:
        """Make the view function: *name* is its endpoint; the class is called with the other arguments."""
        shared: View | None = None
        # `view` is the decorated function that is returned: tests replace its `view_class`.
        if cls.init_every_request:

            def answer(**kwargs: t.Any) -> t.Any:
                instance = view.view_class(*class_args, **class_kwargs)
                return current_app.ensure_sync(instance.dispatch_request)(**kwargs)

        else:
            shared = cls(*class_args, **class_kwargs)

            def answer(**kwargs: t.Any) -> t.Any:
                return current_app.ensure_sync(shared.dispatch_request)(**kwargs)

        view: t.Any = answer
        view.__qualname__ = "View.as_view.<locals>.view"  # COMPAT: tracers name a transaction by it
        # The name is set before decorators are called: they may register under it.
        view.__name__, view.__module__ = name, cls.__module__
        for decorator in cls.decorators or ():
            view = decorator(view)
        cls._describe(view, name)
        if view is answer and _is_of_coroutines(cls):
            made_view: t.Any = view
            made = None if cls.init_every_request else shared

            async def answer_on_loop(**kwargs: t.Any) -> t.Any:
                instance: t.Any = made_view.view_class(*class_args, **class_kwargs) if made is None else made
                return await instance._coroutine()(**kwargs)

            made_view.coroutine_form = CoroutineForm(made_view, answer_on_loop)
        made_function: ft.RouteCallable = view
        return made_function

    def _coroutine(self) -> t.Callable[..., t.Awaitable[t.Any]]:
        """Return the coroutine function that answers the request."""
        dispatch: t.Any = self.dispatch_request
        function: t.Callable[..., t.Awaitable[t.Any]] = dispatch
        return function

    @classmethod
    def _describe(cls, view: t.Any, name: str) -> None:
        """Set the attributes of the view function that describe its class and its route."""
        view.__name__ = name
        view.__doc__ = cls.__doc__
        view.__module__ = cls.__module__
        view.view_class = cls
        view.methods = cls.methods
        view.provide_automatic_options = cls.provide_automatic_options


class MethodView(View):
    """A view with a method for each HTTP method: ``get``, ``post``, …

    ``methods`` is derived from those, inherited ones included, unless the class sets it.
    """

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" in vars(cls):
            return
        methods = {name.upper() for name in http_method_funcs if hasattr(cls, name)}
        for base in cls.__bases__:
            methods.update(getattr(base, "methods", None) or ())
        if methods:
            cls.methods = methods

    def dispatch_request(self, **kwargs: t.Any) -> ft.ResponseReturnValue:
        """Call the method of the request; HEAD falls back to ``get``."""
        result: ft.ResponseReturnValue = current_app.ensure_sync(self._method())(**kwargs)
        return result

    def _coroutine(self) -> t.Callable[..., t.Awaitable[t.Any]]:
        # PERF: compared here, for this is asked on each request.
        dispatches = type(self).dispatch_request is MethodView.dispatch_request
        return self._method() if dispatches else super()._coroutine()

    def _method(self) -> t.Callable[..., t.Any]:
        name = request.method.lower()
        function: t.Callable[..., t.Any] | None = getattr(self, name, None)
        if function is None and name == "head":
            function = getattr(self, "get", None)
        assert function is not None, (
            f"Unimplemented method {request.method!r}: {type(self).__name__} has no {name}()"
        )
        return function


def _is_of_coroutines(cls: type[View]) -> bool:
    """Tell whether all methods of a class that answer requests are coroutine functions."""
    if not inherits(cls, MethodView, "dispatch_request"):
        return iscoroutinefunction(cls.dispatch_request)
    methods = [getattr(cls, name) for name in http_method_funcs if hasattr(cls, name)]
    return bool(methods) and all(map(iscoroutinefunction, methods))
