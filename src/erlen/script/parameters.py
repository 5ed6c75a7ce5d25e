"""The parameters of `main` as Click's options."""

from __future__ import annotations

import enum
import inspect
import types
import typing as t
from datetime import date, datetime
from pathlib import Path

import click

from .errors import ScriptError

# Options that each script has; `dry_run` may be a parameter, too, and is then told.
RESERVED = {"confirm", "help", "resume"}
_KNOWN = "str, int, float, bool, Path, date, datetime, an Enum, list[…] of these, or one of these or None"


def _date(value: str | date) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date: write it as 2024-06-10.") from None


def _datetime(value: str | datetime) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date with a time: write it as 2024-06-10T12:30.") from None


def _member_of(members: type[enum.Enum]) -> t.Callable[[str | enum.Enum], enum.Enum]:
    """Return what finds a member of an enumeration by its name in small letters."""
    by_name = {_option_name(name): member for name, member in members.__members__.items()}

    def member(value: str | enum.Enum) -> enum.Enum:
        if isinstance(value, enum.Enum):
            return value
        found = by_name.get(_option_name(value))
        if found is None:
            raise click.BadParameter(f"{value!r} is not one of {', '.join(by_name)}.")
        return found

    return member


# The type of an option, and what the help shows for its value.
_TYPES: dict[t.Any, tuple[t.Any, str]] = {
    str: (click.STRING, "TEXT"),
    int: (click.INT, "INTEGER"),
    float: (click.FLOAT, "FLOAT"),
    Path: (click.Path(path_type=Path), "PATH"),
    date: (_date, "YYYY-MM-DD"),
    datetime: (_datetime, "YYYY-MM-DDTHH:MM"),
}


def options_of(main: t.Callable[..., t.Any], where: str) -> list[click.Option]:
    """Return an option for each parameter; *where* is named in the `ScriptError` for one that cannot be one.

    A parameter without a default is required. `Annotated[int, "…"]` has the option's help text.
    """
    try:
        hints = t.get_type_hints(main, include_extras=True)
    except Exception as error:
        raise ScriptError(f"{where}: an annotation of 'main' cannot be read: {error}.") from error
    parameters = inspect.signature(main).parameters.values()
    return [_option(each, hints, where) for each in parameters if each.name != "dry_run"]


def takes_dry_run(main: t.Callable[..., t.Any]) -> bool:
    """Tell whether `main` wants to be told of a dry run."""
    return "dry_run" in inspect.signature(main).parameters


def _option(parameter: inspect.Parameter, hints: dict[str, t.Any], where: str) -> click.Option:
    name = parameter.name
    what = f"{where}: the parameter {name!r} of 'main'"
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
        raise ScriptError(f"{what} cannot be an option: it has to have a name, and no star.")
    if name in RESERVED:
        raise ScriptError(f"{what} has the name of an option that each script has: call it differently.")
    if name not in hints:
        raise ScriptError(f"{what} has no type: annotate it with {_KNOWN}.")
    annotation, text = _without_help(_as_written(hints[name]))
    inner, is_list = _unpacked(annotation)
    required = parameter.default is parameter.empty
    attributes: dict[str, t.Any] = {"help": text, "required": required, "show_default": not required}
    if not required:
        attributes["default"] = _shown(parameter.default)
    option = _option_name(name)
    if inner is bool and not is_list:
        return click.Option([f"--{option}/--no-{option}", name], **attributes)
    kind = _kind_of(inner)
    if kind is None:
        raise ScriptError(f"{what} is a {_spelt(annotation)}, which no option can be: use {_KNOWN}.")
    return click.Option([f"--{option}", name], type=kind[0], metavar=kind[1], multiple=is_list, **attributes)


def _as_written(annotation: t.Any) -> t.Any:
    """Return an annotation without the `Optional` that Python 3.10 puts around one whose default is None."""
    choices = t.get_args(annotation) if t.get_origin(annotation) is t.Union else ()
    inner = [each for each in choices if t.get_origin(each) is t.Annotated]
    return inner[0] if len(choices) == 2 and inner and types.NoneType in choices else annotation


def _without_help(annotation: t.Any) -> tuple[t.Any, str | None]:
    if t.get_origin(annotation) is t.Annotated:
        inner, *notes = t.get_args(annotation)
        return inner, next((note for note in notes if isinstance(note, str)), None)
    return annotation, None


def _unpacked(annotation: t.Any) -> tuple[t.Any, bool]:
    """Return what one value is, and whether there may be more than one."""
    if t.get_origin(annotation) in (t.Union, types.UnionType):
        choices = [each for each in t.get_args(annotation) if each is not types.NoneType]
        return _unpacked(choices[0]) if len(choices) == 1 else (annotation, False)
    if annotation is list:
        return str, True
    if t.get_origin(annotation) is list:
        return t.get_args(annotation)[0], True
    return annotation, False


def _kind_of(annotation: t.Any) -> tuple[t.Any, str] | None:
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        names = "|".join(_option_name(name) for name in annotation.__members__)
        return _member_of(annotation), f"[{names}]"
    try:
        return _TYPES.get(annotation)
    except TypeError:  # something that has no hash, as `Literal[[]]`
        return None


def _shown(default: t.Any) -> t.Any:
    return _option_name(default.name) if isinstance(default, enum.Enum) else default


def _option_name(name: str) -> str:
    return name.strip("_").lower().replace("_", "-")


def _spelt(annotation: t.Any) -> str:
    # On Python 3.10, `dict[str, int]` is an instance of `type`.
    is_class = isinstance(annotation, type) and t.get_origin(annotation) is None
    return annotation.__name__ if is_class else str(annotation)


def arguments_of(main: t.Callable[..., t.Any], values: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return what `main` is called with: lists where Click has tuples."""
    parameters = inspect.signature(main).parameters
    chosen = {name: value for name, value in values.items() if name in parameters}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items()}
