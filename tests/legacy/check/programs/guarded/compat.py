"""What a library does that runs with old and new; nothing of it is reported."""
import sys

import flask

try:
    from markupsafe import Markup, escape
except ImportError:
    from flask import Markup, escape

try:
    from flask.json.provider import DefaultJSONProvider
except ImportError:
    from flask.json import JSONEncoder
    DefaultJSONProvider = None

try:
    from flask import _request_ctx_stack
except ImportError:
    _request_ctx_stack = None

if sys.version_info[0] < 3:
    from collections import Mapping
else:
    from collections.abc import Mapping


def init_app(app):
    if hasattr(app, "before_first_request"):
        app.before_first_request(print)
    try:
        app.json_encoder = JSONEncoder
    except AttributeError:
        pass


def send(file, name):
    try:
        return flask.send_file(file, download_name=name)
    except TypeError:
        return flask.send_file(file, attachment_filename=name)
