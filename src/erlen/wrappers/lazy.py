"""Attributes of a request that are computed when they are first read."""

from __future__ import annotations

import typing as t

from ..active import OWN, get_state

if t.TYPE_CHECKING:
    import typing_extensions as te

T = t.TypeVar("T")


class _LooksAssignable(type):
    """The type of a class whose objects pass for data descriptors where somebody looks.

    COMPAT: ``create_autospec(Request)`` leaves open what a property gives. Of any other object in a class, it
    takes the attributes: there would be no ``request.args.get``.
    """

    def __getattr__(cls, name: str) -> t.Any:
        # Python itself looks into the class alone, and does not find it.
        if name == "__set__":
            return cls.__set_name__
        raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")


class Lazy(t.Generic[T], metaclass=_LooksAssignable):
    """An attribute that is computed when it is first read, and kept.

    It is not a data descriptor, so an assigned or kept value is found first.
    """

    def __init__(self, work_out: t.Callable[[t.Any], T]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    if t.TYPE_CHECKING:  # an assigned value is found in the instance's dict

        def __set__(self, obj: t.Any, value: T) -> None: ...

    @t.overload
    def __get__(self, obj: None, owner: type) -> te.Self: ...
    @t.overload
    def __get__(self, obj: object, owner: type) -> T: ...
    def __get__(self, obj: object | None, owner: type) -> t.Any:
        if obj is None:
            return self
        value = self._work_out(obj)
        obj.__dict__[self._name] = value
        return value


class Limit:
    """A limit on what is read: the request's own if set, else the application's."""

    def __init__(self, config_key: str, default: int | None) -> None:
        self._key = config_key
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._own = f"_{name}"

    def __get__(self, obj: object | None, owner: type) -> t.Any:
        if obj is None:
            return self
        own = obj.__dict__.get(self._own)
        if own is not None:
            return own
        context, app_context = get_state()
        holder = context if app_context is OWN else app_context
        return self._default if holder is None else holder.app.config[self._key]

    def __set__(self, obj: object, value: int | None) -> None:
        obj.__dict__[self._own] = value
