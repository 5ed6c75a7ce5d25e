"""The templates of a project: their files, their text, and what Jinja makes of them."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, nodes

from erlen.templating import DispatchingJinjaLoader

if t.TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment

    from erlen import Erlen

# What lies beside templates is often none: pictures, sources of style sheets, templates for the browser.
_SUFFIXES = (".html", ".htm", ".xhtml", ".xml", ".svg", ".txt", ".j2", ".jinja", ".jinja2")


class TemplateProblem(t.NamedTuple):
    """Why a template cannot be compiled, and the line where that shows."""

    message: str
    line: int


@dataclass(frozen=True)
class TemplateFile:
    """A template in a file of the project."""

    name: str
    path: Path
    # The blueprint whose folder it is in; None for the application's.
    blueprint: str | None
    text: str
    environment: Environment
    # Why the file is no text, if it is none.
    unreadable: TemplateProblem | None = None

    @cached_property
    def tree(self) -> nodes.Template | None:
        """The parsed text; None where Jinja cannot parse it."""
        try:
            return self.environment.parse(self.text, self.name, str(self.path))
        except (TemplateError, RecursionError):
            return None

    @cached_property
    def problem(self) -> TemplateProblem | None:
        """Why it cannot be compiled; None where it can."""
        if self.unreadable is not None:
            return self.unreadable
        try:
            # Not the tree that others read: the compiler changes it.
            tree = self.environment.parse(self.text, self.name, str(self.path))
            self.environment.compile(tree, self.name, str(self.path), raw=True)
        except TemplateSyntaxError as error:
            return TemplateProblem(error.message or "it cannot be compiled", error.lineno)
        except RecursionError:
            return TemplateProblem("it is nested too deeply", 1)
        return None


def templates_of(app: Erlen, root: Path) -> t.Iterator[TemplateFile]:
    """Yield the templates of an application and of its blueprints whose files are in a folder.

    A loader that cannot list its templates is left out.
    """
    environment = app.jinja_env
    for blueprint, loader in _loaders(app):
        for name in _names(loader):
            problem = None
            try:
                text, file, _ = loader.get_source(environment, name)
            except UnicodeDecodeError as error:
                text, file, problem = "", _file_of(loader, name), _not_text(error)
            except (TemplateNotFound, OSError, ValueError):
                continue
            path = Path(file).resolve() if file else None
            if path is not None and path.is_relative_to(root):
                yield TemplateFile(name, path, blueprint, text, environment, problem)


def _file_of(loader: BaseLoader, name: str) -> str | None:
    folders = getattr(loader, "searchpath", ())
    return next((file for folder in folders if os.path.isfile(file := os.path.join(folder, name))), None)


def _not_text(error: UnicodeDecodeError) -> TemplateProblem:
    line = error.object.count(b"\n", 0, error.start) + 1
    return TemplateProblem(f"it is not written in {error.encoding.upper()}", line)


def _loaders(app: Erlen) -> t.Iterator[tuple[str | None, BaseLoader]]:
    loader = app.jinja_env.loader
    if not isinstance(loader, DispatchingJinjaLoader):
        if loader is not None:
            yield None, loader
        return
    if app.jinja_loader is not None:
        yield None, app.jinja_loader
    for name, blueprint in app.blueprints.items():
        if blueprint.jinja_loader is not None:
            yield name, blueprint.jinja_loader


def _names(loader: BaseLoader) -> list[str]:
    try:
        return sorted(name for name in loader.list_templates() if name.endswith(_SUFFIXES))
    except TypeError:
        return []
