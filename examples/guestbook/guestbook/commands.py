from __future__ import annotations

import random
from datetime import timedelta

import click
from flask import Flask
from flask.cli import with_appcontext

from . import words
from .extensions import db
from .models import Message, now


def init_app(app: Flask) -> None:
    app.cli.add_command(init_db)
    app.cli.add_command(forge)


@click.command("init-db")
@click.option("--drop", is_flag=True, help="Remove the tables that are there, with all messages.")
@with_appcontext
def init_db(drop: bool) -> None:
    """Create the tables of the database."""
    if drop:
        click.confirm("This removes all messages. Go on?", abort=True)
        db.drop_all()
    db.create_all()
    click.echo("The database is ready.")


@click.command()
@click.option("--count", default=24, show_default=True, help="How many messages to write.")
@click.option("--only-when-empty", is_flag=True, help="Leave a book alone that has messages already.")
@with_appcontext
def forge(count: int, only_when_empty: bool) -> None:
    """Write sample messages into the book."""
    if only_when_empty and Message.count():
        click.echo("The book has messages already.")
        return
    db.session.add_all(sample_messages(count))
    db.session.commit()
    click.echo(f"Wrote {count} sample messages.")


def sample_messages(count: int) -> list[Message]:
    """Make messages that look as if they had come in over the last weeks."""
    moment = now()
    messages = []
    for _ in range(count):
        moment -= timedelta(minutes=random.expovariate(1 / 600))
        messages.append(Message(name=words.name(), body=words.body(), written_at=moment))
    return messages
