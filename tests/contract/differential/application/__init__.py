"""The application: many routes, hooks and handlers, in a few variants of configuration."""

from __future__ import annotations

from typing import Any

from flask import Flask

from . import bodies, errors, hooks, links, parts, requests, results, routing, state

SERVER_NAME = "shop.test:8080"

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "subdomains": {"subdomain_matching": True, "config": {"SERVER_NAME": SERVER_NAME}},
    "hosts": {"host_matching": True, "static_host": "static.test", "config": {}},
    "named": {"config": {"SERVER_NAME": SERVER_NAME, "APPLICATION_ROOT": "/shop"}},
    "trusting": {"config": {"TRUSTED_HOSTS": ["shop.test", ".example.test"]}},
    "lenient": {"map": {"strict_slashes": False, "merge_slashes": False, "redirect_defaults": False}},
    "limited": {
        "config": {"MAX_CONTENT_LENGTH": 200, "MAX_FORM_PARTS": 3, "MAX_FORM_MEMORY_SIZE": 50},
    },
    "testing": {"config": {"TESTING": True}},
    "debug": {"config": {"DEBUG": True}},
    "trapping": {"config": {"TRAP_HTTP_EXCEPTIONS": True}},
    "trapping-keys": {"config": {"TRAP_BAD_REQUEST_ERRORS": True}},
    "propagating": {"config": {"PROPAGATE_EXCEPTIONS": True}},
    "no-options": {"config": {"PROVIDE_AUTOMATIC_OPTIONS": False}},
    "https": {"config": {"PREFERRED_URL_SCHEME": "https", "SESSION_COOKIE_SECURE": True}},
    "cookies": {
        "config": {
            "SESSION_COOKIE_NAME": "box",
            "SESSION_COOKIE_DOMAIN": "shop.test",
            "SESSION_COOKIE_PATH": "/state",
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_HTTPONLY": False,
            "SESSION_COOKIE_PARTITIONED": True,
            "SESSION_REFRESH_EACH_REQUEST": False,
            "SECRET_KEY_FALLBACKS": ["older key"],
        }
    },
    "keyless": {"config": {"SECRET_KEY": None}},
    "bare": {"hooks": False},
}
"""Arguments of the constructor, `config`, attributes of the URL `map`, and whether `hooks` are registered."""


def create(variant: str) -> Flask:
    """Make the application in one of its variants."""
    settings = dict(VARIANTS[variant])
    config, url_map, hooked = settings.pop("config", {}), settings.pop("map", {}), settings.pop("hooks", True)
    app = Flask(__name__, **settings)
    app.config.from_mapping(SECRET_KEY="a key for tests")
    app.config.update(config)
    for name, value in url_map.items():
        setattr(app.url_map, name, value)
    for module in (routing, requests, results, bodies, errors, state, links, parts):
        module.register(app)
    if hooked:
        hooks.register(app)
    return app
