"""Export orders as CSV: all columns, or some of them."""

from __future__ import annotations

import csv
from enum import Enum
from pathlib import Path
from typing import Annotated

from erlen.script import progress
from shop.models import Order, db


class Column(Enum):
    ID = "id"
    CUSTOMER = "customer_id"
    CENTS = "cents"
    STATE = "state"


def main(
    path: Annotated[Path, "Where the file goes."] = Path("orders.csv"),
    column: Annotated[list[Column] | None, "May be given more than once; all without it."] = None,
    state: Annotated[str | None, "Only orders in this state."] = None,
) -> None:
    """Export orders as CSV, in the order of their numbers."""
    names = [each.value for each in column or Column]
    orders = db.select(Order.id, Order.customer_id, Order.cents, Order.state)
    if state is not None:
        orders = orders.where(Order.state == state)
    with progress(orders, key=Order.id, label="orders") as rows:
        writer = csv.writer(rows.open(path))
        if not rows.is_resumed:
            writer.writerow(names)
        for row in rows:
            writer.writerow([getattr(row, name) for name in names])
