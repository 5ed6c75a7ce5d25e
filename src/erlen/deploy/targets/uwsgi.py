"""A configuration for uWSGI."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .files import File
from .quoting import ini, shell
from .site import Impossible
from .start_command import THREADS, WORKERS

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    if site.interface == "asgi":
        raise Impossible("uWSGI speaks WSGI only, and this application needs ASGI.")
    site = replace(site, server="uwsgi")
    lines = [
        "[uwsgi]",
        "# An option that does not exist is an error.",
        "strict = true",
        *_listens(site),
        f"chdir = {ini(site.folder)}",
        "# With the Python of the environment it starts itself again at a reload.",
        f"binary-path = {ini(f'{site.environment}/bin/python')}",
        *_application(site),
        "",
        "master = true",
        f"processes = {site.workers or WORKERS}",
        f"threads = {site.threads or THREADS}",
        "vacuum = true",
        "# All headers of a request together: the usual 4 KiB are less than a full session cookie and a URL.",
        "buffer-size = 32768",
        "# SIGTERM stops, and lets requests finish.",
        "hook-master-start = unix_signal:15 gracefully_kill_them_all",
    ]
    there = f"{site.settings}/uwsgi.ini"
    environment = "ERLEN_AS_FLASK=1 " if site.needs_alias else ""
    apply = (
        f"sudo install -D -m 644 uwsgi.ini {shell(there)}",
        f"{environment}{shell(f'{site.environment}/bin/uwsgi')} --ini {shell(there)}",
        *(
            ("Only the environment of the process can set the alias: here it would be too late.",)
            if site.needs_alias
            else ()
        ),
    )
    yield File("uwsgi.ini", "\n".join(lines) + "\n", apply)


def _listens(site: Site) -> list[str]:
    if site.socket:
        return [
            "# Its own protocol: 'uwsgi_pass' in nginx. Owner and group may connect.",
            f"socket = {ini(site.socket)}",
            "chmod-socket = 660",
        ]
    return [
        f"http-socket = {site.host}:{site.port}",
        "# It believes X-Forwarded-Proto of everybody; TRUSTED_PROXIES decides instead.",
        "route-run = setscheme:http",
    ]


def _application(site: Site) -> list[str]:
    if not site.prefix:
        return ["need-app = true", f"module = {ini(site.application)}"]
    return [
        "# The front passes the whole path, and this takes the prefix off: SCRIPT_NAME.",
        "need-app = true",
        f"mount = {ini(site.prefix)}={ini(site.application)}",
        "manage-script-name = true",
    ]
