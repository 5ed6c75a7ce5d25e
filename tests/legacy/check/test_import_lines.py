"""Import statements, taken apart and put together."""

from __future__ import annotations

import libcst as cst
import pytest

from erlen.legacy.check import import_lines


def taken_apart(code: str, moved: dict[str, str]) -> str:
    module = cst.parse_module(code)
    line = module.body[0]
    assert isinstance(line, cst.SimpleStatementLine)
    node = line.body[0]
    assert isinstance(node, cst.ImportFrom)
    assert not isinstance(node.names, cst.ImportStar)
    by_alias = {alias: moved[alias.evaluated_name] for alias in node.names if alias.evaluated_name in moved}
    node, lines = import_lines.without(node, by_alias)
    return module.with_changes(body=[line.with_changes(body=[node]), *lines]).code


@pytest.mark.parametrize(
    ("code", "moved", "expected"),
    [
        ("from a import b, c\n", {"b": "x.b"}, "from a import c\nfrom x import b\n"),
        ("from a import b, c\n", {"c": "x.c"}, "from a import b\nfrom x import c\n"),
        ("from a import b, c\n", {"b": "x.b", "c": "x.c"}, "from x import b, c\n"),
        ("from a import b, c\n", {"b": "x.b", "c": "y.c"}, "from x import b\nfrom y import c\n"),
        ("from a import b as d\n", {"b": "x.e"}, "from x import e as d\n"),
        ("from a import b\n", {"b": "x.y.e"}, "from x.y import e as b\n"),
        ("from a import (b, c,)  # d\n", {"c": "x.c"}, "from a import (b,)  # d\nfrom x import c\n"),
        (
            "from a import (  # first\n    b,  # b\n    c,\n    # last\n)\n",
            {"c": "x.c"},
            "from a import (  # first\n    b,  # b\n)\nfrom x import c  # last\n",
        ),
        ("from a import b, b\n", {"b": "x.b"}, "from x import b, b\n"),
    ],
)
def test_names_that_have_moved(code: str, moved: dict[str, str], expected: str) -> None:
    assert taken_apart(code, moved) == expected


def test_a_statement_with_comments() -> None:
    line = import_lines.statement("import a", ["# one", "# two"])
    assert cst.Module([line]).code == "# two\nimport a  # one\n"
