"""A cache that values from outside fill stays small, whatever they are."""

from __future__ import annotations

import typing as t

import pytest

from erlen.bounded import BoundedCache, length_of

# the class


def test_a_cache_keeps_what_it_is_given_and_returns_it() -> None:
    cache: BoundedCache[str, str] = BoundedCache(2, longest=6)
    assert cache.keep("a", "one") == "one"
    assert cache == {"a": "one"}
    assert cache.get("b") is None


def test_a_full_cache_begins_anew() -> None:
    cache: BoundedCache[int, int] = BoundedCache(2, longest=6)
    for number in range(5):
        assert cache.keep(number, number) == number
        assert len(cache) <= 2
    assert cache == {4: 4}


@pytest.mark.parametrize(
    ("key", "value"), [("abcdefg", ""), ("abcd", "efg"), ("", b"abcdefg"), (("abc", b"def"), "g")]
)
def test_what_is_too_long_is_not_kept(key: t.Any, value: t.Any) -> None:
    cache: BoundedCache[t.Any, t.Any] = BoundedCache(2, longest=6)
    assert cache.keep(key, value) == value
    assert cache == {}


@pytest.mark.parametrize(
    ("value", "length"),
    [("abc", 3), (b"ab", 2), (("ab", ("c", b"d"), 5), 4), (5, 0), (None, 0), ({"a": "b"}, 0)],
)
def test_the_length_of_a_value_is_that_of_its_texts(value: object, length: int) -> None:
    assert length_of(value) == length
