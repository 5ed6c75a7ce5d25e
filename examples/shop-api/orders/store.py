"""Orders in memory."""

from __future__ import annotations

import itertools
import threading

from .models import NewOrder, Order, State


class Store:
    """The orders of all customers, by number; None where one has been cancelled."""

    def __init__(self) -> None:
        self._orders: dict[int, Order | None] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, customer: str, new: NewOrder) -> Order:
        """Keep a new order."""
        with self._lock:
            order = Order(next(self._numbers), customer, State.OPEN, new.lines, new.note)
            self._orders[order.id] = order
        return order

    def find(self, number: int) -> Order | None:
        """Return an order; raise LookupError where there never was one."""
        return self._orders[number]

    def cancel(self, number: int) -> None:
        """Cancel an order; raise LookupError where there is none."""
        with self._lock:
            if self._orders[number] is None:
                raise LookupError(number)
            self._orders[number] = None

    def all(self) -> list[Order]:
        """Return the orders that have not been cancelled."""
        with self._lock:
            return [order for order in self._orders.values() if order is not None]
