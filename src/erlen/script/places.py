"""The folder of the scripts, and the scripts in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from . import names
from .errors import ScriptError

DEFAULT_FOLDER = "offline_script"


@dataclass(frozen=True)
class Script:
    """A script: its file, and the place that it has by the convention."""

    folder: Path
    place: str  # "recycle", "unrecycle", or a developer
    name: str

    @property
    def path(self) -> Path:
        return self.folder / self.place / f"{self.name}.py"

    @property
    def key(self) -> str:
        """The name of what is kept about it: two developers may have scripts of one name."""
        return f"{self.place}.{self.name}"

    @property
    def test(self) -> Path:
        """The file of its tests, in the project's `tests`."""
        return self.folder.parent / "tests" / self.folder.name / self.place / f"test_{self.name}.py"

    @property
    def is_temporary(self) -> bool:
        return self.place not in (names.RECYCLE, names.UNRECYCLE)

    @property
    def date(self) -> date | None:
        """The day in a temporary script's name."""
        return names.split(self.name)[0]

    @property
    def words(self) -> str:
        """What the name says that it does."""
        return names.split(self.name)[1]

    def summary(self) -> str:
        """Return the first line of its docstring without running it; nothing where there is none."""
        try:
            docstring = ast.get_docstring(ast.parse(self.path.read_bytes()))
        except (OSError, SyntaxError, ValueError):
            return ""
        return (docstring or "").strip().partition("\n")[0]


def scripts_in(folder: Path) -> Iterator[Script]:
    """Yield the scripts in a folder: those that are used again first, then by place and name."""
    places = [each for each in _entries(folder) if each.is_dir() and not each.name.startswith((".", "_"))]
    order = {names.RECYCLE: 0, names.UNRECYCLE: 2}
    for place in sorted(places, key=lambda each: (order.get(each.name, 1), each.name)):
        for file in _entries(place):
            if file.suffix == ".py" and file.is_file() and file.name != "__init__.py":
                yield Script(folder, place.name, file.stem)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ScriptError(f"{folder} cannot be read: {error.strerror}.") from error


def find(folder: Path, name: str) -> Script:
    """Return the script of a name, or of `place/name`; raise `ScriptError` with the way out."""
    place, _, bare = name.removesuffix(".py").rpartition("/")
    known = list(scripts_in(folder))
    found = [each for each in known if each.name == bare and place in ("", each.place)]
    if len(found) == 1:
        return found[0]
    if found:
        choices = " or ".join(f"'{each.place}/{each.name}'" for each in found)
        raise ScriptError(f"There is more than one script {bare!r}: say {choices}.")
    if not folder.is_dir():
        raise ScriptError(
            f"There are no scripts: no folder {str(folder)!r} here. Go to the project's folder, make a script"
            " with 'erlen script new NAME', or set OFFLINE_SCRIPTS to the folder."
        )
    raise ScriptError(f"There is no script {name!r} in {str(folder)!r}. {_meant(bare, known)}")


def _meant(name: str, known: list[Script]) -> str:
    by_name = {each.name: each.name for each in known} | {each.words: each.name for each in known}
    close = get_close_matches(name, by_name, n=1)
    return f"Did you mean {by_name[close[0]]!r}?" if close else "'erlen script list' shows all."
