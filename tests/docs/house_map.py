"""The maps of the source on the pages for people who change Erlen, made from the tree: ``make map``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from erlen.deploy.check.command import listed_kinds
from erlen.legacy.libraries.removed import OLD
from erlen.legacy.removed import REMOVED
from tests.architecture.layers import LAYERS, SOURCE, modules, top, tree_of

from .pages import DOCS, ROOT

MAP = re.compile(r"<!-- map -->\n.*?<!-- end of map -->", re.DOTALL)
# Rooms whose files are as many names for what lies elsewhere.
ONE_LINE = ("sansio",)


def files() -> str:
    """Return a table of all files, from the highest layer to the lowest, each with its first sentence."""
    return "\n| file | what it is for |\n|---|---|\n" + "".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    for _, rooms in reversed(LAYERS):
        for room in rooms:
            for name, path in modules().items():
                if top(name) == room and not (room in ONE_LINE and path.name != "__init__.py"):
                    yield f"| `{path.relative_to(SOURCE)}` | {sentence_of(name)} |\n"


def sentence_of(module: str) -> str:
    """Return the first sentence of a module's docstring, as Markdown."""
    docstring = ast.get_docstring(tree_of(module)) or ""
    first = docstring.partition("\n\n")[0].replace("\n", " ")
    return first.replace("``", "`").replace("|", r"\|")


def rooms() -> str:
    """Return a table of the layers, from the highest to the lowest, with their files and folders."""
    return (
        "\n| layer | files and folders |\n|---|---|\n"
        + "".join(
            f"| {layer} | {', '.join(f'`{_name(room)}`' for room in rooms)} |\n"
            for layer, rooms in reversed(LAYERS)
        )
        + "\n"
    )


def _name(room: str) -> str:
    path = modules()[room]
    return "__init__.py" if not room else f"{room}/" if path.name == "__init__.py" else f"{room}.py"


def old_names() -> str:
    """Return a table of the names that the legacy layer has, each with what to write instead."""
    records = sorted(REMOVED, key=lambda record: record.name.lstrip("$"))
    return "\n| name | last in | write instead |\n|---|---|---|\n" + "".join(
        f"| `{record.name}` | {record.last} | {_as_text(record.instead)} |\n" for record in records
    )


def old_names_of_libraries() -> str:
    """Return a table of the names that other packages had: those that one line describes are in one."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for old in OLD.values():
        module, _, name = old.record.name.rpartition(".")
        moved = old.record.instead == old.place and old.place.endswith(f".{name}")
        instead = f"{old.place.removesuffix(name)}…" if moved else old.record.instead
        rows.setdefault((module, old.record.last, instead), []).append(name)
    return "\n| module | names | last in | write instead |\n|---|---|---|---|\n" + "".join(
        f"| `{module}` | {' '.join(f'`{name}`' for name in names)} | {last} | {_as_text(instead)} |\n"
        for (module, last, instead), names in sorted(rows.items())
    )


def _as_text(words: str) -> str:
    return words.replace("_", r"\_").replace("*", r"\*").replace("|", r"\|")


def mistakes() -> str:
    """Return a table of what `erlen check` always looks for."""
    return _kinds(only_for_deploy=False)


def risks() -> str:
    """Return a table of what `erlen check --deploy` looks for besides."""
    return _kinds(only_for_deploy=True)


def _kinds(only_for_deploy: bool) -> str:
    return (
        "\n| id | level | what happens |\n|---|---|---|\n"
        + "".join(
            f"| `{each.kind.id}` | {each.kind.level.name.lower()} | {_as_text(each.kind.why)} |\n"
            for each in listed_kinds()
            if each.only_for_deploy is only_for_deploy
        )
        + "\n"
    )


PAGES: dict[str, tuple[Callable[[], str], ...]] = {
    str(DOCS / "explanation/architecture.md"): (rooms, files),
    str(ROOT / "CONTRIBUTING.md"): (rooms,),
    str(DOCS / "how-to/run-an-application-for-flask-1.1.md"): (old_names,),
    str(DOCS / "how-to/run-extensions-for-flask-1.1.md"): (old_names_of_libraries,),
    str(DOCS / "reference/checks.md"): (mistakes, risks),
}


def filled(text: str, makers: tuple[Callable[[], str], ...]) -> str:
    """Return a page with its maps as they must be."""
    made = iter([make() for make in makers])
    return MAP.sub(lambda _: f"<!-- map -->\n{next(made)}<!-- end of map -->", text)


if __name__ == "__main__":
    for page, makers in PAGES.items():
        with open(page, "r+", encoding="utf-8") as file:
            text = filled(file.read(), makers)
            file.seek(0)
            file.truncate()
            file.write(text)
