"""Export the customers who have ordered nothing."""

from __future__ import annotations

import click

from shop.models import Customer, db


async def main(most: int = 10) -> None:
    """Print the customers who have ordered nothing."""
    silent = db.select(Customer.name).where(~Customer.orders.any()).order_by(Customer.name).limit(most)
    for name in db.session.scalars(silent):
        click.echo(name)
