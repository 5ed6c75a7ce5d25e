from __future__ import annotations

import csv
from contextvars import Context, copy_context
from pathlib import Path

import pytest
from sqlalchemy import select

from erlen.script import progress
from erlen.script.checkpoint import Checkpoint
from erlen.script.current import Run, set_current_run
from erlen.script.errors import ScriptError

from .conftest import Database, Order


class Cut(Exception):
    """What ends a run in the middle of a batch."""


def run_in(context: Context, path: Path, *, resume: bool = False) -> Checkpoint:
    checkpoint = Checkpoint(path)
    if resume:
        checkpoint.resume()
    context.run(set_current_run, Run(checkpoint=checkpoint))
    return checkpoint


def export(database: Database, path: Path, cut_at: int | None = None) -> list[int]:
    """Write the orders as a script would; return the numbers that it came by."""
    seen = []
    with progress(select(Order), batch=10, session=database.session) as rows:
        writer = csv.writer(rows.open(path))
        if not rows.is_resumed:
            writer.writerow(["id"])
        for order in rows:
            if order.id == cut_at:
                raise Cut
            writer.writerow([order.id])
            seen.append(order.id)
    return seen


@pytest.mark.parametrize("cut_at", [1, 10, 11, 35, 40, 41, 45])
def test_a_run_that_was_cut_off_goes_on_behind_the_last_batch(
    database: Database, tmp_path: Path, cut_at: int
) -> None:
    database.fill(45)
    export(database, tmp_path / "whole.csv")
    first, second = copy_context(), copy_context()
    run_in(first, tmp_path / "x")
    with pytest.raises(Cut):
        first.run(export, database, tmp_path / "a.csv", cut_at)
    run_in(second, tmp_path / "x", resume=(tmp_path / "x").exists())
    seen = second.run(export, database, tmp_path / "a.csv")
    assert seen[0] == (cut_at - 1) // 10 * 10 + 1
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_what_has_finished_is_not_done_again(database: Database, tmp_path: Path) -> None:
    database.fill(15)
    context = copy_context()
    run_in(context, tmp_path / "x")
    context.run(export, database, tmp_path / "a.csv")
    written = (tmp_path / "a.csv").read_bytes()
    again = copy_context()
    run_in(again, tmp_path / "x", resume=True)
    assert again.run(export, database, tmp_path / "a.csv") == []
    assert (tmp_path / "a.csv").read_bytes() == written


def test_each_progress_of_a_run_has_its_own_place(tmp_path: Path) -> None:
    def two(cut: bool) -> list[str]:
        seen = []
        with progress("abc", batch=2) as rows:
            seen += list(rows)
        with progress("defgh", batch=2) as rows:
            for letter in rows:
                if cut and letter == "g":
                    raise Cut
                seen.append(letter)
        return seen

    first, second = copy_context(), copy_context()
    run_in(first, tmp_path / "x")
    with pytest.raises(Cut):
        first.run(two, True)
    run_in(second, tmp_path / "x", resume=True)
    assert second.run(two, False) == ["f", "g", "h"]


def test_what_was_done_with_a_batch_is_lasting(database: Database) -> None:
    database.fill(25)

    def change() -> None:
        with progress(select(Order), batch=10, session=database.session) as rows:
            for order in rows:
                order.cents = 0
                if order.id == 25:
                    raise Cut

    with pytest.raises(Cut):
        change()
    database.session.rollback()
    assert database.session.query(Order).filter(Order.cents == 0).count() == 20


def test_it_has_to_be_entered() -> None:
    with pytest.raises(ScriptError, match="with progress"):
        list(progress("abc"))


def test_a_batch_has_rows() -> None:
    with pytest.raises(ScriptError, match="at least one row"):
        progress("abc", batch=0)


def test_a_loop_may_be_left(tmp_path: Path) -> None:
    context = copy_context()
    checkpoint = run_in(context, tmp_path / "x")

    def some() -> list[str]:
        with progress("abcdef", batch=2) as rows:
            return [letter for letter, _ in zip(rows, range(3), strict=False)]

    assert context.run(some) == ["a", "b", "c"]
    step = checkpoint.step(0)
    assert step is not None
    assert (step["done"], step["finished"]) == (2, False)
