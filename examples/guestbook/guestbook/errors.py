from __future__ import annotations

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from .extensions import db


def init_app(app: Flask) -> None:
    app.register_error_handler(404, page_not_found)
    app.register_error_handler(500, internal_server_error)
    app.register_error_handler(CSRFError, form_expired)


def page_not_found(error: Exception) -> ResponseReturnValue:
    return render_template("errors/404.html"), 404


def form_expired(error: CSRFError) -> ResponseReturnValue:
    return render_template("errors/400.html", reason=error.description), 400


def internal_server_error(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("errors/500.html"), 500
