"""The Jinja environment of an application: it keeps compiled strings, and compiles templates for speed."""

from __future__ import annotations

import typing as t
from collections import ChainMap
from functools import lru_cache, partial

from jinja2 import Environment as BaseEnvironment
from jinja2 import Template, TemplateSyntaxError
from jinja2.compiler import CodeGenerator as JinjasGenerator
from jinja2.filters import FILTERS
from jinja2.nodes import EvalContext, Filter, Impossible, Test
from jinja2.runtime import Context, new_context
from jinja2.tests import TESTS
from jinja2.utils import internalcode

from ..observe import Table
from ..originals import inherits, is_untouched
from .compiler import STOOD_FOR, CodeGenerator

if t.TYPE_CHECKING:
    from jinja2.environment import TemplateModule

    from . import Templating

_TABLES = ("filters", "tests", "globals", "policies", "extensions")
_COMPILING = ("from_string", "compile", "parse")
_KEPT_STRINGS = 128
_KEPT_LENGTH = 32_768  # characters


class _Template(Template):
    """A template that collects its global names in one go, and tells its code whether pieces are wanted."""

    # Whether the text is wanted as a whole, and not in the pieces in which it is written.
    _whole = True

    def generate(self, *args: t.Any, **kwargs: t.Any) -> t.Iterator[str]:
        return super(_Template, self._in_pieces()).generate(*args, **kwargs)

    def make_module(self, *args: t.Any, **kwargs: t.Any) -> TemplateModule:
        return super(_Template, self._in_pieces()).make_module(*args, **kwargs)

    def _in_pieces(self) -> _Template:
        template = object.__new__(type(self))
        vars(template).update(vars(self), _whole=False)
        return template

    def new_context(
        self,
        vars: dict[str, t.Any] | None = None,
        shared: bool = False,
        locals: t.Mapping[str, t.Any] | None = None,
    ) -> Context:
        # PERF: Jinja looks up each name in a chain of tables: 8.7 µs, here 0.4 µs, of 12.8 µs for a page.
        if isinstance(self.globals, ChainMap):
            maps = self.globals.maps
            names = maps[-1]
            # The first is the template's own, which is mostly empty.
            if len(maps) != 2 or maps[0]:
                names = {}
                for table in reversed(maps):
                    names.update(table)
            context = new_context(self.environment, self.name, self.blocks, vars, shared, names, locals)
        else:
            context = super().new_context(vars, shared, locals)
        context.__dict__["whole"] = self._whole
        return context

    @internalcode
    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        # PERF: Jinja asks the chain for each name of the importing template: 9 µs, here 0.6 µs.
        names = self.globals
        if ctx is not None and isinstance(names, ChainMap) and not ctx.globals_keys.difference(*names.maps):
            ctx = None
        return super()._get_default_module(ctx)


class Environment(BaseEnvironment):
    """A Jinja environment for one application, which keeps compiled template strings.

    The compiled form of a source depends on the environment, for example on its filters and on how they
    are called. So each change of a table or an attribute drops what was kept.
    """

    # A function that returns the kept template of a source, or compiles it; None where nothing may be kept.
    _kept: t.Callable[[str, bool], Template] | None = None

    def __init__(self, app: Templating, **options: t.Any) -> None:
        if "loader" not in options:
            options["loader"] = app.create_global_jinja_loader()
        super().__init__(**options)
        self.app = app
        # COMPAT: another base class may have its own class of templates, as for native types.
        if self.template_class is Template:
            self.template_class = _Template
        # COMPAT: so may it have its own code generator.
        compiles = getattr(app, "config", {}).get("TEMPLATES_COMPILED", True)
        if compiles and self.code_generator_class is JinjasGenerator:
            self.code_generator_class = CodeGenerator
        for name in _TABLES:
            table: Table[str, t.Any] = Table(self._drop_kept)
            table.update(getattr(self, name))
            setattr(self, name, table)

    def __setattr__(self, name: str, value: t.Any) -> None:
        super().__setattr__(name, value)
        if name in STOOD_FOR:
            self._drop_loaded()
        self._drop_kept()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name in STOOD_FOR:
            self._drop_loaded()
        self._drop_kept()

    def _drop_loaded(self) -> None:
        """Drop the templates that were compiled for what has just been replaced."""
        cache = vars(self).get("cache")  # there is none before the environment is made
        if cache is not None:
            cache.clear()

    def _drop_kept(self) -> None:
        # A thread that is compiling stores its result in the old cache, which is dropped.
        keep = lru_cache(_KEPT_STRINGS)(partial(_compile_string, self)) if self._may_keep() else None
        vars(self)["_kept"] = keep

    def _may_keep(self) -> bool:
        """Tell whether every change is reported, and Jinja's own compiler is used."""
        tables = [vars(self).get(name) for name in _TABLES]
        # A replaced table, or one of another environment, changes without a report.
        if not all(isinstance(table, Table) and table.changed == self._drop_kept for table in tables):
            return False
        # Jinja calls `finalize` on constants when it compiles, and the result may differ each time.
        return (
            vars(self).get("finalize", _compile_string) is None
            and inherits(type(self), BaseEnvironment, *_COMPILING)
            and is_untouched(self, _COMPILING)
        )

    def __getstate__(self) -> dict[str, t.Any]:
        """Leave out the kept templates, which belong to this environment."""
        return {**vars(self), "_kept": None}


def string_template(environment: BaseEnvironment, source: str) -> Template:
    """Return the template of a string."""
    # PERF: a line with two variables takes 0.3 µs to find, 400 µs to compile.
    keep = environment._kept if isinstance(environment, Environment) else None
    if keep is None or type(source) is not str or len(source) > _KEPT_LENGTH:
        return environment.from_string(source)
    # SECURITY: the application may decide anew for each request, so it is called each time.
    autoescape = environment.autoescape
    try:
        return keep(source, bool(autoescape(None) if callable(autoescape) else autoescape))
    except _PassingTemplateError as passing:
        return passing.template


def _compile_string(environment: Environment, source: str, autoescape: bool) -> Template:
    """Compile a string to a template that may be rendered again; *autoescape* is part of the key.

    Raises _PassingTemplateError, which has the template, where it may be used only this once.
    """
    # COMPAT: Jinja applies filters and tests to constants when it compiles, and strings used to be
    # compiled for each rendering: {{ "hello"|translate }} has to look up the language again.
    applied: list[object] = []
    try:
        tree = environment.parse(source)
        nodes: list[t.Any] = [*tree.find_all(Filter), *tree.find_all(Test)]
        for node in nodes:
            if not _is_pure(environment, node):
                node.as_const = partial(_apply, node.as_const, applied)
        template = environment.from_string(tree)
    except TemplateSyntaxError:
        # Compiled again by Jinja alone, so that the error shows the source.
        return environment.from_string(source)
    if applied:
        raise _PassingTemplateError(template)
    return template


class _PassingTemplateError(Exception):
    """An exception with a compiled template that has values of this moment and must not be kept."""

    def __init__(self, template: Template) -> None:
        self.template = template


def _is_pure(environment: Environment, node: Filter | Test) -> bool:
    """Tell whether a filter or test is one of Jinja's that always gives the same for the same input."""
    name = node.name
    if isinstance(node, Test):
        return name in TESTS and environment.tests.get(name) is TESTS[name]
    # `tojson` uses the application's provider, whose settings may change.
    return name in FILTERS and environment.filters.get(name) is FILTERS[name] and name != "tojson"


def _apply(
    as_const: t.Callable[[EvalContext | None], t.Any],
    applied: list[object],
    eval_ctx: EvalContext | None = None,
) -> t.Any:
    """Apply a filter or test to constants as Jinja does, and note in *applied* that it was called."""
    try:
        value = as_const(eval_ctx)
    except Impossible as impossible:
        if impossible.__cause__ is not None:  # it was called, and failed
            applied.append(impossible)
        raise
    applied.append(value)
    return value
