from __future__ import annotations

import erlen

from .flasklike import build


def make_app() -> erlen.Erlen:
    app: erlen.Erlen = build(erlen)
    return app
