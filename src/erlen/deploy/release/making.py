"""The order of things: a release is made, checked, switched to and reloaded; or a rollback is."""

from __future__ import annotations

import contextlib
import os
import typing as t
from dataclasses import dataclass, replace

from ..targets.files import printable
from . import application, cleaning, environment, programs, records
from .application import Application
from .entries import Writer
from .errors import NOT_RELOADED, SWITCHED_BACK, ReleaseError
from .layout import Layout, remove
from .lock import locked
from .steps import Steps, explained, interrupted_by_signals, is_full, uninterrupted

if t.TYPE_CHECKING:
    from .environment import Installation
    from .serving import Serving
    from .sources import Source
    from .steps import Say

# They belong to the release, or to this machine.
_NOT_FROM_SOURCE = application.OF_THE_RELEASE | {".env", "instance"}


@dataclass(frozen=True)
class Choices:
    """What a release is made with, beside its source."""

    app: str | None
    user: str | None
    installation: Installation
    keep: int
    with_check: bool = True


class Making:
    """One run of the command, on one site."""

    def __init__(self, layout: Layout, serving: Serving, say: Say) -> None:
        self.layout = layout
        self._serving = serving
        self._steps = Steps(say)

    @property
    def step(self) -> str:
        """The name of the step that is under way."""
        return self._steps.current

    # a release

    def release(self, source: Source, choices: Choices) -> None:
        """Make a release, let it serve, and remove old ones. Raises ReleaseError."""
        self._make_folders()
        with _readable_for_others(), locked(self.layout.releases), interrupted_by_signals():
            self._serving.action()  # a unit that cannot be read is found out now
            for name in self.layout.tidy():
                self._steps.tell(f"{name}, left behind by an earlier run, is removed.")
            name = self._make(source, choices)
            try:
                self._put_in_place(name, self._serving.action())
            except ReleaseError as error:
                if error.status == SWITCHED_BACK:
                    self._put_aside(name)
                raise
            self._clean(choices.keep)

    def _make(self, source: Source, choices: Choices) -> str:
        """Make a release that is complete, and return its name."""
        layout, before = self.layout, self._served_before()
        user = programs.find_user(choices.user, layout.shared / "instance")
        name = layout.begin(source.description)
        try:
            self._build(name, source, choices, user)
            records.write(layout.folder(name), records.Record("complete", source.description, before))
        except BaseException as error:
            with uninterrupted():
                self._abandon(name, error)
            raise
        return name

    def plan(self, source: Source, choices: Choices) -> str:
        """Return what `release` would do, a step in each line."""
        layout = self.layout
        user = programs.find_user(choices.user, layout.shared / "instance")
        action, current = self._serving.action(), layout.link()
        new = layout.next_name() if layout.releases.is_dir() else "TIME"
        lines = [
            f"copy      {source.description} to releases/{new}",
            "link      what is in shared",
            "install   a virtual environment, and what the application needs",
            f"load      {choices.app or 'the application'}{f', as the user {user.name}' if user else ''}",
            *(["check     erlen check --deploy"] if choices.with_check else []),
            "migrate   erlen db upgrade, if there are migrations",
            f"switch    current to releases/{new}{f', from {current}' if current else ''}",
            f"reload    {programs.shown(action) if action else 'nothing: there is no such unit'}",
            f"clean     old releases, all but {choices.keep}",
        ]
        return "\n".join(["Nothing is done. These would be the steps:", *map(printable, lines)])

    def _make_folders(self) -> None:
        with self._steps.step("release", str(self.layout.root)), _readable_for_others():
            for folder in (self.layout.releases, self.layout.shared):
                folder.mkdir(mode=0o755, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                (self.layout.shared / "instance").mkdir(mode=0o700)

    def _served_before(self) -> str | None:
        """Return the release that a rollback goes back to: the current one, if it has served."""
        current = self.layout.current_name()
        if current is None or self.layout.record(current).state == "served":
            return current
        return self.layout.previous_of(current)

    def _build(self, name: str, source: Source, choices: Choices, user: programs.User | None) -> None:
        """Do everything that may fail before the new release counts."""
        layout, steps, folder = self.layout, self._steps, self.layout.folder(name)
        installation = replace_wheel(choices.installation, source)
        with steps.step("copy", f"{source.description} to releases/{name}"):
            unwanted = _NOT_FROM_SOURCE | set(os.listdir(layout.shared))
            with source.opened() as entries:
                written = Writer(folder, unwanted, user.uid if user else None).write(entries)
            if written.left_out:
                steps.tell(f"Not taken: {', '.join(written.left_out)}.")
        with steps.step("link", "what the releases share"):
            steps.tell(f"Linked: {', '.join(application.link_shared(folder, layout.shared))}.")
        with steps.step("install", "a virtual environment, and what the application needs"):
            environment.make(folder, installation.python)
            environment.install(folder, installation)
        self._examine(Application(folder, choices.app, user), choices.with_check)

    def _examine(self, app: Application, with_check: bool) -> None:
        """Let the new release load, check and migrate the application, as the user that serves."""
        steps, instance = self._steps, self.layout.shared / "instance"
        by = f", as the user {app.user.name}" if app.user else ""
        with steps.step("load", f"{app.name or 'the application'}{by}"):
            usual = application.usual_instance(app.release, app.name)
            if usual is not None:
                application.link_instance(app.release, instance, usual)
            facts = app.load()
            application.link_instance(app.release, instance, facts.instance)
        if with_check:
            with steps.step("check", "erlen check --deploy"):
                steps.tell(app.check())
        if facts.has_migrations:
            with steps.step("migrate", "erlen db upgrade"):
                steps.tell(app.migrate())

    def _abandon(self, name: str, error: BaseException) -> None:
        """Put a release aside that failed, for whoever wants to look at it."""
        if self._steps.current == "migrate":
            self._steps.tell("What the migrations have done is not undone.")
        self._steps.tell("Nothing was switched.")
        if is_full(error, self.layout.root):
            with contextlib.suppress(OSError):
                remove(self.layout.folder(name))
                self._steps.tell(f"releases/{name} is removed, since the disk is full.")
        else:
            self._put_aside(name)

    def _put_aside(self, name: str) -> None:
        try:
            aside = self.layout.put_aside(name)
            self._steps.tell(f"What was made is in {aside}, until the next release.")
        except OSError as problem:
            self._steps.tell(f"What was made could not be put aside: {explained(problem)}")

    # a rollback

    def rollback(self) -> None:
        """Let the release serve that served before the current one. Raises ReleaseError."""
        with _readable_for_others(), locked(self.layout.releases), interrupted_by_signals():
            name = self.rollback_target()
            self._put_in_place(name, self._serving.action())
            self._steps.tell("Migrations are not undone: the database is as the newer release left it.")

    def rollback_target(self) -> str:
        """Return the release that a rollback goes to. Raises ReleaseError where there is none."""
        current = self.layout.current_name()
        if current is None:
            raise ReleaseError(
                f"{printable(str(self.layout.current))} leads to no release: there is no way back."
            )
        name = self.layout.previous_of(current)
        if name is None:
            raise ReleaseError(f"There is no release before {current} any more.")
        return name

    # both

    def _put_in_place(self, name: str, action: tuple[str, ...]) -> None:
        """Switch to a release and reload; where that fails, switch back."""
        layout, steps, before = self.layout, self._steps, self.layout.link()
        link = f"releases/{name}"
        try:
            with steps.step("switch", f"current to {link}{f', from {before}' if before else ''}"):
                layout.switch(link)
            with steps.step("reload", programs.shown(action) if action else "nothing: there is no such unit"):
                self._serving.reload(action)
            with steps.step("served", link):
                record = replace(layout.record(name), state="served")
                if record != layout.record(name):
                    records.write(layout.folder(name), record)
        except BaseException as error:
            with uninterrupted():
                raise self._switch_back(before, action, error) from error

    def _switch_back(self, before: str | None, action: tuple[str, ...], error: BaseException) -> ReleaseError:
        """Undo the switch, and return the error that says how that went."""
        step = self._steps.current
        why = error.message if isinstance(error, ReleaseError) else f"{type(error).__name__}: {error}"
        try:
            if self.layout.link() != before:
                self.layout.switch(before)
            if before is None:
                if step != "switch":
                    self._serving.stop()
                return ReleaseError(
                    f"{why}\nThere is no release to go back to: nothing serves.", SWITCHED_BACK
                )
            if step != "switch":
                self._serving.reload(action)
        except (ReleaseError, OSError) as problem:
            told = explained(problem) if isinstance(problem, OSError) else problem.message
            return ReleaseError(
                f"{why}\nGoing back failed, too: {told}\n"
                f"'current' leads to {printable(str(self.layout.link()))}.",
                NOT_RELOADED,
            )
        return ReleaseError(f"{why}\nSwitched back: {printable(before)} serves on.", SWITCHED_BACK)

    def _clean(self, keep: int) -> None:
        with self._steps.step("clean", f"old releases, all but {keep}"):
            cleaned = cleaning.clean(self.layout, keep)
            if cleaned.removed:
                self._steps.tell(f"Removed: {', '.join(cleaned.removed)}.")
            if cleaned.used:
                self._steps.tell(f"Kept, since processes run from them: {', '.join(cleaned.used)}.")
            for problem in cleaned.problems:
                self._steps.tell(f"Not removed: {problem}")


@contextlib.contextmanager
def _readable_for_others() -> t.Iterator[None]:
    """Let others read what is made in a block, whatever the shell of whoever makes the release says."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def replace_wheel(installation: Installation, source: Source) -> Installation:
    """Return what to install, for a source that may be a wheel."""
    return replace(installation, wheel=source.wheel)
