"""Who imports an offline script: nobody that serves may."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import click

from erlen import project_files


def importers(root: Path, folder: Path) -> Iterator[str]:
    """Yield each import of a script in the files below *root*, as `file:line` and what it says.

    Left out are the scripts themselves, their tests, virtual environments and hidden folders.
    """
    tests = root / "tests" / folder.name
    for path in project_files.python_files(root):
        if folder in path.parents or tests in path.parents:
            continue
        try:
            tree = ast.parse(project_files.read(path))
        except (project_files.UnreadableFile, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if _imports(node, folder.name):
                yield f"{path.relative_to(root)}:{getattr(node, 'lineno', 1)}: {ast.unparse(node)[:80]}"


def _imports(node: ast.AST, package: str) -> bool:
    if isinstance(node, ast.Import):
        return any(_is_in(alias.name, package) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return _is_in(node.module or "", package) or (
            not node.module and any(alias.name == package for alias in node.names)
        )
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        value = node.args[0].value
        return name in ("import_module", "__import__", "import_string") and _is_in(str(value), package)
    return False


def _is_in(module: str, package: str) -> bool:
    return module.replace(":", ".").split(".")[0] == package


@click.command("scripts", short_help="Who imports an offline script?")
def scripts_check() -> None:
    """Look for imports of offline scripts: what serves may not depend on a script that is deleted one day."""
    from .errors import FAILED
    from .loading import folder

    where = folder()
    found = list(importers(Path.cwd(), where))
    for line in found:
        click.echo(f"{line}: move what is shared into the application")
    if found:
        raise SystemExit(FAILED)
    click.echo("No module imports an offline script.")
