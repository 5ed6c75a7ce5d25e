"""Repair orders whose price was written in units in place of cents."""

from __future__ import annotations

from erlen.script import progress
from shop.models import Order, db

changes_data = True


def main(first: int, last: int) -> None:
    """Repair the orders from one number to another. To run it again does no harm."""
    broken = db.select(Order).where(Order.id.between(first, last), Order.state == "broken")
    with progress(broken, label="orders") as rows:
        for order in rows:
            order.cents *= 100
            order.state = "new"
