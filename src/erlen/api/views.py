"""One view by its annotations: what is called in its place."""

from __future__ import annotations

import inspect
import typing as t
from dataclasses import dataclass, field
from uuid import UUID

from werkzeug.routing import (
    AnyConverter,
    FloatConverter,
    IntegerConverter,
    PathConverter,
    UnicodeConverter,
    UUIDConverter,
)

from .binding import Binder
from .decorated import innermost, mark_of, refuse_needy
from .errors import SetupError
from .parameters import NOTHING, Parameter, Taken, settle
from .results import Answer, declared_answers, encoder_of
from .supplying import telling_providers

if t.TYPE_CHECKING:
    from .scope import Api

Function: t.TypeAlias = "t.Callable[..., t.Any]"
Encode: t.TypeAlias = "t.Callable[[t.Any], t.Any] | None"


@dataclass
class Operation:
    """One method of a view: what it takes and what it returns."""

    function: Function
    parameters: list[Parameter]
    answers: list[Answer] | None
    binder: Binder
    encode: Encode = None
    # With its decorators.
    view: Function | None = None


@dataclass
class TypedView:
    """A view as it is called, and its operations by method."""

    route: t.Any
    view: Function
    function: Function
    operations: dict[str, Operation] = field(default_factory=dict)


def adapt(api: Api, route: t.Any, view: Function) -> TypedView | None:
    """Return a view by its annotations; None where they ask for nothing."""
    name = f"the view {route.endpoint!r} ({route.rule.rule})"
    view_class = getattr(view, "view_class", None)
    methods = frozenset(route.rule.methods or ())
    if view_class is not None:
        functions = _methods_of(view_class, methods)
    else:
        functions = dict.fromkeys(methods, view)
    operations: dict[str, Operation] = {}
    for function in dict.fromkeys(functions.values()):
        its_methods = frozenset(method for method, each in functions.items() if each is function)
        try:
            operation = _operation(api, route, function, its_methods, name)
        except SetupError:
            raise
        except Exception as error:  # of msgspec, pydantic or typing, which do not know whose annotation it is
            raise SetupError(f"{name} has an annotation that cannot be meant: {error}") from error
        if operation is not None:
            operations.update(dict.fromkeys(its_methods, operation))
    if not operations:
        return None
    typed = TypedView(route, view, view, operations)
    typed.function = _called(view, operations)
    goes_on = api.supplier.goes_on
    if any(goes_on(parameter) for operation in operations.values() for parameter in operation.parameters):
        typed.function = telling_providers(typed.function)
    return typed


def _methods_of(view_class: t.Any, methods: frozenset[str]) -> dict[str, Function]:
    """Return the function of each method: those of a method view, or the one that dispatches."""
    found = {}
    for method in methods:
        function = getattr(view_class, method.lower(), None)
        if function is None and method == "HEAD":
            function = getattr(view_class, "get", None)
        if function is None and method != "OPTIONS":
            function = view_class.dispatch_request
        if function is not None:
            found[method] = function
    return found


def _operation(
    api: Api, route: t.Any, function: Function, methods: frozenset[str], name: str
) -> Operation | None:
    taken = Taken(
        view=name,
        of_rule=_variables(route.rule),
        of_others=_other_variables(api, route),
        methods=methods,
        providers=api.providers,
        media_types=api.media_types,
        has_suppliers=api.is_preprocessed(route),
    )
    mark, inside = mark_of(function), innermost(function)
    if mark is not None:
        taken.supplied, taken.has_suppliers = mark.supplied, True
        parameters, signature = settle(mark.function, taken)
        mark.binders[str(route.rule.rule), route.endpoint] = _binder(api, parameters)
        binder = Binder((), api.supplier)
    elif inside is not function:
        taken.has_suppliers = True
        parameters, signature = settle(inside, taken)
        own, _ = settle(function, taken)
        supplied = {parameter.name for parameter in own}
        needed = [each.name for each in parameters if _is_needy(each) and each.name not in supplied]
        refuse_needy(function, needed, name)
        binder, parameters = _binder(api, own), own
    else:
        parameters, signature = settle(function, taken)
        binder = _binder(api, parameters)
    answers = declared_answers(signature.returns, name, api.media_types)
    if binder.is_empty and answers is None and mark is None:
        return None
    # Streams of events are responses already.
    encoded = [answer for answer in answers or () if answer.form != "events"]
    encode = encoder_of(encoded, name) if encoded else None
    return Operation(inside, parameters, answers, binder, encode, function)


def _binder(api: Api, parameters: list[Parameter]) -> Binder:
    for parameter in parameters:
        if parameter.provider is not None:
            api.supplier.prepare(parameter.provider)
    return Binder(parameters, api.supplier)


def _is_needy(parameter: Parameter) -> bool:
    return parameter.default is NOTHING and parameter.where not in ("path", "left")


def _variables(rule: t.Any) -> dict[str, t.Any]:
    """Return the variables of a rule, with the type that the converter of each gives, or None."""
    converters = getattr(rule, "_converters", {})
    return {name: _GIVEN.get(type(converters.get(name))) for name in rule.arguments}


_GIVEN: dict[t.Any, t.Any] = {
    IntegerConverter: int,
    FloatConverter: float,
    UUIDConverter: UUID,
    UnicodeConverter: str,
    PathConverter: str,
    AnyConverter: str,
}


def _other_variables(api: Api, route: t.Any) -> frozenset[str]:
    map_ = getattr(route.rule, "map", None)
    if map_ is None:
        return frozenset()
    others = (rule.arguments for rule in map_.iter_rules(route.endpoint) if rule is not route.rule)
    return frozenset(name for arguments in others for name in arguments)


# what is called


def _called(view: Function, operations: dict[str, Operation]) -> Function:
    """Return what is called in the place of a view, in its own colour."""
    distinct = {id(operation): operation for operation in operations.values()}
    is_coroutine = inspect.iscoroutinefunction(view) or getattr(view, "coroutine_form", None) is not None
    if len(distinct) == 1:
        (operation,) = distinct.values()
        make = _coroutine if is_coroutine else _plain
        return make(view, operation.binder, operation.encode)
    return _by_method(view, operations, is_coroutine)


def _plain(view: Function, binder: Binder, encode: Encode) -> Function:
    bind = binder.bind if binder.schemes or binder.provided else binder.read
    if binder.is_empty:

        def call_and_encode(**values: t.Any) -> t.Any:
            return encode(view(**values))  # type: ignore[misc]

        return view if encode is None else call_and_encode
    if encode is None:
        return lambda **values: view(**bind(values))

    def bind_call_encode(**values: t.Any) -> t.Any:
        return encode(view(**bind(values)))

    return bind_call_encode


def _coroutine(view: Function, binder: Binder, encode: Encode) -> Function:
    if not binder.provided:
        bind = binder.bind if binder.schemes else binder.read

        async def bind_and_await(**values: t.Any) -> t.Any:
            result = await view(**bind(values))
            return result if encode is None else encode(result)

        return bind_and_await

    async def bind_later_and_await(**values: t.Any) -> t.Any:
        result = await view(**await binder.bind_later(values))
        return result if encode is None else encode(result)

    return bind_later_and_await


def _by_method(view: Function, operations: dict[str, Operation], is_coroutine: bool) -> Function:
    from erlen import request

    make = _coroutine if is_coroutine else _plain
    called = {
        method: make(view, operation.binder, operation.encode) for method, operation in operations.items()
    }
    if is_coroutine:

        async def choose_and_await(**values: t.Any) -> t.Any:
            return await called.get(request.method, view)(**values)

        return choose_and_await
    return lambda **values: called.get(request.method, view)(**values)
