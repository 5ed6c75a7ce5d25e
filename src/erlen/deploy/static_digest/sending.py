"""What an application does with a folder that has a manifest: its names for URLs, its copies for clients."""

from __future__ import annotations

import mimetypes
import os
import typing as t

from werkzeug.exceptions import NotFound

from ...declare.static_sources import MANIFEST
from ...globals import request
from ...helpers import send_from_directory
from .file_names import SUFFIXES, split_version
from .manifest import Manifest, ManifestError, Places, read
from .negotiation import IDENTITY, choose
from .scanning import tag_of_file

if t.TYPE_CHECKING:
    from ...app import Erlen
    from ...wrappers import Response

YEAR = 31_536_000  # seconds
# By so many seconds a copy may be older: archives round times, or do not keep them.
ROUNDING = 2
CACHE_CONTROL = f"public, max-age={YEAR}, immutable"


def find_source(app: Erlen, folder: str) -> DigestedFiles | None:
    """Return what names and sends the files of a folder; None, with a warning, for a broken manifest."""
    try:
        manifest = read(folder)
    except FileNotFoundError:
        return None
    except (OSError, ManifestError) as error:
        app.logger.warning("The static files in %r keep their names: %s.", folder, error)
        return None
    names, unusable = usable_names(folder, manifest)
    if unusable:
        app.logger.warning(
            "%d of the static files in %r keep their names, %a for one, because their versions are missing or"
            " not of what they are now: run 'erlen static digest'.",
            len(unusable),
            folder,
            unusable[0],
        )
    return DigestedFiles(folder, names, manifest.versions)


def usable_names(folder: str, manifest: Manifest) -> tuple[dict[str, str], list[str]]:
    """Return the names whose versions are there and were made from the files of now, and the other ones."""
    places = Places(folder)
    names, unusable = {}, []
    for name, version in manifest.names.items():
        found = places.status(version)
        if found is None or _has_changed(os.path.join(folder, name), found, manifest.tag_of(name)):
            unusable.append(name)
        else:
            names[name] = version
    return names, unusable


def _has_changed(path: str, version: os.stat_result, tag: str) -> bool:
    """Tell whether a file is another one than that of its version; it is read only if it is newer."""
    try:
        # Not all that install files keep their times, and then the order of writing decides.
        return os.stat(path).st_mtime_ns > version.st_mtime_ns and tag_of_file(path) != tag
    except OSError:  # the original need not be brought along
        return False


class DigestedFiles:
    """The files of one folder: a source in ``app.static_sources``."""

    def __init__(self, folder: str, names: dict[str, str], versions: dict[str, tuple[str, ...]]) -> None:
        self.names: t.Mapping[str, str] = names
        self._folder = folder
        self._versions = versions
        self._places = Places(folder)

    def send(self, owner: t.Any, filename: str) -> Response | None:
        """Return a response with a version, or one of its copies; None for all other files."""
        codings = self._versions.get(filename)
        if codings is None:
            if filename == MANIFEST:
                raise NotFound()  # SECURITY: it lists files that no page may refer to
            return None
        for coding in choose(request.headers.get("Accept-Encoding"), codings):
            response = self._answer(filename, coding)
            if response is not None:
                if codings:
                    response.vary.add("Accept-Encoding")
                return response
        return self._answer_in_place_of(owner, filename)

    def _answer(self, version: str, coding: str) -> Response | None:
        """Return a response with a file or one of its copies; None where it is missing, or an older copy."""
        options: dict[str, t.Any] = {}
        name = version
        if coding != IDENTITY:
            name = version + SUFFIXES[coding]
            if not self._is_current(name, version):
                return None
            options["download_name"] = os.path.basename(version)
            options["mimetype"] = mimetypes.guess_type(version)[0] or "application/octet-stream"
        try:
            response = send_from_directory(self._folder, name, max_age=YEAR, **options)
        except (NotFound, FileNotFoundError):
            return None
        response.headers["Cache-Control"] = CACHE_CONTROL
        if coding != IDENTITY and response.status_code != 304:
            response.headers["Content-Encoding"] = coding
        return response

    def _is_current(self, copy: str, version: str) -> bool:
        found, original = self._places.status(copy), self._places.status(version)
        return found is not None and original is not None and found.st_mtime + ROUNDING >= original.st_mtime

    def _answer_in_place_of(self, owner: t.Any, version: str) -> Response:
        """Answer for a version that is gone with the file as it is now, which nobody may keep."""
        tagged = split_version(version)
        if tagged is None:
            raise NotFound()
        response: Response = owner.send_static_file(tagged[0])
        response.headers["Cache-Control"] = "no-cache"
        response.headers.pop("Expires", None)
        return response
