"""Dry runs: plugins that undo what a script changes, entry points `erlen.script.dry_run`."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import metadata

from erlen import Erlen

from .errors import ScriptError

GROUP = "erlen.script.dry_run"

Changes = Callable[[], Iterable[str]]
"""Returns lines that say what has changed so far."""


class Plugin(t.Protocol):
    """What an entry point is: None where the application has nothing of the plugin's.

    It is called in the application's context. What happens inside the context manager is undone at its
    end, whether or not there was an exception.
    """

    def __call__(self, app: Erlen, /) -> AbstractContextManager[Changes] | None: ...


@contextmanager
def undone(app: Erlen, *, needs_plugin: bool = True) -> Iterator[Changes]:
    """Undo what happens inside.

    Raises `ScriptError` where no plugin can undo anything, unless none is needed.
    """
    with ExitStack() as stack:
        active = [stack.enter_context(plugin) for plugin in _plugins(app)]
        if needs_plugin and not active:
            raise ScriptError(
                "Nothing here can undo what a script changes: that takes Flask-SQLAlchemy, or a plugin"
                f" ({GROUP}). Or give 'main' a parameter 'dry_run: bool', and let the script see to it."
            )
        yield lambda: [line for changes in active for line in changes()]


def _plugins(app: Erlen) -> Iterator[AbstractContextManager[Changes]]:
    for entry_point in metadata.entry_points(group=GROUP):
        plugin: Plugin = entry_point.load()
        context = plugin(app)
        if context is not None:
            yield context
