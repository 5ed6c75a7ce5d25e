"""What the files are written from: the application, and where and how it is to be served."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .options import Unreadable
from .project import NO_PROJECT, Project

Interface = t.Literal["wsgi", "asgi"]
Server = t.Literal["erlen", "gunicorn", "uwsgi", "waitress", "granian", "uvicorn", "hypercorn"]

SERVERS: tuple[Server, ...] = t.get_args(Server)


class Impossible(ValueError):
    """A site that is none for a target or a server; the message says what to do."""


class Folder(t.NamedTuple):
    """Files that a front sends by itself."""

    # The path of the URLs, with a slash at both ends and without the prefix of the site: "/static/".
    url: str
    # The absolute path on the machine that serves, without a slash at its end.
    path: str
    # Whether the names of its files hold hashes of their contents, so that they never change.
    has_digests: bool = False


class HealthPaths(t.NamedTuple):
    """The paths at which an application answers on its health, without the prefix; None for none."""

    live: str | None = None
    ready: str | None = None


NO_HEALTH = HealthPaths()


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
    # The address of that port.
    host: str
    # The folder of what the server reads: gunicorn.conf.py, uwsgi.ini.
    settings: str

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
    health: HealthPaths = NO_HEALTH
    # What the folder of the project has.
    project: Project = NO_PROJECT
    # Whether it believes X-Forwarded-Prefix (TRUSTED_PROXY_HEADERS).
    trusts_prefix: bool = False
    # Paths that are answered for supervisors, and are not for the public: "/livez".
    probes: tuple[str, ...] = ()

    # Where the front listens.
    http_port: int = 80
    https_port: int = 443
    has_ipv6: bool = True
    # Whether it refuses requests for other names than those of the site.
    refuses_other_names: bool = False
    # The certificate with its chain, and its key; None for those that certbot makes for the main name.
    certificate: str | None = None
    key: str | None = None
    # The folder in which certbot puts what proves that the name is ours.
    challenges: str = "/var/www/letsencrypt"

    @property
    def domain(self) -> str | None:
        """The main name of the site."""
        return self.domains[0] if self.domains else None

    @property
    def run_folder(self) -> str:
        """The folder of the socket and the pid file."""
        return self.socket.rpartition("/")[0] if self.socket else f"/run/{self.name}"

    @property
    def shared(self) -> str:
        """The folder of what all releases have in common: `.env` and `instance/`."""
        base = self.folder.removesuffix("/current")
        return self.folder if base == self.folder else f"{base}/shared"

    @property
    def open_websockets(self) -> tuple[str, ...]:
        """The rules of the WebSockets that can be opened: under WSGI none can."""
        return self.websockets if self.interface == "asgi" else ()

    @property
    def speaks_uwsgi(self) -> bool:
        """Whether the server speaks uWSGI's own protocol: over its socket; over a port it speaks HTTP."""
        return self.server == "uwsgi" and self.socket is not None

    @property
    def passed_by(self) -> str:
        """The word for the protocol in nginx' directives."""
        return "uwsgi" if self.speaks_uwsgi else "proxy"

    @property
    def server_gets_whole_path(self) -> bool:
        """Whether the server looks for the prefix in the path; otherwise the front cuts it off."""
        # 'uvicorn --root-path' puts it in front again.
        return self.server not in ("gunicorn", "uvicorn")

    @property
    def prefix_header(self) -> str:
        """The value of X-Forwarded-Prefix: the prefix where nothing else tells the application of it."""
        return self.prefix if self.server == "gunicorn" else ""

    def variable(self, name: str) -> str:
        """Return a variable of nginx that no other site has."""
        # nginx has variables of its own that begin with `http_`, `arg_`, `cookie_` and others.
        return f"$site_{self.name.replace('-', '_')}_{name}"

    @property
    def certificate_files(self) -> tuple[str, str]:
        """The paths of certificate and key. Raises `Unreadable`."""
        if self.certificate and self.key:
            return self.certificate, self.key
        if self.domain is None:
            raise Unreadable(
                "HTTPS needs the name of the site: '--domain shop.example' (or TRUSTED_HOSTS in the"
                " configuration), '--cert FILE --key FILE', or '--no-https'."
            )
        live = f"/etc/letsencrypt/live/{self.domain}"
        return f"{live}/fullchain.pem", f"{live}/privkey.pem"
