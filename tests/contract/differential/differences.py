"""Where Erlen answers otherwise than Flask 3.1.3 on purpose, and what of an answer is not compared.

On purpose:

- A context that a stream keeps is torn down once, when the body is closed. Flask 3.1.3 tears it down at the
  end of the WSGI call, before the body has run, and again at its end (`torn_down_at_all`).
- A signed session cookie is opened when it is needed, at the latest before it is saved; Flask opens it first
  of all. That shows with a cookie that holds something else than a session, signed with the application's
  key; the requests here send none.
- Control characters of a path or method are escapes in the log (`escaped`).

Not compared:

- the time of day;
- the order of the methods in `Allow`, which Werkzeug and Flask take from a set;
- the words of what is logged, but for "Exception on PATH [METHOD]" (see `steps`), and of exceptions.
"""

from __future__ import annotations

from typing import Any

TIME_OF_DAY = ("Date",)
UNORDERED = ("Allow",)


def comparable(step: dict[str, Any], told: Any) -> Any:
    """Give what must be equal of a step's outcome."""
    told = {**told, "events": [escaped(event) for event in told["events"]]}
    outcome = told["outcome"]
    if isinstance(outcome, dict) and "headers" in outcome:
        outcome = {**outcome, "headers": headers(outcome["headers"])}
    if not keeps_its_context(step):
        return {**told, "outcome": outcome}
    if "teardown" in str(step["headers"]):  # one that fails, earlier or later
        return {"status": outcome["status"], "headers": outcome["headers"]}
    return {**told, "outcome": outcome, "events": torn_down_at_all(told["events"])}


def headers(pairs: list[list[str]]) -> list[list[str]]:
    """Sort by name only: the order of the values of one name counts."""
    told = [[name, _value(name, value)] for name, value in pairs if name not in TIME_OF_DAY]
    return sorted(told, key=lambda pair: pair[0])


def torn_down_at_all(events: list[str]) -> list[str]:
    """Take teardowns out of the order; tell which there were."""
    teardowns = {event for event in events if _is_teardown(event)}
    return [event for event in events if event not in teardowns] + sorted(teardowns)


def escaped(event: str) -> str:
    """Write control characters in what was logged as escapes, as Erlen has done already."""
    if not event.startswith("log "):
        return event
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in event)


def keeps_its_context(step: dict[str, Any]) -> bool:
    """Say whether the step asks for a stream that keeps its context."""
    path = step.get("path", "")
    return path.startswith(("/stream/context", "/result/template-stream", "/async/template-stream"))


def _is_teardown(event: str) -> bool:
    return event.startswith(("teardown", "signal request_tearing_down", "signal appcontext"))


def _value(name: str, value: str) -> str:
    return ", ".join(sorted(value.split(", "))) if name in UNORDERED else value
