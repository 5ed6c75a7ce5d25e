"""What the image of a site holds, and how it is started: for those who make it and those who run it.

The image has the code in `/app`, a virtual environment in `/venv`, and the user 10001, who may write to the
instance folder and nowhere else. The server listens on the port in PORT, 8000 unless said otherwise.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from .files import File
from .start_command import GRACE, StartCommand, settings_file, start_command
from .table import find

if t.TYPE_CHECKING:
    from .site import Site

CODE = "/app"
ENVIRONMENT = "/venv"
PORT = 8000
# A number that no user of the machine below has, and that is told apart from root without a look at names.
USER = 10001
# After the last request: connections that are waiting, and `after_serving`.
STOPPING = 15
# The longest time between SIGTERM and the end.
LONGEST_STOP = GRACE + STOPPING


def in_image(site: Site) -> Site:
    """Return the site as it is served in its image."""
    return replace(
        site,
        folder=CODE,
        environment=ENVIRONMENT,
        settings=f"{CODE}/docker",
        socket=None,
        host="0.0.0.0",
        port=PORT,
    )


def start(site: Site) -> StartCommand:
    """Return how the server is started in the image, but for the words of the command."""
    return start_command(in_image(site))


def words(site: Site) -> tuple[str, ...]:
    """Return the words of the command. `erlen serve` reads the variable PORT itself."""
    said = start(site).words
    if site.server != "erlen":
        return said
    # A container has no use for a file with a process id, and no place for it.
    return without(said, "--host", "--port", "--pid-file")


def settings_files(site: Site) -> list[File]:
    """Return the file of settings that the server reads, as the target of its name writes it; or nothing.

    It is in a folder of the project: other targets may need others.
    """
    path = settings_file(site)
    if path is None:
        return []
    folder, name = path.split("/")[-2:]
    (target,) = find(site.server)
    (file,) = (file for file in target.files(site) if file.path.rpartition("/")[2] == name)
    return [File(f"{folder}/{name}", file.text, ("Goes into the folder of the project.",))]


def without(command: Iterable[str], *options: str) -> tuple[str, ...]:
    """Return a command without some options that take a value."""
    kept = []
    rest = iter(command)
    for word in rest:
        if word in options:
            next(rest)
        else:
            kept.append(word)
    return tuple(kept)


def erlen(site: Site, *words: str) -> tuple[str, ...]:
    """Return a command of Erlen's with this application."""
    return (f"{ENVIRONMENT}/bin/erlen", "--app", site.application, *words)


def url_path(site: Site, path: str) -> str:
    """Return a path of the application as the server is asked for it."""
    prefix = site.prefix if site.server_gets_whole_path else ""
    return quote(prefix + path, safe="/:@!$&'()*+,;=~")
