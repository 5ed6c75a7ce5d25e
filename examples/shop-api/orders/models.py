"""What the shop takes and gives."""

from __future__ import annotations

import datetime
import enum
from typing import Annotated

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=80, examples=["tea"])]
Count = Annotated[int, Meta(ge=1, le=1000)]


class State(enum.Enum):
    """How far an order has come."""

    OPEN = "open"
    SENT = "sent"


class Line(Struct):
    """A product and how many of it."""

    product: Name
    count: Count = 1


class NewOrder(Struct):
    """An order as a customer sends it."""

    lines: Annotated[list[Line], Meta(min_length=1, max_length=20)]
    note: Annotated[str, Meta(max_length=200)] | None = None


class Order(Struct):
    """An order as it is kept."""

    id: int
    customer: str
    state: State
    lines: list[Line]
    note: str | None = None


class Gone(Struct):
    """An order that has been cancelled."""

    reason: str


class Search(Struct):
    """What orders are looked for."""

    state: State | None = None
    since: datetime.date | None = None
    size: Annotated[int, Meta(ge=1, le=100)] = 10


class User(Struct):
    """Who asks."""

    name: str
