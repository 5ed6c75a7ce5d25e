"""A worker keeps nothing of its requests: bytes are counted, by tracemalloc."""

from __future__ import annotations

import sys
import tracemalloc
from itertools import pairwise

import pytest

from bench.apps import load
from bench.footprint.measure import ask_worker
from bench.footprint.mix import KINDS, requests
from bench.footprint.worker import watch
from bench.wsgi import ask

# Verdicts on hosts are kept up to 256 and then begun anew: after so many requests there are as many again.
PERIOD = 256 * len(KINDS)
# The smallest object takes 50 bytes: one kept for each request of a single kind would be three times this.
ALLOWED = 16
# The texts of 1,024 dates are kept, of seconds in which a file was sent. Replacing the first ones makes
# the dict that they are in larger, once.
DATES = 2 * 1_024 * len(KINDS)


steady = pytest.mark.skipif(
    sys.version_info < (3, 11),
    reason="CPython 3.10 gives each function a cache of its own at its 1024th call: that is counted, too",
)


def grown(warm_up: int, *counts: int, seconds: int) -> list[float]:
    """Return by how many bytes a worker grows for each request of one kind, in rounds of *counts*.

    A request takes so many *seconds*, on a clock of its own: how long it really took is not to decide.
    """
    told = ask_worker("erlen", "traced", warm_up, *counts, clock=str(seconds))
    bytes_left = [each["traced_bytes"] for each in told]
    return [
        (after - before) / (count / len(KINDS))
        for (before, after), count in zip(pairwise(bytes_left), counts, strict=True)
    ]


@pytest.mark.slow
@steady
def test_a_worker_does_not_grow():
    [growth] = grown(PERIOD, PERIOD, seconds=0)
    assert growth < ALLOWED


@steady
@pytest.mark.slow
def test_a_worker_does_not_grow_in_the_long_run():
    first, second = grown(DATES, 8 * PERIOD, 8 * PERIOD, seconds=1)
    assert first < ALLOWED
    assert second < ALLOWED


def test_what_is_kept_for_one_kind_of_request_would_be_noticed():
    kept = []

    def keeps(environ, start_response):
        if environ["PATH_INFO"].startswith("/nowhere/"):
            kept.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b""]

    tracemalloc.start()
    try:
        before, after = (each["traced_bytes"] for each in watch(keeps, [len(KINDS), PERIOD]))
    finally:
        tracemalloc.stop()
    assert len(kept) == PERIOD // len(KINDS) + 1
    assert after - before > ALLOWED * 256


@pytest.mark.parametrize("framework", ["erlen", "flask"])
def test_both_answer_the_mix_with_the_same_statuses(framework):
    app, statuses = load(framework), []
    for request, _ in zip(requests(), KINDS, strict=False):
        statuses.append(ask(app, request).status[:3])
    assert statuses == ["200"] * 8 + ["404", "405", "404"] + ["200"] * 5
