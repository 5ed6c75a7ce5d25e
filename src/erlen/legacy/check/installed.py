"""Which installed distributions are extensions that an application uses, found without importing them."""

from __future__ import annotations

import sys
import typing as t
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path, PurePosixPath

if t.TYPE_CHECKING:
    from collections.abc import Iterable

# What has Flask's names itself.
_NO_EXTENSIONS = frozenset(
    ("flask", "erlen", "quart", "werkzeug", "jinja2", "itsdangerous", "markupsafe", "click")
)


class Extension(t.NamedTuple):
    """An installed distribution, and its Python files."""

    name: str
    version: str
    files: tuple[Path, ...]


def extensions_of(imported: Iterable[str]) -> list[Extension]:
    """Return the distributions of these packages that import Flask themselves, sorted by name."""
    wanted = frozenset(imported)
    found = {}
    for distribution in metadata.distributions():
        # Asked first: a missing one is a KeyError soon, and warns from Python 3.12 on.
        if "Name" not in distribution.metadata:
            continue
        name = distribution.metadata["Name"]
        packages = wanted.intersection(_packages_of(distribution))
        if not packages or name.lower() in _NO_EXTENSIONS or name in found:
            continue
        files = tuple(sorted(_python_files(distribution, packages)))
        if any(map(_imports_flask, files)):
            found[name] = Extension(name, distribution.version, files)
    return [found[name] for name in sorted(found, key=str.lower)]


def _packages_of(distribution: metadata.Distribution) -> set[str]:
    """Return the names that a distribution is imported by."""
    listed = distribution.read_text("top_level.txt")
    if listed:
        return set(listed.split())
    tops = {file.parts[0] for file in distribution.files or () if file.suffix == ".py"}
    return {PurePosixPath(top).stem for top in tops}


def _python_files(distribution: metadata.Distribution, packages: Iterable[str]) -> set[Path]:
    listed = [file for file in distribution.files or () if file.suffix == ".py" and ".." not in file.parts]
    found = {Path(str(distribution.locate_file(file))) for file in listed}
    if not found:
        # Installed as "editable": only a link to the source is recorded.
        for package in packages:
            found.update(_found_on_the_path(package))
    return {path for path in found if path.is_file()}


def _found_on_the_path(package: str) -> t.Iterator[Path]:
    spec = PathFinder.find_spec(package, sys.path)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from Path(folder).rglob("*.py")
    if spec is not None and spec.origin and spec.origin.endswith(".py"):
        yield Path(spec.origin)


def _imports_flask(path: Path) -> bool:
    """Tell whether a file seems to import Flask; read as bytes, because most files do not."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return b"import flask" in content or b"from flask" in content
