"""Reads a site from the application and the options."""

from __future__ import annotations

import ast
import inspect
import os
import re
import sys
import textwrap
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from erlen.cli import prepare_import
from erlen.deploy.serve.worker.application import choose_interface

from .site import Folder, Interface, Server, Site

if t.TYPE_CHECKING:
    from erlen import Erlen

_COLON = re.compile(r":(?![\\/])")
_FACTORIES = ("create_app", "make_app")


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
    # The folder of the code on the machine that serves.
    folder: str | None = None
    port: int | None = None
    https: bool = True
    interface: Interface | None = None
    # Pairs of URL and folder.
    media: tuple[tuple[str, str], ...] = ()


def read_site(app: Erlen, import_path: str | None, options: Options) -> Site:
    """Return the site of an application; `import_path` is what `--app` said. Raises `Unreadable`."""
    application = reference(app, import_path)
    name = options.name or slug(app.name if app.name != "__main__" else application.partition(":")[0])
    _check_name(name)
    folder = (options.folder or f"/srv/{name}/current").rstrip("/")
    root = Path.cwd().resolve()
    return Site(
        name=name,
        application=application,
        needs_alias="flask" in sys.modules,
        interface=options.interface or choose_interface(app, "auto")[0],
        server=options.server,
        workers=options.workers,
        threads=options.threads,
        folder=folder,
        environment=f"{folder}/.venv",
        user=options.user or name,
        front_group=options.front_group,
        socket=None if options.port else f"/run/{name}/{name}.sock",
        port=options.port or 8000,
        domains=options.domains or _trusted_hosts(app),
        has_https=options.https,
        prefix=_prefix(app, options.prefix),
        static=tuple(_static_folders(app, root, folder)),
        media=tuple(Folder(_url(url), path.rstrip("/")) for url, path in options.media),
        largest_body=app.config.get("MAX_CONTENT_LENGTH"),
        websockets=tuple(sorted({rule.rule for rule in app.url_map.iter_rules() if rule.websocket})),
        event_streams=tuple(sorted(set(_event_streams(app)))),
        has_migrations="migrate" in app.extensions,
        has_health="erlen.health" in app.extensions,
        trusts_proxies=bool(app.config.get("TRUSTED_PROXIES")),
        python=".".join(map(str, sys.version_info[:2])),
    )


def reference(app: Erlen, import_path: str | None) -> str:
    """Return what servers import to get *app*: `module:name`, or `module:create_app()`."""
    for path in (import_path,) if import_path else ("wsgi.py", "app.py"):
        file, *name = _COLON.split(path, maxsplit=1)
        if import_path is None and not os.path.exists(file):
            continue
        module = sys.modules.get(prepare_import(file))
        if module is None:
            continue
        if name:
            is_call = "(" in name[0] or inspect.isfunction(getattr(module, name[0], None))
            return f"{module.__name__}:{name[0]}{'()' if is_call and '(' not in name[0] else ''}"
        for attribute, value in sorted(vars(module).items()):
            if value is app:
                return f"{module.__name__}:{attribute}"
        for factory in _FACTORIES:
            if inspect.isfunction(getattr(module, factory, None)):
                return f"{module.__name__}:{factory}()"
    raise Unreadable(
        "Say where the application is, as servers import it: 'erlen --app module:name deploy …'."
    )


def slug(text: str) -> str:
    """Return a word for units, users and folders: lower-case letters, digits and hyphens."""
    word = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return word if re.match(r"[a-z]", word) else f"app-{word}".rstrip("-")


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
        raise Unreadable(
            f"{name!r} cannot be the name of a unit, a user and a folder: use up to 31 lower-case letters,"
            " digits and hyphens ('--name shop')."
        )


def _trusted_hosts(app: Erlen) -> tuple[str, ...]:
    names = app.config.get("TRUSTED_HOSTS") or ()
    if not names and app.config.get("SERVER_NAME"):
        names = (str(app.config["SERVER_NAME"]),)
    # Those of development, and patterns for subdomains, are no names of a site.
    found = (str(name).partition(":")[0] for name in names)
    return tuple(
        name for name in found if name not in ("localhost", "127.0.0.1") and not name.startswith(".")
    )


def _prefix(app: Erlen, given: str | None) -> str:
    prefix = given if given is not None else str(app.config.get("APPLICATION_ROOT") or "/")
    prefix = prefix.strip("/")
    return f"/{prefix}" if prefix else ""


def _static_folders(app: Erlen, root: Path, folder: str) -> Iterator[Folder]:
    """Yield the folders of static files that lie in the project; others are sent by the application."""
    for owner in (app, *app.blueprints.values()):
        path, url = owner.static_folder, owner.static_url_path
        if not path or url is None:
            continue
        prefix = getattr(owner, "url_prefix", None) or ""
        try:
            inside = Path(path).resolve().relative_to(root)
        except ValueError:
            continue
        has_digests = os.path.exists(os.path.join(path, "cache_manifest.json"))
        yield Folder(_url(f"{prefix}/{url}"), f"{folder}/{inside.as_posix()}", has_digests)


def _url(path: str) -> str:
    return "/" + "".join(f"{part}/" for part in path.split("/") if part)


def _event_streams(app: Erlen) -> Iterator[str]:
    """Yield the rules whose views say `EventStream`, in their annotation or their text."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        if view is not None and _says_event_stream(inspect.unwrap(view)):
            yield rule.rule


def _says_event_stream(view: t.Any) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(view)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.Name) and node.id == "EventStream" for node in ast.walk(tree))
