"""Building URLs."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, url_for

ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("index", {}),
    ("name", {"name": "a b/ü?&"}),
    ("name", {"name": "x", "q": ["1", "2"], "none": None, "_anchor": "a b"}),
    ("number", {"n": "5"}),
    ("number", {"n": "five"}),
    ("number", {}),
    ("pages", {}),
    ("pages", {"page": 1}),
    ("pages", {"page": 2, "lang": "de"}),
    ("path", {"p": "a/b c"}),
    ("words", {"w": ["a", "b"]}),
    ("color", {"c": "light blue"}),
    ("color", {"c": "black"}),
    ("built", {"name": "x"}),
    ("unicode", {"name": "ß"}),
    ("static", {"filename": "page.txt"}),
    ("index", {"_external": True}),
    ("index", {"_external": True, "_scheme": "ftp"}),
    ("index", {"_scheme": "https"}),
    ("index", {"_scheme": ""}),
    ("get_only", {"_method": "POST"}),
    ("shared_put", {"_method": "PUT"}),
    ("on_subdomain", {}),
    ("on_any_subdomain", {"user": "ann"}),
    ("nowhere", {"a": 1}),
    ("rescued", {"a": 1}),
    (".index", {}),
    (".local", {}),
    ("parts.local", {}),
    ("parts.inner.local", {}),
    ("parts.inner.local", {"_external": True}),
)


def register(app: Flask) -> None:
    @app.route("/links")
    def links() -> list[str]:
        return all_links()

    @app.url_defaults
    def add_language(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "lang":
            values.setdefault("lang", g.get("lang", "en"))

    @app.route("/links/lang")
    def language_links() -> list[str]:
        return [url_for("lang"), url_for("lang", lang="fr"), url_for("lang", n=3)]

    def rescue(error: Exception, endpoint: str, values: dict[str, Any]) -> str:
        if endpoint == "rescued":
            return f"/rescued-by-a-handler?{sorted(values)}"
        raise error

    app.url_build_error_handlers.append(rescue)


def all_links() -> list[str]:
    """Build every link that is asked for; tell the exception's name where that fails."""
    return [f"{request.blueprint}"] + [_built(endpoint, values) for endpoint, values in ASKED]


def _built(endpoint: str, values: dict[str, Any]) -> str:
    try:
        return url_for(endpoint, **values)
    except Exception as error:
        return type(error).__name__
