"""Signals, connected as decorators and by calls."""

from __future__ import annotations

import typing as t

from flask import (
    Flask,
    appcontext_pushed,
    before_render_template,
    got_request_exception,
    message_flashed,
    request_finished,
    request_started,
)
from flask.signals import Namespace  # error with Flask: attr-defined reportPrivateImportUsage

app = Flask(__name__)
own_signals = Namespace()
saved = own_signals.signal("saved")


@request_started.connect
def started(sender: Flask, **extra: t.Any) -> None: ...


@request_finished.connect_via(app)
def finished(sender: Flask, response: t.Any, **extra: t.Any) -> None: ...


for signal in (appcontext_pushed, before_render_template, got_request_exception, message_flashed):
    signal.connect(started, app)
    with signal.connected_to(finished, app):
        saved.send(app, what=1)
