"""`Api`: the scope in which the annotations of views are a contract."""

from __future__ import annotations

import typing as t
from functools import partial
from weakref import WeakSet, ref

from werkzeug.exceptions import HTTPException

from erlen import Blueprint, Erlen

from .decorated import is_made_by
from .document.building import build
from .document.serving import Served
from .errors import SetupError, encoded_problem
from .media_types import JSON, MSGPACK
from .page import add_page
from .problems import ProblemModel
from .providers import Providers
from .supplying import Supplier, end_all
from .views import TypedView, adapt

if t.TYPE_CHECKING:
    from erlen.plan.routes import Route

    from .security import Scheme

F = t.TypeVar("F", bound=t.Callable[..., t.Any])
Function: t.TypeAlias = "t.Callable[..., t.Any]"


class Api:
    """The views of an application, or of a blueprint and those nested in it, by their annotations.

    *scope* is an application or a blueprint. *title*, *version* and *description* are for the document.
    *problems* tells whether HTTP exceptions in the scope become problems (RFC 9457), *msgpack* whether bodies
    and answers may be MessagePack, by `Content-Type` and `Accept`.
    """

    def __init__(
        self,
        scope: Erlen | Blueprint,
        *,
        title: str | None = None,
        version: str = "1.0",
        description: str | None = None,
        problems: bool = True,
        msgpack: bool = False,
        document: str | None = "/openapi.json",
        page: str | None = "/docs",
    ) -> None:
        # The application has the Api: a reference back would keep both until the collector comes.
        self._scope: t.Callable[[], Erlen | Blueprint | None] = (
            ref(scope) if isinstance(scope, Erlen) else lambda: scope
        )
        self.title = title or scope.name
        self.version = version
        self.description = description
        self.media_types = (JSON, MSGPACK) if msgpack else (JSON,)
        self.providers = Providers()
        self.supplier = Supplier(self.providers)
        # By rule and endpoint: the view, and what became of it.
        self._views: dict[tuple[str, str], tuple[Function, TypedView | None]] = {}
        # The applications that ask this Api about their views.
        self._apps: WeakSet[Erlen] = WeakSet()
        # The names that the blueprint is registered by.
        self._names: set[str] = set()
        self._secured: list[tuple[Function, Scheme]] = []
        self._closes = False
        # Where faults are answered with a model of the application's own.
        self.problem_model: ProblemModel | None = None
        self.problems = problems
        if problems:
            scope.register_error_handler(HTTPException, encoded_problem)
        if document is not None:
            scope.add_url_rule(document, "openapi_json", Served(self))
        if document is not None and page is not None:
            add_page(scope, self, page)
        if isinstance(scope, Erlen):
            self._attach(scope)
        else:
            scope.record(self._register)

    @property
    def scope(self) -> Erlen | Blueprint:
        """The application or blueprint. Raises `ReferenceError` where the application is gone."""
        scope = self._scope()
        if scope is None:
            raise ReferenceError(
                f"The application of the Api {self.title!r} is gone: keep a reference to it."
            )
        return scope

    def provider(self, function: F) -> F:
        """Register a function that supplies each parameter of the type that it returns."""
        provider = self.providers.add(function)
        if provider.is_generator and not self._closes:
            self._closes = True
            self.scope.teardown_request(end_all)
        return function

    def overridden(self, provider: Function, by: Function) -> t.ContextManager[None]:
        """Call *by* in the place of a provider as long as a ``with`` block runs: for tests.

        What *by* takes is supplied to it as to a provider. Raises `SetupError` where *provider* is none, or
        only *by* has a ``yield``.
        """
        return self.providers.overridden(provider, by)

    @t.overload
    def problem(self, function: F, /) -> F: ...
    @t.overload
    def problem(self, /, *, media_type: str = JSON) -> t.Callable[[F], F]: ...
    def problem(self, function: t.Any = None, /, *, media_type: str = JSON) -> t.Any:
        """Register the function that makes what HTTP exceptions in the scope are answered with.

        It takes the exception, and its return annotation is in the document. Status and headers are those of
        the exception. Handlers for a status or a class of exceptions come first, as ever. Raises `SetupError`
        where the annotation names no model.
        """
        if function is None:
            return lambda function: self._add_problem(function, media_type)
        return self._add_problem(function, media_type)

    def _add_problem(self, function: F, media_type: str) -> F:
        model = ProblemModel(function, media_type)
        if self.problem_model is not None:
            raise SetupError(
                f"Two functions make the problems of {self!r}: {self.problem_model.name} and {model.name}."
            )
        if not self.problems:
            raise SetupError(f"{self!r} was made with problems=False: {model.name} would never be called.")
        self.problem_model = model
        # A handler that somebody else has registered meanwhile stays.
        if self.scope.error_handler_spec[None][None].get(HTTPException) is encoded_problem:
            self.scope.register_error_handler(HTTPException, model.handler)
        return function

    def secured_by(self, decorator: Function, scheme: Scheme) -> None:
        """Say in the document that views under *decorator* need the credentials of *scheme*."""
        self._secured.append((decorator, scheme))

    def scheme_of(self, view: Function) -> Scheme | None:
        """Return the scheme of a decorator around a view."""
        return next((scheme for decorator, scheme in self._secured if is_made_by(view, decorator)), None)

    def has(self, route: Route, apis: t.Sequence[Api]) -> bool:
        """Tell whether a route belongs to this one of an application's *apis*: to the innermost around it."""
        depth = self.depth_of(route)
        return depth >= 0 and self is max(apis, key=lambda api: api.depth_of(route), default=self)

    def depth_of(self, route: Route) -> int:
        """Return how deep the scope lies around a route, 0 for an application; -1 where it does not."""
        if isinstance(self.scope, Erlen):
            return 0
        return max((name.count(".") + 1 for name in route.blueprints if name in self._names), default=-1)

    def is_preprocessed(self, route: t.Any) -> bool:
        """Tell whether a `url_value_preprocessor` may put something into the calls of a route."""
        names = (None, *route.blueprints)
        return any(app.url_value_preprocessors.get(name) for app in self._apps for name in names)

    def typed(self, route: t.Any, view: Function) -> TypedView | None:
        """Return a view by its annotations; None where they ask for nothing. Raises `SetupError`."""
        key = str(route.rule.rule), route.endpoint
        known = self._views.get(key)
        if known is None or known[0] is not view:
            known = self._views[key] = view, adapt(self, route, view)
        return known[1]

    def document(self, app: Erlen | None = None) -> dict[str, t.Any]:
        """Return the OpenAPI document; the application is needed where the scope is a blueprint."""
        app = app or (self.scope if isinstance(self.scope, Erlen) else None)
        if app is None:
            raise TypeError("An Api of a blueprint needs the application: api.document(app).")
        return build(self, app)

    def _adapt(self, apis: list[Api], route: Route, view: Function) -> Function | None:
        """Return what is called in the place of a view: an adapter of `app.view_adapters`."""
        if not self.has(route, apis):
            return None
        typed = self.typed(route, view)
        return None if typed is None else typed.function

    def _attach(self, app: Erlen) -> None:
        """Let an application ask this Api about its views; once."""
        self._apps.add(app)
        apis: list[Api] = app.extensions.setdefault("erlen.api", [])
        if self not in apis:
            apis.append(self)
            app.view_adapters.append(partial(self._adapt, apis))

    def _register(self, state: t.Any) -> None:
        """Note the name that a blueprint is registered by."""
        self._names.add(f"{state.name_prefix}.{state.name}".lstrip("."))
        self._attach(state.app)

    def __repr__(self) -> str:
        return f"<Api {self.title!r} of {self._scope()!r}>"
