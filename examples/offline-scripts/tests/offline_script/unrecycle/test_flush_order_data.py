"""Tests of the script flush_order_data."""

from __future__ import annotations

from collections.abc import Callable

from erlen.script import load
from shop.models import Order, db


def test_a_price_is_repaired_once(fill: Callable[[int], None]) -> None:
    fill(3)
    db.session.get_one(Order, 2).state = "broken"
    db.session.commit()
    for _ in range(2):
        load("flush_order_data").main(1, 3)
    assert [order.cents for order in db.session.query(Order)] == [7, 1400, 21]
