"""The application of a release, as its own interpreter sees it."""

from __future__ import annotations

import inspect
import json
import os
import typing as t
from dataclasses import dataclass
from pathlib import Path

from . import inside, programs, records
from .environment import FOLDER, erlen_of, python_of
from .errors import ReleaseError
from .programs import Failed, User

OF_THE_RELEASE = frozenset({FOLDER, records.NAME, f"{records.NAME}.new"})
"""Names that are of the release alone, whatever its source or the shared folder have."""


class Facts(t.NamedTuple):
    """What is known of an application that loads."""

    instance: str
    """The folder that it takes for its instance folder."""
    python: str
    has_migrations: bool


@dataclass(frozen=True)
class Application:
    """The application of a release, and the user that runs it."""

    release: Path
    name: str | None
    """What `--app` gets; None lets Erlen look for it."""
    user: User | None

    def load(self) -> Facts:
        """Load the application once. Raises ReleaseError where it does not load."""
        # -I: for this text, no module of the project takes the place of one of Python's own.
        words = [python_of(self.release), "-I", "-", *([self.name] if self.name else [])]
        said = self._run(words, stdin=inspect.getsource(inside))
        for line in reversed(said.splitlines()):
            if line.startswith(inside.MARK):
                facts = json.loads(line.removeprefix(inside.MARK))
                return Facts(facts["instance"], facts["python"], facts["migrations"])
        raise ReleaseError("The application ends the process while it is loaded.")

    def check(self) -> str:
        """Run `erlen check --deploy` and return its report. Raises ReleaseError for errors."""
        user = ["--user", self.user.name] if self.user else []
        try:
            return self._run(self.words("check", "--deploy", *user))
        except Failed as error:
            raise ReleaseError(
                f"{error.message}\nMend what is found, or silence it with a reason."
                " '--no-check' leaves the check out."
            ) from error

    def migrate(self) -> str:
        """Run `erlen db upgrade`."""
        return self._run(self.words("db", "upgrade"))

    def words(self, *command: str) -> list[str]:
        """Return a command of the application."""
        app = ["--app", self.name] if self.name else []
        return [erlen_of(self.release), *app, *command]

    def _run(self, words: list[str], stdin: str = "") -> str:
        env = programs.environment_of_application(self.user)
        return programs.run(words, cwd=self.release, env=env, user=self.user, stdin=stdin)


def link_shared(release: Path, shared: Path) -> list[str]:
    """Link what the releases share into a release; return the names."""
    names = sorted(set(os.listdir(shared)) - OF_THE_RELEASE)
    for name in names:
        (release / name).symlink_to(os.path.join("..", "..", shared.name, name))
    return names


def link_instance(release: Path, shared: Path, instance: str) -> bool:
    """Link an instance folder that is inside of the environment; tell whether there was something to link.

    There it is for applications that are installed as packages.
    """
    path = Path(os.path.normpath(instance))
    environment = release / FOLDER
    if not path.is_relative_to(environment) or path.resolve() == shared.resolve():
        return False
    if path.is_dir() and not path.is_symlink():
        path.rmdir()  # raises OSError where the application has put something into it
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(shared)
    return True


def usual_instance(release: Path, name: str | None) -> str | None:
    """Return where an application that is installed as a package has its instance folder."""
    package = (name or "").partition(":")[0]
    if not package.replace(".", "").isidentifier():
        return None
    return str(release / FOLDER / "var" / f"{package}-instance")
