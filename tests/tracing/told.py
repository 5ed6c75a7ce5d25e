"""What each agent sent, without times, identifiers and ports: what must be the same on both frameworks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

Record = dict[str, Any]
_OF_A_RUN = re.compile(r"127\.0\.0\.1:\d+")
# The application itself; New Relic wraps it in gunicorn too, except where it can be called by ASGI as well.
_APPLICATION = re.compile(r"\bflask\.app:Flask\b|\berlen\.app:Erlen(\.wsgi_app)?\b")
_MODULE = re.compile(r"\b(flask|erlen)\.(?=templating:)")
# Erlen's body in memory is a list, which has no `close`: compatibility.md has it among the differences.
_CLOSED = "ClosingIterator.close"


def plain(value: Any) -> Any:
    """Take the port out of a text."""
    return _OF_A_RUN.sub("127.0.0.1", value) if isinstance(value, str) else value


def chosen(values: Record, names: Iterable[str]) -> Record:
    return {name: plain(values[name]) for name in names if values.get(name) not in (None, "")}


# Datadog

_META = [
    *["component", "error.message", "error.type", "flask.endpoint", "flask.template_name", "flask.url_rule"],
    *["flask.version", "flask.view_args.number", "flask.view_args.filename", "http.method", "http.route"],
    *["http.status_code", "http.url", "http.query.string", "span.kind", "language", "_dd.code_origin.type"],
    *["_dd.code_origin.frames.0.type", "_dd.code_origin.frames.0.method", "jinja2.template_name"],
]


def by_datadog(spans: list[Record]) -> list[Record]:
    """Tell of spans in the order of their starts, each with the name of the one around it."""
    names = {span["span_id"]: span["name"] for span in spans}
    return [
        {
            **chosen(span, ("service", "name", "resource", "type", "error")),
            **chosen(span["meta"], _META),
            "in": names.get(span.get("parent_id")),
        }
        for span in sorted(spans, key=lambda one: one["start"])
        # Its own life, not the application's.
        if span["name"] != "instrumentation.uncaught"
    ]


# OpenTelemetry


def by_opentelemetry(spans: list[Record]) -> list[Record]:
    return [
        {
            **chosen(span, ("name", "kind", "scope", "parentSpanId")),
            "attributes": _attributes(span),
            "status": span["status"].get("code"),
            "events": [(event["name"], _attributes(event)) for event in span.get("events", ())],
        }
        for span in sorted(spans, key=lambda one: int(one["startTimeUnixNano"]))
    ]


def _attributes(span: Record) -> Record:
    left_out = ("net.host.port", "net.peer.port", "exception.stacktrace")
    return {
        one["key"]: plain(next(iter(one["value"].values())))
        for one in span["attributes"]
        if one["key"] not in left_out
    }


# Elastic


def by_elastic(lines: list[Record]) -> list[Record]:
    """Tell of transactions, their spans and errors in the order of their times."""
    kinds = ("transaction", "span", "error")
    events = [(kind, line[kind]) for line in lines for kind in kinds if kind in line]
    names = {event["id"]: event["name"] for kind, event in events if kind != "error"}
    told = []
    for kind, event in sorted(events, key=lambda one: one[1]["timestamp"]):
        context = event.get("context", {})
        told.append(
            {
                "kind": kind,
                **chosen(event, ("name", "type", "subtype", "action", "result", "outcome")),
                "in": names.get(event.get("parent_id")),
                "method": context.get("request", {}).get("method"),
                "url": plain(context.get("request", {}).get("url", {}).get("full")),
                "status": context.get("response", {}).get("status_code"),
                "exception": _of_elastic(event.get("exception")),
                "of": chosen(event.get("transaction", {}), ("name", "type", "sampled")),
            }
        )
    return told


def _of_elastic(exception: Record | None) -> Any:
    if exception is None:
        return None
    own = [
        (frame["function"], frame["context_line"].strip())
        for frame in exception["stacktrace"]
        if not frame["library_frame"]
    ]
    return {**chosen(exception, ("message", "type", "module", "handled")), "own frames": own}


# Sentry


def by_sentry(items: list[Record]) -> list[Record]:
    events = [item["payload"] for item in items if item["header"]["type"] in ("event", "transaction")]
    return [_of_sentry(event) for event in events]


def _of_sentry(event: Record) -> Record:
    request = event.get("request", {})
    trace = event["contexts"]["trace"]
    return {
        "type": event.get("type", "event"),
        "sdk": [event["sdk"]["name"], event["sdk"]["integrations"]],
        **chosen(event, ("transaction", "transaction_info", "level", "logger", "tags", "message")),
        **chosen(request, ("method", "url", "query_string")),
        **chosen(trace, ("op", "origin", "status")),
        "response": event["contexts"].get("response"),
        "spans": [chosen(span, ("op", "origin", "description", "status")) for span in event.get("spans", ())],
        "exceptions": [
            {
                **chosen(one, ("type", "value", "module", "mechanism")),
                "own frames": [
                    (frame["module"], frame["function"], frame["context_line"])
                    for frame in one["stacktrace"]["frames"]
                    if frame["in_app"]
                ],
            }
            for one in event.get("exception", {}).get("values", ())
        ],
    }


# Rollbar


def by_rollbar(items: list[Record]) -> list[Record]:
    return [
        {
            **chosen(item["data"], ("environment", "level", "framework", "context")),
            **chosen(item["data"]["request"], ("url", "user_ip", "method", "GET", "POST")),
            "headers": sorted(item["data"]["request"]["headers"]),
            "exception": item["data"]["body"]["trace"]["exception"],
            "last frame": chosen(item["data"]["body"]["trace"]["frames"][-1], ("method", "code")),
        }
        for item in items
    ]


# Scout


def by_scout(messages: list[Record]) -> list[Any]:
    """Tell of each request: its spans as they began, and its tags."""
    kinds = [next(iter(message)) for message in messages]
    requests = [message["BatchCommand"]["commands"] for message in messages if "BatchCommand" in message]
    return [sorted(set(kinds) - {"BatchCommand"}), *map(_of_scout, requests)]


def _of_scout(commands: list[Record]) -> list[Any]:
    steps = [next(iter(command.items())) for command in commands]
    names = {step["span_id"]: step["operation"] for kind, step in steps if kind == "StartSpan"}
    told: list[Any] = []
    for kind, step in steps:
        if kind == "StartSpan":
            told.append((kind, step["operation"], names.get(step["parent_id"])))
        elif kind == "TagRequest" and step["tag"] != "mem_delta":
            told.append((kind, step["tag"], plain(step["value"])))
        elif kind == "TagSpan" and "allocations" not in step["tag"]:
            told.append((kind, names.get(step["span_id"]), step["tag"]))
    return told


# New Relic


_OF_THE_PROCESS = ("Supportability", "CPU", "Memory", "Instance", "GC", "Logging")


def by_new_relic(messages: list[tuple[str, Any]]) -> Record:
    """Tell of transactions, of the spans in them, of errors, and of how often each metric was counted."""
    events = {kind: body for kind, body in messages if kind.endswith("_data")}
    spans = [
        span for span, *_ in events.get("span_event_data", [None, None, []])[2] if _CLOSED not in span["name"]
    ]
    names = {span["guid"]: span["name"] for span in spans}
    counted = events.get("metric_data", [None, None, None, []])[3]
    return {
        "transactions": [
            (neutral(one["name"]), one.get("error"), agent["request.method"], agent["response.status"])
            for one, _, agent in events.get("analytic_event_data", [None, None, []])[2]
        ],
        "spans": [(neutral(span["name"]), neutral(names.get(span.get("parentId")))) for span in spans],
        "errors": [
            (neutral(one["transactionName"]), one["error.class"], one["error.message"])
            for one, *_ in events.get("error_event_data", [None, None, []])[2]
        ],
        "counted": sorted(
            (neutral(metric["name"]), neutral(metric["scope"]), figures[0])
            for metric, figures in counted
            if not metric["name"].startswith(_OF_THE_PROCESS) and _CLOSED not in metric["name"]
        ),
    }


def neutral(name: str | None) -> str | None:
    """Put one word for the framework's own class and modules, which New Relic has in its names."""
    return name and _MODULE.sub("", _APPLICATION.sub("application", name))
