"""The command that starts the server of a site: one place for units, images, Procfiles and fronts.

`start_command(site)` is the whole of it. The words are those of an argument list, not quoted: whoever writes
them into a file quotes each (`quoting`). To serve elsewhere, ask with another site:

    replace(site, socket=None, host="0.0.0.0", port=8000, environment="/app/.venv", settings="/app")

gunicorn and uWSGI read a file of settings (`StartCommand.settings`), whose text the targets of these names
write.

The folder of a Unix socket (`Site.run_folder`) belongs to `Site.user` and `Site.front_group` with mode 2750:
a socket made in there has the front's group, whatever groups the server is in, and nobody else gets there.
With systemd's socket activation the unit of the socket says so (`SocketGroup`, `SocketMode=0660`).
"""

from __future__ import annotations

import typing as t

from .site import Impossible

if t.TYPE_CHECKING:
    from .site import Server, Site

# How long requests may take to finish when a server stops, in seconds. A supervisor waits longer than that.
GRACE = 30
# What serves by default where the server does not count the CPUs itself.
WORKERS = 2
THREADS = 8

# Which servers can take the socket that systemd has opened (LISTEN_FDS, number 3).
SOCKET_ACTIVATED: tuple[Server, ...] = ("erlen", "gunicorn", "uvicorn", "hypercorn")
_PACKAGES: dict[Server, str] = {
    "erlen": "erlen[serve]",
    "gunicorn": "gunicorn>=25",
    "uwsgi": "pyuwsgi>=2.0.30",
    "waitress": "waitress>=3",
    "granian": "granian>=2.8",
    "uvicorn": "uvicorn[standard]>=0.30",
    "hypercorn": "hypercorn>=0.17",
}


class StartCommand(t.NamedTuple):
    """How a server is started, stopped and told to reload."""

    # The program, with its whole path, and its arguments. To be started in `Site.folder`.
    words: tuple[str, ...]
    # Variables that it needs beside those of the application.
    environment: dict[str, str]
    # The signal that lets requests finish, to the main process alone (systemd: KillMode=mixed).
    stop_signal: t.Literal["SIGTERM", "SIGINT"]
    # The command that reloads; None where a signal does it, or nothing does.
    reload: tuple[str, ...] | None
    reload_signal: t.Literal["SIGHUP"] | None
    # Whether it tells systemd that it is ready (Type=notify).
    notifies: bool
    # What pip installs for it.
    package: str
    # The whole path of the file of settings that it reads, None for no file.
    settings: str | None


def start_command(site: Site, *, inherits_socket: bool = False, port: str | None = None) -> StartCommand:
    """Return the command for the server of a site.

    With *inherits_socket* it listens on the socket that systemd opened (`SOCKET_ACTIVATED`). *port* is a text
    in the place of the port's number, as `$PORT`; the address is then 0.0.0.0. Raises `Impossible`.
    """
    words = _WORDS[site.server](site, None if inherits_socket else _listens(site, port))
    needs_variable = site.needs_alias and site.server != "erlen"
    return StartCommand(
        words=(f"{site.environment}/bin/{words[0]}", *words[1:]),
        environment={"ERLEN_AS_FLASK": "1"} if needs_variable else {},
        stop_signal="SIGINT" if site.server == "waitress" else "SIGTERM",
        reload=_erlen_reload(site) if site.server == "erlen" else None,
        reload_signal="SIGHUP" if site.server in ("gunicorn", "uwsgi", "granian") else None,
        notifies=site.server in ("erlen", "gunicorn"),
        package=_PACKAGES[site.server],
        settings=settings_file(site),
    )


def settings_file(site: Site) -> str | None:
    """Return the whole path of the file of settings that the server reads."""
    names = {"gunicorn": "gunicorn.conf.py", "uwsgi": "uwsgi.ini"}
    return f"{site.settings}/{names[site.server]}" if site.server in names else None


class _Listens(t.NamedTuple):
    socket: str | None
    host: str
    port: str

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


def _listens(site: Site, port: str | None) -> _Listens:
    if port is not None:
        return _Listens(None, "0.0.0.0", port)
    return _Listens(site.socket, site.host, str(site.port))


def _erlen(site: Site, listens: _Listens | None) -> list[str]:
    words = ["erlen", "--app", site.application, "serve", "--interface", site.interface]
    if listens is not None and listens.socket:
        words += ["--unix", listens.socket, "--mode", "660", "--group", site.front_group]
    elif listens is not None:
        words += ["--host", listens.host, "--port", listens.port]
    words += _numbers(site, "--workers", "--threads")
    words += ["--root-path", site.prefix] if site.prefix else []
    return [*words, "--grace", str(GRACE), "--pid-file", pid_file(site)]


def pid_file(site: Site) -> str:
    """Return the path of the file with the process id of the server."""
    return f"{site.run_folder}/{site.name}.pid"


def _erlen_reload(site: Site) -> tuple[str, ...]:
    return (f"{site.environment}/bin/erlen", "serve", "--reload", "--pid-file", pid_file(site))


def _gunicorn(site: Site, listens: _Listens | None) -> list[str]:
    words = ["gunicorn", "--config", f"{site.settings}/gunicorn.conf.py"]
    # The file has the address of the site.
    if listens is not None and listens != _listens(site, None):
        words += ["--bind", listens.address]
    return words


def _uwsgi(site: Site, listens: _Listens | None) -> list[str]:
    words = ["uwsgi", "--ini", f"{site.settings}/uwsgi.ini"]
    if listens is not None and listens != _listens(site, None):
        raise Impossible("uWSGI listens where its file says: a port in a variable needs another '--server'.")
    return words


def _waitress(site: Site, listens: _Listens | None) -> list[str]:
    # It removes X-Forwarded-… otherwise, so that TRUSTED_PROXIES and ProxyFix have nothing to read.
    words = ["waitress-serve", "--no-clear-untrusted-proxy-headers"]
    if listens is not None and listens.socket:
        words += ["--unix-socket", listens.socket, "--unix-socket-perms", "660"]
    elif listens is not None:
        words += ["--listen", listens.address]
    words += ["--threads", str(site.threads or THREADS)]
    words += ["--url-prefix", site.prefix] if site.prefix else []
    # Its own limit is 1 GiB; the application's is to count.
    if site.largest_body is not None and site.largest_body >= 2**30:
        words += ["--max-request-body-size", str(site.largest_body + 1)]
    module, is_factory = _factory(site)
    return [*words, *(["--call"] if is_factory else []), module]


def _granian(site: Site, listens: _Listens | None) -> list[str]:
    words = ["granian", "--interface", site.interface]
    if listens is not None and listens.socket:
        # Without a zero in front it would be a number of base ten.
        words += ["--uds", listens.socket, "--uds-permissions", "0660"]
    elif listens is not None:
        words += ["--host", listens.host, "--port", listens.port]
    words += ["--workers", str(site.workers or WORKERS)]
    words += ["--blocking-threads", str(site.threads)] if site.threads and site.interface == "wsgi" else []
    words += ["--url-path-prefix", site.prefix] if site.prefix else []
    # One worker that dies would end all of them, and a stream would keep it from stopping.
    words += ["--respawn-failed-workers", "--workers-kill-timeout", str(GRACE)]
    module, is_factory = _factory(site)
    return [*words, *(["--factory"] if is_factory else []), module]


def _uvicorn(site: Site, listens: _Listens | None) -> list[str]:
    # It believes X-Forwarded-… of 127.0.0.1 otherwise, before TRUSTED_PROXIES is asked.
    words = ["uvicorn", "--no-proxy-headers", "--no-server-header"]
    if listens is None:
        words += ["--fd", "3"]
    elif listens.socket:
        words += ["--uds", listens.socket]
    else:
        words += ["--host", listens.host, "--port", listens.port]
    words += ["--workers", str(site.workers or WORKERS)]
    words += ["--root-path", site.prefix] if site.prefix else []
    words += ["--timeout-graceful-shutdown", str(GRACE)]
    module, is_factory = _factory(site)
    return [*words, *(["--factory"] if is_factory else []), module]


def _hypercorn(site: Site, listens: _Listens | None) -> list[str]:
    words = ["hypercorn"]
    if listens is None:
        words += ["--bind", "fd://3"]
    elif listens.socket:
        # A number of base ten: 0o007, owner and group.
        words += ["--bind", f"unix:{listens.socket}", "--umask", "7"]
    else:
        words += ["--bind", listens.address]
    # Of several it ends each at once when it stops, with the requests that are under way.
    words += ["--workers", str(site.workers or 1)]
    words += ["--root-path", site.prefix] if site.prefix else []
    return [*words, "--graceful-timeout", str(GRACE), site.application]


def _numbers(site: Site, workers: str, threads: str) -> list[str]:
    given = ((workers, site.workers), (threads, site.threads))
    return [word for option, number in given if number is not None for word in (option, str(number))]


def _factory(site: Site) -> tuple[str, bool]:
    """Return the application without parentheses, and whether it is a function that makes it."""
    reference = site.application.removesuffix("()")
    if "(" in reference:
        raise Impossible(
            f"{site.server} calls a function without arguments only, not {site.application!r}: make the"
            " application in a module ('app = create_app(…)' in wsgi.py) and name that: '--app wsgi:app'."
        )
    return reference, reference != site.application


_WORDS: dict[Server, t.Callable[[Site, _Listens | None], list[str]]] = {
    "erlen": _erlen,
    "gunicorn": _gunicorn,
    "uwsgi": _uwsgi,
    "waitress": _waitress,
    "granian": _granian,
    "uvicorn": _uvicorn,
    "hypercorn": _hypercorn,
}
