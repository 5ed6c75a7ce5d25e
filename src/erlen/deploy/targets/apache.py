"""Virtual hosts for Apache: with mod_wsgi, or as a proxy where the application needs ASGI."""

from __future__ import annotations

import re
import typing as t

from .apache_wsgi import script, script_file, wsgi_directives, wsgi_process
from .files import File
from .nginx_text import port
from .options import Unreadable
from .quoting import apache as quoted
from .quoting import shell

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site

_FIRST = (
    "# For all sites, since a header is read before the site is known: a full session cookie and more.",
    "LimitRequestFieldSize 16380",
    "",
)


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    hosts = _hosts(site)
    process = wsgi_process(site) if site.interface == "wsgi" else []
    text = "\n".join([*_FIRST, *process, *hosts])
    yield File(f"apache/{site.name}.conf", f"{text}\n", _apply(site))
    if site.interface == "wsgi":
        yield File(f"apache/{site.name}.wsgi", script(site), _apply_script(site))


def _apply(site: Site) -> tuple[str, ...]:
    modules = ["headers", "reqtimeout", "ssl" if site.has_https else "", "http2" if site.has_https else ""]
    if site.interface == "wsgi":
        lines = [
            "sudo apt-get install apache2 libapache2-mod-wsgi-py3",
            "That is for the Python of Debian: the virtual environment has to be made by /usr/bin/python3.",
            f"If there is no such user: sudo useradd --system --shell /usr/sbin/nologin {site.user}",
        ]
        modules.append("wsgi")
    else:
        lines = ["sudo apt-get install apache2"]
        modules += ["proxy", "proxy_http", "proxy_wstunnel" if site.open_websockets else ""]
    lines += [
        f"sudo a2enmod {' '.join(filter(None, modules))}",
        f"sudo cp apache/{site.name}.conf /etc/apache2/sites-available/ && sudo a2ensite {site.name}",
        "sudo apache2ctl configtest && sudo systemctl reload apache2",
    ]
    if site.has_https and site.certificate is None:
        names = " ".join(f"-d {name}" for name in site.domains)
        lines += [
            f"sudo mkdir -p {shell(site.challenges)}",
            f"sudo certbot certonly --webroot -w {shell(site.challenges)} {names}"
            " --deploy-hook 'systemctl reload apache2'",
            "Then Apache finds the certificate: sudo systemctl reload apache2",
        ]
    if site.interface == "asgi" and not site.trusts_proxies:
        trusted = "unix" if site.socket else "127.0.0.1"
        lines.append(f"The application has no TRUSTED_PROXIES: set it to ['{trusted}'], or ProxyFix.")
    return tuple(lines)


def _apply_script(site: Site) -> tuple[str, ...]:
    there = script_file(site)
    return (
        f"sudo install -D -m 644 apache/{site.name}.wsgi {shell(there)}",
        f"To let new code serve ('apache2ctl graceful' would lose more requests): sudo touch {shell(there)}",
    )


def _hosts(site: Site) -> list[str]:
    if not site.has_https:
        return _host(site, site.http_port, _application(site))
    certificate, _ = site.certificate_files
    return [
        *_host(site, site.http_port, _redirect(site)),
        "",
        "# Without this file Apache would not start: certbot makes it, with the help of the host above.",
        f"<IfFile {quoted(certificate)}>",
        *_indented(_host(site, site.https_port, [*_tls(site), "", *_application(site)])),
        "</IfFile>",
    ]


def _host(site: Site, number: int, lines: list[str]) -> list[str]:
    names = [f"ServerName {site.domain}"] if site.domain else []
    names += [f"ServerAlias {name}" for name in site.domains[1:]]
    return [f"<VirtualHost *:{number}>", *_indented([*names, *lines]), "</VirtualHost>"]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def _redirect(site: Site) -> list[str]:
    challenges = f"{site.challenges}/.well-known/acme-challenge"
    if site.domain is None:
        raise Unreadable("Apache's redirect to HTTPS needs the name of the site: '--domain shop.example'.")
    where = f"https://{site.domain}{port(site.https_port, 443)}"
    return [
        f'Alias "/.well-known/acme-challenge/" {quoted(f"{challenges}/")}',
        *_nothing_else(),
        f"<Directory {quoted(challenges)}>",
        "    Require all granted",
        "</Directory>",
        f'RedirectMatch 308 "^/(?!\\.well-known/acme-challenge/)(.*)$" "{where}/$1"',
    ]


def _nothing_else() -> list[str]:
    return [
        '<Directory "/">',
        "    AllowOverride None",
        "    Options FollowSymLinks",
        "    Require all denied",
        "</Directory>",
    ]


def _tls(site: Site) -> list[str]:
    certificate, key = site.certificate_files
    return [
        "<IfModule http2_module>",
        "    Protocols h2 http/1.1",
        "</IfModule>",
        "SSLEngine on",
        f"SSLCertificateFile {quoted(certificate)}",
        f"SSLCertificateKeyFile {quoted(key)}",
        "SSLProtocol -all +TLSv1.2 +TLSv1.3",
        "SSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20",
        "SSLHonorCipherOrder off",
        "SSLSessionTickets off",
        "# Strict-Transport-Security is the application's: HSTS_SECONDS in its configuration.",
    ]


def _application(site: Site) -> list[str]:
    lines = [
        *_limits(site),
        "",
        *_headers(site),
        "",
        *_nothing_else(),
        *_refused(site),
        *_folders(site),
        "",
    ]
    return lines + (wsgi_directives(site) if site.interface == "wsgi" else _proxy(site))


def _limits(site: Site) -> list[str]:
    lines = [
        "ServerSignature Off",
        "TraceEnable Off",
        "# A client that is slow with these is cut off: it keeps a thread of the application for so long.",
        "<IfModule reqtimeout_module>",
        "    RequestReadTimeout header=15-30,MinRate=500 body=30,MinRate=500",
        "</IfModule>",
    ]
    if site.largest_body is None:
        return [
            *lines,
            "# The application has no MAX_CONTENT_LENGTH, and so there is no limit.",
            "LimitRequestBody 0",
        ]
    # A limit of 0 is none for Apache.
    limit = max(site.largest_body, 1)
    return [
        *lines,
        "# The application's MAX_CONTENT_LENGTH; more than that is answered 413 here.",
        f"LimitRequestBody {limit}",
        "# For a proxy that alone would be a 502.",
        f'<If "%{{HTTP:Content-Length}} -gt {limit}">',
        '    RedirectMatch 413 "^"',
        "</If>",
    ]


def _headers(site: Site) -> list[str]:
    """Return what removes a client's own words on its address, scheme, host and path."""
    names = [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
    ]
    names += ["X-Forwarded-Ssl", "X-Forwarded-Protocol", "Forwarded", "X-Real-IP", "Proxy"]
    names += [] if site.open_websockets else ["Upgrade"]
    lines = ["# What a client says of its address, scheme, host and path is removed."]
    return lines + [f"RequestHeader unset {name} early" for name in names]


def _refused(site: Site) -> list[str]:
    """Return what is not answered: probes, what is beside the prefix, other names if that was asked for."""
    lines = [f'RedirectMatch 404 "^{re.escape(site.prefix + path)}$"' for path in site.probes]
    if site.refuses_other_names and site.domains:
        names = "|".join(map(re.escape, site.domains))
        lines += [
            f'<If "! (%{{HTTP_HOST}} =~ /^({names})(:[0-9]+)?$/i)">',
            '    RedirectMatch 421 "^"',
            "</If>",
        ]
    if site.prefix:
        prefix = re.escape(site.prefix)
        lines += [f'RedirectMatch 308 "^{prefix}$" "{site.prefix}/"', f'RedirectMatch 404 "^(?!{prefix}/)"']
    return lines


def _folders(site: Site) -> list[str]:
    lines: list[str] = []
    for folder in (*site.static, *site.media):
        url = site.prefix + folder.url
        # SECURITY: both have a slash at the end, or '/static../config.py' would be a file.
        lines += [
            f"Alias {quoted(url)} {quoted(f'{folder.path}/')}",
            f"<Directory {quoted(folder.path)}>",
            "    Require all granted",
            "    Options FollowSymLinks",
            "    AddCharset utf-8 .css .js .txt",
            '    Header always set X-Content-Type-Options "nosniff"',
        ]
        if folder in site.media:
            lines.append("    Header always set Content-Security-Policy \"default-src 'none'; sandbox\"")
        else:
            lines.append('    Header set Cache-Control "no-cache"')
        if folder.has_digests:
            lines += [
                r'    <FilesMatch "-[0-9a-f]{20}\.">',
                '        Header set Cache-Control "public, max-age=31536000, immutable"',
                "    </FilesMatch>",
                '    <Files "static-digest.json">',
                "        Require all denied",
                "    </Files>",
            ]
        lines.append("</Directory>")
    return lines


def _proxy(site: Site) -> list[str]:
    to = f"unix:{site.socket}|http://{site.name}" if site.socket else f"http://{site.host}:{site.port}"
    whole = site.server_gets_whole_path or not site.prefix
    lines = [
        "ProxyRequests Off",
        "ProxyPreserveHost On",
        "# It would add the client's own words to the headers; these are set here.",
        "ProxyAddHeaders Off",
        'RequestHeader set X-Forwarded-For "expr=%{REMOTE_ADDR}"',
        'RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"',
        'RequestHeader set X-Forwarded-Host "expr=%{HTTP_HOST}"',
    ]
    if site.prefix_header:
        lines.append(f"RequestHeader set X-Forwarded-Prefix {quoted(site.prefix)}")
    lines += [f'ProxyPass {quoted(site.prefix + folder.url)} "!"' for folder in (*site.static, *site.media)]
    lines += [f'ProxyPass {quoted(site.prefix + path)} "!"' for path in site.probes]
    # Nothing is sent a second time: with one server there is no other one to ask.
    options = "retry=0 disablereuse=on" + (" upgrade=websocket" if site.open_websockets else "")
    path = f"{site.prefix}/" if whole else "/"
    return [*lines, f"ProxyPass {quoted(f'{site.prefix}/')} {quoted(to + path)} {options}"]
