"""The target `docker` is three files, in the folder of the project."""

from __future__ import annotations

from erlen.deploy.targets import docker
from erlen.deploy.targets.files import is_unchanged, with_head

from ..sites import site


def test_the_files_and_what_is_done_with_them() -> None:
    steps = {file.path: file.apply for file in docker.files(site(has_migrations=True))}
    assert [*steps] == ["Dockerfile", ".dockerignore", "compose.yaml"]
    assert "docker build --tag shop ." in steps["Dockerfile"]
    run, up = steps["compose.yaml"][-2:]
    assert (run, up) == ("docker compose run --rm migrate", "docker compose up --detach --wait")


def test_the_same_site_gives_the_same_files() -> None:
    one, other = ([with_head(file, "docker", site()) for file in docker.files(site())] for _ in range(2))
    assert one == other
    assert all(map(is_unchanged, one))
