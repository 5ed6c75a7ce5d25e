"""The options of `erlen deploy TARGET`, and what each may say."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from .site import Interface, Server

# Kubernetes and registries of images take none that ends with a hyphen.
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,29}[a-z0-9])?")
_ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
# What X-Forwarded-Prefix may say, too (gateway/forwarded.py).
_PREFIX = re.compile(r"(?:/(?!\.\.?(?:/|\Z))[A-Za-z0-9._~-]+)+", re.ASCII)
_SOCKET = re.compile(r"(?:/(?!\.\.?(?:/|\Z))[A-Za-z0-9._-]+)+", re.ASCII)
# The longest path that Linux takes.
_LONGEST_SOCKET = 107


class Unreadable(ValueError):
    """An option or a setting that no file can be written from; the message says what to do."""


@dataclass(frozen=True)
class Options:
    """What the command line says; None where it says nothing."""

    name: str | None = None
    user: str | None = None
    front_group: str = "www-data"
    server: Server = "erlen"
    workers: int | None = None
    threads: int | None = None
    domains: tuple[str, ...] = ()
    prefix: str | None = None
    # The folder of the code on the machine that serves, its environment, and the settings of the server.
    folder: str | None = None
    environment: str | None = None
    settings: str | None = None
    socket: str | None = None
    port: int | None = None
    https: bool = True
    interface: Interface | None = None
    # Pairs of URL and folder.
    media: tuple[tuple[str, str], ...] = ()
    http_port: int = 80
    https_port: int = 443
    ipv6: bool = True
    only_domains: bool = False
    cert: str | None = None
    key: str | None = None
    challenges: str = "/var/www/letsencrypt"


def checked_name(name: str) -> str:
    """Return a name for a unit, a user, a folder and an image. Raises `Unreadable`."""
    if not _NAME.fullmatch(name):
        raise Unreadable(
            f"{name!r} cannot be the name of a unit, a user and a folder: use up to 31 lower-case letters,"
            " digits and hyphens, no hyphen at the end ('--name shop')."
        )
    return name


def checked_account(option: str, name: str) -> str:
    """Return the name of a user or a group. Raises `Unreadable`."""
    if not _ACCOUNT.fullmatch(name):
        raise Unreadable(
            f"{option}: {name!r} is no name of an account: it has up to 32 letters, digits, '_', '-' and '.'."
        )
    return name


def checked_path(option: str, path: str) -> str:
    """Return an absolute path without a slash at its end. Raises `Unreadable`."""
    if not path.startswith("/"):
        raise Unreadable(f"{option}: {path!r} is to be a whole path on the machine that serves: '/srv/shop'.")
    if not path.isprintable():
        raise Unreadable(f"{option}: {path!r} has a character that no file can be written with. Rename it.")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Unreadable(f"{option}: {path!r} has '..' in it: say the folder that is meant.")
    return "/" + "/".join(parts)


def checked_folder(option: str, path: str, user: str) -> str:
    """Return the folder of code, which the user that serves must be able to read. Raises `Unreadable`."""
    path = checked_path(option, path)
    if f"{path}/".startswith("/root/") and user != "root":
        raise Unreadable(
            f"{option}: {path!r} is below /root, where nobody but root can read: use a folder below /srv."
        )
    return path


def checked_socket(path: str) -> str:
    """Return the path of a Unix socket. Raises `Unreadable`."""
    if not _SOCKET.fullmatch(path) or len(path) > _LONGEST_SOCKET:
        raise Unreadable(
            f"--socket: {path!r} is no path for a socket: a whole path of up to {_LONGEST_SOCKET} letters,"
            " digits, '.', '_' and '-', as '/run/shop/shop.sock'."
        )
    return path


def checked_host(name: str) -> str:
    """Return a name of the site in the form that DNS has it. Raises `Unreadable`."""
    try:
        host = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    host = host.lower().rstrip(".")
    if not _HOST.fullmatch(host):
        raise Unreadable(
            f"{name!r} is no name of a site: letters, digits, '-' and '.', as 'shop.example'. A port has"
            " options of its own (--http-port, --https-port)."
        )
    return host


def checked_prefix(prefix: str) -> str:
    """Return "", or a path with a slash at its beginning and none at its end. Raises `Unreadable`."""
    path = "/" + prefix.strip("/")
    if path == "/":
        return ""
    if not _PREFIX.fullmatch(path):
        raise Unreadable(
            f"{prefix!r} is no path to serve below: letters, digits, '.', '_', '~' and '-' between slashes,"
            " as '/shop'."
        )
    return path


def checked_url(option: str, url: str) -> str:
    """Return the path of a URL with a slash at both ends. Raises `Unreadable`."""
    parts = [part for part in url.split("/") if part]
    if not url.isprintable() or {".", ".."} & set(parts) or not parts:
        raise Unreadable(f"{option}: {url!r} is no path of a URL, as '/media/'.")
    return "/" + "".join(f"{part}/" for part in parts)
