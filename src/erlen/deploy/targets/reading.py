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
from dataclasses import replace
from pathlib import Path

from erlen.cli import prepare_import
from erlen.declare.static_sources import MANIFEST
from erlen.deploy.serve.worker.application import choose_interface

from .options import (
    Options,
    Unreadable,
    checked_account,
    checked_folder,
    checked_host,
    checked_name,
    checked_path,
    checked_prefix,
    checked_socket,
    checked_url,
)
from .project import read_project
from .site import Folder, HealthPaths, Interface, Server, Site

if t.TYPE_CHECKING:
    from erlen import Erlen

_COLON = re.compile(r":(?![\\/])")
_FACTORIES = ("create_app", "make_app")
# Servers that have one protocol.
_SPEAK_ONLY: dict[Server, Interface] = {
    "uwsgi": "wsgi",
    "waitress": "wsgi",
    "uvicorn": "asgi",
    "hypercorn": "asgi",
}


def read_site(app: Erlen, import_path: str | None, options: Options) -> Site:
    """Return the site of an application; `import_path` is what `--app` said. Raises `Unreadable`."""
    application = reference(app, import_path)
    name = checked_name(options.name or slug(_usual_name(app, application)))
    user = checked_account("--user", options.user or name)
    folder = checked_folder("--folder", options.folder or f"/srv/{name}/current", user)
    environment = checked_folder("--environment", options.environment or f"{folder}/.venv", user)
    if options.server == "waitress" and (options.workers or 1) > 1:
        raise Unreadable("waitress is one process: leave '--workers' out, or take another '--server'.")
    site = Site(
        name=name,
        application=application,
        needs_alias="flask" in sys.modules,
        interface=_interface(app, options),
        server=options.server,
        workers=options.workers,
        threads=options.threads,
        folder=folder,
        environment=environment,
        user=user,
        front_group=checked_account("--front-group", options.front_group),
        socket=None if options.port else checked_socket(options.socket or f"/run/{name}/{name}.sock"),
        port=options.port or 8000,
        host="127.0.0.1",
        settings=checked_path("--settings", options.settings or f"/etc/{name}"),
        domains=tuple(map(checked_host, options.domains or _trusted_hosts(app))),
        has_https=options.https,
        prefix=checked_prefix(_first(options.prefix, app.config.get("APPLICATION_ROOT"), "")),
        static=tuple(_static_folders(app, Path.cwd().resolve(), folder)),
        media=tuple(_media(options)),
        largest_body=_largest_body(app),
        websockets=tuple(sorted({rule.rule for rule in app.url_map.iter_rules() if rule.websocket})),
        event_streams=tuple(sorted(set(_event_streams(app)))),
        has_migrations="migrate" in app.extensions,
        has_health="erlen.health" in app.extensions,
        trusts_proxies=bool(app.config.get("TRUSTED_PROXIES")),
        python=".".join(map(str, sys.version_info[:2])),
        health=_health(app),
        project=read_project(Path.cwd().resolve(), app.instance_path),
        trusts_prefix="x-forwarded-prefix" in _trusted_headers(app),
        probes=tuple(sorted(app.direct_answers)),
    )
    return _with_front(site, options)


def _with_front(site: Site, options: Options) -> Site:
    """Return the site with what the options say of the front alone."""
    if (options.cert is None) is not (options.key is None):
        raise Unreadable("--cert and --key belong together: say both, or neither for certbot's.")
    return replace(
        site,
        http_port=options.http_port,
        https_port=options.https_port,
        has_ipv6=options.ipv6,
        refuses_other_names=options.only_domains,
        certificate=None if options.cert is None else checked_path("--cert", options.cert),
        key=None if options.key is None else checked_path("--key", options.key),
        challenges=checked_path("--challenges", options.challenges),
    )


def _usual_name(app: Erlen, application: str) -> str:
    return app.name if app.name != "__main__" else application.partition(":")[0]


def _health(app: Erlen) -> HealthPaths:
    health = app.extensions.get("erlen.health")
    return HealthPaths(getattr(health, "live", None), getattr(health, "ready", None))


def _first(*values: str | None) -> str:
    return str(next(value for value in values if value is not None))


def _interface(app: Erlen, options: Options) -> Interface:
    only = _SPEAK_ONLY.get(options.server)
    chosen = options.interface or only or choose_interface(app, "auto")[0]
    if only is not None and chosen != only:
        raise Unreadable(
            f"{options.server} speaks {only.upper()} only: leave '--interface' out, or take another"
            " '--server'."
        )
    if only == "wsgi" and options.interface is None:
        for rule in app.url_map.iter_rules():
            if rule.websocket:
                raise Unreadable(
                    f"{options.server} has no WebSockets, and {rule.rule} is one: take another '--server', or"
                    " serve the rest with '--interface wsgi'."
                )
    return chosen


def _largest_body(app: Erlen) -> int | None:
    limit = app.config.get("MAX_CONTENT_LENGTH")
    if limit is None or (isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0):
        return limit
    raise Unreadable(f"MAX_CONTENT_LENGTH is {limit!r}: it is a number of bytes, or None for no limit.")


def _trusted_headers(app: Erlen) -> set[str]:
    headers = app.config.get("TRUSTED_PROXY_HEADERS") or ()
    names = headers.split(",") if isinstance(headers, str) else headers
    return {str(name).strip().lower() for name in names}


def _media(options: Options) -> Iterator[Folder]:
    for url, path in options.media:
        yield Folder(checked_url("--media", url), checked_path("--media", path))


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


def _trusted_hosts(app: Erlen) -> tuple[str, ...]:
    names = app.config.get("TRUSTED_HOSTS") or ()
    names = names.split(",") if isinstance(names, str) else names
    if not names and app.config.get("SERVER_NAME"):
        names = (str(app.config["SERVER_NAME"]),)
    # Those of development, patterns for subdomains, and addresses in brackets are no names of a site.
    found = (str(name).strip().partition(":")[0] for name in names)
    return tuple(
        name for name in found if name not in ("localhost", "127.0.0.1") and not name.startswith((".", "["))
    )


def _static_folders(app: Erlen, root: Path, folder: str) -> Iterator[Folder]:
    """Yield the folders of static files that lie in the project; others are sent by the application."""
    urls: set[str] = set()
    for rule in app.url_map.iter_rules():
        owner: t.Any = app if rule.endpoint == "static" else _blueprint(app, rule.endpoint)
        url = rule.rule.removesuffix("<path:filename>")
        # A URL of all paths would take the application's; one with a variable part or a host is no folder.
        if owner is None or url in ("/", rule.rule) or "<" in url or rule.subdomain or rule.host:
            continue
        path = owner.static_folder
        if not path or url in urls:
            continue
        try:
            inside = Path(path).resolve().relative_to(root)
        except ValueError:
            continue
        urls.add(url)
        has_digests = os.path.exists(os.path.join(path, MANIFEST))
        there = checked_path("The folder of static files", f"{folder}/{inside.as_posix()}")
        yield Folder(checked_url("The URL of static files", url), there, has_digests)


def _blueprint(app: Erlen, endpoint: str) -> t.Any:
    name, _, last = endpoint.rpartition(".")
    return app.blueprints.get(name) if last == "static" else None


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
