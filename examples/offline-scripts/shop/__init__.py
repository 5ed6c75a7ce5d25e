"""A shop. It is written for Flask."""

from __future__ import annotations

import os

from flask import Flask

from .models import Order, db


def create_app() -> Flask:
    """Make the application; SHOP_DATABASE is the address of its database."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024  # bytes
    default = f"sqlite:///{os.path.join(app.instance_path, 'shop.db')}"
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("SHOP_DATABASE", default)
    os.makedirs(app.instance_path, exist_ok=True)
    db.init_app(app)
    with app.app_context():
        db.create_all()

    @app.get("/orders/<int:number>")
    def order(number: int) -> dict[str, object]:
        found = db.get_or_404(Order, number)
        return {"id": found.id, "customer": found.customer.name, "cents": found.cents}

    return app
