"""Tests of the script export_orders."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from erlen.script import load


@pytest.fixture
def measured() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def test_all_columns_are_exported(fill: Callable[[int], None], tmp_path: Path) -> None:
    fill(2)
    load("export_orders").main(path=tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "id,customer_id,cents,state\n1,1,7,new\n2,1,14,sent\n"


def test_columns_and_states_can_be_chosen(fill: Callable[[int], None], tmp_path: Path) -> None:
    fill(4)
    script = load("export_orders")
    script.main(path=tmp_path / "a.csv", column=[script.Column.CENTS, script.Column.ID], state="sent")
    assert (tmp_path / "a.csv").read_text() == "cents,id\n14,2\n28,4\n"


@pytest.mark.usefixtures("measured")
def test_memory_stays_the_same_with_a_million_rows(fill: Callable[[int], None], tmp_path: Path) -> None:
    fill(1_000_000)
    gc.collect()
    objects = len(gc.get_objects())
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    load("export_orders").main(path=tmp_path / "a.csv")
    assert tracemalloc.get_traced_memory()[1] - before < 20 * 2**20
    gc.collect()
    assert len(gc.get_objects()) - objects < 20_000
    with open(tmp_path / "a.csv", "rb") as file:
        assert sum(1 for _ in file) == 1_000_001
