"""Calls providers: once for each request, and ends those with a `yield` when it is over.

A provider with a `yield` ends as a context manager does: an exception of the view is raised at the `yield`,
even one that a handler answers, such as `abort(409)`. What follows is done only where the view has returned.
"""

from __future__ import annotations

import inspect
import typing as t

from erlen import current_app, g

from .binding import Binder
from .errors import SetupError
from .parameters import Parameter, Taken, settle

if t.TYPE_CHECKING:
    from .providers import Provider, Providers

Function: t.TypeAlias = "t.Callable[..., t.Any]"

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

    def goes_on(self, parameter: Parameter) -> bool:
        """Tell whether a generator is open until the end of the request, for a parameter."""
        provider = parameter.provider
        return provider is not None and (
            provider.is_generator or any(map(self.goes_on, self.prepare(provider).provided))
        )

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
        # What the view raised.
        self.error: BaseException | None = None


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


def telling_providers(view: Function) -> Function:
    """Return a view that tells the open generators of the request what it raises."""
    if inspect.iscoroutinefunction(view):

        async def await_and_tell(**values: t.Any) -> t.Any:
            try:
                return await view(**values)
            except BaseException as error:
                _kept().error = error
                raise

        return await_and_tell

    def call_and_tell(**values: t.Any) -> t.Any:
        try:
            return view(**values)
        except BaseException as error:
            _kept().error = error
            raise

    return call_and_tell


def end_all(error: BaseException | None = None) -> None:
    """Let the generators of a request go on to their end, the last one first; a teardown function.

    All of them are ended; what the first one raises that fails is raised then.
    """
    kept: _Kept | None = g.pop(_KEPT, None)
    if kept is None:
        return
    error = kept.error or error
    failed: BaseException | None = None
    try:
        for generator in reversed(kept.generators):
            try:
                _end(generator, error)
            except BaseException as raised:
                failed = failed or raised
        if failed is not None:
            raise failed
    finally:
        kept.error = error = failed = None  # they hold this frame


_STOPS = (StopIteration, StopAsyncIteration)


def _end(generator: t.Any, error: BaseException | None) -> None:
    try:
        if inspect.isasyncgen(generator):
            _in_sync(generator.__anext__ if error is None else lambda: generator.athrow(error))
        elif error is None:
            next(generator)
        else:
            generator.throw(error)
    except _STOPS:
        return
    except BaseException as raised:
        # What stops iterators cannot leave a generator (PEP 479).
        if raised is error or (isinstance(error, _STOPS) and raised.__cause__ is error):
            return
        raise
    (_in_sync(generator.aclose) if inspect.isasyncgen(generator) else generator.close())
    raise RuntimeError("A provider has to have one 'yield': this one has gone on to another.")
