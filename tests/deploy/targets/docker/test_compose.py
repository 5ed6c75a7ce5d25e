"""The Compose file is read by two readers, and confines the container."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from erlen.deploy.targets.docker.compose import compose
from erlen.deploy.targets.image import LONGEST_STOP
from erlen.deploy.targets.project import Project
from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.start_command import GRACE
from tests.amounts import part_of

from ..hostile import missing, program, texts
from ..sites import site

NAMES = ["instance", "$HOME", "${HOME:?}", "a: b", "ünï 😀", 'a"b\\', "{{ a }}", "a\nb"]
FULL = site(project=Project(instance="instance"), has_migrations=True, workers=3)


def read(text: str) -> Any:
    """Return what the file says, as Compose reads it: `$$` is `$`."""
    return json.loads(json.dumps(yaml.safe_load(text)).replace("$$", "$"))


def docker_compose(text: str, folder: Path) -> Any:
    """Return what `docker-compose config` reads; it needs no daemon."""
    (folder / "compose.yaml").write_text(text, "utf-8")
    (folder / ".env").write_text("SECRET_KEY=of-the-file\n")
    command = [program("docker-compose", "apt-get install docker-compose"), "--file", "compose.yaml"]
    command += ["--profile", "by-hand", "config"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def test_the_container_may_do_little() -> None:
    for service in read(compose(FULL))["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["tmpfs"] == ["/tmp"]
        assert service["volumes"] == [{"type": "volume", "source": "instance", "target": "/app/instance"}]
        assert service["env_file"] == [".env"]
        assert "SECRET" not in str(service)


def test_docker_waits_longer_than_the_server() -> None:
    assert LONGEST_STOP > GRACE + 2
    assert read(compose(FULL))["services"]["web"]["stop_grace_period"] == f"{LONGEST_STOP}s"


def test_migrations_are_a_command_of_their_own() -> None:
    services = read(compose(FULL))["services"]
    assert services["migrate"]["command"] == ["/venv/bin/erlen", "--app", "wsgi:app", "db", "upgrade"]
    assert services["migrate"]["profiles"] == ["by-hand"]
    assert "upgrade" not in str(services["web"])
    assert "migrate" not in read(compose(site()))["services"]


def test_only_this_machine_gets_to_the_port() -> None:
    assert read(compose(site()))["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]


@given(texts)
@settings(max_examples=part_of(200))
def test_odd_names_are_the_same_or_refused(name: str) -> None:
    odd = site(application=f"wsgi:{name}", project=Project(instance=name), has_migrations=True)
    try:
        services = yaml.safe_load(compose(odd))["services"]
    except Unquotable:
        assert "\ud800" in name
        return
    assert services["migrate"]["command"][2] == f"wsgi:{name}".replace("$", "$$")
    assert services["web"]["volumes"][0]["target"] == f"/app/{name}".replace("$", "$$")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_docker_compose_reads_it(name: str, tmp_path: Path) -> None:
    odd = site(application=f"wsgi:{name}", project=Project(instance=name), has_migrations=True)
    said = docker_compose(compose(odd), tmp_path)["services"]
    # It writes what can be read again.
    assert said["migrate"]["command"][2].replace("$$", "$") == f"wsgi:{name}"
    assert said["web"]["environment"]["SECRET_KEY"] == "of-the-file"


@pytest.mark.slow
@pytest.mark.parametrize("each", [FULL, site()], ids=["everything", "little"])
def test_no_key_is_misspelt(each: Any) -> None:
    try:
        from compose_spec import PyCompose
    except ImportError:
        missing("compose-spec is missing: pip install compose-spec.")
    text = compose(each)
    PyCompose.from_yaml(text).validate()
    with pytest.raises(ValueError, match="tmpfz"):
        PyCompose.from_yaml(text.replace("tmpfs:", "tmpfz:"))
