"""Calls providers: once for each request, and closes those with a `yield` when it is over."""

from __future__ import annotations

import inspect
import typing as t

from erlen import current_app, g

from .binding import Binder
from .errors import SetupError
from .parameters import Parameter, Taken, settle

if t.TYPE_CHECKING:
    from .providers import Provider, Providers

# The attribute of `g` with what was supplied in a request, and the generators that are open.
_KEPT = "_erlen_api"


class Supplier:
    """What supplies parameters by the providers of a scope."""

    def __init__(self, providers: Providers) -> None:
        self._providers = providers
        # The providers whose parameters are being settled.
        self._under_way: list[Provider] = []

    def prepare(self, provider: Provider) -> Binder:
        """Return the binder of a provider's own parameters; raise `SetupError` where it needs itself."""
        if provider.binder is not None:
            return provider.binder
        if provider in self._under_way:
            chain = " → ".join(each.name for each in (*self._under_way, provider))
            raise SetupError(f"A provider needs itself: {chain}.")
        self._under_way.append(provider)
        try:
            taken = Taken(
                f"the provider {provider.name}", methods=frozenset(("GET",)), providers=self._providers
            )
            parameters, _ = settle(provider.function, taken)
            for parameter in parameters:
                if parameter.provider is not None:
                    self.prepare(parameter.provider)
            provider.binder = Binder(parameters, self)
        finally:
            self._under_way.pop()
        return provider.binder

    def is_coroutine(self, parameter: Parameter) -> bool:
        """Tell whether something has to be awaited for a parameter."""
        provider = parameter.provider
        assert provider is not None
        return provider.is_coroutine or self.prepare(provider).has_coroutines

    def supply(self, parameter: Parameter) -> t.Any:
        """Return the value of a parameter; a coroutine is waited for, on the loop of coroutine views."""
        provider = parameter.provider
        assert provider is not None
        kept = _kept()
        if provider in kept.values:
            return kept.values[provider]
        values = self.prepare(provider).bind({})
        if inspect.isasyncgenfunction(provider.function):
            generator = provider.function(**values)
            value = _in_sync(generator.__anext__)
            kept.generators.append(generator)
        elif provider.is_coroutine:
            value = current_app.ensure_sync(provider.function)(**values)
        else:
            value = _plainly(provider, values, kept)
        kept.values[provider] = value
        return value

    async def supply_later(self, parameter: Parameter) -> t.Any:
        """Do what :meth:`supply` does, on a loop."""
        provider = parameter.provider
        assert provider is not None
        kept = _kept()
        if provider in kept.values:
            return kept.values[provider]
        values = await self.prepare(provider).bind_later({})
        if inspect.isasyncgenfunction(provider.function):
            generator = provider.function(**values)
            value = await generator.__anext__()
            kept.generators.append(generator)
        elif provider.is_coroutine:
            value = await provider.function(**values)
        else:
            value = _plainly(provider, values, kept)
        kept.values[provider] = value
        return value


class _Kept:
    """What was supplied in a request."""

    def __init__(self) -> None:
        self.values: dict[Provider, t.Any] = {}
        self.generators: list[t.Any] = []


def _kept() -> _Kept:
    kept: _Kept | None = g.get(_KEPT)
    if kept is None:
        kept = _Kept()
        setattr(g, _KEPT, kept)
    return kept


def _plainly(provider: Provider, values: dict[str, t.Any], kept: _Kept) -> t.Any:
    result = provider.function(**values)
    if not inspect.isgenerator(result):
        return result
    value = next(result)
    kept.generators.append(result)
    return value


def _in_sync(function: t.Callable[[], t.Any]) -> t.Any:
    async def call() -> t.Any:
        return await function()

    return current_app.ensure_sync(call)()


def close_all(error: BaseException | None = None) -> None:
    """Let the generators of a request go on to their end, the last one first; a teardown function."""
    kept: _Kept | None = g.pop(_KEPT, None)
    for generator in reversed(kept.generators if kept is not None else ()):
        if inspect.isasyncgen(generator):
            _in_sync(lambda generator=generator: _end_later(generator))  # type: ignore[misc]
        else:
            _end(generator)


def _end(generator: t.Generator[t.Any, None, None]) -> None:
    for _ in generator:
        generator.close()
        raise RuntimeError("A provider has to have one 'yield': this one has gone on to another.")


async def _end_later(generator: t.AsyncGenerator[t.Any, None]) -> None:
    async for _ in generator:
        await generator.aclose()
        raise RuntimeError("A provider has to have one 'yield': this one has gone on to another.")
