"""Runs are fair: everybody in turns, one worker on one core."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from bench.measure import CannotMeasure
from bench.served.measure import check_workers, summary
from bench.served.servers import BESIDE_GRANIAN, SERVERS, Server

SERVER = Server("one", "one", "one {app} {port}", ["bare", "erlen"], "one")


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_all_applications_of_a_server_are_started_with_the_same_words(server):
    commands = {
        tuple(word.replace(f".{app}:", ".APP:") for word in server.command(app, 8000)) for app in server.apps
    }
    assert len(commands) == 1
    assert server.bare.startswith("bare")


@pytest.mark.parametrize("server", BESIDE_GRANIAN, ids=lambda server: server.name)
def test_both_ways_to_serve_an_application_have_the_same_settings(server):
    granian, erlen = (server.command(way, 8000) for way in server.apps)
    assert (Path(granian[0]).name, Path(erlen[0]).name) == ("granian", "erlen")
    values, own = dict(pairwise(granian)), dict(pairwise(erlen))
    same = {"--interface", "--host", "--port", "--workers", "--backlog", "--backpressure"}
    assert {word: values[word] for word in same} == {word: own[word] for word in same}
    assert values["--blocking-threads"] == own["--threads"]
    assert own["--app"] == granian[-1]
    assert server.rounds == 9


@pytest.mark.parametrize("server", [*SERVERS, *BESIDE_GRANIAN], ids=lambda server: server.name)
def test_a_server_is_told_its_port_and_where_it_listens(server):
    words = " ".join(server.command(server.bare, 8765))
    assert "127.0.0.1" in words
    assert "8765" in words


def rounds(**rates: list[float]) -> list[dict]:
    count = len(next(iter(rates.values())))
    return [{app: {"requests_per_second": rates[app][number]} for app in rates} for number in range(count)]


def test_the_median_of_the_rounds_counts():
    counted = summary("erlen", "bare", rounds(erlen=[10.0, 50.0, 20.0]))
    assert counted["requests_per_second"] == 20.0
    assert [each["requests_per_second"] for each in counted["rounds"]] == [10.0, 50.0, 20.0]
    assert counted["share_of_bare"] is None


def test_the_share_of_the_bare_function_is_taken_in_the_same_round():
    taken = rounds(erlen=[80.0, 45.0, 8.0], bare=[100.0, 50.0, 40.0])
    assert summary("erlen", "bare", taken)["share_of_bare"] == 0.8
    assert summary("bare", "bare", taken)["share_of_bare"] == 1.0


@pytest.fixture
def pinned():
    """Pin this process, which stands for all, to one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    yield os.getpid()
    os.sched_setaffinity(0, cores)


needs_affinity = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="pins processes as Linux does"
)


@needs_affinity
def test_one_process_that_works_is_one_worker(pinned):
    assert check_workers(SERVER, {pinned: 4.9}) == 1


@needs_affinity
@pytest.mark.parametrize("helpers", [1, 2])
def test_another_number_of_workers_is_refused(pinned, helpers):
    server = Server("one", "one", "one", ["bare"], "one", helpers=helpers)
    with pytest.raises(CannotMeasure, match=f"{1 - helpers} workers"):
        check_workers(server, {pinned: 4.9})


@needs_affinity
def test_a_server_that_may_use_two_cores_is_refused():
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("this machine has one core")
    with pytest.raises(CannotMeasure, match="should have one"):
        check_workers(SERVER, {os.getpid(): 4.9})
