from __future__ import annotations

from celery.result import AsyncResult

from erlen import Blueprint, abort, current_app, request, url_for
from erlen.typing import ResponseReturnValue

from .store import reports
from .tasks import write_report

bp = Blueprint("reports", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    return "POST title and numbers as JSON to /reports."


@bp.post("/reports")
def order() -> ResponseReturnValue:
    """Put the work into the queue, and say where its state can be seen."""
    wish = request.get_json()
    if not isinstance(wish, dict) or not isinstance(wish.get("title"), str):
        abort(400, description="A report needs a title.")
    numbers = wish.get("numbers", [])
    if not isinstance(numbers, list) or not all(isinstance(number, int) for number in numbers):
        abort(400, description="The numbers have to be a list of whole numbers.")
    task = write_report.delay(wish["title"], numbers)
    return {"task": task.id}, 202, {"Location": url_for(".state", task_id=task.id)}


@bp.get("/tasks/<uuid:task_id>")
def state(task_id: object) -> ResponseReturnValue:
    """Tell how far a task is. One that nobody has ordered is PENDING, too: Celery cannot tell."""
    result = AsyncResult(str(task_id), app=current_app.extensions["celery"])
    answer: dict[str, object] = {"state": result.state}
    if result.successful():
        answer["report"] = result.result
    return answer


@bp.get("/reports/<title>")
def report(title: str) -> ResponseReturnValue:
    return reports().get(title) or abort(404, description="There is no such report, or not yet.")
