"""Pages that were rendered, as files below the instance folder."""

from __future__ import annotations

from pathlib import Path

from flask import current_app


def folder() -> Path:
    return Path(current_app.instance_path) / "cache"


def files() -> list[Path]:
    return sorted(folder().glob("*.html")) if folder().is_dir() else []
