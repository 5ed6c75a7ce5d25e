"""Server blocks for nginx: HTTPS, static files, limits, and what is passed on to the server of the site."""

from __future__ import annotations

import typing as t

from .files import File
from .nginx_locations import locations
from .nginx_text import Block, bytes_or_none, port
from .quoting import nginx as quoted
from .quoting import shell

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site

# What browsers of the last ten years and no older ones can do: forward secrecy and authenticated encryption.
_CIPHERS = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)

_DEFAULT_SITE = "/etc/nginx/sites-enabled/default"
# Names that are longer need more room in a table of nginx than there is by default.
_LONG_NAME = 47


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target: with HTTPS one that works without a certificate, and one with it."""
    first = _shared(site)
    if not site.has_https:
        text = first + str(_application_server(site, tls=False))
        yield File(f"nginx/{site.name}.conf", text, _apply(site, f"{site.name}.conf"))
        return
    text = first + str(_redirecting_server(site))
    yield File(f"nginx/{site.name}.conf", text, _apply(site, f"{site.name}.conf"))
    text = str(_application_server(site, tls=True))
    yield File(f"nginx/{site.name}-https.conf", text, _apply_https(site))


def _apply(site: Site, name: str) -> tuple[str, ...]:
    lines = [
        f"sudo cp nginx/{name} /etc/nginx/conf.d/ && sudo nginx -t && sudo systemctl reload nginx",
    ]
    if not site.domains or site.refuses_other_names:
        lines.insert(0, f"Debian's own site is for unknown hosts; remove it: sudo rm {_DEFAULT_SITE}")
    if not site.has_https:
        lines += _advice(site)
    return tuple(lines)


def _apply_https(site: Site) -> tuple[str, ...]:
    lines = []
    if site.certificate is None:
        names = " ".join(f"-d {name}" for name in site.domains)
        lines += [
            f"First {site.name}.conf, which lets certbot prove that the name is yours; then:",
            f"sudo mkdir -p {shell(site.challenges)}",
            f"sudo certbot certonly --webroot -w {shell(site.challenges)} {names}"
            " --deploy-hook 'systemctl reload nginx'",
        ]
    lines += _apply(site, f"{site.name}-https.conf")[-1:]
    return (*lines, *_advice(site))


def _advice(site: Site) -> list[str]:
    """Return what the application needs so that the files do what they should."""
    lines = []
    if not site.trusts_proxies and not site.speaks_uwsgi:
        trusted = "unix" if site.socket else "127.0.0.1"
        lines.append(f"The application has no TRUSTED_PROXIES: set it to ['{trusted}'], or ProxyFix.")
    if site.prefix_header and not site.trusts_prefix:
        lines.append("Add 'X-Forwarded-Prefix' to TRUSTED_PROXY_HEADERS, or links lack the prefix.")
    if site.static or site.media:
        folders = ", ".join(shell(folder.path) for folder in (*site.static, *site.media))
        lines.append(f"{site.front_group} has to be able to read {folders}.")
    if any(len(name) > _LONG_NAME for name in site.domains):
        lines.append(
            "A name is long: nginx may ask for 'server_names_hash_bucket_size 128;' in its main file."
        )
    if site.largest_body is None:
        lines.append("The application has no MAX_CONTENT_LENGTH, so uploads have no limit here, either.")
    return lines


def _shared(site: Site) -> str:
    """Return what is outside of servers: the upstream, and what depends on a request."""
    blocks = []
    if not site.speaks_uwsgi:
        at = f"unix:{site.socket}" if site.socket else f"{site.host}:{site.port}"
        upstream = Block(f"upstream {site.name}")
        # It is one server, whose supervisor restarts it: it is asked each time, whatever happened before.
        upstream.add("server", at, "fail_timeout=0")
        blocks.append(upstream)
    if site.open_websockets:
        # SECURITY: nothing but a WebSocket is passed on: with 'Upgrade: h2c' a client would speak to the
        # server past all of these rules.
        for variable, value in (("upgrade", "websocket"), ("connection", "upgrade")):
            block = Block(f"map $http_upgrade {site.variable(variable)}")
            block.add("default", '""' if variable == "upgrade" else "close")
            block.add('"~*^websocket$"', value)
            blocks.append(block)
    if any(folder.has_digests for folder in site.static):
        block = Block(f"map $uri {site.variable('cache')}")
        block.comment("Names of 'erlen static digest' have a hash of the content, so they never change.")
        block.add("default", '"no-cache"')
        block.add(r'"~-[0-9a-f]{20}\.[^/]+$"', '"public, max-age=31536000, immutable"')
        blocks.append(block)
    if site.refuses_other_names:
        blocks.append(_refusing_server(site))
    return "".join(f"{block}\n" for block in blocks)


def _listen(block: Block, number: int, site: Site, *words: str) -> None:
    block.add("listen", str(number), *words)
    if site.has_ipv6:
        block.add("listen", f"[::]:{number}", *words)


def _server(site: Site) -> Block:
    block = Block("server")
    block.add("server_tokens", "off")
    return block


def _names(site: Site) -> list[str]:
    return [quoted(name) for name in site.domains] or ["_"]


def _default(site: Site) -> tuple[str, ...]:
    """Return what makes a server the one for all hosts: where there are no names."""
    return () if site.domains else ("default_server",)


def _refusing_server(site: Site) -> Block:
    block = _server(site)
    block.comment("For whoever asks for another host: the connection is closed.")
    _listen(block, site.http_port, site, "default_server")
    if site.has_https:
        _listen(block, site.https_port, site, "ssl", "default_server")
        block.add("ssl_reject_handshake", "on")
    block.add("server_name", "_")
    block.add("return", "444")
    return block


def _redirecting_server(site: Site) -> Block:
    block = _server(site)
    _listen(block, site.http_port, site, *_default(site))
    block.add("server_name", *_names(site))
    challenge = block.block('location "/.well-known/acme-challenge/"')
    challenge.add("root", quoted(site.challenges))
    challenge.add("default_type", "text/plain")
    # Not $host, which a client chooses: this server may be the one for unknown hosts.
    host = site.domain or "$host"
    page = block.block("location /")
    page.add("return", "308", f"https://{host}{port(site.https_port, 443)}$request_uri")
    return block


def _application_server(site: Site, *, tls: bool) -> Block:
    block = _server(site)
    if tls:
        _listen(block, site.https_port, site, "ssl", "http2", *_default(site))
    else:
        _listen(block, site.http_port, site, *_default(site))
    block.add("server_name", *_names(site))
    if tls:
        _tls(block, site)
    _limits(block, site)
    locations(block, site, tls=tls)
    return block


def _tls(block: Block, site: Site) -> None:
    block.gap()
    certificate, key = site.certificate_files
    block.add("ssl_certificate", quoted(certificate))
    block.add("ssl_certificate_key", quoted(key))
    block.add("ssl_protocols", "TLSv1.2", "TLSv1.3")
    block.add("ssl_ciphers", _CIPHERS)
    block.add("ssl_prefer_server_ciphers", "off")
    block.add("ssl_session_timeout", "1d")
    block.add("ssl_session_cache", f"shared:{site.name}:10m")
    block.add("ssl_session_tickets", "off")
    block.comment("Strict-Transport-Security is the application's: HSTS_SECONDS in its configuration.")


def _limits(block: Block, site: Site) -> None:
    block.gap()
    if site.largest_body is None:
        block.comment("The application has no limit: MAX_CONTENT_LENGTH.")
    else:
        block.comment("The application's MAX_CONTENT_LENGTH; more than that is answered 413 here.")
    block.add("client_max_body_size", bytes_or_none(site.largest_body))
    block.comment("A client that is slow with these is cut off, and the server behind never waits for it.")
    block.add("client_header_timeout", "15s")
    block.add("client_body_timeout", "30s")
    block.add("send_timeout", "30s")
    block.add("keepalive_timeout", "30s")
    block.comment("A full session cookie is one line of 4 KiB; several of them are more.")
    block.add("large_client_header_buffers", "4", "16k")
    block.add("absolute_redirect", "off")
