"""Delete the pages that were rendered."""

from __future__ import annotations

import click

from shop import cache


def main(dry_run: bool) -> None:
    """Delete the pages that were rendered; they are files, so this script sees to dry runs itself."""
    files = cache.files()
    for file in files:
        if not dry_run:
            file.unlink()
    click.echo(f"{len(files)} pages {'would be' if dry_run else 'were'} deleted.")
