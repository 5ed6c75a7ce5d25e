"""What a worker is told survives the way to it."""

from __future__ import annotations

import json

from erlen.deploy.serve.settings import Order, Settings


def test_an_order_comes_back_from_its_message() -> None:
    settings = Settings(app="shop:create_app('x')", chdir="/srv/日本", max_memory=2**40, request_timeout=0.5)
    order = Order(settings, 3, [(7, True), (9, False)])
    assert Order.from_message(json.loads(json.dumps(order.as_message()))) == order


def test_the_order_of_another_erlen_may_say_more_and_less() -> None:
    """The parent is not replaced at a reload, and the workers may have a newer or an older Erlen."""
    message = Order(Settings(app="shop"), 3, []).as_message()
    del message["settings"]["drain"]
    message["settings"]["colour"] = "green"
    assert Order.from_message(message) == Order(Settings(app="shop"), 3, [])
