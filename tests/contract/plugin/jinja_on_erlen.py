"""A pytest plugin that puts Erlen's environment in the place of Jinja's, before a test imports it."""

from __future__ import annotations

import inspect
import typing as t

import jinja2
import jinja2.environment
from jinja2 import Environment as JinjasEnvironment

from erlen.templating import Environment
from erlen.templating.compiler import CodeGenerator

_SIGNATURE = inspect.signature(JinjasEnvironment)


class _App:
    """What an environment asks of its application."""

    config: t.ClassVar = {"TEMPLATES_COMPILED": True}

    def create_global_jinja_loader(self) -> None:
        return None


class ErlensEnvironment(Environment):
    """Erlen's environment with the arguments of Jinja's."""

    def __init__(self, *args: t.Any, **options: t.Any) -> None:
        app: t.Any = _App()
        super().__init__(app, **{"loader": None, **_SIGNATURE.bind(*args, **options).arguments})


for module in (jinja2, jinja2.environment):
    module.Environment = ErlensEnvironment  # type: ignore[misc]
jinja2.Template.environment_class = ErlensEnvironment

compiled = 0
_init = CodeGenerator.__init__


def _counting(self: CodeGenerator, *args: t.Any, **options: t.Any) -> None:
    global compiled
    compiled += 1
    _init(self, *args, **options)


CodeGenerator.__init__ = _counting  # type: ignore[method-assign]


def pytest_terminal_summary(terminalreporter: t.Any) -> None:
    terminalreporter.write_line(f"Erlen compiled {compiled} templates")
