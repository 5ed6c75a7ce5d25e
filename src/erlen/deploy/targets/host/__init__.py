"""A script that sets up a machine: packages, user, folders, keys, firewall, unit, front, certificate, backup.

The script is one file, to be copied to the machine: settings of the site and the texts of its files come
first, then the parts of this folder, which are the same for each site.
"""

from __future__ import annotations

import typing as t
from importlib.resources import files as resources

from .. import gunicorn, nginx, systemd, uwsgi
from ..files import File, with_head
from ..quoting import account, shell
from ..site import Impossible
from ..start_command import settings_file, start_command
from . import backup

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..site import Site

_TARGETS: dict[str, Callable[[Site], Iterable[File]]] = {
    "systemd": systemd.files,
    "nginx": nginx.files,
    "gunicorn": gunicorn.files,
    "uwsgi": uwsgi.files,
}
_PARTS = ("begin.sh", "system.sh", "code.sh", "access.sh", "front.sh", "end.sh")


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    if not site.folder.endswith("/current"):
        raise Impossible(
            f"The script keeps releases beside each other, and a link to the one that serves: '--folder' has"
            f" to end in /current, not be {site.folder!r}."
        )
    name = f"{site.name}.sh"
    yield File(
        f"host/{name}",
        script(site),
        (
            "Copy it to the machine, and the project too, to a folder 'code' for example.",
            f"As root, look at what it would do: ./{name} --dry-run --from code",
            f"Then let it: ./{name} --from code",
        ),
        mode=0o755,
    )


def script(site: Site) -> str:
    """Return the text of the script."""
    parts = [(resources(__name__) / part).read_text("utf-8") for part in _PARTS]
    return "".join(["#!/bin/bash\n", "set -Eeuo pipefail\n", settings(site), _texts(site), *parts])


def settings(site: Site) -> str:
    """Return the lines that say what is different for each site."""
    command = start_command(site)
    # python-dotenv reads .env, for `erlen serve` too.
    packages = [command.package, "erlen[dotenv]"]
    units = [f"{site.name}.service"]
    if systemd.has_socket_unit(site):
        units.insert(0, f"{site.name}.socket")
    values: dict[str, str | bool | Iterable[str]] = {
        "NAME": site.name,
        "SITE_USER": account(site.user),
        "FRONT_GROUP": account(site.front_group),
        "BASE": site.folder.removesuffix("/current"),
        "FOLDER": site.folder,
        "MEDIA": [folder.path for folder in site.media],
        "APPLICATION": site.application,
        "SERVER_PACKAGES": packages,
        "UNITS": units,
        "HAS_SOCKET": systemd.has_socket_unit(site),
        "SETTINGS": command.settings or "",
        "DOMAINS": site.domains,
        "CERTIFICATE": site.certificate_files[0] if site.has_https else "",
        "CERTBOT": site.has_https and site.certificate is None,
        "CHALLENGES": site.challenges,
        "PORTS": [str(site.http_port), *([str(site.https_port)] if site.has_https else [])],
    }
    lines = [f"readonly {name}={_value(value)}" for name, value in values.items()]
    return "\n".join(["", *lines, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ""])


def _value(value: str | bool | Iterable[str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return shell(value)
    return f"({' '.join(map(shell, value))})"


def _texts(site: Site) -> str:
    """Return a function for each file of the machine, which prints its text."""
    texts = {
        "service": _whole("systemd", f"systemd/{site.name}.service", site),
        "front": _whole("nginx", f"nginx/{site.name}.conf", site),
        "backup_service": backup.service(site),
        "backup_timer": backup.timer(site),
    }
    if systemd.has_socket_unit(site):
        texts["socket"] = _whole("systemd", f"systemd/{site.name}.socket", site)
    if site.has_https:
        texts["front_with_https"] = _whole("nginx", f"nginx/{site.name}-https.conf", site)
    if (settings := settings_file(site)) is not None:
        texts["settings"] = _whole(site.server, settings.rpartition("/")[2], site)
    return "".join(printing(f"text_of_{name}", text) for name, text in texts.items())


def _whole(target: str, path: str, site: Site) -> str:
    """Return the text of a target's file, with its head."""
    return next(with_head(file, target, site) for file in _TARGETS[target](site) if file.path == path)


def printing(function: str, text: str) -> str:
    """Return a function of the shell that prints a text."""
    end = "END_OF_FILE"
    lines = text.split("\n")
    while end in lines:
        end += "_"
    return f"\n{function}() {{\n    cat <<'{end}'\n{text}{end}\n}}\n"
