"""`getargspec` gives four things of a function, and refuses what it never knew."""

from __future__ import annotations

import pytest

from erlen.legacy.libraries.inspection import getargspec


def test_it_gives_the_parameters() -> None:
    found = getargspec(lambda a, b=2, *c, **d: None)
    assert found == (["a", "b"], "c", "d", (2,))
    assert found.args == ["a", "b"]
    assert getargspec(lambda: None) == ([], None, None, None)


def test_it_refuses_what_python_2_did_not_have() -> None:
    def annotated(a: int) -> None: ...

    for function in (annotated, lambda *, a: None):
        with pytest.raises(ValueError, match="getfullargspec"):
            getargspec(function)
