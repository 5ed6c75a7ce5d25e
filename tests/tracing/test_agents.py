"""Tracing agents, each started as its own documentation says, record on Erlen what they record on Flask.

Nothing in the programs is Erlen's: ERLEN_AS_FLASK=1 in the environment is the only difference. They send
to a collector on loopback; New Relic's developer mode writes to a file instead.
"""

from __future__ import annotations

import pytest

from tests.contract.environment import Environment
from tests.tracing import told
from tests.tracing.agents import Agent, Seen, run

pytestmark = pytest.mark.contract

COLLECTOR = "http://127.0.0.1:{http}"
DATADOG = {
    "DD_SERVICE": "shop",
    "DD_TRACE_AGENT_URL": COLLECTOR,
    "DD_TRACE_API_VERSION": "v0.4",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_REMOTE_CONFIGURATION_ENABLED": "false",
}
NEW_RELIC = """\
[newrelic]
app_name = shop
license_key = of the tests
developer_mode = true
startup_timeout = 60
audit_log_file = {folder}/audit.log
"""

AGENTS = {
    "ddtrace-run": Agent(told.by_datadog, launcher=("ddtrace-run",), variables=DATADOG),
    "ddtrace patch": Agent(told.by_datadog, module="with_ddtrace_patch", variables=DATADOG),
    "newrelic-admin": Agent(
        told.by_new_relic,
        launcher=("newrelic-admin", "run-program"),
        variables={
            "NEW_RELIC_CONFIG_FILE": "{folder}/newrelic.ini",
            "NEW_RELIC_DISTRIBUTED_TRACING_SAMPLER_ROOT": "always_on",
        },
        file=("newrelic.ini", NEW_RELIC),
    ),
    "opentelemetry-instrument": Agent(
        told.by_opentelemetry,
        launcher=("opentelemetry-instrument",),
        variables={
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR,
        },
    ),
    "sentry": Agent(
        told.by_sentry, module="with_sentry", variables={"SENTRY_DSN": "http://key@127.0.0.1:{http}/1"}
    ),
    "elastic": Agent(
        told.by_elastic,
        module="with_elastic",
        variables={
            "ELASTIC_APM_SERVICE_NAME": "shop",
            "ELASTIC_APM_SERVER_URL": COLLECTOR,
            "ELASTIC_APM_CENTRAL_CONFIG": "false",
            "ELASTIC_APM_CLOUD_PROVIDER": "none",
            "ELASTIC_APM_METRICS_INTERVAL": "0s",
            "ELASTIC_APM_API_REQUEST_TIME": "1s",
        },
        # When the process ends it waits for its thread for a few seconds, however long that takes.
        is_complete=lambda recorded: "/items/7" in str(recorded[-1:]),
    ),
    "rollbar": Agent(
        told.by_rollbar, module="with_rollbar", variables={"ROLLBAR_ENDPOINT": f"{COLLECTOR}/api/1/"}
    ),
    "scout": Agent(
        told.by_scout,
        module="with_scout",
        variables={
            "SCOUT_MONITOR": "true",
            "SCOUT_NAME": "shop",
            "SCOUT_KEY": "of-the-tests",
            "SCOUT_CORE_AGENT_LAUNCH": "false",
            "SCOUT_CORE_AGENT_SOCKET_PATH": "tcp://127.0.0.1:{core}",
        },
        # When the process ends it waits until the last message is taken from the queue, not until it is sent.
        is_complete=lambda recorded: "Controller/shop.item" in str(recorded[-1:]),
    ),
}
# What each has at least, so that two empty records are not taken for equal ones.
AT_LEAST = {
    "ddtrace-run": 150,
    "ddtrace patch": 140,
    "newrelic-admin": 4,
    "opentelemetry-instrument": 11,
    "sentry": 12,
    "elastic": 13,
    "rollbar": 1,
    "scout": 10,
}


@pytest.fixture(scope="module", params=AGENTS)
def agent(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def on_flask(agent: str, tools: Environment) -> Seen:
    return run(AGENTS[agent], agent.replace(" ", "-"), "flask", tools)


@pytest.fixture(scope="module")
def on_erlen(agent: str, tools: Environment) -> Seen:
    return run(AGENTS[agent], agent.replace(" ", "-"), "erlen", tools)


def test_the_shop_answers_under_an_agent_as_on_flask(on_flask: Seen, on_erlen: Seen) -> None:
    assert (on_flask.framework, on_erlen.framework) == ({"flask"}, {"erlen"})
    assert [status for status, _ in on_flask.answers] == [
        *(200, 500, 404, 405, 409),
        *(302, 200, 200, 403, 200, 200),
    ]
    assert on_erlen.answers == on_flask.answers, on_erlen.output


def test_an_agent_records_on_erlen_what_it_records_on_flask(
    agent: str, on_flask: Seen, on_erlen: Seen
) -> None:
    assert len(on_flask.told) >= AT_LEAST[agent], on_flask.output
    assert on_erlen.told == on_flask.told
