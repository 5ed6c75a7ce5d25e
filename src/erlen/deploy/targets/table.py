"""The targets, by name."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable
from importlib import import_module

if t.TYPE_CHECKING:
    from .files import File
    from .site import Site


class Target(t.NamedTuple):
    """A thing that files are written for."""

    name: str
    short_help: str

    def files(self, site: Site) -> list[File]:
        """Return its files for a site, in a fixed order."""
        make: Callable[[Site], Iterable[File]] = import_module(f"{__package__}.{self.name}").files
        return list(make(site))


TARGETS = (
    Target("nginx", "A server block for nginx."),
    Target("apache", "A virtual host for Apache, with mod_wsgi or as a proxy."),
    Target("uwsgi", "A configuration for uWSGI."),
    Target("gunicorn", "A configuration for gunicorn."),
    Target("systemd", "A unit for systemd, and its socket."),
    Target("docker", "A Dockerfile and a Compose file."),
    Target("heroku", "A Procfile."),
    Target("kubernetes", "Manifests for Kubernetes."),
    Target("supervisor", "A program for supervisor."),
    Target("host", "A script that sets up a machine: packages, user, folders, firewall, front."),
)


def find(name: str) -> tuple[Target, ...]:
    """Return the target of a name, or all of them for `all`."""
    return tuple(target for target in TARGETS if name in ("all", target.name))
