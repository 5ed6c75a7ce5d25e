"""Reads an application and its extensions, and holds all that was found."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from erlen import project_files

from . import files
from .configuration import read_environment
from .finding import Finding, Note
from .installed import Extension, extensions_of
from .project import Module, Project, parse
from .reader import Reader
from .replacements import can_rewrite
from .table import Table, table

_TOO_DEEP = "its expressions are nested too deeply"


@dataclass(eq=False)
class Survey:
    """What was read, and what was found."""

    root: Path
    files: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)

    def can_fix(self, finding: Finding) -> bool:
        """Tell whether `--fix` rewrites this: it is the application's own, and safe."""
        return finding.distribution is None and can_rewrite(finding)

    @property
    def is_clean(self) -> bool:
        """Whether nothing old was found, and all files of the application could be read."""
        return not self.findings and all(note.distribution is not None for note in self.notes)


def survey(root: Path, exclude: t.Sequence[str] = (), *, with_extensions: bool = True) -> Survey:
    """Read the application in a folder, or one file, and the extensions that it imports."""
    names = table()
    result = Survey(root)
    modules = _modules(project_files.python_files(root, exclude), result.notes, None)
    result.files = len(modules)
    result.findings += _read(modules, root, names, result.notes)
    for path in files.environment_files(root, exclude):
        result.findings += _environment(path, names, result.notes)
    if with_extensions:
        imported = {name for module in modules for name in module.binder.imports}
        result.extensions = extensions_of(imported - {module.name for module in modules})
        for extension in result.extensions:
            _read_extension(extension, names, result)
    return result


def read_file(path: Path, content: bytes, root: Path) -> list[Finding]:
    """Return the findings in one file, by itself."""
    return _read([parse(files.Source(path, content))], root, table(), [])


def _modules(paths: t.Iterable[Path], notes: list[Note], distribution: str | None) -> list[Module]:
    modules = []
    for path in paths:
        try:
            modules.append(parse(files.read(path)))
        except project_files.UnreadableFile as error:
            notes.append(Note(path, error.line, error.text, distribution))
        except RecursionError:
            notes.append(Note(path, 1, _TOO_DEEP, distribution))
    return modules


def _read(modules: list[Module], root: Path, names: Table, notes: list[Note]) -> list[Finding]:
    project = Project(root, modules, names.packages)
    findings = []
    for module in modules:
        try:
            findings += Reader(module, project, names).read()
        except RecursionError:
            notes.append(Note(module.source.path, 1, _TOO_DEEP))
    return findings


def _environment(path: Path, names: Table, notes: list[Note]) -> list[Finding]:
    try:
        return read_environment(files.read(path), names)
    except project_files.UnreadableFile as error:
        notes.append(Note(path, error.line, error.text))
        return []


def _read_extension(extension: Extension, names: Table, result: Survey) -> None:
    modules = _modules(extension.files, result.notes, extension.name)
    root = extension.files[0].parent
    notes: list[Note] = []
    for finding in _read(modules, root, names, notes):
        finding.distribution = extension.name
        result.findings.append(finding)
    result.notes += (Note(note.path, note.line, note.text, extension.name) for note in notes)
