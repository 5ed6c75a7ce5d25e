"""A Procfile, for Heroku and its kin."""

from __future__ import annotations

import typing as t

from .files import File
from .quoting import shell

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    lines = [f"web: erlen --app {shell(site.application)} serve"]
    if site.has_migrations:
        lines.append(f"release: erlen --app {shell(site.application)} db upgrade")
    yield File("Procfile", "\n".join(lines) + "\n", ("Put it into the folder that is pushed.",))
