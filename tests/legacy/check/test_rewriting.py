"""Changes at places in a file."""

from __future__ import annotations

import pytest

from erlen.legacy.check.files import Span
from erlen.legacy.check.finding import Edit
from erlen.legacy.check.rewriting import rewrite

CODE = b"import a\nb = a.c(d=1, e=True)\n"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Edit("import", Span(1, 7, 1, 8), "x.y"), b"import x.y\nb = a.c(d=1, e=True)\n"),
        (Edit("attribute", Span(2, 4, 2, 7), "x"), b"import a\nb = a.x(d=1, e=True)\n"),
        (
            Edit("expression", Span(2, 4, 2, 7), "x.y", "import x", 1),
            b"import a\nimport x\nb = x.y(d=1, e=True)\n",
        ),
        (Edit("argument", Span(2, 8, 2, 11), "x"), b"import a\nb = a.c(x=1, e=True)\n"),
        (Edit("expression", Span(2, 15, 2, 19), "False"), b"import a\nb = a.c(d=1, e=False)\n"),
        (Edit("expression", Span(2, 10, 2, 11), "2"), b"import a\nb = a.c(d=2, e=True)\n"),
    ],
)
def test_a_change_is_made_where_it_belongs(edit: Edit, expected: bytes) -> None:
    assert rewrite(CODE, [edit]) == (expected, {edit})


def test_a_change_whose_place_is_not_found_is_not_among_those_that_were_made() -> None:
    there = Edit("attribute", Span(2, 4, 2, 7), "x")
    elsewhere = Edit("attribute", Span(2, 4, 2, 8), "x")
    assert rewrite(CODE, [there, elsewhere])[1] == {there}
