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
# One object kept for each request of a single kind would be 256 × 50 bytes and more.
ALLOWED = 4096


steady = pytest.mark.skipif(
    sys.version_info < (3, 11),
    reason="CPython 3.10 gives each function a cache of its own at its 1024th call: that is counted, too",
)


def grown(framework: str, warm_up: int, *counts: int) -> list[int]:
    bytes_left = [each["traced_bytes"] for each in ask_worker(framework, "traced", warm_up, *counts)]
    return [after - before for before, after in pairwise(bytes_left)]


@steady
def test_a_worker_does_not_grow():
    [growth] = grown("erlen", PERIOD, PERIOD)
    assert growth < ALLOWED


@steady
@pytest.mark.slow
def test_a_worker_does_not_grow_in_the_long_run():
    first, second = grown("erlen", 4 * PERIOD, 8 * PERIOD, 8 * PERIOD)
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
    assert after - before > ALLOWED


@pytest.mark.parametrize("framework", ["erlen", "flask"])
def test_both_answer_the_mix_with_the_same_statuses(framework):
    app, statuses = load(framework), []
    for request, _ in zip(requests(), KINDS, strict=False):
        statuses.append(ask(app, request).status[:3])
    assert statuses == ["200"] * 8 + ["404", "405", "404"] + ["200"] * 5
