"""How hard a key is to guess: what is wrong with one, told from the key alone."""

from __future__ import annotations

import math
import re
import typing as t

SHORTEST = 16
"""Bytes of the shortest good key: 128 random bits cannot be tried."""

Weakness = t.Literal["placeholder", "short", "simple"]

_FEWEST_CHARACTERS = 8
_FEWEST_BITS = 64
_ALPHABETS = (
    ("0-9", 10),
    ("0-9a-f", 16),
    ("0-9A-F", 16),
    ("a-z", 26),
    ("A-Z", 26),
    ("0-9a-z", 36),
    ("A-Za-z", 52),
)
_ROWS = ("0123456789abcdefghijklmnopqrstuvwxyz0123456789", "qwertyuiopasdfghjklzxcvbnm")
# In lower case, letters and digits alone.
_WORDS = frozenset(
    (
        *(
            "app",
            "asdf",
            "dev",
            "default",
            "erlen",
            "flask",
            "foo",
            "foobar",
            "hello",
            "key",
            "password",
            "prod",
        ),
        *(
            "production",
            "random",
            "randomstring",
            "secret",
            "session",
            "sessionkey",
            "string",
            "test",
            "todo",
            "xxx",
        ),
    )
)
_PARTS = re.compile(
    "change(me|this|it|in)|replace(me|this|with)|(my|your|some|this|a|the|very|super|top|not)secret|secretkey"
    "|secretstring|securekey|insecure|notsecure|unsafe|placeholder|example|default(key|secret)|development|devkey"
    "|devsecret|testkey|fortest|testsecret|donotuse|dontuse|hardtoguess|neverguess|cantguess|keyboardcat|todo(set|change)"
    "|(your|my|some|random|any)(random)?(key|string|password)|secretpassword|password123"
)
# Names that a program should have filled in.
_UNFILLED = re.compile(r"\$\{?\w+\}?|<[^<>]*>|\{\{.*\}\}|\{\w+\}|%\(\w+\)s|%\w+%")
# Keys of well-known pages and courses, which many programs have copied.
_PUBLISHED = frozenset(
    (
        "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
        "5791628bb0b13ce0c676dfde280ba245",
        "A0Zr98j/3yX R~XHH!jmN]LWX/,?RT",
        '_5#y2L"F4Q8z\n\xec]/',
    )
)


def weakness_of(key: str | bytes) -> Weakness | None:
    """Return what makes a key easy to guess; None for a good one."""
    text = key if isinstance(key, str) else key.decode("latin-1")
    plain = re.sub(r"[\W_]", "", text.lower(), flags=re.ASCII)
    is_name = plain in _WORDS or _PARTS.search(plain) or _UNFILLED.fullmatch(text.strip())
    if is_name or text in _PUBLISHED:
        return "placeholder"
    if len(key if isinstance(key, bytes) else key.encode("utf-8", "surrogatepass")) < SHORTEST:
        return "short"
    return "simple" if _is_simple(text, plain) else None


def _is_simple(text: str, plain: str) -> bool:
    """Tell whether a key is of few characters, repeats itself, or runs along an alphabet or a keyboard."""
    if len(set(text)) < _FEWEST_CHARACTERS or _repeats_itself(text):
        return True
    # Of random bytes, few are letters and digits, and these may follow one another by chance.
    if 2 * len(plain) > len(text) and any(plain in row + row for row in _ROWS):
        return True
    size = next((size for letters, size in _ALPHABETS if re.fullmatch(f"[{letters}]+", text)), 64)
    return len(text) * math.log2(size) < _FEWEST_BITS


def _repeats_itself(text: str) -> bool:
    length = len(text)
    units = range(1, min(length // 2, 40) + 1)
    return any((text[:each] * (length // each + 1))[:length] == text for each in units)
