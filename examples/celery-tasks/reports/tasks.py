"""The tasks, and how Celery and the application know each other."""

from __future__ import annotations

import typing as t

from celery import Celery, Task, shared_task
from redis.exceptions import RedisError

from erlen import Erlen, current_app

from .store import reports


def init_app(app: Erlen) -> None:
    """Make the Celery application, with the configuration under the key CELERY.

    Each task runs with the application's context active, so that ``current_app``, ``g`` and
    extensions work in it as in a view, and what hangs on ``teardown_appcontext`` is put away.
    """

    class ContextTask(Task):
        def __call__(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery(app.name, task_cls=ContextTask)
    celery.config_from_object(app.config["CELERY"])
    celery.set_default()  # what `shared_task` belongs to
    app.extensions["celery"] = celery


@shared_task(autoretry_for=(RedisError,), retry_backoff=True, max_retries=5)
def write_report(title: str, numbers: list[int]) -> dict[str, t.Any]:
    """Work a report out and keep it; return what it says. To run it once more does no harm."""
    report = {"title": title, "count": len(numbers), "sum": sum(numbers), "by": current_app.name}
    reports().set(title, report)
    return report
