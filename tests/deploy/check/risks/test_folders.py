"""The folders that an application writes to are read from its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erlen import Erlen
from erlen.deploy.check.examined import Examined
from erlen.deploy.check.risks.folders import upload_folders, written_folders


def examined(**settings: Any) -> Examined:
    app = Erlen("shop")
    app.config.update(settings)
    return Examined(app, Path("/nowhere"))


@pytest.mark.parametrize(
    "key", ["UPLOAD_FOLDER", "UPLOADS_DIR", "MEDIA_ROOT", "UPLOADED_PHOTOS_DEST", "UPLOADS_DEFAULT_DEST"]
)
def test_folders_of_uploads_are_known_by_their_keys(key: str, tmp_path: Path) -> None:
    assert upload_folders(examined(**{key: str(tmp_path)})) == [(key, tmp_path)]
    assert upload_folders(examined(**{key: tmp_path / "new"})) == [(key, tmp_path / "new")]


@pytest.mark.parametrize("value", ["", None, 3, ["/srv"], "no/such/folder"])
def test_what_is_no_path_or_cannot_be_placed_is_left_out(value: object) -> None:
    assert upload_folders(examined(UPLOAD_FOLDER=value)) == []


def test_sessions_caches_and_logs_are_written_if_they_are_used(tmp_path: Path) -> None:
    folder = str(tmp_path)
    settings = {"SESSION_FILE_DIR": folder, "CACHE_DIR": folder, "LOG_FILE": f"{folder}/shop.log"}
    assert written_folders(examined(**settings)) == [("LOG_FILE", tmp_path)]
    used = examined(SESSION_TYPE="filesystem", CACHE_TYPE="FileSystemCache", **settings)
    assert written_folders(used) == [(key, tmp_path) for key in settings]
