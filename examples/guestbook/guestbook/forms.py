from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, Length

from .models import BODY_LENGTH, NAME_LENGTH


def stripped(text: str | None) -> str:
    return (text or "").strip()


class MessageForm(FlaskForm):
    name = StringField(
        "Your name",
        filters=[stripped],
        validators=[
            DataRequired("Please tell us your name."),
            Length(max=NAME_LENGTH, message="Please keep your name to %(max)d characters."),
        ],
    )
    body = TextAreaField(
        "Your message",
        filters=[stripped],
        validators=[
            DataRequired("Please write a few words."),
            Length(max=BODY_LENGTH, message="Please keep it to %(max)d characters."),
        ],
    )
    submit = SubmitField("Sign the guestbook")
