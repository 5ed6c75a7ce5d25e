"""How an application is brought to the general form from outside, and goes on meaning the same."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from erlen import Erlen
from tests.serve.beside import Framework, namespace_with

Function: t.TypeAlias = Callable[..., t.Any]
# An application, class or mixin of either framework: what tests do to it no type knows.
Anything: t.TypeAlias = t.Any


class GeneralForm:
    """What is done to an application: to its classes, to itself, and around its requests.

    A new one does nothing at all. Switches add to it.
    """

    def __init__(self) -> None:
        self._mixed_into_application: list[type] = []
        self._mixed_into: dict[str, list[type]] = defaultdict(list)
        # Class attributes, and public names of the framework, that others take the place of.
        self.class_attributes: dict[str, object] = {}
        self.public_names: dict[str, object] = {}
        # Called with the application before anything is registered.
        self.changes_of_application: list[Callable[[Anything], object]] = []
        # Called with the environ of each request.
        self.changes_of_environ: list[Callable[[dict[str, t.Any]], object]] = []
        # Entered around each request.
        self.contexts_around_requests: list[Callable[[], AbstractContextManager[object]]] = []
        # Called with each function of the user; what they return is registered.
        self.wrappers_of_functions: list[Callable[[Function], Function]] = []

    def mix_into_application(self, mixin: type) -> None:
        """Let the application's class inherit *mixin* first."""
        self._mixed_into_application.append(mixin)

    def mix_into(self, attribute: str, mixin: type) -> None:
        """Let a class that the application has as an attribute (``request_class``) inherit *mixin* first."""
        self._mixed_into[attribute].append(mixin)

    def framework(self) -> Framework:
        """Return Erlen's public names, with an application class to which all of that was done."""
        attributes = {name: self._class_for(name) for name in self._mixed_into} | self.class_attributes
        application_class = type("Erlen", (*self._mixed_into_application, Erlen), attributes)
        return namespace_with(
            Flask=application_class,
            Erlen=application_class,
            Response=attributes.get("response_class", Erlen.response_class),
            **self.public_names,
        )

    def _class_for(self, attribute: str) -> object:
        own = getattr(Erlen, attribute)
        if attribute == "session_interface":  # an instance, where the others are classes
            return self._derived(attribute, type(own))()
        return self._derived(attribute, own)

    def _derived(self, attribute: str, own: type) -> type:
        return type(own.__name__, (*self._mixed_into[attribute], own), {})

    def wrapped(self, function: Function) -> Function:
        """Return what is registered in place of a function of the user."""
        for wrap in self.wrappers_of_functions:
            function = wrap(function)
        return function


def calling_super(*names: str) -> type:
    """Make a mixin with methods that only call those of the classes behind it."""
    mixin = type("CallingSuper", (), {})
    for name in names:
        setattr(mixin, name, _method_calling_super(mixin, name))
    return mixin


def _method_calling_super(mixin: Anything, name: str) -> Function:
    def method(self: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
        return getattr(super(mixin, self), name)(*args, **kwargs)

    return method


def reading_super(name: str) -> type:
    """Make a mixin with a property that only reads the one of the classes behind it."""
    mixin: Anything = type("ReadingSuper", (), {})

    def read(self: t.Any) -> t.Any:
        return getattr(super(mixin, self), name)

    setattr(mixin, name, property(read))
    return t.cast(type, mixin)


@contextmanager
def patched(owner: Anything, name: str) -> Iterator[None]:
    """Replace a function of a class or module by one that calls it, as tracing tools do."""
    original, owns_it = getattr(owner, name), name in vars(owner)

    def traced(*args: t.Any, **kwargs: t.Any) -> t.Any:
        return original(*args, **kwargs)

    setattr(owner, name, traced)
    try:
        yield
    finally:
        if owns_it:
            setattr(owner, name, original)
        else:
            delattr(owner, name)
