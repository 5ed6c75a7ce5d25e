"""Distributions with checks of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.legacy.check.conftest import write

CODE = """\
import click
from erlen.deploy.check import Kind, Level, Place
ZED = Kind("zed-kind", Level.WARNING, "Zed says so.")
@click.command()
@click.option("--loud", is_flag=True)
@click.argument("a", default="-")
def check(loud, a):
    click.echo(f"looked {loud} {a}")
def look(examined):
    yield ZED.found(f"{examined.app.import_name} has no zed.", write="zed()")
def broken(examined):
    yield ZED.found("Half.")
    raise KeyError("zed")
none = 1
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution with these entry points of the group `erlen.checks`."""

    def install(*entry_points: str) -> None:
        site: Path = tmp_path_factory.mktemp("site")
        listed = "".join(f"{each}\n" for each in entry_points)
        write(
            site,
            {
                "zed_check.py": CODE,
                "zed_check-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: zed-check\nVersion: 1.0\n",
                "zed_check-1.0.dist-info/entry_points.txt": f"[erlen.checks]\n{listed}",
            },
        )
        monkeypatch.setattr(sys, "path", [str(site), *sys.path])
        monkeypatch.delitem(sys.modules, "zed_check", raising=False)

    return install
