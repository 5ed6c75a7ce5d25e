"""`Api`: the scope in which the annotations of views are a contract."""

from __future__ import annotations

import inspect
import typing as t

from werkzeug.exceptions import HTTPException

from erlen import Blueprint, Erlen

from .decorated import Typed, innermost, names_of_decorators
from .errors import SetupError, encoded_problem
from .providers import Provider, Providers
from .supplying import Supplier, close_all
from .views import TypedView, adapt

if t.TYPE_CHECKING:
    from .security import Scheme

F = t.TypeVar("F", bound=t.Callable[..., t.Any])
Function: t.TypeAlias = "t.Callable[..., t.Any]"


class Api:
    """The views of an application, or of a blueprint and those nested in it, by their annotations.

    *scope* is an application or a blueprint. *title*, *version* and *description* are for the document.
    *problems* tells whether HTTP exceptions in the scope become problems (RFC 9457).
    """

    def __init__(
        self,
        scope: Erlen | Blueprint,
        *,
        title: str | None = None,
        version: str = "1.0",
        description: str | None = None,
        problems: bool = True,
    ) -> None:
        self.scope = scope
        self.title = title or scope.name
        self.version = version
        self.description = description
        self.providers = Providers()
        self.supplier = Supplier(self.providers)
        # The typed views by rule and endpoint, as the plan has asked for them.
        self.views: dict[tuple[str, str], TypedView] = {}
        self._secured: dict[str, Scheme] = {}
        self._closes = False
        if problems:
            scope.register_error_handler(HTTPException, encoded_problem)
        if isinstance(scope, Erlen):
            scope.view_adapters.append(self._adapt)
        else:
            scope.record(lambda state: state.app.view_adapters.append(_InBlueprint(self, state.name)))

    def provider(self, function: F) -> F:
        """Register a function that supplies each parameter of the type that it returns."""
        provider = self.providers.add(function)
        if provider.is_generator and not self._closes:
            self._closes = True
            self.scope.teardown_request(close_all)
        return function

    def secured_by(self, decorator: Function, scheme: Scheme) -> None:
        """Say in the document that views under *decorator* need the credentials of *scheme*."""
        self._secured[getattr(decorator, "__name__", "")] = scheme

    def scheme_of(self, view: Function) -> Scheme | None:
        """Return the scheme of a decorator around a view."""
        for name in names_of_decorators(view):
            if name in self._secured:
                return self._secured[name]
        return None

    def _adapt(self, route: t.Any, view: Function) -> Function | None:
        """Return what is called in the place of a view: an adapter of `app.view_adapters`."""
        typed = adapt(self, route, view)
        if typed is None:
            return None
        self.views[route.rule.rule, route.endpoint] = typed
        return typed.function

    def __repr__(self) -> str:
        return f"<Api {self.title!r} of {self.scope!r}>"


class _InBlueprint:
    """The adapter of views in a blueprint and those nested in it."""

    def __init__(self, api: Api, name: str) -> None:
        self._api = api
        self._name = name

    def __call__(self, route: t.Any, view: Function) -> Function | None:
        return self._api._adapt(route, view) if self._name in route.blueprints else None


__all__ = ["Api", "Provider", "SetupError", "Typed", "innermost", "inspect"]
