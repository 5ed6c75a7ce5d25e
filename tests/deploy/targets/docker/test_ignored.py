"""Secrets and data stay out of the image."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from erlen.deploy.targets.docker.ignored import ignored
from erlen.deploy.targets.project import Project
from erlen.deploy.targets.quoting import Unquotable

from ..sites import site
from .images import opened, store

LEFT_OUT = (
    *(
        ".env",
        ".env.local",
        "sub/.env",
        ".flaskenv",
        "key.pem",
        "sub/shop.key",
        "shop.db",
        "sub/shop.sqlite3",
    ),
    *(".git/config", ".venv/bin/python", "tests/test_shop.py", "shop/__pycache__/shop.pyc", "compose.yaml"),
)
FOLDERS = ["instance", "var/my data", "a[b]c", "#data", "!data", "wh?t*", "a\\b", "ünï"]
KEPT = ("shop/__init__.py", "wsgi.py", ".env.example", "shop/static/dist/shop.js", "environment.py")


@pytest.mark.parametrize("name", ["data\n", "\ndata", " data", "data\x85", "a\nb"])
def test_a_folder_whose_name_the_file_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(Unquotable, match=r"cannot hold"):
        ignored(site(project=Project(instance=name)))


@pytest.mark.parametrize("name", FOLDERS)
def test_the_folder_with_the_data_is_a_line(name: str) -> None:
    lines = ignored(site(project=Project(instance=name))).splitlines()
    assert name in [re.sub(r"\\(.)", r"\1", line) for line in lines]


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.timeout(900)
def test_what_is_ignored_is_not_in_an_image(tmp_path: Path) -> None:
    with store() as buildah:
        for number, instance in enumerate(FOLDERS):
            project = tmp_path / str(number)
            for name in (*LEFT_OUT, *KEPT, f"{instance}/customers"):
                path = project / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("text")
            (project / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
            (project / ".dockerignore").write_text(ignored(site(project=Project(instance=instance))))
            buildah("bud", "--isolation", "chroot", "--tag", f"ignored-{number}", project)
            root = opened(buildah, f"ignored-{number}").root
            found = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
            assert found == sorted(KEPT)
