"""What compiled templates call: looking up attributes, escaping, calling.

Each function gives what Jinja's own code would have given, its exceptions included. Those that may appear
in a traceback are marked as internal code, so that Jinja leaves their lines out as it does with its own.
"""

from __future__ import annotations

import typing as t
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType

from jinja2.runtime import BlockReference, Context, Macro, Undefined
from jinja2.utils import internalcode, missing
from markupsafe import Markup, escape

if t.TYPE_CHECKING:
    from jinja2 import Environment, Template

try:
    from markupsafe._speedups import _escape_inner as escape_text
except ImportError:  # MarkupSafe before 3.0, or without its extension

    def escape_text(text: str, /) -> str:
        return str(escape(text))


__all__ = [
    "absent",
    "attribute_missed",
    "calls_of",
    "derived",
    "escape_text",
    "escaped",
    "included",
    "measured",
    "text_functions",
]


class _Absent:
    """The type of the one value that no template has."""


absent: t.Any = _Absent()
"""The value of what was not found: no template can have it, or another one of its type."""

# By the numbers of the types: a metaclass may have an `__eq__` and `__hash__` of its own.
text_functions: dict[int, t.Callable[[t.Any], str]] = {
    id(Markup): str.__str__,
    id(bool): str,
    id(float): str,
    id(int): str,
    id(str): escape_text,
    id(type(None)): str,
}
"""What makes the text of a value as ``markupsafe.escape`` does; for other types, that does it."""


@internalcode
def attribute_missed(environment: Environment, value: t.Any, name: str) -> t.Any:
    """Look up what is no attribute as an item: the second half of ``Environment.getattr``."""
    try:
        return value[name]
    except (TypeError, LookupError, AttributeError):
        return environment.undefined(obj=value, name=name)


@internalcode
def escaped(value: t.Any) -> str:
    """Return the text of a value as ``markupsafe.escape`` does, if need be without a Markup object."""
    text: str = value
    kind = type(value)
    if kind is Markup:
        return text
    if kind is str:
        return escape_text(value)
    if kind is int or kind is float or kind is bool or value is None:
        return str(value)
    return escape(value)


@internalcode
def included(template: Template, context: Context, names: dict[str, t.Any]) -> t.Iterator[str]:
    """Return what renders a template within another, with the variables of that one."""
    inner = template.new_context(context.get_all(), True, names)
    vars(inner)["whole"] = getattr(context, "whole", False)
    return template.root_render_func(inner)


@internalcode
def derived(context: Context, names: dict[str, t.Any]) -> Context:
    """Return a context of the same template with these variables, too."""
    inner = context.derived(names)
    vars(inner)["whole"] = getattr(context, "whole", False)
    return inner


def measured(
    values: t.Any, rest: t.Iterator[t.Any], index: int, has_next: bool
) -> tuple[int, t.Iterator[t.Any]]:
    """Return the length of what a loop runs over, and what it goes on with, as ``LoopContext.length`` does.

    *rest* is what comes after the item *index* (from one), without the next one if it *has_next* already.
    """
    try:
        return len(values), rest
    except TypeError:
        items = list(rest)
        return len(items) + index + has_next, iter(items)


# PERF: `Context.call` looks for `pass_context` and its like at each call, on the callee and on its
# `__call__`: 0.45 µs. A function says in its own attributes whether it wants a context, so one look is
# enough; only what is none of these goes to Jinja. Arguments are passed on as they are written.
_SHAPE = """
def call(context, loop_vars, block_vars, callee{parameters}):
    kind = type(callee)
    if kind is MethodType:
        function = callee.__func__
        plain = type(function) is FunctionType and "jinja_pass_arg" not in function.__dict__
    elif kind is FunctionType:
        names = callee.__dict__
        plain = not names or ("jinja_pass_arg" not in names and "__call__" not in names)
    elif kind is Macro:
        try:
            {macro}
            return callee(context.eval_ctx{arguments})
        except StopIteration:
            return stopped(context)
    else:
        plain = kind is BuiltinFunctionType or kind is BlockReference
    if not plain:
        return context.call(callee{arguments}, _loop_vars=loop_vars, _block_vars=block_vars)
    try:
        return callee({own_arguments})
    except StopIteration:
        return stopped(context)
"""

# PERF: a macro gets its arguments in their places: 0.3 µs in place of 0.9 µs.
_MACRO = """if not (
                callee.catch_kwargs or callee.catch_varargs or callee.caller or callee._environment.is_async
            ) and callee._argument_count >= {count}:
                places = {places}
                if places is not None:
                    text = callee._func({positional}*places)
                    if not context.eval_ctx.autoescape:
                        return text
                    # A macro of this environment gives a plain str, which has no markup to ask for.
                    return new(Markup, text) if type(text) is str else Markup(text)"""


@lru_cache(256)
def calls_of(count: int, keywords: tuple[str, ...] = ()) -> t.Callable[..., t.Any]:
    """Make the function that calls with *count* arguments by place and these by name."""
    places = [f"a{number}" for number in range(count)]
    values = [f"k{number}" for number in range(len(keywords))]
    own = [*places, *(f"{name}={value}" for name, value in zip(keywords, values, strict=True))]
    named = "".join(f"{name!r}: {value}, " for name, value in zip(keywords, values, strict=True))
    rest = (
        f"arranged(callee, {count}, {{{named}}})"
        if keywords
        else f"filling(callee._argument_count - {count})"
    )
    macro = _MACRO.format(count=count, places=rest, positional="".join(f"{place}, " for place in places))
    source = _SHAPE.format(
        parameters="".join(f", {name}" for name in places + values),
        arguments="".join(f", {argument}" for argument in own),
        own_arguments=", ".join(own),
        macro=macro,
    )
    namespace: dict[str, t.Any] = {**_NAMES}
    exec(source, namespace)
    call: t.Callable[..., t.Any] = internalcode(namespace["call"])
    return call


@internalcode
def _stopped(context: Context) -> Undefined:
    """Return what stands for the result of a callable that raised StopIteration."""
    return context.environment.undefined(
        "value was undefined because a callable raised a StopIteration exception"
    )


def _arranged(macro: Macro, count: int, named: dict[str, t.Any]) -> list[t.Any] | None:
    """Return a macro's arguments after the first *count*; None if it does not take one of those named."""
    places = [named.pop(name, missing) for name in macro.arguments[count:]]
    return None if named else places


@lru_cache(64)
def _filling(count: int) -> tuple[t.Any, ...]:
    return (missing,) * count


_NAMES: dict[str, t.Any] = {
    "MethodType": MethodType,
    "FunctionType": FunctionType,
    "BuiltinFunctionType": BuiltinFunctionType,
    "BlockReference": BlockReference,
    "Macro": Macro,
    "Markup": Markup,
    "arranged": _arranged,
    "filling": _filling,
    "new": str.__new__,
    "stopped": _stopped,
}
