"""Dates, numbers and plurals by the language that the browser asks for."""

from datetime import datetime

from flask import Flask, render_template_string, request
from flask_babel import Babel, force_locale, format_datetime, format_decimal, get_locale, ngettext

app = Flask(__name__)
Babel(app, locale_selector=lambda: request.accept_languages.best_match(["de", "en", "ja"]))


@app.get("/")
def index():
    moment = datetime(2026, 2, 3, 4, 5)
    with force_locale("fr"):
        french = format_decimal(1234.5)
    return {
        "locale": str(get_locale()),
        "date": format_datetime(moment),
        "number": format_decimal(1234.5),
        "french": french,
        "many": ngettext("%(num)s flask", "%(num)s flasks", 3),
    }


@app.get("/page")
def page():
    return render_template_string("{{ _('Hello %(name)s', name='Ada') }} {{ 0.25|percentformat }}")


def talk(client):
    for languages in ("de", "ja;q=0.5,en", "xx"):
        client.get("/", headers={"Accept-Language": languages})
        client.get("/page", headers={"Accept-Language": languages})
