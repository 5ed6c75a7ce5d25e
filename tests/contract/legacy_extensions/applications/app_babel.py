"""Flask-Babel 1.0: a locale and a zone by request, dates, numbers, translated texts, forced locales, templates."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, has_request_context, jsonify, render_template_string, request
from flask_babel import (
    Babel,
    force_locale,
    format_currency,
    format_date,
    format_datetime,
    format_decimal,
    format_percent,
    format_time,
    format_timedelta,
    get_locale,
    get_timezone,
    gettext,
    lazy_gettext,
    ngettext,
    pgettext,
    refresh,
    to_utc,
)

from asking import Report

folder = Path(tempfile.mkdtemp())
target = folder / "de" / "LC_MESSAGES"
target.mkdir(parents=True)
catalog = Catalog(locale="de")
catalog.add("hello %(name)s", "hallo %(name)s")
catalog.add("good day", "guten Tag")
catalog.add(("%(num)s apple", "%(num)s apples"), ("%(num)s Apfel", "%(num)s Äpfel"))
catalog.add("May", "Darf", context="verb")
with open(target / "messages.mo", "wb") as file:
    write_mo(file, catalog)

app = Flask(__name__)
app.config.update(BABEL_TRANSLATION_DIRECTORIES=str(folder), BABEL_DEFAULT_TIMEZONE="Europe/Vienna")
babel = Babel(app)
LATE = lazy_gettext("good day")
WHEN = datetime(2020, 4, 12, 13, 46)


@babel.localeselector
def select_locale():
    return request.args.get("lang") if has_request_context() else "de"


@babel.timezoneselector
def select_zone():
    return request.args.get("zone") if has_request_context() else None


@app.route("/")
def index():
    with force_locale("fr"):
        forced = format_date(WHEN)
    return jsonify(
        locale=str(get_locale()),
        zone=str(get_timezone()),
        texts=[gettext("hello %(name)s", name="Ada"), str(LATE), LATE + "!", pgettext("verb", "May")],
        plural=[ngettext("%(num)s apple", "%(num)s apples", number) for number in (1, 3)],
        times=[format_datetime(WHEN, "short"), format_time(WHEN), format_date(WHEN, "full"), forced],
        numbers=[format_decimal(1234.5), format_currency(9.5, "EUR"), format_percent(0.3)],
        ago=format_timedelta(timedelta(days=6), granularity="week"),
        utc=str(to_utc(WHEN)),
    )


@app.route("/template")
def template():
    return render_template_string(
        "{{ _('good day') }} {{ when|dateformat }} {{ 1.5|decimalformat }} {{ when|timeformat('short') }}"
        "{% trans count=2 %}{{ count }} thing{% pluralize %}{{ count }} things{% endtrans %}",
        when=WHEN,
    )


@app.route("/refresh")
def refreshed():
    first = str(get_locale())
    request.args = {"lang": "fr"}
    refresh()
    return first + str(get_locale())


report = Report(app)
for path in (
    "/",
    "/?lang=de",
    "/?lang=de&zone=Asia/Tokyo",
    "/template?lang=de",
    "/template",
    "/refresh?lang=de",
):
    report.get(path)
with app.app_context():
    report.note("outside", [str(get_locale()), gettext("good day")])
    report.note("translations", sorted(str(locale) for locale in babel.list_translations()))
report.show()
