"""Sites that tests write files for."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from erlen.deploy.targets.site import Folder, Site

SHOP = Site(
    name="shop",
    application="wsgi:app",
    needs_alias=True,
    interface="wsgi",
    server="erlen",
    workers=None,
    threads=None,
    folder="/srv/shop/current",
    environment="/srv/shop/current/.venv",
    user="shop",
    front_group="www-data",
    socket="/run/shop/shop.sock",
    port=8000,
    host="127.0.0.1",
    settings="/etc/shop",
    domains=("shop.example", "www.shop.example"),
    has_https=True,
    prefix="",
    static=(Folder("/static/", "/srv/shop/current/shop/static"),),
    media=(),
    largest_body=1_000_000,
    websockets=(),
    event_streams=(),
    has_migrations=False,
    has_health=True,
    trusts_proxies=True,
)


def site(**changes: t.Any) -> Site:
    """Return a site that differs from the usual one in these."""
    return replace(SHOP, **changes)
