"""The locations of nginx' server block: what it sends itself, what it refuses, what it passes on, and how."""

from __future__ import annotations

import re
import typing as t

from .nginx_text import port
from .quoting import nginx as quoted
from .quoting import nginx_pattern as quoted_pattern
from .rules import pattern_of

if t.TYPE_CHECKING:
    from .nginx_text import Block
    from .site import Folder, Site

# A day in which nothing is sent ends a WebSocket or an event stream.
_LONG = "1d"
# Methods that may be sent again where the first server has failed: nothing is done twice by them.
_SAFE = "^(GET|HEAD|OPTIONS|TRACE)$"


def locations(block: Block, site: Site, *, tls: bool) -> None:
    """Add all locations of the site to its server block."""
    _passing(block, site, tls=tls)
    for path in site.probes:
        _refused(block, site.prefix + path)
    for folder in site.static:
        _static(block, site, folder)
    for folder in site.media:
        _media(block, site, folder)
    for rule in site.open_websockets:
        location = block.block(_exactly(site, rule))
        _pass(location, site, is_websocket=True)
        _headers(location, site, tls=tls, is_websocket=True)
        _waiting(location, site)
    for rule in site.event_streams:
        location = block.block(_exactly(site, rule))
        # `EventStream` turns buffering off by itself: X-Accel-Buffering.
        _pass(location, site)
        _waiting(location, site)
    if site.prefix:
        block.block(f"location = {quoted(site.prefix)}").add(
            "return", "308", quoted(f"{site.prefix}/")[:-1] + '$is_args$args"'
        )
        block.block("location /").add("return", "404")
    _pass(block.block(f"location {quoted(site.prefix + '/')}"), site)
    _once(block, site)


def _exactly(site: Site, rule: str) -> str:
    return f"location ~ {quoted_pattern(f'^{re.escape(site.prefix)}{pattern_of(rule)}$')}"


def _passing(block: Block, site: Site, *, tls: bool) -> None:
    """Add what holds for all that is passed on."""
    by = site.passed_by
    block.gap()
    if site.speaks_uwsgi:
        block.add("include", "uwsgi_params")
    else:
        block.add("proxy_http_version", "1.1")
        # Redirects of the application are right as they are.
        block.add("proxy_redirect", "off")
    _headers(block, site, tls=tls)
    block.comment("A full session cookie makes headers that are longer than usual.")
    block.add(f"{by}_buffer_size", "16k")
    block.add(f"{by}_buffers", "8", "16k")
    block.add(f"{by}_busy_buffers_size", "32k")
    block.add(f"{by}_connect_timeout", "5s")


def _headers(block: Block, site: Site, *, tls: bool, is_websocket: bool = False) -> None:
    """Add what the server is told of a request; a client's own words for it are overwritten."""
    number, usual = (site.https_port, 443) if tls else (site.http_port, 80)
    host = f"$host{port(number, usual)}"
    headers = {
        "Host": host,
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-Host": host,
        "X-Forwarded-Port": "$server_port",
        "X-Forwarded-Prefix": quoted(site.prefix_header),
        "X-Real-IP": "$remote_addr",
        "Forwarded": '""',
        "X-Forwarded-Ssl": '""',
        "X-Forwarded-Protocol": '""',
        "Proxy": '""',
    }
    if site.speaks_uwsgi:
        # HTTP removes these by itself. nginx has put chunks together, so the body is none any more.
        headers |= {"Upgrade": '""', "Connection": '""', "Transfer-Encoding": '""'}
    elif is_websocket:
        headers["Upgrade"] = site.variable("upgrade")
        headers["Connection"] = site.variable("connection")
    for name, value in headers.items():
        if site.speaks_uwsgi:
            block.add("uwsgi_param", f"HTTP_{name.upper().replace('-', '_')}", value)
        else:
            block.add("proxy_set_header", name, value)


def _pass(location: Block, site: Site, *, is_websocket: bool = False) -> None:
    if not is_websocket:
        # nginx asks the next server when one fails, also for PUT and DELETE, which may have been done.
        location.block(f'if ($request_method !~ "{_SAFE}")').add("return", "418")
        location.add("error_page", "418", "=", f"@{site.name}-once")
    _to_server(location, site)


def _to_server(location: Block, site: Site) -> None:
    if site.speaks_uwsgi:
        location.add("uwsgi_pass", f"unix:{site.socket}")
        return
    if site.prefix and not site.server_gets_whole_path:
        pattern = quoted_pattern(f"^{re.escape(site.prefix)}(/.*)$")
        location.add("rewrite", pattern, "$1", "break")
    location.add("proxy_pass", f"http://{site.name}")


def _once(block: Block, site: Site) -> None:
    location = block.block(f"location @{site.name}-once")
    location.add(f"{site.passed_by}_next_upstream", "off")
    _to_server(location, site)


def _waiting(location: Block, site: Site) -> None:
    location.add(f"{site.passed_by}_read_timeout", _LONG)
    location.add(f"{site.passed_by}_send_timeout", _LONG)


def _refused(block: Block, path: str) -> None:
    block.block(f"location = {quoted(path)}").add("return", "404")


def _static(block: Block, site: Site, folder: Folder) -> None:
    location = _folder(block, site, folder)
    location.add("add_header", "X-Content-Type-Options", "nosniff")
    if folder.has_digests:
        location.add("add_header", "Cache-Control", site.variable("cache"))
        # The copies that 'erlen static digest' has made.
        location.add("gzip_static", "on")
        location.add("gzip_vary", "on")
        _refused(block, f"{site.prefix}{folder.url}static-digest.json")
    else:
        location.add("add_header", "Cache-Control", '"no-cache"')


def _media(block: Block, site: Site, folder: Folder) -> None:
    location = _folder(block, site, folder)
    # SECURITY: what users have uploaded is shown, and never run as a page of this site.
    location.add("add_header", "X-Content-Type-Options", "nosniff")
    location.add("add_header", "Content-Security-Policy", "\"default-src 'none'; sandbox\"")


def _folder(block: Block, site: Site, folder: Folder) -> Block:
    # SECURITY: both have a slash at the end. Without the first, '/staticfoo' would be a file below, without
    # the second '/static../config.py' one beside the folder.
    location = block.block(f"location ^~ {quoted(site.prefix + folder.url)}")
    location.add("alias", quoted(f"{folder.path}/"))
    location.add("charset", "utf-8")
    location.add("charset_types", "text/css", "text/javascript", "application/javascript", "text/plain")
    return location
