"""The views: ordinary functions of a blueprint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from erlen import Blueprint, abort, current_app
from erlen.api import Api, Bearer, Header, Query

from .models import Gone, NewOrder, Order, Search, User
from .store import Store

shop = Blueprint("shop", __name__, url_prefix="/shop")
api = Api(shop, title="Shop", version="1.0")


bearer = Bearer()
# A real shop looks its tokens up.
TOKENS = {"token-of-ann": "ann", "token-of-bob": "bob"}


@api.provider
def current_user(token: Annotated[str, bearer]) -> User:
    """Return the user of a token."""
    if token not in TOKENS:
        raise bearer.refuse()
    return User(TOKENS[token])


@api.provider
def store() -> Store:
    """Return the store of the application."""
    found: Store = current_app.extensions["store"]
    return found


@shop.get("/orders")
def orders(store: Store, search: Annotated[Search, Query()]) -> list[Order]:
    """List orders."""
    found = [order for order in store.all() if search.state in (None, order.state)]
    return found[: search.size]


@shop.get("/orders.jsonl")
def export(store: Store) -> Iterator[Order]:
    """Send all orders, a line each."""
    return iter(store.all())


@shop.post("/orders")
def create(
    new: NewOrder, user: User, store: Store, trace: Annotated[str, Header("X-Trace")] = ""
) -> tuple[Order, Literal[201]]:
    """Order something."""
    current_app.logger.debug("order by %s, trace %r", user.name, trace)
    return store.add(user.name, new), 201


@shop.get("/orders/<int:order_id>")
def order(order_id: int, store: Store) -> Order | tuple[Gone, Literal[410]]:
    """Return an order."""
    try:
        found = store.find(order_id)
    except LookupError:
        abort(404)
    return found if found is not None else (Gone("It was cancelled."), 410)


@shop.delete("/orders/<int:order_id>")
def cancel(order_id: int, user: User, store: Store) -> None:
    """Cancel an order."""
    try:
        store.cancel(order_id)
    except LookupError:
        abort(404)
