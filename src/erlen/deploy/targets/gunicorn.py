"""A configuration for gunicorn, which is Python."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .files import File
from .quoting import python, shell
from .start_command import GRACE, THREADS, WORKERS

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site

# Requests that take longer than this are given up with their worker; threads and coroutines do not count.
_TIMEOUT = 60


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    site = replace(site, server="gunicorn")
    lines = _before(site)
    lines += [
        f"wsgi_app = {python(site.application)}",
        f"chdir = {python(site.folder)}",
        f"bind = {python(f'unix:{site.socket}' if site.socket else f'{site.host}:{site.port}')}",
    ]
    if site.socket:
        lines += [
            "# Whoever may enter the folder may connect to the socket: the user and the front.",
            "umask = 0",
        ]
    lines += ["", *_processes(site), "", *_believed(), "", 'errorlog = "-"']
    there = f"{site.settings}/gunicorn.conf.py"
    apply = (
        f"sudo install -D -m 644 gunicorn.conf.py {shell(there)}",
        f"{shell(f'{site.environment}/bin/gunicorn')} --config {shell(there)}",
    )
    yield File("gunicorn.conf.py", "\n".join(lines) + "\n", apply)


def _before(site: Site) -> list[str]:
    lines = []
    if site.needs_alias:
        lines += [
            "import erlen.as_flask",
            "from erlen.config import load_env",
            "",
            "# Something imports Flask: from here on, that is Erlen, in this process and in its workers.",
            "erlen.as_flask.install()",
        ]
    else:
        lines += ["from erlen.config import load_env", ""]
    lines += [
        "# The file with the secrets; what is set already stays.",
        f"load_env({python(f'{site.folder}/.env')})",
        "",
    ]
    return lines


def _processes(site: Site) -> list[str]:
    workers, threads = site.workers or WORKERS, site.threads or THREADS
    if site.interface == "asgi":
        lines = ['worker_class = "asgi"', f"workers = {workers}"]
    else:
        lines = ['worker_class = "gthread"', f"workers = {workers}", f"threads = {threads}"]
    return [
        *lines,
        f"timeout = {_TIMEOUT}",
        f"graceful_timeout = {GRACE}",
        "# Workers say that they live by a file, which is not to wait for a disk.",
        'worker_tmp_dir = "/dev/shm"',
    ]


def _believed() -> list[str]:
    return [
        "# gunicorn believes X-Forwarded-Proto and SCRIPT_NAME of whoever connects from this machine: of all",
        "# clients, behind a front. The application's TRUSTED_PROXIES decides instead.",
        'forwarded_allow_ips = ""',
        'forwarder_headers = ""',
        "secure_scheme_headers = {}",
        "# A socket by which programs could give commands to it.",
        "control_socket_disable = True",
    ]
