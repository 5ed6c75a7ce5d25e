"""A bounded cache, for values that come from outside."""

from __future__ import annotations

import typing as t

K = t.TypeVar("K")
V = t.TypeVar("V")


class BoundedCache(dict[K, V]):
    """A cache with a bound on the number of its entries and on the length of each of them.

    SECURITY: a cache that is bounded in number alone grows with the length of what is sent. Text, bytes and
    tuples of these count with all their characters; everything else is taken to be small.
    """

    __slots__ = ("longest", "most")

    def __init__(self, most: int, longest: int) -> None:
        super().__init__()
        self.most = most
        self.longest = longest

    def keep(self, key: K, value: V) -> V:
        """Store *value*, unless it and its key are too long; return it in any case.

        A full cache is emptied first, so that a flood of values does not keep out those that occur often.
        """
        if length_of(key) + length_of(value) <= self.longest:
            if len(self) >= self.most:
                self.clear()
            self[key] = value
        return value


def length_of(value: object) -> int:
    """Return the length of a value in characters or bytes."""
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, tuple):
        return sum(map(length_of, value))
    return 0
