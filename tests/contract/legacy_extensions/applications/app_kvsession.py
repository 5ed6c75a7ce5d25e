"""Flask-KVSession 0.6.2: sessions in a store in memory, made new at login, destroyed, cleaned up."""

import random

from flask import Flask, jsonify, session
from flask_kvsession import KVSessionExtension
from simplekv.memory import DictStore

from asking import Report

app = Flask(__name__)
app.config.update(SECRET_KEY="for the test", SESSION_RANDOM_SOURCE=random.Random(7))
store = DictStore()
extension = KVSessionExtension(store, app)


@app.route("/set/<name>/<value>")
def set_value(name, value):
    session[name] = value
    return "set"


@app.route("/")
def index():
    return jsonify(dict(session))


@app.route("/regenerate")
def regenerate():
    session.regenerate()
    return "new number"


@app.route("/permanent")
def permanent():
    session.permanent = True
    return str(session.new)


@app.route("/destroy")
def destroy():
    session.destroy()
    return "gone"


report = Report(app)
report.get("/")
report.get("/set/name/Ada")
report.get("/set/colour/red")
report.get("/")
before = store.keys()[:]
report.note("stored", len(before))
report.get("/regenerate")
report.note("another key", store.keys() != before)
report.get("/")
report.get("/permanent")
report.get("/destroy")
report.note("stored", len(store.keys()))
report.get("/")
report.get("/set/name/Bob")
with app.app_context():
    extension.cleanup_sessions(app)
report.note("stored", len(store.keys()))
# A cookie that nobody signed.
name = {"environ_base": {"HTTP_COOKIE": "session=1_2.forged"}}
report.note("forged", app.test_client().get("/", **name).get_json())
report.show()
