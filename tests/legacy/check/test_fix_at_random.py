"""Imports in any layout lose no name and no comment when they are rewritten."""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from erlen.legacy.check import fix
from erlen.legacy.check.fix import Rewritten
from erlen.legacy.check.survey import survey

NAMES = {
    "flask": ["Flask", "g", "request", "escape", "Markup"],
    "werkzeug": ["secure_filename", "FileStorage", "cached_property", "import_string"],
    "jinja2": ["Markup", "contextfilter", "Environment"],
    "collections": ["OrderedDict", "Mapping", "deque", "Sequence"],
}
# A space, or a line break with or without a comment.
SPACES = st.sampled_from([" ", "\n    ", "  # note\n    ", "\n    # above\n\n    "])


@st.composite
def imports(draw: st.DrawFn) -> str:
    module = draw(st.sampled_from(sorted(NAMES)))
    names = draw(st.lists(st.sampled_from(NAMES[module]), min_size=1, max_size=4, unique=True))
    parts = [f"{name} as {name}_{draw(st.integers(0, 9))}" if draw(st.booleans()) else name for name in names]
    if not draw(st.booleans()):
        return f"from {module} import {', '.join(parts)}" + draw(st.sampled_from(["", "  # note"]))
    text = draw(SPACES)
    for part in parts[:-1]:
        text += f"{part},{draw(SPACES)}"
    text += parts[-1] + draw(st.sampled_from(["", ",", ",  # note\n", "  # note\n", "\n", ",\n"]))
    return f"from {module} import ({text})"


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines = draw(st.lists(imports(), min_size=1, max_size=4))
    code = "\n".join(lines) + draw(st.sampled_from(["\n", ""]))
    if draw(st.booleans()):
        code = "def f():\n    " + code.replace("\n", "\n    ").rstrip() + "\n"
    return code if draw(st.booleans()) else code.replace("\n", "\r\n")


def bound(code: str) -> set[str]:
    nodes = ast.walk(ast.parse(code))
    return {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@given(programs())
def test_names_and_comments_stay(code: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name).resolve() / "app.py"
        path.write_bytes(code.encode())
        for file in fix.rewritten(survey(path, with_extensions=False)):
            assert isinstance(file, Rewritten), file
            fix.write(file)
        after = path.read_bytes().decode()
        assert survey(path, with_extensions=False).findings == []
    assert bound(after) == bound(code)
    assert after.count("#") == code.count("#")
    assert ("\r\n" in after) == ("\r\n" in code)
    assert after.count("\n") == after.count("\r\n") or "\r\n" not in code
