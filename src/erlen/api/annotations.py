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
from importlib import import_module


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
    signature = inspect.signature(function, follow_wrapped=False, **_AS_TEXT)
    namespace = _Namespace(function)
    parameters = {
        name: parameter.replace(annotation=namespace.resolve(parameter.annotation))
        for name, parameter in signature.parameters.items()
    }
    return Signature(parameters, namespace.resolve(signature.return_annotation))


# Python 3.14 evaluates annotations when they are asked for; as text each can fail by itself.
_AS_TEXT: dict[str, t.Any] = {}
if sys.version_info >= (3, 14):  # pragma: no cover  # another Python
    from annotationlib import Format

    _AS_TEXT = {"annotation_format": Format.FORWARDREF}


class _Namespace(cabc.Mapping[str, t.Any]):
    """The names that the annotations of a function may mean."""

    def __init__(self, function: t.Callable[..., t.Any]) -> None:
        plain: t.Any = function
        if inspect.ismethod(function):
            plain = function.__func__
        elif not inspect.isroutine(function) and not isinstance(function, type):
            plain = type(function).__call__  # an object that can be called
        code = getattr(plain, "__code__", None)
        cells = getattr(plain, "__closure__", None) or ()
        names = code.co_freevars if code is not None else ()
        self._globals: dict[str, t.Any] = getattr(plain, "__globals__", {})
        # A decorator that shows the signature of what it wraps shows annotations of another module.
        self._globals_inside: dict[str, t.Any] = getattr(inspect.unwrap(plain), "__globals__", {})
        self._closure = {name: _content(cell) for name, cell in zip(names, cells, strict=False)}
        self._for_checkers: dict[str, t.Any] | None = None

    def resolve(self, annotation: t.Any) -> t.Any:
        """Return what an annotation means, or an `Unresolved`."""
        if isinstance(annotation, t.ForwardRef):
            annotation = annotation.__forward_arg__
        if not isinstance(annotation, str):
            return annotation
        try:
            return eval(annotation, self._globals, self)
        except Exception as error:
            return Unresolved(annotation, error)

    # What eval() asks of a mapping of local names is the first one alone.

    def __getitem__(self, name: str) -> t.Any:
        if name in self._closure:
            return self._closure[name]
        if name in self._globals or hasattr(builtins, name):
            raise KeyError(name)
        if name in self._globals_inside:
            return self._globals_inside[name]
        if self._for_checkers is None:
            self._for_checkers = _names_for_checkers(self._globals_inside)
        return self._for_checkers[name]

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._closure)

    def __len__(self) -> int:
        return len(self._closure)


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
