"""Reports that take a while: a web application asks for them, a Celery worker writes them."""

from __future__ import annotations

import os

from erlen import Erlen

from . import tasks, views
from .store import connect


def create_app(config: dict[str, object] | None = None) -> Erlen:
    """Make the application: the web server and the worker both call this.

    REDIS_URL says where Redis is; *config* writes over what is set here.
    """
    app = Erlen(__name__)
    redis_url = os.environ.get("REDIS_URL", "redis://localhost:6379/0")
    app.config.from_mapping(
        MAX_CONTENT_LENGTH=64 * 1024,  # bytes
        REDIS_URL=redis_url,
        CELERY={
            "broker_url": redis_url,
            "result_backend": redis_url,
            "result_expires": 3600,  # seconds
            "broker_connection_retry_on_startup": True,
            # A task that was under way when its worker died is run again by another one.
            "task_acks_late": True,
            "task_reject_on_worker_lost": True,
        },
    )
    app.config.from_mapping(config)
    connect(app)
    tasks.init_app(app)
    app.register_blueprint(views.bp)
    return app
