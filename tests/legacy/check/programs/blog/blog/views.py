from flask import Blueprint, current_app as app, g
from flask import _request_ctx_stack, _app_ctx_stack as stack  # old: flask._request_ctx_stack, flask._app_ctx_stack

views = Blueprint("views", __name__)


@views.before_app_first_request  # old: flask.Blueprint.before_app_first_request
def prepare():
    stack.top.ready = True
    g.cookie = app.session_cookie_name  # old: flask.Flask.session_cookie_name [fix]


def init_app(app):
    app.before_first_request(prepare)  # old: likely flask.Flask.before_first_request
