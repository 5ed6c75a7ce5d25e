"""Flask-Moment 0.9: scripts with their digests, times rendered in every way, settings, a locale."""

from datetime import datetime

from flask import Flask, render_template_string
from flask_moment import Moment

from asking import Report

app = Flask(__name__)
app.config["MOMENT_DEFAULT_FORMAT"] = "L"
moment = Moment(app)
WHEN = datetime(2020, 4, 12, 13, 46, 5)


@app.route("/scripts")
def scripts():
    return render_template_string(
        "{{ moment.include_jquery() }}{{ moment.include_moment() }}{{ moment.include_moment('2.7.0') }}"
        "{{ moment.include_moment(local_js='/static/moment.js') }}{{ moment.lang('es') }}{{ moment.locale(auto_detect=True) }}"
    )


@app.route("/times")
def times():
    return render_template_string(
        "{{ moment(when).format('LLL') }}|{{ moment(when).fromNow(refresh=True) }}|{{ moment(when).calendar() }}|"
        "{{ moment(when, local=True).format() }}|{{ moment(when).unix(refresh=5) }}|{{ moment(when).fromTime(when) }}",
        when=WHEN,
    )


@app.route("/code")
def code():
    return str(moment.create(WHEN).valueOf())


report = Report(app)
for path in ("/scripts", "/times", "/code"):
    report.get(path)
report.show()
