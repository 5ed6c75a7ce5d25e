"""The loader that finds an application's templates: in its folder, then in those of its blueprints."""

from __future__ import annotations

import os
import typing as t

from jinja2 import BaseLoader, TemplateNotFound
from jinja2 import Environment as BaseEnvironment
from jinja2.utils import internalcode

from .. import debughelpers

if t.TYPE_CHECKING:
    from jinja2 import Template

    from . import Templating

# The result of a loader: source, file name, and a function that tells whether they are current.
_Source: t.TypeAlias = tuple[str, str | None, t.Callable[[], bool] | None]


class _TemplateOwner(t.Protocol):
    """An object that has templates: the application, a blueprint."""

    name: str
    import_name: str


class DispatchingJinjaLoader(BaseLoader):
    """A loader that looks in the application's folder, then in those of its blueprints."""

    def __init__(self, app: Templating) -> None:
        self.app = app

    def get_source(self, environment: BaseEnvironment, template: str) -> _Source:
        """Return the first match; raises TemplateNotFound with the places that were searched.

        With ``EXPLAIN_TEMPLATE_LOADING`` all places are tried, and the result of each is logged.
        """
        explain = self.app.config["EXPLAIN_TEMPLATE_LOADING"]
        attempts: list[tuple[BaseLoader, _TemplateOwner, _Source | None]] = []
        for holder, loader in self._iter_loaders(template):
            try:
                found = loader.get_source(environment, template)
            except TemplateNotFound:
                attempts.append((loader, holder, None))
                continue
            if not explain:
                return found
            attempts.append((loader, holder, found))
        if explain:
            debughelpers.explain_template_loading_attempts(self.app, template, attempts)
        for _, _, source in attempts:
            if source is not None:
                return source
        raise TemplateNotFound(template, self._not_found(template, attempts))

    @internalcode
    def load(
        self, environment: BaseEnvironment, name: str, globals: t.MutableMapping[str, t.Any] | None = None
    ) -> Template:
        """Load a template; from the cache of compiled templates, where the environment has one."""
        cache = environment.bytecode_cache
        if cache is not None:
            from .bytecode import load_by_own_name
            from .compiler import CodeGenerator, may_compile

            if environment.code_generator_class is CodeGenerator and may_compile(environment):
                return load_by_own_name(self, environment, name, cache, {} if globals is None else globals)
        return super().load(environment, name, globals)

    # What the compiler asks for: this attribute of a subclass's own method is not there.
    load.names_code = True  # type: ignore[attr-defined]

    def _not_found(
        self, template: str, attempts: list[tuple[BaseLoader, _TemplateOwner, _Source | None]]
    ) -> str:
        if not attempts:
            return f"{template} (not found: application {self.app.name!r} has no template folder)"
        places = "; ".join(
            f"{_searched_folders(loader)} of {debughelpers.describe(holder, self.app)}"
            for loader, holder, _ in attempts
        )
        return f"{template} (not found. Searched: {places})"

    def _iter_loaders(self, template: str) -> t.Iterator[tuple[_TemplateOwner, BaseLoader]]:
        holders: tuple[_TemplateOwner, ...] = (self.app, *self.app.blueprints.values())
        for holder in holders:
            loader: BaseLoader | None = getattr(holder, "jinja_loader", None)
            if loader is not None:
                yield holder, loader

    def list_templates(self) -> list[str]:
        """Return the names of all templates, each once."""
        return list({name for _, loader in self._iter_loaders("") for name in loader.list_templates()})


def _searched_folders(loader: BaseLoader) -> str:
    """Return the places where a loader looks, as text."""
    folders: list[str] | None = getattr(loader, "searchpath", None)
    if not folders:
        return f"the {type(loader).__name__}"
    return ", ".join(folder if os.path.isdir(folder) else f"{folder} (no such folder)" for folder in folders)
