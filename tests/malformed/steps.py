"""Count the steps of regular expressions: a backtracking matcher that does what Python's does, and counts.

Python's own cannot be asked how long it took, and a clock says what else the machine was doing.
"""

from __future__ import annotations

import re
import sys
import typing as t
from collections.abc import Iterator

import pytest

if sys.version_info >= (3, 11):
    from re import _constants as constants
    from re import _parser as parser
else:
    import sre_constants as constants
    import sre_parse as parser

_CATEGORIES = {
    constants.CATEGORY_DIGIT: r"\d",
    constants.CATEGORY_NOT_DIGIT: r"\D",
    constants.CATEGORY_SPACE: r"\s",
    constants.CATEGORY_NOT_SPACE: r"\S",
    constants.CATEGORY_WORD: r"\w",
    constants.CATEGORY_NOT_WORD: r"\W",
}
_ONE = (constants.LITERAL, constants.NOT_LITERAL, constants.IN, constants.ANY)


class Steps:
    """The number of steps so far."""

    count = 0


class CountedPattern:
    """A pattern that matches as the one it stands for, and adds to *steps* what that took."""

    def __init__(self, pattern: re.Pattern[t.Any], steps: Steps) -> None:
        self._pattern = pattern
        self._steps = steps
        self._parsed = list(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._pattern, name)

    def match(self, text: t.Any, at: int = 0) -> t.Any:
        found = self._pattern.match(text, at)
        assert self._count(text, at) == (None if found is None else found.end())
        return found

    def fullmatch(self, text: t.Any, at: int = 0) -> t.Any:
        ends = Matcher(text, self._pattern.flags, self._steps).run(self._parsed, 0, at)
        assert any(end == len(text) for end in ends) == bool(self._pattern.fullmatch(text, at))
        return self._pattern.fullmatch(text, at)

    def search(self, text: t.Any, at: int = 0) -> t.Any:
        self._scan(text, at, once=True)
        return self._pattern.search(text, at)

    def sub(self, with_: t.Any, text: t.Any) -> t.Any:
        self._scan(text, 0)
        return self._pattern.sub(with_, text)

    def split(self, text: t.Any, most: int = 0) -> t.Any:
        self._scan(text, 0)
        return self._pattern.split(text, most)

    def _scan(self, text: t.Any, at: int, once: bool = False) -> None:
        while at <= len(text):
            end = self._count(text, at)
            if end is not None and once:
                return
            at = at + 1 if end is None or end == at else end

    def _count(self, text: t.Any, at: int) -> int | None:
        return next(Matcher(text, self._pattern.flags, self._steps).run(self._parsed, 0, at), None)


class Matcher:
    """One attempt to match, which yields the ends that it finds in the order of Python's."""

    def __init__(self, text: t.Any, flags: int, steps: Steps) -> None:
        self._text = text if isinstance(text, str) else text.decode("latin1")
        self._flags = flags
        self._steps = steps
        self._groups: dict[int, str] = {}

    def run(self, parsed: t.Any, k: int, at: int) -> Iterator[int]:
        if k == len(parsed):
            yield at
            return
        self._steps.count += 1
        op, given = parsed[k]
        if op in _ONE:
            if self._is_one(op, given, at):
                yield from self.run(parsed, k + 1, at + 1)
        elif op is constants.MAX_REPEAT:
            for end in self._repeat(*given, at):
                yield from self.run(parsed, k + 1, end)
        elif op is constants.SUBPATTERN:
            for end in self.run(list(given[3]), 0, at):
                self._groups[given[0]] = self._text[at:end]
                yield from self.run(parsed, k + 1, end)
        elif op is constants.BRANCH:
            for alternative in given[1]:
                for end in self.run(list(alternative), 0, at):
                    yield from self.run(parsed, k + 1, end)
        elif op is constants.ASSERT:
            if next(self.run(list(given[1]), 0, at), None) is not None:
                yield from self.run(parsed, k + 1, at)
        elif op is constants.GROUPREF:
            if self._text.startswith(self._groups[given], at):
                yield from self.run(parsed, k + 1, at + len(self._groups[given]))
        elif op is constants.AT:
            if at == len(self._text):
                yield from self.run(parsed, k + 1, at)
        else:
            raise NotImplementedError(op)

    def _repeat(self, least: int, most: t.Any, inner: t.Any, at: int) -> Iterator[int]:
        inner = list(inner)
        if len(inner) == 1 and inner[0][0] in _ONE:
            end = at
            while end - at < int(most) and self._is_one(*inner[0], end):
                self._steps.count += 1
                end += 1
            for each in range(end, at + least - 1, -1):
                self._steps.count += 1
                yield each
            return
        if int(most) > 0:
            for end in self.run(inner, 0, at):
                if end > at:
                    rest = most if most is constants.MAXREPEAT else most - 1
                    yield from self._repeat(max(0, least - 1), rest, inner, end)
        if least == 0:
            yield at

    def _is_one(self, op: t.Any, given: t.Any, at: int) -> bool:
        if at >= len(self._text):
            return False
        letter = self._text[at]
        if op is constants.ANY:
            return letter != "\n"
        if op is constants.LITERAL:
            return self._same(letter, given)
        if op is constants.NOT_LITERAL:
            return not self._same(letter, given)
        negated = given[0][0] is constants.NEGATE
        return any(self._is_in(kind, value, letter) for kind, value in given[negated:]) != negated

    def _is_in(self, kind: t.Any, value: t.Any, letter: str) -> bool:
        if kind is constants.LITERAL:
            return self._same(letter, value)
        if kind is constants.RANGE:
            letters = {letter, letter.lower(), letter.upper()} if self._flags & re.IGNORECASE else {letter}
            return any(len(each) == 1 and value[0] <= ord(each) <= value[1] for each in letters)
        return bool(re.match(_CATEGORIES[value], letter, self._flags & re.ASCII))

    def _same(self, letter: str, code: int) -> bool:
        if self._flags & re.IGNORECASE:
            return letter.lower() == chr(code).lower()
        return letter == chr(code)


def count_steps(patch: pytest.MonkeyPatch, *modules: t.Any) -> Steps:
    """Let the patterns of *modules* count from now on."""
    steps = Steps()
    for module in modules:
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern):
                patch.setattr(module, name, CountedPattern(value, steps))
    return steps
