"""A shop by typed views: annotations check what comes in, and say what goes out."""

from __future__ import annotations

from erlen import Erlen

from .store import Store
from .views import shop


def create_app() -> Erlen:
    """Make the application, with an empty store."""
    app = Erlen(__name__)
    app.config.from_mapping(
        MAX_CONTENT_LENGTH=100_000,  # bytes
        SILENCED_CHECKS={
            "https-not-forced": "The proxy in front redirects to HTTPS.",
            "hsts-missing": "The proxy in front adds the header.",
            "trusted-hosts-missing": "The proxy in front passes on requests for this site alone.",
        },
    )
    app.extensions["store"] = Store()
    app.register_blueprint(shop)
    return app
