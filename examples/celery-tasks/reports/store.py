"""Where reports are kept: in Redis, through one client for each application context."""

from __future__ import annotations

import typing as t

import redis

from erlen import Erlen, current_app, g, json


class Reports:
    """Keep reports by title."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url)

    def set(self, title: str, report: dict[str, t.Any]) -> None:
        self._redis.set(f"report:{title}", json.dumps(report))

    def get(self, title: str) -> dict[str, t.Any] | None:
        text = self._redis.get(f"report:{title}")
        return None if text is None else json.loads(text)

    def close(self) -> None:
        self._redis.close()


def reports() -> Reports:
    """Return the reports of the active application context: of a request or of a task."""
    if "reports" not in g:
        g.reports = Reports(current_app.config["REDIS_URL"])
    return g.reports


def connect(app: Erlen) -> None:
    """Let an application put its client away."""

    @app.teardown_appcontext
    def close(error: BaseException | None) -> None:
        kept: Reports | None = g.pop("reports", None)
        if kept is not None:
            kept.close()
