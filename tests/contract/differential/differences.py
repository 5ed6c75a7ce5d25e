"""Where Erlen answers otherwise than Flask 3.1.3 on purpose, and what of an answer is not compared.

On purpose:

- A context that a stream keeps is torn down once, when the body is closed. Flask 3.1.3 tears it down at the
  end of the WSGI call, before the body has run, and again at its end (`torn_down_once`).
- A signed session cookie is opened when it is needed, at the latest before it is saved; Flask opens it first
  of all. That shows with a cookie that holds something else than a session, signed with the application's
  key; the requests here send none.

Not compared:

- the time of day;
- the order of the methods in `Allow`, which Werkzeug and Flask take from a set;
- the words of what is logged, but for "Exception on PATH [METHOD]" (see `steps`), and of exceptions.
"""

from __future__ import annotations

from typing import Any

TIME_OF_DAY = ("Date",)
UNORDERED = ("Allow",)
HANDED_OVER = "body handed over"


def comparable(step: dict[str, Any], told: Any) -> Any:
    """Give what must be equal of a step's outcome."""
    outcome, events = told["outcome"], torn_down_once(told["events"])
    if isinstance(outcome, dict) and "headers" in outcome:
        outcome = {**outcome, "headers": headers(outcome["headers"])}
    if HANDED_OVER not in events and _keeps_its_context(step):
        # A teardown function failed: at the end of the call on Flask, at the end of the body on Erlen.
        return {"status": outcome["status"], "headers": outcome["headers"]}
    return {**told, "outcome": outcome, "events": events}


def headers(pairs: list[list[str]]) -> list[list[str]]:
    """Sort by name only: the order of the values of one name counts."""
    told = [[name, _value(name, value)] for name, value in pairs if name not in TIME_OF_DAY]
    return sorted(told, key=lambda pair: pair[0])


def torn_down_once(events: list[str]) -> list[str]:
    """Leave out the first of two teardowns, that before the body has run."""
    if HANDED_OVER not in events:
        return events
    body = events.index(HANDED_OVER)
    if not any(map(_is_teardown, events[body:])):
        return events
    return [event for event in events[:body] if not _is_teardown(event)] + events[body:]


def _is_teardown(event: str) -> bool:
    return event.startswith(("teardown", "signal request_tearing_down", "signal appcontext_tearing_down"))


def _keeps_its_context(step: dict[str, Any]) -> bool:
    path = step.get("path", "")
    return path.startswith(("/stream/context", "/result/template-stream", "/async/template-stream"))


def _value(name: str, value: str) -> str:
    return ", ".join(sorted(value.split(", "))) if name in UNORDERED else value
