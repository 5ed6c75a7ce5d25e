from __future__ import annotations

import flask

from .flasklike import build


def make_app() -> flask.Flask:
    if flask.Flask.__module__ != "flask.app":
        raise RuntimeError(
            "`flask` means another framework in this process. Is ERLEN_AS_FLASK set? Unset it to measure."
        )
    app: flask.Flask = build(flask)
    return app
