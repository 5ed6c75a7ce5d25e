"""Tests of the script flush_calendar."""

from __future__ import annotations

from datetime import date

from flask import Flask

from erlen.script import load
from shop.models import Day, db


def test_it_may_run_twice(app: Flask) -> None:
    for _ in range(2):
        load("flush_calendar").main(date(2026, 1, 1), days=3, closed=[date(2026, 1, 1)])
    assert [day.is_open for day in db.session.query(Day)] == [False, True, False]
