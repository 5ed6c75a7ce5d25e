"""``request``, ``session``, ``g`` and ``current_app``."""

from __future__ import annotations

import typing as t
from logging import Logger

from flask import (
    Flask,
    Request,
    copy_current_request_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    session,
)
from flask.ctx import AppContext, RequestContext
from flask.globals import app_ctx, request_ctx
from flask.sessions import SessionMixin
from flask.wrappers import Response
from typing_extensions import assert_type
from werkzeug.datastructures import FileStorage, Headers, ImmutableMultiDict


def of_request() -> None:
    assert_type(request.method, str)
    assert_type(request.path, str)
    assert_type(request.full_path, str)
    assert_type(request.url, str)
    assert_type(request.host, str)
    assert_type(request.scheme, str)
    assert_type(request.root_path, str)
    assert_type(request.query_string, bytes)
    assert_type(request.headers, Headers)
    assert_type(request.headers["Host"], str)
    assert_type(request.form, ImmutableMultiDict[str, str])
    assert_type(request.form["name"], str)
    assert_type(request.form.get("name"), str | None)
    assert_type(request.args.get("page", 1, type=int), int)
    assert_type(request.args.getlist("tag"), list[str])
    assert_type(request.files["file"], FileStorage)
    assert_type(request.cookies["own"], str)
    assert_type(request.is_json, bool)
    assert_type(request.get_data(), bytes)
    assert_type(request.get_data(as_text=True), str)
    assert_type(request.data, bytes)
    assert_type(request.endpoint, str | None)
    assert_type(request.blueprint, str | None)
    assert_type(request.blueprints, list[str])
    assert_type(request.view_args, dict[str, t.Any] | None)
    assert_type(request.remote_addr, str | None)
    assert_type(request.content_length, int | None)
    assert_type(request.mimetype, str)
    request.json["anything"].goes()
    request.get_json(silent=True)
    request.stream.read(10)
    request.method = "GET"
    request.nothing_of_this_name  # error: attr-defined reportAttributeAccessIssue
    request.headers["Host"].nothing()  # error: attr-defined reportAttributeAccessIssue
    takes_request(request)
    takes_request(request._get_current_object())  # error with Flask: attr-defined reportAttributeAccessIssue


def takes_request(given: Request) -> None: ...


def takes_app(given: Flask) -> None: ...


def takes_session(given: SessionMixin) -> None: ...


def of_session() -> None:
    session["name"] = 1
    session["name"].anything()
    assert_type(session.permanent, bool)
    assert_type(session.modified, bool)
    assert_type(session.new, bool)
    session.permanent = True
    session.modified = True
    session.pop("name", None)
    session.setdefault("list", []).append(1)
    session.clear()
    session.get("name", "").upper()
    if "name" in session:
        del session["name"]
    session[1] = 1  # error: index reportArgumentType
    takes_session(session)


def of_g() -> None:
    g.user = object()
    print(g.user)
    g.count.anything()
    g.get("user", None)
    g.pop("user", None)
    g.setdefault("list", []).append(1)
    if "user" in g:
        del g.user
    for name in g:
        assert_type(name, str)


def of_app() -> None:
    assert_type(current_app.logger, Logger)
    current_app.logger.info("%s", 1)
    current_app.config["KEY"].anything()
    assert_type(current_app.debug, bool)
    current_app.extensions["own"] = 1
    takes_app(current_app)
    takes_app(current_app._get_current_object())  # error with Flask: attr-defined reportAttributeAccessIssue
    current_app.nothing_of_this_name  # error: attr-defined reportAttributeAccessIssue
    assert_type(has_app_context() or has_request_context(), bool)


def of_contexts() -> None:
    takes_app(app_ctx.app)
    takes_app(request_ctx.app)
    takes_request(request_ctx.request)
    context: AppContext = app_ctx
    request_context: RequestContext = request_ctx
    takes_app(context.app)
    takes_app(request_context.app)
    request_context.session["a"] = 1
    context.g.own = 1


@copy_current_request_context
def in_thread(number: int) -> str:
    return str(number)


assert_type(in_thread(1), str)
in_thread("1")  # error: arg-type reportArgumentType


def takes_response(response: Response) -> None:
    response.json["a"]  # error: index reportOptionalSubscript
    assert_type(response.status_code, int)
    response.data = b"x"
    response.data = "x"
