"""A real server is reloaded, broken, hurt and stopped, and what that costs is written down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.measure import CannotMeasure
from bench.reload.__main__ import main
from bench.reload.measure import QUICK, trial
from bench.reload.servers import SERVERS, Server

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


def test_the_command_writes_and_shows_a_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "result.json"
    assert main(["--quick", "--servers", "gunicorn", "--output", str(output)]) == 0
    assert capsys.readouterr().out.startswith("server ")
    result = json.loads(output.read_text())
    assert result["versions"]["gunicorn"]
    [taken] = result["trials"]
    runs = taken["runs"]
    assert runs["reload"]["loaded"]
    assert runs["broken"]["ended"], "gunicorn ends where it cannot import"
    assert runs["broken"]["lost"] > 50
    assert runs["kill"]["replaced"]
    assert not runs["kill"]["ended"]
    assert runs["stop"]["ended"]
    assert main(["--show", str(output), "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("| server |")


def test_a_server_that_does_not_start_says_why() -> None:
    nothing = Server("nothing", "nothing", "gunicorn --bind 127.0.0.1:{port} nothing:app", "gunicorn")
    with pytest.raises(CannotMeasure, match="No module named 'nothing'"), trial(nothing, QUICK):
        pass


def test_names_are_unique() -> None:
    names = [server.name for server in SERVERS]
    assert len(set(names)) == len(names)
