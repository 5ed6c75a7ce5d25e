"""Attacks the example `shop-api` with schemathesis, and prints what happened as JSON.

Run in an environment of its own: ``python attack.py wsgi``, ``python attack.py asgi``, or with the URL of a
document.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import jsonschema_rs
import schemathesis
import werkzeug
from schemathesis.checks import CHECKS
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.python import wsgi

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[2] / "examples" / "shop-api"
DOCUMENT = "/shop/openapi.json"
MOST_SHOWN = 20


@schemathesis.check
def lines_are_as_documented(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """Hold each line of JSON lines against the schema: schemathesis itself looks into whole JSON only."""
    if response.headers.get("content-type", [""])[0] != "application/jsonl":
        return
    document = case.operation.schema.raw_schema
    content = document["paths"][case.path][case.method.lower()]["responses"]["200"]["content"]
    schema = {**content["application/jsonl"]["schema"], "components": document["components"]}
    for line in response.content.splitlines():
        jsonschema_rs.validate(schema, json.loads(line))


class ClientWithoutNetwork(werkzeug.Client):
    """The client of WSGI applications: schemathesis 4.32 gives it settings of the network, too, and fails."""

    def open(self, *args: t.Any, **settings: t.Any) -> t.Any:
        for name in ("max_redirects", "verify", "cert"):
            settings.pop(name, None)
        return super().open(*args, **settings)


wsgi.get_client = ClientWithoutNetwork


def load(way: str) -> schemathesis.BaseSchema:
    """Return the shop's document, and with it what is attacked."""
    config = schemathesis.Config.from_path(HERE / "schemathesis.toml")
    if way.startswith("http://"):
        return schemathesis.openapi.from_url(way, config=config)
    sys.path.insert(0, str(EXAMPLE))
    from orders import create_app

    app = create_app()
    if way == "wsgi":
        return schemathesis.openapi.from_wsgi(DOCUMENT, app.wsgi_app, config=config)
    return schemathesis.openapi.from_asgi(DOCUMENT, app.asgi_app, config=config)


class Report:
    """What happened in a run."""

    def __init__(self) -> None:
        self.phases: dict[str, str] = {}
        self.requests: dict[str, dict[str, int]] = {}
        self.statuses: dict[str, int] = {}
        self.checks: dict[str, int] = {}
        self.failures: list[str] = []

    def note(self, event: events.EngineEvent) -> None:
        """Note what an event says."""
        if isinstance(event, events.PhaseFinished):
            self.phases[event.phase.name.value] = str(event.status)
        elif isinstance(event, events.NonFatalError):
            self.failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            self.failures.append(repr(event.exception))
        elif isinstance(event, events.Interrupted):
            self.failures.append("interrupted")
        elif isinstance(event, events.ScenarioFinished):
            self._note_scenario(event.phase.value, event.recorder)
        elif isinstance(event, events.EngineFinished):
            self.failures += [f"{failure.title}: {failure.message}" for failure in event.failures]

    def _note_scenario(self, phase: str, recorder: ScenarioRecorder) -> None:
        counts = self.requests.setdefault(phase, {})
        for identity, interaction in recorder.interactions.items():
            response = interaction.response
            status = "none" if response is None else str(response.status_code)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            node = recorder.cases.get(identity)
            if node is not None:
                label = node.value.operation.label
                counts[label] = counts.get(label, 0) + 1
        for checks in recorder.checks.values():
            for check in checks:
                self.checks[check.name] = self.checks.get(check.name, 0) + 1
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    self.failures.append(
                        f"{phase}, {recorder.label}: {failure.title}: {failure.message}\n"
                        f"{check.failure_info.code_sample}"
                    )
                elif str(check.status) != "success":
                    self.failures.append(f"{phase}, {recorder.label}: {check.name}: {check.status}")


def main(way: str) -> None:
    report = Report()
    for event in from_schema(load(way)).execute():
        report.note(event)
    summary: dict[str, t.Any] = vars(report) | {
        "failures": report.failures[:MOST_SHOWN],
        # The time that answers take is no check here.
        "known_checks": sorted(set(CHECKS.get_all_names()) - {"max_response_time"}),
    }
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main(sys.argv[1])
