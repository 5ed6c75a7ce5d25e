"""Views under decorators: `@typed` binds what no decorator supplies."""

from __future__ import annotations

import inspect
import types
import typing as t
from functools import wraps

from erlen import request

from .errors import SetupError

if t.TYPE_CHECKING:
    from .binding import Binder

F = t.TypeVar("F", bound=t.Callable[..., t.Any])
Function: t.TypeAlias = "t.Callable[..., t.Any]"

_MARK = "__erlen_typed__"
HIDDEN = "__erlen_hidden__"


class Typed:
    """What `@typed` knows of its function: the names that decorators supply, and binders by rule."""

    def __init__(self, function: Function, supplied: frozenset[str]) -> None:
        self.function = function
        self.supplied = supplied
        # By the rule's text and the method; filled when the plan is made.
        self.binders: dict[tuple[str, str], Binder] = {}

    def binder(self) -> Binder | None:
        """Return the binder of the request's rule; None where no Api has the view."""
        rule = request.url_rule
        return None if rule is None else self.binders.get((str(rule.rule), rule.endpoint))


@t.overload
def typed(function: F, /) -> F: ...
@t.overload
def typed(*supplied: str) -> t.Callable[[F], F]: ...
def typed(*given: t.Any) -> t.Any:
    """Bind the parameters of a function that stands under other decorators, after these have run.

    Place it directly above the function. What decorators supply is taken as it is; name the parameters that
    would look like parts of the request otherwise: ``@typed("user")``.
    """
    if len(given) == 1 and callable(given[0]):
        return _typed(given[0], frozenset())
    return lambda function: _typed(function, frozenset(given))


def _typed(function: Function, supplied: frozenset[str]) -> Function:
    mark = Typed(function, supplied)
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def bind_and_await(*args: t.Any, **values: t.Any) -> t.Any:
            binder = mark.binder()
            if binder is not None:
                values = await binder.bind_later(_by_name(function, args, values))
                args = ()
            return await function(*args, **values)

        setattr(bind_and_await, _MARK, mark)
        return bind_and_await

    @wraps(function)
    def bind_and_call(*args: t.Any, **values: t.Any) -> t.Any:
        binder = mark.binder()
        if binder is not None:
            values = binder.bind(_by_name(function, args, values))
            args = ()
        return function(*args, **values)

    setattr(bind_and_call, _MARK, mark)
    return bind_and_call


def _by_name(function: Function, args: tuple[t.Any, ...], values: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return arguments by name: a decorator may pass what it supplies by position."""
    if not args:
        return values
    names = list(inspect.signature(function, follow_wrapped=False).parameters)
    return {**dict(zip(names, args, strict=False)), **values}


def hidden(view: F) -> F:
    """Leave a view out of the document."""
    setattr(view, HIDDEN, True)
    return view


def mark_of(view: Function) -> Typed | None:
    """Return the mark of `@typed` in a view or in what it wraps."""
    for each in _layers(view):
        mark: Typed | None = vars(each).get(_MARK) if hasattr(each, "__dict__") else None
        if mark is not None and mark.function is getattr(each, "__wrapped__", None):
            return mark
    return None


def innermost(view: Function) -> Function:
    """Return the function that a view wraps in the end."""
    return list(_layers(view))[-1]


def _layers(view: Function) -> t.Iterator[Function]:
    seen: set[int] = set()
    each: t.Any = view
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = getattr(each, "__wrapped__", None)


def names_of_decorators(view: Function) -> list[str]:
    """Return the names of the decorators around a view, as far as their functions tell."""
    return [_maker(each) for each in _layers(view)][:-1]


def _maker(function: Function) -> str:
    """Return the name of the function that has made another one; its own, where that is not known."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    qualname: str | None = getattr(code, "co_qualname", None)
    if qualname is None:  # Python 3.10: a function of the same module may have made it
        for name, each in getattr(function, "__globals__", {}).items():
            # Asked of the type: there may be proxies.
            if type(each) is types.FunctionType and code in _codes_in(each.__code__):
                return str(name)
        return code.co_name  # type: ignore[no-any-return]  # of a code object
    *around, name = qualname.split(".<locals>.")
    return around[-1].rpartition(".")[2] if around else name


def is_made_by(view: Function, decorator: Function) -> bool:
    """Tell whether a decorator, or one that it returns, is around a view."""
    codes = {getattr(each, "__code__", None) for each in _layers(view)}
    return any(code in codes for code in _codes_in(getattr(decorator, "__code__", None)))


def _codes_in(code: types.CodeType | None) -> t.Iterator[types.CodeType]:
    for constant in () if code is None else code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes_in(constant)


def refuse_needy(view: Function, needed: list[str], name: str) -> None:
    """Raise the error about a decorated view with parameters that only the request can supply."""
    if needed:
        decorators = " and ".join(f"'{each}'" for each in names_of_decorators(view)) or "a decorator"
        raise SetupError(
            f"{name} takes {', '.join(map(repr, needed))} from the request, and is under {decorators}, which"
            " may supply it or not. Write '@typed' directly above the function: it binds what they leave."
        )
