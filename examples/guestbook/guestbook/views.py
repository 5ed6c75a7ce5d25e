from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from .extensions import db
from .forms import MessageForm
from .models import Message

bp = Blueprint("guestbook", __name__)


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    form = MessageForm(name=session.get("name"))
    if form.validate_on_submit():
        message = Message(name=form.name.data, body=form.body.data)
        db.session.add(message)
        db.session.commit()
        session["name"] = message.name
        flash(f"Thank you, {message.name}. Your message is in the book.", "success")
        return redirect(url_for(".index"))
    # A form that came back with mistakes is answered as what it is.
    status = 422 if form.is_submitted() else 200
    messages = Message.page(current_app.config["MESSAGES_PER_PAGE"])
    return render_template("index.html", form=form, messages=messages), status


@bp.route("/messages/<int:message_id>")
def message(message_id: int) -> ResponseReturnValue:
    return render_template("message.html", message=db.get_or_404(Message, message_id))
