"""What `import erlen` and a start import: counts, so that nothing creeps in."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Each is imported when something first needs it.
LATE = {
    "asyncio",
    "click",
    "decimal",
    "importlib.metadata",
    "importlib.resources",
    "itsdangerous",
    "jinja2",
    "pathlib",
    "pickle",
    "runpy",
    "sysconfig",
    "zipfile",
    "erlen.cli.commands",
    "erlen.debughelpers",
    "erlen.environment_files",
    "erlen.templating.compiler",
    "erlen.templating.environment",
    "erlen.templating.loader",
    "erlen.testing",
    "erlen.wrappers.parts",
}
# They are in `sys.modules`, and not executed.
NOT_EXECUTED = {
    "erlen.gateway.forwarded",
    "erlen.plan.edge",
    "erlen.sessions.signing",
    "erlen.wrappers.send_file",
}
# How many modules of Erlen are executed at most.
MOST_OF_ERLEN = 89

AS_FLASK = {"ERLEN_AS_FLASK": "1"}
PLAIN_REQUEST = """
app = {package}.Flask("shop")
app.get("/")(lambda: "hello")
environ = {{
    "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": "",
    "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.url_scheme": "http", "wsgi.errors": None,
}}
assert b"".join(app(environ, lambda status, headers: None)) == b"hello"
"""
STARTS = {
    "import erlen": ("erlen", "", {}),
    "import flask": ("flask", "", AS_FLASK),
    "a plain answer": ("erlen", PLAIN_REQUEST, {}),
    "a plain answer as Flask": ("flask", PLAIN_REQUEST, AS_FLASK),
}


@pytest.fixture(scope="module", params=STARTS)
def imported(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the modules of a process, each with its type."""
    package, code, env = STARTS[request.param]
    return modules_after(f"import sys, {package}\n{code.format(package=package)}\n", env)


def modules_after(program: str, env: dict[str, str]) -> dict[str, str]:
    told = "import json; print(json.dumps({n: type(m).__name__ for n, m in sys.modules.items()}))"
    ran = subprocess.run(
        [sys.executable, "-c", program + told], env=env, capture_output=True, text=True, timeout=60
    )
    assert ran.stderr == ""
    modules: dict[str, str] = json.loads(ran.stdout)
    return modules


def test_what_a_start_does_not_need_is_not_imported(imported: dict[str, str]) -> None:
    executed = {name for name, kind in imported.items() if kind != "LateModule"}
    # A later Python may import more by itself.
    assert executed & LATE <= modules_after("import sys, werkzeug, blinker\n", {}).keys()


def test_what_is_looked_at_later_is_not_executed(imported: dict[str, str]) -> None:
    assert {imported[name] for name in NOT_EXECUTED} == {"LateModule"}


def test_few_modules_of_erlen_are_executed(imported: dict[str, str]) -> None:
    own = [n for n, kind in imported.items() if n.partition(".")[0] == "erlen" and kind != "LateModule"]
    assert len(own) <= MOST_OF_ERLEN + sum(name.startswith("erlen.alias") for name in own)
