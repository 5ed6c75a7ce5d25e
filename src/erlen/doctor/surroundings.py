"""Erlen, Python, the alias and the servers, as they are installed here."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from .. import alias

SERVERS = {
    "gunicorn": "WSGI; ASGI with its asgi worker, or uvicorn's",
    "uwsgi": "WSGI",
    "pyuwsgi": "WSGI",
    "mod-wsgi": "WSGI",
    "waitress": "WSGI",
    "uvicorn": "ASGI",
    "hypercorn": "ASGI and WSGI",
    "granian": "ASGI and WSGI",
}
"""What the distributions of servers are called, and what they speak to Erlen."""
START_FILE = "erlen-as-flask.pth"


@dataclass(frozen=True)
class Surroundings:
    """What the extensions run on."""

    erlen: str
    python: str
    werkzeug: str
    flask: str
    """The version of the real Flask, if it is installed, too."""
    aliased: bool
    """Whether `import flask` means Erlen in this process."""
    start_file: bool
    """Whether new processes look at ERLEN_AS_FLASK."""
    servers: dict[str, str]
    """The installed servers, with their versions."""

    def alias_state(self) -> str:
        """Say where `import flask` means Erlen."""
        here = "in this process and those that it starts" if self.aliased else "not in this process"
        if self.start_file:
            return f"{here}; elsewhere with ERLEN_AS_FLASK=1"
        return f"{here}; ERLEN_AS_FLASK has no effect, since there is no {START_FILE}"


def look() -> Surroundings:
    """Look at this process and its environment."""
    return Surroundings(
        erlen=version_of("erlen"),
        python=platform.python_version(),
        werkzeug=version_of("werkzeug"),
        flask=version_of("flask"),
        aliased=alias.is_installed(),
        start_file=any((Path(folder) / START_FILE).is_file() for folder in sys.path),
        servers={name: version for name in SERVERS if (version := version_of(name))},
    )


def version_of(name: str) -> str:
    """Return the version of an installed distribution, or nothing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
