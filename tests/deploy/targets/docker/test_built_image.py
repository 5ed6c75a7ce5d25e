"""What the Dockerfile says is built, and the image is run as the Compose file says.

About 70 seconds with 2 CPUs that others use too, and 50 to 120 more the first time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .images import PYTHON, Buildah, Container, Image, build, copy_of, running, store, wheels

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.timeout(900)]

SECRET = "k9-this-is-in-no-image-0123456789abcdef"
SHOP = """
import os, pathlib, time
from flask import Flask
from erlen.deploy import health

def create_app():
    app = Flask(__name__, instance_path=os.path.abspath("my data [1]"))
    app.config["TRUSTED_HOSTS"] = ["shop.example"]
    checks = health.init_app(app)

    @checks.check("stock")
    def stock():
        return not os.path.exists("/tmp/empty")

    @app.get("/slow")
    def slow():
        pathlib.Path("/tmp/begun").touch()
        time.sleep(2)
        return "done"

    return app
"""


@pytest.fixture(scope="module")
def buildah() -> Iterator[Buildah]:
    with store() as buildah:
        wheels()
        yield buildah


def write_files(project: Path, app: str, *words: str) -> None:
    erlen = Path(sys.executable).with_name("erlen")
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("FLASK_", "ERLEN_"))
    }
    command = [erlen, "--app", app, "deploy", "docker", "--out", ".", *words]
    variables |= {"SECRET_KEY": SECRET, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    # The Python of the image that stands for Docker's.
    dockerfile = project / "Dockerfile"
    mine = "python:{}.{}-slim".format(*sys.version_info)
    dockerfile.write_text(dockerfile.read_text().replace(mine, f"python:{PYTHON}-slim"))


@pytest.fixture(scope="module")
def guestbook(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Return the image of an application that says its needs in pyproject.toml, and nothing of Erlen."""
    project = copy_of("guestbook", tmp_path_factory.mktemp("guestbook") / "project")
    (project / ".env").write_text(f"SECRET_KEY={SECRET}\n")
    (project / "instance").mkdir()
    (project / "instance" / "guestbook.db").write_text(SECRET)
    write_files(project, "wsgi")
    return build(buildah, project, "guestbook")


@pytest.fixture(scope="module")
def shop(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Return the image of an application with a requirements.txt, checks, and a folder with an odd name."""
    project = tmp_path_factory.mktemp("shop") / "the project"
    project.mkdir()
    (project / "shop.py").write_text(SHOP)
    (project / "requirements.txt").write_text("flask>=3.1\n")
    data = project / "my data [1]"
    data.mkdir()
    (data / "customers").write_text(SECRET)
    write_files(project, "shop", "--workers", "1")
    return build(buildah, project, "shop")


def test_no_secret_and_no_data_is_in_the_image(guestbook: Image, shop: Image) -> None:
    for image in (guestbook, shop):
        assert SECRET not in image.history
        code = image.root / "app"
        texts = [path.read_bytes() for path in code.rglob("*") if path.is_file()]
        assert texts
        assert not any(SECRET.encode() in text for text in texts)
    names = {path.name for path in (guestbook.root / "app").iterdir()}
    assert names == {"README.md", "guestbook", "instance", "pyproject.toml", "wsgi.py"}


def test_the_code_belongs_to_root_and_the_data_to_the_user(guestbook: Image) -> None:
    code = guestbook.root / "app"
    assert {path.stat().st_uid for path in code.rglob("*")} == {0, 10001}
    assert [path.name for path in code.rglob("*") if path.stat().st_uid == 10001] == ["instance"]
    assert "app:x:10001:10001::/:/usr/sbin/nologin" in (guestbook.root / "etc/passwd").read_text()


def test_it_serves_with_a_root_that_cannot_be_written(guestbook: Image, tmp_path: Path) -> None:
    """The commands of the application run beside it, with the same folder for data."""
    with running(guestbook, tmp_path, "/app/instance", SECRET_KEY=SECRET) as container:
        container.wait_until(lambda: "Stop: kill" in container.log)
        created = container.run("erlen", "--app", "wsgi", "init-db")
        assert created.returncode == 0, created.stdout
        status, text = container.get("/")
        assert (status, "Guestbook" in text) == (200, True), container.log
        assert container.is_healthy()
        assert container.run("touch", "/app/here").returncode == 1
        assert container.run("touch", "/tmp/here", "/app/instance/here").returncode == 0
        for said in rights_of(container):
            assert said == {"Uid": "10001", "Gid": "10001", "CapEff": "0" * 16, "NoNewPrivs": "1"}


def rights_of(container: Container) -> list[dict[str, str]]:
    """Return what the main process and its workers may do."""
    pids = [container.first]
    for pid in pids:
        pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    assert len(pids) > 1
    wanted = ("Uid", "Gid", "CapEff", "NoNewPrivs")
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return [
        {name: value.split()[0] for name, _, value in map(partitioned, text.splitlines()) if name in wanted}
        for text in statuses
    ]


def partitioned(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def test_the_healthcheck_is_ready_and_the_signal_lets_requests_finish(shop: Image, tmp_path: Path) -> None:
    with running(shop, tmp_path, "/app/my data [1]") as container:
        container.wait_until(lambda: "Stop: kill" in container.log)
        container.wait_until(container.is_healthy)
        assert container.run("touch", "/tmp/empty").returncode == 0
        assert not container.is_healthy()
        assert container.run("rm", "/tmp/empty").returncode == 0
        assert container.is_healthy()
        answers: list[tuple[int, str]] = []
        asking = threading.Thread(target=lambda: answers.append(container.get("/slow")))
        asking.start()
        container.wait_until(lambda: container.run("test", "-e", "/tmp/begun").returncode == 0)
        status = container.stop()
        asking.join()
        assert answers == [(200, "done")], container.log
        assert status == 0, container.log
        assert "0 requests were cut off" in container.log
