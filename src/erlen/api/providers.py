"""Providers: functions that supply every parameter of a type, once for each request."""

from __future__ import annotations

import inspect
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass, field

from .annotations import Unresolved, signature_of
from .errors import SetupError
from .shapes import without_extras

if t.TYPE_CHECKING:
    from .binding import Binder


@dataclass(eq=False)
class Provider:
    """A function that supplies the parameters of one type: of either colour, perhaps with one `yield`."""

    function: t.Callable[..., t.Any]
    provides: t.Any
    # Made when the first view that needs it is bound.
    binder: Binder | None = None

    @property
    def name(self) -> str:
        """The name of the function."""
        return getattr(self.function, "__qualname__", repr(self.function))

    @property
    def is_generator(self) -> bool:
        """Whether it goes on when the request is over."""
        return inspect.isgeneratorfunction(self.function) or inspect.isasyncgenfunction(self.function)

    @property
    def is_coroutine(self) -> bool:
        """Whether it is awaited."""
        return inspect.iscoroutinefunction(self.function) or inspect.isasyncgenfunction(self.function)


@dataclass
class Providers:
    """The providers of a scope, by what they provide."""

    by_type: dict[t.Any, Provider] = field(default_factory=dict)

    def add(self, function: t.Callable[..., t.Any]) -> Provider:
        """Register a function by its return annotation; raise `SetupError` where that names no type."""
        provides = signature_of(function).returns
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            provides = (t.get_args(provides) or (inspect.Signature.empty,))[0]
        name = getattr(function, "__qualname__", repr(function))
        if isinstance(provides, Unresolved):
            raise SetupError(
                f"The return annotation of the provider {name} cannot be resolved: {provides!r}."
            )
        if provides in (inspect.Signature.empty, None, type(None), t.Any):
            raise SetupError(f"The provider {name} has to say what it provides: annotate what it returns.")
        provides, _ = without_extras(provides)
        if provides in self.by_type:
            raise SetupError(f"{self.by_type[provides].name} and {name} both provide {provides!r}.")
        provider = self.by_type[provides] = Provider(function, provides)
        return provider

    @contextmanager
    def overridden(self, function: t.Callable[..., t.Any], by: t.Callable[..., t.Any]) -> t.Iterator[None]:
        """Call *by* in the place of a function that was added, as long as the block runs."""
        provider = next((each for each in self.by_type.values() if each.function is function), None)
        other = Provider(by, None)
        if provider is None:
            raise SetupError(f"{getattr(function, '__qualname__', function)!s} is no provider here.")
        if other.is_generator and not provider.is_generator:
            raise SetupError(f"{other.name} has a 'yield', and {provider.name}, which it replaces, has none.")
        kept = provider.function, provider.binder
        provider.function, provider.binder = by, None
        try:
            yield
        finally:
            provider.function, provider.binder = kept

    def find(self, annotation: t.Any) -> Provider | None:
        """Return the provider of a type, or None."""
        try:
            return self.by_type.get(annotation)
        except TypeError:  # an annotation that cannot be hashed
            return None
