"""Flask-BabelEx 0.9.4: a locale by request, dates and numbers, a domain of its own, lazy texts, in templates too."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, jsonify, render_template_string, request
from flask_babelex import (
    Babel,
    Domain,
    format_currency,
    format_date,
    format_datetime,
    format_decimal,
    format_timedelta,
    get_locale,
    get_timezone,
    gettext,
    lazy_gettext,
    ngettext,
    refresh,
)

from asking import Report

folder = Path(tempfile.mkdtemp())


def translate(domain, **texts):
    catalog = Catalog(locale="de", domain=domain)
    for text in list(texts.items()):
        catalog.add(text[0].replace("_", " "), text[1])
    catalog.add(("%(num)s apple", "%(num)s apples"), ("%(num)s Apfel", "%(num)s Äpfel"))
    target = folder / "de" / "LC_MESSAGES"
    target.mkdir(parents=True, exist_ok=True)
    with open(target / (domain + ".mo"), "wb") as file:
        write_mo(file, catalog)


translate("messages", hello="hallo", good_day="guten Tag")
translate("own", hello="Moin")
app = Flask(__name__)
app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Vienna"
app.jinja_env.add_extension("jinja2.ext.i18n")
babel = Babel(app, default_domain=Domain(str(folder)))
own = Domain(str(folder), domain="own")
LATE = lazy_gettext("good day")
WHEN = datetime(2020, 4, 12, 13, 46)


@babel.localeselector
def select():
    return request.args.get("lang") or request.accept_languages.best_match(["de", "en"])


@app.route("/")
def index():
    return jsonify(
        locale=str(get_locale()),
        zone=str(get_timezone()),
        texts=[
            gettext("hello"),
            own.gettext("hello"),
            str(LATE),
            ngettext("%(num)s apple", "%(num)s apples", 3),
        ],
        date=format_date(WHEN),
        datetime=format_datetime(WHEN, "short"),
        numbers=[format_decimal(1234.5), format_currency(9.5, "EUR")],
        ago=format_timedelta(timedelta(days=6), granularity="week"),
    )


@app.route("/template")
def template():
    return render_template_string(
        "{{ _('hello') }} {{ when|dateformat }} {{ 1.5|decimalformat }}"
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
report.get("/?lang=de")
report.get("/?lang=en")
report.get("/", headers={"Accept-Language": "de-AT, en;q=0.5"})
report.get("/template?lang=de")
report.get("/template?lang=en")
report.get("/refresh?lang=de")
report.note("translations", sorted(str(locale) for locale in babel.list_translations()))
report.show()
