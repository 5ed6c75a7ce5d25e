"""A guestbook: people leave a name and a few words."""

from __future__ import annotations

import os

from flask import Flask

from . import commands, errors, formats, views
from .config import configs
from .extensions import csrf, db


def create_app(config_name: str | None = None) -> Flask:
    """Make the application with one of the configurations of `config.py`.

    Without a name, the environment variable GUESTBOOK_CONFIG chooses; without that, "development" it is.
    """
    app = Flask(__name__)
    config = configs[config_name or os.environ.get("GUESTBOOK_CONFIG", "development")]
    app.config.from_object(config)
    config.init_app(app)

    db.init_app(app)
    csrf.init_app(app)
    app.register_blueprint(views.bp)
    errors.init_app(app)
    formats.init_app(app)
    commands.init_app(app)
    return app
