"""What templates get: filters, tests, globals."""

from __future__ import annotations

import typing as t

from flask import Blueprint, Flask, get_template_attribute, stream_template, stream_template_string

app = Flask(__name__)
bp = Blueprint("bp", __name__, template_folder="templates")


@app.template_filter("shout")
@bp.app_template_filter("shout")
def shout(text: str) -> str:
    return text.upper()


@app.template_filter()
def whisper(text: str) -> str:
    return text.lower()


@app.template_test("even")
@bp.app_template_test()
def even(number: int) -> bool:
    return number % 2 == 0


@app.template_test()  # error: type-var reportArgumentType
def odd(number: int) -> str:
    return "odd" if number % 2 else ""


@app.template_global("double")
@bp.app_template_global()
def double(number: int) -> int:
    return number * 2


app.add_template_filter(shout, "loud")
app.add_template_filter(shout, name="loud")
app.add_template_test(even, "straight")
app.add_template_global(double)
bp.add_app_template_filter(shout, "loud")
bp.add_app_template_test(even)
bp.add_app_template_global(double, name="twice")
app.add_template_filter("shout")  # error: arg-type reportArgumentType
app.add_template_test(shout)  # error: arg-type reportArgumentType


@app.route("/")
def pieces() -> t.Iterator[str]:
    return stream_template("page.html", n=1)


@app.route("/text")
def pieces_of_text() -> t.Iterator[str]:
    return stream_template_string("{{ n }}", n=1)


hello = get_template_attribute("page.html", "hello")
hello("you").anything()
