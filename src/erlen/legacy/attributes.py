"""Attributes of classes that warn when they are used."""

from __future__ import annotations

import typing as t

from ..serve.plain_attributes import PlainAttributes
from .notices import notice

_MISSING: t.Any = object()


class OldAttribute:
    """An attribute that was removed: reading or setting it on an object warns.

    *get* returns the value for an object, *put* sets it; without *put* the value is kept by the object.
    *on_class* is the value that the class itself has.
    """

    def __init__(
        self,
        name: str,
        get: t.Callable[[t.Any], t.Any],
        put: t.Callable[[t.Any, t.Any], None] | None = None,
        on_class: t.Any = _MISSING,
    ) -> None:
        self._name = name
        self._get = get
        self._put = put
        self._on_class = on_class

    @property
    def _attribute(self) -> str:
        return self._name.rpartition(".")[2]

    def __get__(self, obj: t.Any, owner: type | None = None) -> t.Any:
        if obj is None:
            return self if self._on_class is _MISSING else self._on_class
        notice(self._name)
        own = _kept_by(obj)
        return own[self._attribute] if self._attribute in own else self._get(obj)

    def __set__(self, obj: t.Any, value: t.Any) -> None:
        notice(self._name)
        if self._put is None:
            _kept_by(obj)[self._attribute] = value
        else:
            self._put(obj, value)

    def __delete__(self, obj: t.Any) -> None:
        try:
            del _kept_by(obj)[self._attribute]
        except KeyError:
            raise AttributeError(self._attribute) from None


def _kept_by(obj: t.Any) -> dict[str, t.Any]:
    # The vars() of a context would open the session.
    return obj.attributes_set() if isinstance(obj, PlainAttributes) else vars(obj)


def constant(name: str, value: t.Any) -> OldAttribute:
    """Return an attribute with one value, unless the object is given another."""
    return OldAttribute(name, lambda _: value, on_class=value)


def config_key(name: str, key: str, convert: t.Callable[[t.Any], t.Any] | None = None) -> OldAttribute:
    """Return an attribute that reads and writes a configuration key."""

    def get(app: t.Any) -> t.Any:
        value = app.config[key]
        return value if convert is None else convert(value)

    def put(app: t.Any, value: t.Any) -> None:
        app.config[key] = value

    return OldAttribute(name, get, put)


def read_quietly(obj: t.Any, name: str) -> t.Any:
    """Return the value that *obj* or one of its classes has for an old attribute, without warning.

    None where nobody set one.
    """
    own = vars(obj)
    if name in own:
        return own[name]
    # Not of type(): a provider has a weak proxy of its application.
    for cls in obj.__class__.__mro__:
        value = vars(cls).get(name)
        if value is not None:
            return None if isinstance(value, OldAttribute) else value
    return None
