"""The commands of the pages that no test runs, each with the reason. All others are run."""

from __future__ import annotations

import re

IN_THE_NETWORK = "it fetches packages; what the tests need of them is in pyproject.toml and .ci/services"
ANOTHER_ENVIRONMENT = "it makes or enters an environment, and the tests have theirs"
FOR_MINUTES = "it measures for minutes; tests/bench/ runs its parts"
ROOT_ONLY = "it changes the machine"
A_NAME = "it is the name of a command or an option in a sentence; blocks run it"
NO_SUCH_COMMAND = "the reader's own application would have this command"
TESTED_ELSEWHERE = "tests/examples/ runs it"
WITH_AGENTS = "tests/tracing/test_agents.py starts it so, in an environment with the agents"
WITH_TOOLS = "tests/contract/test_environment_tools.py does what the page says, with the tools"
IN_A_TERMINAL = "tests/servers/test_background.py runs it, and closes the terminal"
WITHOUT_A_DAEMON = "tests/deploy/targets/docker/ builds and runs what is written, without Docker's daemon"
NO_CLUSTER = "it needs a cluster; tests/deploy/targets/test_kubernetes.py has the manifests read"
WHOLE_CI = "it runs this test"

NOT_RUN: dict[str, str] = {
    r"pip install .+": IN_THE_NETWORK,
    r"pip (freeze|config) .+": WITH_TOOLS,
    r"(PORT=\d+ )?(pipenv|uv|virtualenv|mkvirtualenv|workon|honcho) .+": WITH_TOOLS,
    r"deactivate|\. virtualenvwrapper\.sh": WITH_TOOLS,
    r"pre-commit install": IN_THE_NETWORK,
    r"(sudo )?apt(-get)? install .+": ROOT_ONLY,
    r"sudo .+": ROOT_ONLY,
    r"systemctl .+": ROOT_ONLY,
    r"(docker|podman) .+": WITHOUT_A_DAEMON,
    r"kubectl .+": NO_CLUSTER,
    r"python3 -m venv \S+": ANOTHER_ENVIRONMENT,
    r"\. \S+/activate": ANOTHER_ENVIRONMENT,
    r"python -m bench .+": FOR_MINUTES,
    r"python bench/compare\.py .+": FOR_MINUTES,
    r"\.ci/run": WHOLE_CI,
    r"(\S+=\S+ )+(ddtrace-run|newrelic-admin run-program|opentelemetry-instrument) gunicorn .+": WITH_AGENTS,
}
"""Patterns of whole commands, wherever they stand."""

ONLY_NAMED: dict[str, str] = {
    "erlen --app": A_NAME,
    "erlen run": A_NAME,
    "erlen routes": A_NAME,
    "python -m erlen": A_NAME,
    "flask run": A_NAME,
    "nohup python hello.py > log 2>&1 &": IN_A_TERMINAL,
    "erlen run --port": A_NAME,
    "erlen run --host": A_NAME,
    "erlen serve": A_NAME,
    "erlen deploy docker": A_NAME,
    "erlen deploy heroku": A_NAME,
    "erlen deploy kubernetes": A_NAME,
    "erlen check": A_NAME,
    "erlen check --deploy": A_NAME,
    "erlen deploy": A_NAME,
    "erlen deploy TARGET": A_NAME,
    "erlen deploy nginx": A_NAME,
    "erlen deploy apache": A_NAME,
    "erlen deploy gunicorn": A_NAME,
    "erlen deploy uwsgi": A_NAME,
    "erlen deploy systemd": A_NAME,
    "erlen deploy supervisor": A_NAME,
    "erlen deploy host": A_NAME,
    "erlen deploy host --media /media/ /srv/hello/shared/media": A_NAME,
    "nginx -t": ROOT_ONLY,
    "erlen --app wsgi deploy …": A_NAME,
    "erlen serve --root-path": A_NAME,
    "waitress-serve --url-prefix": A_NAME,
    "granian --url-path-prefix": A_NAME,
    "hypercorn --root-path": A_NAME,
    "uvicorn --root-path": A_NAME,
    "erlen deploy release": A_NAME,
    "python -m erlen.deploy.backup --to FOLDER SHARED": "the timer runs it: tests/deploy/machine/ has it",
    "erlen openapi": A_NAME,
    "erlen env": A_NAME,
    "erlen serve --reload": A_NAME,
    "erlen static": A_NAME,
    "erlen static clean": A_NAME,
    "erlen static digest": A_NAME,
    "erlen serve --server gunicorn": "tests/deploy/serve/test_gunicorn.py runs it",
    "erlen db upgrade": NO_SUCH_COMMAND,
    "erlen db upgrade --sql": NO_SUCH_COMMAND,
    "erlen users create": NO_SUCH_COMMAND,
    "erlen script": A_NAME,
    "erlen script check": A_NAME,
    "erlen script list": A_NAME,
    "erlen script new": A_NAME,
    "erlen script promote": A_NAME,
    "erlen script run": A_NAME,
    "python -m": A_NAME,
    "python -m erlen.as_flask": A_NAME,
    "flask --app hello run": "it was typed before, for a file that says `from flask import`",
    "pytest -p erlen.as_flask": "the page has no tests; move-a-flask-application.md has, and runs it",
    "python -m pytest": TESTED_ELSEWHERE,
    "python -m erlen.as_flask -m celery --app worker worker": "examples/celery-tasks has the worker",
    "newrelic-admin run-program": A_NAME,
    "mypy --strict": "make types runs it",
    "redis-cli publish news hello": "it speaks to port 6379, where the tests have nothing",
}
"""Commands in the running text that no test types; in a block they are run."""


def reason_not_to_run(command: str) -> str | None:
    return next((reason for pattern, reason in NOT_RUN.items() if re.fullmatch(pattern, command)), None)
