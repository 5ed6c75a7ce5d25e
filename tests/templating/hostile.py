"""Values that make trouble in templates, and a record of what was asked of them."""

from __future__ import annotations

import functools
import typing as t
from collections import UserDict, defaultdict

import jinja2
from jinja2.runtime import ChainableUndefined, DebugUndefined, StrictUndefined, Undefined
from markupsafe import Markup

Log = list[str]


class Text(str):
    """A string that is written differently from what it is."""

    def __str__(self) -> str:
        return f"<{self.upper()}>"


class Lazy:
    """A string of a library for translations: it is made when it is written."""

    def __str__(self) -> str:
        return "lazy & <late>"

    def __mod__(self, other: object) -> str:
        return f"lazy % {other}"


class Html:
    def __html__(self) -> str:
        return "<b>bold</b>"

    def __str__(self) -> str:
        return "<not asked for>"


class BrokenHtml:
    def __html__(self) -> str:
        raise ValueError("no markup")


class BrokenText:
    def __str__(self) -> str:
        raise ValueError("no text")

    def __len__(self) -> int:
        raise ZeroDivisionError("no length")


class Junk:
    """An object that has every attribute."""

    def __getattr__(self, name: str) -> t.Any:
        return f"junk {name} &"


class Raising:
    """An object whose attributes and items raise."""

    def __getattr__(self, name: str) -> t.Any:
        raise RuntimeError(f"no {name}")

    def __getitem__(self, key: object) -> t.Any:
        raise OSError(f"no item {key!r}")


class Properties:
    """An object that notes each access, and of which some fail."""

    def __init__(self, log: Log) -> None:
        self._log = log

    @property
    def name(self) -> str:
        self._log.append("name")
        return "<name>"

    @property
    def id(self) -> int:
        self._log.append("id")
        raise AttributeError("id failed within")

    @property
    def text(self) -> int:
        self._log.append("text")
        raise StopIteration("text")

    @property
    def items(self) -> t.Any:
        self._log.append("items")
        raise KeyError("items")

    def __getitem__(self, key: t.Any) -> t.Any:
        self._log.append(f"[{key!r}]")
        if key == "id":
            return "id & item"
        raise LookupError(key)

    def method(self, *args: t.Any, **kwargs: t.Any) -> str:
        return f"method {args} {sorted(kwargs)}"


class Missing(dict[str, t.Any]):
    def __missing__(self, key: str) -> str:
        return f"missing {key}"

    def get(self, key: str, default: t.Any = None) -> t.Any:
        return "never asked"


class Slots:
    __slots__ = ("id", "name")

    def __init__(self) -> None:
        self.name = "slot"


class _ComparedType(type):
    """A type of types that are compared in a way of their own, and have no hash."""

    def __eq__(cls, other: object) -> t.NoReturn:
        raise ValueError("no comparison of types")

    __hash__ = None  # type: ignore[assignment]


class Compared(metaclass=_ComparedType):
    def __str__(self) -> str:
        return "<compared>"


class ByContext:
    """A callable object that wants the context."""

    @jinja2.pass_context
    def __call__(self, context: jinja2.runtime.Context, *args: t.Any, **kwargs: t.Any) -> str:
        return f"{sorted(context.get_all())} {args} {kwargs}"


class Uncountable:
    """An iterator without a length."""

    def __init__(self, values: t.Iterable[t.Any]) -> None:
        self._values = iter(values)

    def __iter__(self) -> Uncountable:
        return self

    def __next__(self) -> t.Any:
        return next(self._values)


@jinja2.pass_context
def with_context(context: jinja2.runtime.Context, *args: t.Any, **kwargs: t.Any) -> str:
    shown = {key: value for key, value in context.get_all().items() if type(value) in (str, int)}
    return f"{sorted(shown.items())} {args} {kwargs}"


@jinja2.pass_eval_context
def with_eval_context(context: t.Any, *args: t.Any, **kwargs: t.Any) -> str:
    return f"<{context.autoescape} {args} {kwargs}>"


@jinja2.pass_environment
def with_environment(environment: jinja2.Environment, *args: t.Any, **kwargs: t.Any) -> str:
    return f"<{environment.autoescape} {len(args)}>"


def plain(*args: t.Any, **kwargs: t.Any) -> str:
    return f"<plain {len(args)} {sorted(kwargs)}>"


@functools.wraps(with_context)
def wrapped(*args: t.Any, **kwargs: t.Any) -> str:
    return f"wrapped {len(args)}"


def stops(*args: t.Any) -> t.NoReturn:
    raise StopIteration


def fails(*args: t.Any) -> t.NoReturn:
    raise TypeError("it fails <here>")


def one(value: t.Any) -> t.Any:
    return value


def _loops(log: Log) -> list[t.Callable[[], t.Any]]:
    shrinking = [1, 2, 3, 4]
    return [
        lambda: [Properties(log), {"name": "n", "id": 3}, Junk(), 7, None],
        lambda: [{"name": "<a>", "id": 1, "items": 5}, {"name": Markup("<i>"), "0": 2}, {}],
        lambda: (value for value in [1, "two", Markup("<3>")]),
        lambda: Uncountable([1, 2]),
        lambda: [(1, 2), ("a", "b"), [3, 4]],
        lambda: [(1, 2, 3)],
        lambda: {"name": 1, "id": 2},
        lambda: shrinking,
        lambda: range(3),
        lambda: "a<b",
        list,
        lambda: [[1, [2]], [[]], []],
    ]


def _single(log: Log) -> list[t.Callable[[], t.Any]]:
    return [
        *(lambda value=value: value for value in (0, 7, -1, True, None, 1.5, 10**30, "<text> & 'more'", "")),
        lambda: "\udc80 <",
        lambda: Markup("<em>ok</em>"),
        lambda: Text("sub & class"),
        Lazy,
        Html,
        BrokenHtml,
        BrokenText,
        Junk,
        Raising,
        lambda: Properties(log),
        lambda: {"name": "<dict>", "id": 1, "items": "own items", "text": None, "a": {"name": "deep"}},
        lambda: Missing(name="<missing>"),
        lambda: defaultdict(lambda: "default", name=1),
        lambda: UserDict({"name": "user & dict"}),
        Slots,
        lambda: Slots,
        ByContext,
        lambda: ByContext,
        lambda: with_context,
        lambda: with_eval_context,
        lambda: with_environment,
        lambda: plain,
        lambda: wrapped,
        lambda: stops,
        lambda: fails,
        lambda: one,
        lambda: functools.partial(plain, 1),
        lambda: Properties(log).method,
        lambda: str,
        lambda: "<b>".upper,
        lambda: Undefined(name="given"),
        lambda: StrictUndefined(name="strict"),
        lambda: ChainableUndefined(name="chain"),
        lambda: DebugUndefined(name="debug"),
        lambda: jinja2.utils.Namespace(name="<ns>"),
        object,
        Compared,
    ]


CALLABLE = 25
"""The number of the first of twelve single values that can be called."""


def count() -> tuple[int, int]:
    """Return how many values there are: to loop over, and other ones."""
    return len(_loops([])), len(_single([]))


def make(choices: dict[str, tuple[bool, int]], log: Log) -> dict[str, t.Any]:
    """Make the values of the names anew, so that nothing is left of an earlier rendering."""
    loops, single = _loops(log), _single(log)
    return {name: (loops if is_loop else single)[number]() for name, (is_loop, number) in choices.items()}


class Anything:
    """A value that can be called, looked into and run over, and is written as markup would be."""

    def __getattr__(self, name: str) -> t.Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __getitem__(self, key: object) -> Anything:
        return Anything()

    def __call__(self, *args: object, **kwargs: object) -> Anything:
        return Anything()

    def __iter__(self) -> t.Iterator[Anything]:
        return iter((Anything(), Anything()))

    def __len__(self) -> int:
        return 2

    def __str__(self) -> str:
        return "<anything>"
