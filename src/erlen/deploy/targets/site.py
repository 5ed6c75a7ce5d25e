"""What the files are written from: the application, and where and how it is to be served."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Interface = t.Literal["wsgi", "asgi"]
Server = t.Literal["erlen", "gunicorn", "uwsgi", "waitress", "granian", "uvicorn", "hypercorn"]

SERVERS: tuple[Server, ...] = t.get_args(Server)


class Folder(t.NamedTuple):
    """Files that a front sends by itself."""

    # The path of the URLs, with a slash at both ends and without the prefix of the site: "/static/".
    url: str
    # The absolute path on the machine that serves, without a slash at its end.
    path: str
    # Whether the names of its files hold hashes of their contents, so that they never change.
    has_digests: bool = False


@dataclass(frozen=True)
class Site:
    """An application with the place that it is served at."""

    # A word for units, users, folders and images: lower-case letters, digits and hyphens.
    name: str
    # What servers import: "wsgi:app", "shop:create_app()".
    application: str
    # Whether something imports Flask, so that the process needs the alias (ERLEN_AS_FLASK=1).
    needs_alias: bool
    interface: Interface
    server: Server
    workers: int | None
    threads: int | None

    # The folder with the code on the machine that serves, and its virtual environment.
    folder: str
    environment: str
    # The user that serves, and the group of the front (it must be able to connect to the socket).
    user: str
    front_group: str
    # Where the server listens: the path of a Unix socket, or None and a port of 127.0.0.1.
    socket: str | None
    port: int

    # The names of the site; the first one is the main one. None of them: any name.
    domains: tuple[str, ...]
    has_https: bool
    # "" or a path without a slash at its end: "/app".
    prefix: str
    static: tuple[Folder, ...]
    media: tuple[Folder, ...]
    # The limit of uploads in bytes; None where the application has none.
    largest_body: int | None
    # Paths as their rules say them, of WebSockets and of event streams.
    websockets: tuple[str, ...]
    event_streams: tuple[str, ...]
    # Commands of the application that are run before a new version serves: "db upgrade".
    has_migrations: bool
    # Whether it answers /livez and /readyz.
    has_health: bool
    # The configuration's TRUSTED_PROXIES, as the application has it now.
    trusts_proxies: bool
    python: str = "3.11"

    @property
    def domain(self) -> str | None:
        """The main name of the site."""
        return self.domains[0] if self.domains else None

    @property
    def run_folder(self) -> str:
        """The folder of the socket and the pid file."""
        return f"/run/{self.name}"
