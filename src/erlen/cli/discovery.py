"""Find the application: a module by name or path, a name in it, a factory and its arguments."""

from __future__ import annotations

import ast
import difflib
import inspect
import os
import sys
import traceback
import typing as t
from types import ModuleType

import click

import erlen.cli as cli

from ..observe import ApplicationPart

if t.TYPE_CHECKING:
    from ..globals import Erlen

# The names that are looked for where the user gives none, in this order.
_INSTANCE_NAMES = ("app", "application")
_FACTORY_NAMES = ("create_app", "make_app")


class NoAppException(click.UsageError):
    """No application was found, or it could not be loaded; the message says what to do about it."""


def find_best_app(module: ModuleType) -> Erlen:
    """Return the application of a module without being told its name.

    That is `app` or `application`, else the only application in the module, else what `create_app` or
    `make_app` returns when called without arguments. Raises `NoAppException` when there is none or more
    than one, or when a factory asks for arguments; other errors of a factory pass through.
    """
    for name in _INSTANCE_NAMES:
        if _is_application(candidate := getattr(module, name, None)):
            return candidate
    found = {name: value for name, value in vars(module).items() if _is_application(value)}
    if len(found) > 1:
        names = ", ".join(sorted(found))
        raise cli.NoAppException(
            f"The module '{module.__name__}' holds several applications ({names}). Say which one you mean:"
            f" '{module.__name__}:{min(found)}', for example."
        )
    if found:
        return next(iter(found.values()))
    return _from_usual_factory(module)


def _from_usual_factory(module: ModuleType) -> Erlen:
    for name in _FACTORY_NAMES:
        factory = getattr(module, name, None)
        if not inspect.isfunction(factory):
            continue
        problem = (
            f"The factory '{name}' of the module '{module.__name__}' needs arguments. Give them as literals,"
            f""" '{module.__name__}:{name}("value")' for example. It says"""
        )
        if _is_application(made := _call_factory(factory, (), {}, problem)):
            return made
        refuse_other_flask(made, f"{module.__name__}:{name}()")
    for name, value in vars(module).items():
        refuse_other_flask(value, f"{module.__name__}:{name}")
    raise cli.NoAppException(
        f"There is no application in the module '{module.__name__}', and no 'create_app' or 'make_app' that"
        f" makes one. If it has another name, say so: '{module.__name__}:name'."
    )


def find_app_by_string(module: ModuleType, app_name: str) -> Erlen:
    """Return the application that a name in the module, or a call of a factory in it, stands for.

    The arguments of a call must be literals. A plain name that is a function is called without arguments.
    Raises `NoAppException` for anything that is not an application in the end.
    """
    name, args, kwargs = _parse_reference(app_name)
    try:
        value = getattr(module, name)
    except AttributeError as error:
        raise cli.NoAppException(_no_such_name(module, name)) from error
    if inspect.isfunction(value):
        problem = f"The factory in '{module.__name__}:{app_name}' does not take these arguments"
        value = _call_factory(value, args, kwargs, problem)
    if _is_application(value):
        return value
    refuse_other_flask(value, f"{module.__name__}:{app_name}")
    raise cli.NoAppException(
        f"'{module.__name__}:{app_name}' gives {_kind_of(value)}, not an application. Name the application"
        " object itself, or a function that returns it."
    )


def _parse_reference(text: str) -> tuple[str, list[t.Any], dict[str, t.Any]]:
    """Split `name` or `name('literal', key=1)` into the name and the arguments."""
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        expression = None
    if isinstance(expression, ast.Name):
        return expression.id, [], {}
    if not isinstance(expression, ast.Call):
        raise cli.NoAppException(
            f"Cannot read {text!r}: after the colon, give a name ('app') or a call of a factory"
            """ ('create_app("value")')."""
        )
    if not isinstance(expression.func, ast.Name):
        raise cli.NoAppException(
            f"Cannot call {text!r}: a factory is given by its simple name, without dots."
        )
    try:
        return expression.func.id, *_literal_arguments(expression)
    except (ValueError, TypeError):
        raise cli.NoAppException(
            f"Cannot read the arguments in {text!r}: only literals are allowed (strings in quotes,"
            " numbers, True, None, lists, dicts)."
        ) from None


def _literal_arguments(call: ast.Call) -> tuple[list[t.Any], dict[str, t.Any]]:
    positional = [ast.literal_eval(argument) for argument in call.args]
    named: dict[str, t.Any] = {}
    for keyword in call.keywords:
        value = ast.literal_eval(keyword.value)
        # `**{"key": 1}` has no name of its own and stands for several.
        named.update(value if keyword.arg is None else {keyword.arg: value})
    return positional, named


def _call_factory(
    factory: t.Callable[..., object], args: t.Sequence[t.Any], kwargs: dict[str, t.Any], problem: str
) -> object:
    """Call a factory; `problem` begins the message for one that does not take these arguments."""
    try:
        return cli.invoke_factory(factory, args, kwargs)
    except TypeError as error:
        if cli._called_with_wrong_args(factory):
            raise cli.NoAppException(f"{problem}: {error}.") from error
        raise


def invoke_factory(
    factory: t.Callable[..., t.Any], args: t.Sequence[t.Any] = (), kwargs: t.Mapping[str, t.Any] | None = None
) -> t.Any:
    """Call the factory of an application; a replacement of this function may pass it more."""
    return factory(*args, **(kwargs or {}))


def _called_with_wrong_args(f: t.Callable[..., t.Any]) -> bool:
    """Tell whether the `TypeError` being handled came from calling `f`, and not from inside of it.

    Inside means: a frame of `f` itself is on the way to where the error was raised.
    """
    step = sys.exc_info()[2]
    code = f.__code__
    while step is not None and step.tb_frame.f_code is not code:
        step = step.tb_next
    return step is None


def prepare_import(path: str) -> str:
    """Return the dotted module name for a path, and put the folder that it is importable from on `sys.path`.

    The path may leave out `.py`, may be a package's folder or its `__init__.py`, and may have dots in its
    last part. Folders with an `__init__.py` belong to the name. Nothing is imported or checked.
    """
    location = os.path.realpath(path)
    stem, extension = os.path.splitext(location)
    if extension == ".py":
        location = stem
    if os.path.basename(location) == "__init__":
        location = os.path.dirname(location)
    folder, module_name = os.path.split(location)
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        module_name = f"{package}.{module_name}"
    if sys.path[0] != folder:
        sys.path.insert(0, folder)
    return module_name


def _path_is_ancestor(path: str, other: str) -> bool:
    """Tell whether `path` is `other` or a folder above it, by their text alone."""
    beneath = other[len(path) :].lstrip(os.sep)
    return os.path.join(path, beneath) == other


@t.overload
def locate_app(
    module_name: str, app_name: str | None, raise_if_not_found: t.Literal[True] = True
) -> Erlen: ...


@t.overload
def locate_app(
    module_name: str, app_name: str | None, raise_if_not_found: t.Literal[False] = ...
) -> Erlen | None: ...


def locate_app(module_name: str, app_name: str | None, raise_if_not_found: bool = True) -> Erlen | None:
    """Import a module and return the application in it: the one that is named, or the best one.

    A module that does not exist is `NoAppException`, or None without `raise_if_not_found`. A module that
    exists and raises `ImportError` is `NoAppException` with that error's own traceback in either case;
    whatever else it raises passes through.
    """
    try:
        __import__(module_name)
    except ImportError as error:
        _explain_import_error(module_name, error)
        if not raise_if_not_found:
            return None
        raise cli.NoAppException(_no_such_module(module_name)) from None
    module = sys.modules[module_name]
    return cli.find_best_app(module) if app_name is None else cli.find_app_by_string(module, app_name)


def _explain_import_error(module_name: str, error: ImportError) -> None:
    """Raise `NoAppException` when the error comes from the module's code, not from looking for it."""
    inside = error.__traceback__.tb_next if error.__traceback__ else None
    if inside is not None:
        told = "".join(traceback.format_exception(type(error), error, inside))
        raise cli.NoAppException(
            f"The module {module_name!r} exists but cannot be imported:\n\n{told}{_is_it_old(error)}"
        ) from None


def _is_it_old(error: ImportError) -> str:
    """Return a hint where something of Flask's is missing."""
    if (error.name or "").partition(".")[0] not in ("flask", "erlen"):
        return ""
    return (
        "\nIs it written for an older Flask? 'erlen check --legacy' lists the names that Flask has removed,"
        " with what to write instead. 'erlen --legacy' brings them back."
    )


def _is_application(value: object) -> t.TypeGuard[Erlen]:
    return isinstance(value, ApplicationPart)


def refuse_other_flask(value: object, where: str) -> None:
    """Raise `NoAppException` with the way out when an application is the installed Flask's, not Erlen's."""
    if _is_application(value):
        return
    if any((kind.__module__, kind.__qualname__) == ("flask.app", "Flask") for kind in type(value).__mro__):
        raise cli.NoAppException(
            f"'{where}' is an application of the installed Flask, not of Erlen: Flask was imported before"
            " Erlen could take its name. Start with the 'erlen' command or 'python -m erlen.as_flask -m …',"
            " put 'import erlen.as_flask' above the first 'import flask', or set ERLEN_AS_FLASK=1."
        )


def _kind_of(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__qualname__!r}"
    return "None" if value is None else f"an object of the type {type(value).__name__!r}"


def _no_such_module(module_name: str) -> str:
    folder = sys.path[0] or os.getcwd()
    return (
        f"Could not import {module_name!r}: there is no such module in {folder!r} or on Python's path."
        f"{_did_you_mean(module_name, _modules_in(folder))} Give a module ('hello'), a file ('src/hello.py')"
        " or either with a name ('hello:app')."
    )


def _modules_in(folder: str) -> list[str]:
    try:
        return [name.removesuffix(".py") for name in os.listdir(folder) if name.endswith(".py")]
    except OSError:
        return []


def _no_such_name(module: ModuleType, name: str) -> str:
    names = [known for known in vars(module) if not known.startswith("__")]
    return f"There is no {name!r} in the module {module.__name__!r}.{_did_you_mean(name, names)}"


def _did_you_mean(name: str, known: t.Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
