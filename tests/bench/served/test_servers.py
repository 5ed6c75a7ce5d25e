"""A real server is started, watched, asked and ended."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bench.measure import CannotMeasure
from bench.served.__main__ import main
from bench.served.measure import ANSWER, Effort, measure
from bench.served.processes import get, running, tree, two_cores
from bench.served.servers import SERVERS
from tests.ports import free_port

GUNICORN = next(server for server in SERVERS if server.name == "gunicorn")

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are watched through /proc"),
]
needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


@pytest.fixture(scope="module")
def cores():
    try:
        return two_cores()
    except CannotMeasure as reason:
        pytest.skip(str(reason))


def test_a_server_is_pinned_and_leaves_nothing_behind(cores):
    port = free_port()
    with running(GUNICORN.command("bare", port), port, cores[0]) as pid:
        assert get(port) == ANSWER
        family = tree(pid)
        assert len(family) == 2
        assert all(os.sched_getaffinity(member) == {cores[0]} for member in family)
    assert not any(Path(f"/proc/{member}").exists() for member in family)


def test_a_server_that_does_not_start_says_why(cores):
    port = free_port()
    command = [word.replace("critical", "error") for word in GUNICORN.command("nothing", port)]
    with pytest.raises(CannotMeasure, match="No module named"), running(command, port, cores[0]):
        pass


@needs_wrk
def test_a_measurement_says_what_one_worker_did(cores):
    rounds = []
    effort = Effort(rounds=1, turns=1, seconds=1, tries=1)
    taken = measure(GUNICORN, ["bare"], effort, rounds.append)["bare"]
    assert taken["requests_per_second"] > 0
    assert taken["p99_milliseconds"] > 0
    assert taken["workers"] == 1
    assert taken["share_of_bare"] == 1.0
    assert rounds == [1]


@needs_wrk
def test_the_command_writes_and_shows_a_result(cores, tmp_path, capsys):
    output = tmp_path / "result.json"
    assert main(["--quick", "--servers", "gunicorn", "--apps", "bare", "--output", str(output)]) == 0
    assert capsys.readouterr().out.startswith("server ")
    result = json.loads(output.read_text())
    assert result["versions"]["gunicorn"]
    assert result["servers"][0]["apps"]["bare"]["requests_per_second"] > 0
    assert main(["--show", str(output), "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("| server |")
