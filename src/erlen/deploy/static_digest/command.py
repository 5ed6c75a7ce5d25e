"""The commands `erlen static digest` and `erlen static clean`."""

from __future__ import annotations

import os
import sys
import typing as t

import click

from ...cli import with_appcontext
from ...globals import current_app
from . import cleaning
from .compression import Compress, compressors
from .digesting import Digest
from .manifest import Manifest, ManifestError

if t.TYPE_CHECKING:
    from ...app import Erlen

EXCLUDED = "STATIC_DIGEST_EXCLUDE"
_OPTIONS = {"gzip": "gzip", "br": "brotli", "zstd": "zstd"}


@click.group("static", short_help="Give static files hashed names, and compress them.")
def static() -> None:
    """Give static files hashed names, and compress them, for production.

    The folders are those of the application and of its blueprints.
    """


@static.command("digest")
@click.option("--gzip/--no-gzip", default=True, show_default=True, help="Write copies for gzip.")
@click.option("--brotli/--no-brotli", default=None, help="Write copies for brotli. [default: if installed]")
@click.option("--zstd/--no-zstd", default=None, help="Write copies for zstd. [default: if installed]")
@click.option(
    "--exclude",
    "excluded",
    multiple=True,
    metavar="PATTERN",
    help="Leave these files alone, as in '*.html' or 'vendor/*'; may be given several times.",
)
@with_appcontext
def digest_command(gzip: bool, brotli: bool | None, zstd: bool | None, excluded: tuple[str, ...]) -> None:
    """Write each static file a second time, with a hash of its content in its name, and compressed.

    'url_for' gives those names then, and browsers keep the files for a year. Do this after each change, when
    you deploy. Files of earlier runs stay, for pages that were sent before.
    """
    chosen = _chosen({"gzip": gzip, "br": brotli, "zstd": zstd})
    patterns = [*_patterns(current_app.config.get(EXCLUDED) or ()), *excluded]
    failed = False
    for folder, prefix in folders_of(current_app._get_current_object()):
        run = None
        try:
            run = Digest(folder, prefix, compressors=chosen, excluded=patterns)
            _report(folder, run, run.run())
        except OSError as error:
            failed = True
            _warn(f"{_shown(folder)}: {error}")
        for notice in () if run is None else run.notices:
            _warn(f"{_shown(folder)}: {notice}")
    if failed:
        sys.exit(1)


@static.command("clean")
@click.option("--old", "only_old", is_flag=True, help="Keep what the pages of now refer to.")
@with_appcontext
def clean_command(only_old: bool) -> None:
    """Remove what 'erlen static digest' has written; your own files stay.

    With '--old', only versions of earlier runs are removed.
    """
    failed = False
    for folder, _ in folders_of(current_app._get_current_object()):
        try:
            removed = cleaning.clean_old(folder) if only_old else cleaning.clean(folder)
            click.echo(f"{_shown(folder)}: {_counted(removed, 'file')} with hashed names removed.")
        except FileNotFoundError:
            click.echo(f"{_shown(folder)}: nothing to remove.")
        except (OSError, ManifestError) as error:
            failed = True
            _warn(f"{_shown(folder)}: {error}")
    if failed:
        sys.exit(1)


def folders_of(app: Erlen) -> list[tuple[str, str | None]]:
    """Return the folders of the application and its blueprints, each once, with the addresses they are at."""
    owners: dict[str, t.Any] = {"static": app}
    owners.update((f"{name}.static", blueprint) for name, blueprint in app.blueprints.items())
    found: dict[str, tuple[str, str | None]] = {}
    for endpoint, owner in owners.items():
        folder = owner.static_folder
        if folder is not None and os.path.isdir(folder):
            found.setdefault(os.path.realpath(folder), (folder, _address(app, endpoint)))
    if not found:
        raise click.ClickException("Neither the application nor a blueprint has a folder of static files.")
    return list(found.values())


def _address(app: Erlen, endpoint: str) -> str | None:
    """Return the path before the names of files; None where it has variables, or there is no rule."""
    try:
        rules = [rule.rule for rule in app.url_map.iter_rules(endpoint)]
    except KeyError:
        return None
    before = rules[0].removesuffix("<path:filename>")
    return None if "<" in before else before


def _chosen(wanted: dict[str, bool | None]) -> dict[str, Compress]:
    available = compressors()
    missing = [coding for coding in wanted if coding not in available and wanted[coding] is not False]
    if missing:
        names = " and ".join(_OPTIONS[coding] for coding in missing)
        message = f"No copies for {names}: they need packages, pip install 'erlen[static]'."
        if any(wanted[coding] for coding in missing):
            raise click.ClickException(message)
        _warn(message)
    return {coding: available[coding] for coding in available if wanted[coding] is not False}


def _patterns(patterns: t.Any) -> t.Sequence[str]:
    if isinstance(patterns, str) or not all(isinstance(pattern, str) for pattern in patterns):
        raise click.ClickException(f"{EXCLUDED} must be a list of patterns, not {patterns!r}.")
    return tuple(patterns)


def _report(folder: str, run: Digest, manifest: Manifest) -> None:
    codings = [coding for name in manifest.names.values() for coding in manifest.versions[name]]
    copies = ", ".join(f"{codings.count(c)} for {option}" for c, option in _OPTIONS.items() if c in codings)
    files = _counted(len(manifest.names), "file")
    click.echo(f"{_shown(folder)}: {files}, {run.new} new; copies: {copies or 'none'}.")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _shown(folder: str) -> str:
    below = os.path.relpath(folder)
    return ascii(folder if below.startswith("..") else below)[1:-1]


def _warn(message: str) -> None:
    click.secho(message, fg="yellow", err=True)
