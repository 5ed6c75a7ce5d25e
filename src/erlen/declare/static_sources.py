"""The seam for who names and sends static files instead of the application: ``app.static_sources``.

The table has an entry for each folder: an object, or None where files keep their names. An entry that nobody
has set is worked out when the folder is first used. Who may be there is asked only where `erlen static
digest` has left its file, so that all others pay one look at the disk.
"""

from __future__ import annotations

import os
import typing as t

if t.TYPE_CHECKING:
    from .. import typing as ft
    from .contract import Application

# The file that says that a folder has a source, and the entry points of those that may know it: functions
# that are called with the application and the folder.
MANIFEST = "static-digest.json"
GROUP = "erlen.static_sources"


def source_in(app: Application, folder: str) -> ft.StaticSource | None:
    """Return what names and sends the files of a folder; None where they are sent as they are."""
    try:
        return app.static_sources[folder]
    except KeyError:
        found = _find(app, folder)
        # The table is not told of it: what was there before is not changed by having been found.
        dict.__setitem__(app.static_sources, folder, found)
        return found


def _find(app: Application, folder: str) -> ft.StaticSource | None:
    wanted = app.config.get("STATIC_DIGEST")
    if wanted is None:
        wanted = not app.debug  # files that change would keep the names that they had
    if not wanted or not os.path.isfile(os.path.join(folder, MANIFEST)):
        return None
    from importlib import metadata

    for entry_point in metadata.entry_points(group=GROUP):
        found: ft.StaticSource | None = entry_point.load()(app, folder)
        if found is not None:
            return found
    return None


def names_of_endpoints(app: Application) -> dict[str, t.Mapping[str, str]]:
    """Return the names of files by endpoint, without those that have none of their own."""
    found: dict[str, t.Mapping[str, str]] = {}
    for endpoint in ("static", *(f"{name}.static" for name in app.blueprints)):
        source = _source_of(app, endpoint)
        if source is not None and source.names:
            found[endpoint] = source.names
    return found


def replace_name(app: Application, endpoint: str, values: dict[str, t.Any]) -> None:
    """Put the name for URLs into the values that a URL is built of; a second call changes nothing."""
    source, name = _source_of(app, endpoint), values["filename"]
    if source is not None and isinstance(name, str):
        values["filename"] = source.names.get(name, name)


def _source_of(app: Application, endpoint: str) -> ft.StaticSource | None:
    blueprint, _, name = endpoint.rpartition(".")
    if name != "static":
        return None
    owner: t.Any = app.blueprints.get(blueprint) if blueprint else app
    folder = None if owner is None else owner.static_folder
    return None if folder is None else source_in(app, folder)
