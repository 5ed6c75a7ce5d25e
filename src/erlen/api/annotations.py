"""The annotations of a function, resolved one by one: an error is one only where it matters.

They may be strings, name what is imported for type checkers only, or be evaluated late (Python 3.14).
"""

from __future__ import annotations

import ast
import builtins
import collections.abc as cabc
import inspect
import sys
import types
import typing as t
from functools import partial, reduce
from importlib import import_module
from operator import or_


class Unresolved:
    """An annotation that cannot be resolved, and why."""

    def __init__(self, text: str, error: Exception) -> None:
        self.text = text
        self.error = error

    def __repr__(self) -> str:
        return f"{self.text!r} ({type(self.error).__name__}: {self.error})"


class Signature(t.NamedTuple):
    """What a function takes and returns: parameters by name, annotations resolved."""

    parameters: dict[str, inspect.Parameter]
    returns: t.Any

    @property
    def is_annotated(self) -> bool:
        """Whether there is an annotation at all."""
        annotations = (self.returns, *(each.annotation for each in self.parameters.values()))
        return any(each is not inspect.Parameter.empty for each in annotations)


def signature_of(function: t.Callable[..., t.Any]) -> Signature:
    """Return the signature of a function itself, never of one that it wraps."""
    signature = inspect.signature(function, follow_wrapped=False, **_EACH_BY_ITSELF)
    found = {name: each.annotation for name, each in signature.parameters.items()}
    found[_RETURNS] = signature.return_annotation
    plain = _plain(function)
    if getattr(plain, "__annotate__", None) is not None and any(map(_has_references, found.values())):
        found |= _texts(function, [name for name, each in found.items() if _has_references(each)])
    namespace = _Namespace(plain)
    resolved = {name: namespace.resolve(annotation) for name, annotation in found.items()}
    returns = resolved.pop(_RETURNS)
    parameters = {
        name: parameter.replace(annotation=resolved[name]) for name, parameter in signature.parameters.items()
    }
    return Signature(parameters, returns)


# Python 3.14 evaluates annotations when they are asked for. Names that it does not know become references, so
# that each fails by itself; the text of those is resolved here, as they may be for type checkers only.
_EACH_BY_ITSELF: dict[str, t.Any] = {}
_AS_TEXT: dict[str, t.Any] = {}
if sys.version_info >= (3, 14):  # pragma: no cover  # another Python
    from annotationlib import Format

    _EACH_BY_ITSELF = {"annotation_format": Format.FORWARDREF}
    _AS_TEXT = {"annotation_format": Format.STRING}

_RETURNS = "return"  # no parameter can have that name


def _plain(function: t.Callable[..., t.Any]) -> t.Any:
    """Return the function that has the annotations of something that can be called."""
    while isinstance(function, partial):
        function = function.func
    if inspect.ismethod(function):
        return function.__func__
    if inspect.isroutine(function) or isinstance(function, type):
        return function
    return type(function).__call__


def _texts(function: t.Callable[..., t.Any], names: list[str]) -> dict[str, t.Any]:
    signature = inspect.signature(function, follow_wrapped=False, **_AS_TEXT)
    texts = {name: each.annotation for name, each in signature.parameters.items()}
    texts[_RETURNS] = signature.return_annotation
    return {name: texts[name] for name in names}


def _has_references(annotation: t.Any) -> bool:
    """Tell whether an annotation is a name that is to be looked up, or has one in it."""
    if isinstance(annotation, (str, t.ForwardRef)):
        return True
    if isinstance(annotation, list):  # the parameters of a callable
        return any(map(_has_references, annotation))
    origin = t.get_origin(annotation)
    if origin is t.Annotated:
        return _has_references(annotation.__origin__)
    return origin is not t.Literal and any(map(_has_references, t.get_args(annotation)))


class _Namespace(cabc.Mapping[str, t.Any]):
    """The names that the annotations of a function may mean."""

    def __init__(self, plain: t.Any) -> None:
        self._closure = _contents(plain)
        # Python 3.14: what annotations refer to is in the closure of the function that makes them.
        self._closure |= _contents(getattr(plain, "__annotate__", None))
        self._class: t.Mapping[str, t.Any] = self._closure.get("__classdict__", {})
        self._globals: dict[str, t.Any] = getattr(plain, "__globals__", {})
        # A decorator that shows the signature of what it wraps shows annotations of another module.
        self._globals_inside: dict[str, t.Any] = getattr(inspect.unwrap(plain), "__globals__", {})
        self._for_checkers: dict[str, t.Any] | None = None

    def resolve(self, annotation: t.Any) -> t.Any:
        """Return what an annotation means, or an `Unresolved`."""
        if not _has_references(annotation):
            return annotation
        text = annotation.__forward_arg__ if isinstance(annotation, t.ForwardRef) else annotation
        try:
            if isinstance(text, str):
                return self.resolve(eval(text, self._globals, self))
            return self._resolve_inside(annotation)
        except Exception as error:
            return Unresolved(str(text), error)

    def _resolve_inside(self, annotation: t.Any) -> t.Any:
        """Return an annotation with the names in it resolved, as in ``list["Order"]``."""

        def annotated() -> None: ...

        annotated.__annotations__ = {"it": _with_references(annotation)}
        return t.get_type_hints(annotated, self._globals, self._names(), include_extras=True)["it"]

    def _names(self) -> dict[str, t.Any]:
        """Return all names but those that the globals and the builtins have."""
        outside = {**self._imported_for_checkers(), **self._globals_inside}
        known = self._globals.keys() | vars(builtins).keys()
        found = {name: value for name, value in outside.items() if name not in known}
        return {**found, **self._class, **self._closure}

    def _imported_for_checkers(self) -> dict[str, t.Any]:
        if self._for_checkers is None:
            self._for_checkers = _names_for_checkers(self._globals_inside)
        return self._for_checkers

    # What eval() asks of a mapping of local names is the first one alone.

    def __getitem__(self, name: str) -> t.Any:
        if name in self._closure:
            return self._closure[name]
        if name in self._class:
            return self._class[name]
        if name in self._globals or hasattr(builtins, name):
            raise KeyError(name)
        if name in self._globals_inside:
            return self._globals_inside[name]
        return self._imported_for_checkers()[name]

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._closure)

    def __len__(self) -> int:
        return len(self._closure)


def _with_references(annotation: t.Any) -> t.Any:
    """Return an annotation as Python 3.10 can resolve it: that overlooks strings in ``list["Order"]``."""
    if sys.version_info >= (3, 11):
        return annotation
    origin: t.Any = t.get_origin(annotation)
    if origin is t.Annotated:
        pieces = (_with_references(annotation.__origin__), *annotation.__metadata__)
        return origin[pieces]
    if origin is None or origin is t.Literal:
        return annotation
    inside = [
        t.ForwardRef(each) if isinstance(each, str) else _with_references(each)
        for each in annotation.__args__
    ]
    if isinstance(annotation, types.UnionType):
        return reduce(or_, inside)
    if isinstance(annotation, types.GenericAlias):
        return origin[tuple(inside)]
    return annotation.copy_with(tuple(inside))


def _contents(function: t.Any) -> dict[str, t.Any]:
    """Return the names of the functions around a function that it uses, with their values."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    cells = getattr(function, "__closure__", None) or ()
    return {name: _content(cell) for name, cell in zip(names, cells, strict=False)}


def _content(cell: types.CellType) -> t.Any:
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return None


def _names_for_checkers(namespace: dict[str, t.Any]) -> dict[str, t.Any]:
    """Import what a module imports under ``if TYPE_CHECKING``; what fails is left out."""
    module = sys.modules.get(namespace.get("__name__", ""))
    try:
        tree = ast.parse(inspect.getsource(module)) if module is not None else None
    except (OSError, TypeError, SyntaxError):
        tree = None
    found: dict[str, t.Any] = {}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for statement in node.body:
                _import(statement, namespace, found)
    return found


def _import(statement: ast.stmt, namespace: dict[str, t.Any], found: dict[str, t.Any]) -> None:
    try:
        if isinstance(statement, ast.ImportFrom):
            package = "." * statement.level + (statement.module or "")
            module = import_module(package, namespace.get("__package__"))
            for alias in statement.names:
                found[alias.asname or alias.name] = getattr(module, alias.name)
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                module = import_module(alias.name)
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = module if alias.asname else sys.modules[name]
    except (ImportError, AttributeError):
        return
