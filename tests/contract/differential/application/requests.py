"""What a request says about itself."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from werkzeug.routing import Rule

ATTRIBUTES = """
    method path full_path url base_url url_root root_url host host_url root_path script_root scheme is_secure
    remote_addr remote_user query_string content_type content_length content_encoding content_md5 mimetype
    mimetype_params charset endpoint blueprint blueprints url_rule view_args routing_exception is_json
    access_route referrer origin date max_forwards if_match if_none_match if_modified_since
    if_unmodified_since if_range range cache_control pragma accept_mimetypes accept_charsets
    accept_encodings accept_languages authorization user_agent is_multithread is_multiprocess is_run_once
    want_form_data_parsed max_content_length max_form_memory_size max_form_parts cookies args
    access_control_request_headers access_control_request_method trusted_hosts server
"""


def register(app: Flask) -> None:
    @app.route("/echo", methods=["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"])
    @app.route("/echo/<path:rest>", methods=["GET", "POST"])
    def echo(rest: str | None = None) -> dict[str, Any]:
        return {name: _told(name) for name in ATTRIBUTES.split()} | {"seen": g.get("seen")}

    @app.route("/headers")
    def headers() -> list[tuple[str, str]]:
        return [(name, value) for name, value in request.headers]

    @app.route("/values", methods=["GET", "POST"])
    def values() -> dict[str, Any]:
        return {
            "args": list(request.args.items(multi=True)),
            "values": list(request.values.items(multi=True)),
            "first": request.values.get("a"),
            "number": request.args.get("n", type=int),
            "list": request.args.getlist("n", type=int),
        }

    @app.route("/missing-key")
    def missing_key() -> str:
        return request.args["key"]


def _told(name: str) -> str:
    try:
        value = getattr(request, name)
    except AttributeError as error:
        return type(error).__name__
    if isinstance(value, Rule):  # Its repr has the methods in the order of a set, which is no promise.
        return f"{value.rule!r} {sorted(value.methods or ())} -> {value.endpoint}"
    return repr(value)
