"""A blueprint with a hook of its own."""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template_string
from flask.views import MethodView

basket = Blueprint("basket", __name__)


@basket.before_request
def open_it() -> None:
    g.basket = ["apples"]


class Basket(MethodView):
    """What is in it, and how to put more there."""

    def get(self) -> str:
        return render_template_string("{{ g.basket|join(', ') }}")

    def post(self) -> str:
        return abort(403)


basket.add_url_rule("/", view_func=Basket.as_view("whole"))
