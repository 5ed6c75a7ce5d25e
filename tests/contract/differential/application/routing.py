"""Rules of every kind. Each view answers with the endpoint and the values that the rule gave."""

from __future__ import annotations

import functools
from typing import Any

from flask import Flask, request
from werkzeug.routing import BaseConverter, Rule, ValidationError


class ListConverter(BaseConverter):
    """Words joined with a plus sign."""

    def to_python(self, value: str) -> list[str]:
        if "bad" in value:
            raise ValidationError
        return value.split("+")

    def to_url(self, value: list[str]) -> str:
        return "+".join(super(ListConverter, self).to_url(word) for word in value)


class WordConverter(BaseConverter):
    regex = r"[a-z]{2,4}"
    weight = 50


class SlashesConverter(BaseConverter):
    regex = r"[0-9]+/[0-9]+"
    part_isolating = False


RULES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("index", "/", {}),
    ("name", "/name/<name>", {}),
    ("name_static", "/name/static", {}),
    ("number", "/number/<int:n>", {}),
    ("number_signed", "/signed/<int(signed=True):n>", {}),
    ("number_fixed", "/fixed/<int(fixed_digits=3):n>", {}),
    ("number_range", "/range/<int(min=3, max=90):n>", {}),
    ("fraction", "/fraction/<float:x>", {}),
    ("fraction_signed", "/fraction/signed/<float(signed=True):x>", {}),
    ("unique", "/unique/<uuid:u>", {}),
    ("path", "/path/<path:p>", {}),
    ("path_edit", "/path/<path:p>/edit", {}),
    ("path_middle", "/tree/<path:p>/leaf/<name>", {}),
    ("color", "/color/<any(red, green, 'light blue'):c>", {}),
    ("short", "/short/<string(length=3):s>", {}),
    ("medium", "/medium/<string(minlength=2, maxlength=4):s>", {}),
    ("words", "/words/<list:w>", {}),
    ("word", "/mixed/<word:w>", {}),
    ("mixed", "/mixed/<name>", {}),
    ("mixed_number", "/mixed/<int:n>", {}),
    ("slashes", "/slashes/<slashes:s>", {}),
    ("slashes_more", "/slashes/<slashes:s>/more", {}),
    ("dashed", "/dashed/<a>-<b>", {}),
    ("dotted", "/dotted/<int:n>.<ext>", {}),
    ("affixed", "/affixed/pre<name>post", {}),
    ("pages", "/pages/", {"defaults": {"page": 1}}),
    ("pages", "/pages/<int:page>", {}),
    ("pages", "/pages/<int:page>/<lang>", {"defaults": {"extra": "x"}}),
    ("lang", "/lang/<lang>/", {"defaults": {"n": 0}}),
    ("lang", "/lang/<lang>/<int:n>", {}),
    ("folder", "/folder/", {}),
    ("folder_in", "/folder/<name>/", {}),
    ("leaf", "/leaf", {}),
    ("loose", "/loose/", {"strict_slashes": False}),
    ("loose_leaf", "/loose-leaf", {"strict_slashes": False}),
    ("merged", "/merged/<name>/end", {}),
    ("unmerged", "/unmerged/<name>/end", {"merge_slashes": False}),
    ("doubled", "/doubled//inside", {"merge_slashes": False}),
    ("moved", "/moved/<int:n>", {"redirect_to": "number/<n>"}),
    ("moved_far", "/moved-far", {"redirect_to": "http://elsewhere.test/"}),
    ("name", "/old-name/<name>", {"alias": True}),
    ("built", "/built/<name>", {"build_only": True}),
    ("socket", "/socket", {"websocket": True}),
    ("both_kinds", "/both", {"websocket": True}),
    ("both_kinds_http", "/both", {}),
    ("unicode", "/größe/<name>", {}),
    ("spaced", "/with space/<name>", {}),
    ("dots", "/dots/./<name>", {}),
    ("escaped", "/escaped%20rule", {}),
    ("get_only", "/methods/get", {"methods": ["GET"]}),
    ("post_only", "/methods/post", {"methods": ["POST"]}),
    ("shared_get", "/methods/shared", {"methods": ["GET"]}),
    ("shared_put", "/methods/shared", {"methods": ["PUT", "DELETE"]}),
    ("odd_method", "/methods/odd", {"methods": ["PURGE", "get"]}),
    ("own_options", "/methods/options", {"methods": ["OPTIONS", "POST"]}),
    ("no_options", "/methods/no-options", {"provide_automatic_options": False}),
    ("post_folder", "/methods/folder/", {"methods": ["POST"]}),
    ("post_defaults", "/methods/defaults/", {"methods": ["POST"], "defaults": {"n": 1}}),
    ("post_defaults", "/methods/defaults/<int:n>", {"methods": ["POST"]}),
    ("catch_get", "/methods/<path:p>", {"methods": ["GET"]}),
    ("on_subdomain", "/sub", {"subdomain": "api"}),
    ("on_any_subdomain", "/user", {"subdomain": "<user>"}),
    ("on_deep_subdomain", "/deep/", {"subdomain": "<user>.eu"}),
    ("index_api", "/", {"subdomain": "api"}),
)


def answer(endpoint: str, **values: Any) -> dict[str, Any]:
    """Tell the endpoint and the values of the rule."""
    told = {name: repr(value) for name, value in sorted(values.items())}
    return {"endpoint": endpoint, "values": told, "rule": str(request.url_rule), "method": request.method}


def register(app: Flask) -> None:
    app.url_map.converters.update(list=ListConverter, word=WordConverter, slashes=SlashesConverter)
    for endpoint, rule, options in RULES:
        if "subdomain" in options and not app.subdomain_matching:
            options = _as_host(options) if app.url_map.host_matching else {}
            rule = f"/as-path/{endpoint}{rule}"
        view = functools.partial(answer, endpoint)
        if app.view_functions.get(endpoint) is not None:
            view = None  # type: ignore[assignment]
        app.add_url_rule(rule, endpoint, view, **options)

    def with_attributes() -> dict[str, Any]:
        return answer("attributes")

    with_attributes.methods = ["PATCH"]  # type: ignore[attr-defined]
    with_attributes.required_methods = {"TRACE"}  # type: ignore[attr-defined]
    with_attributes.provide_automatic_options = False  # type: ignore[attr-defined]
    app.add_url_rule("/methods/attributes", view_func=with_attributes)

    # Rules that go to the map itself, as extensions add them.
    app.url_map.add(Rule("/direct/<name>", endpoint="name", methods=["GET"]))
    app.url_map.add(Rule("/direct", endpoint="nothing behind it"))


def _as_host(options: dict[str, Any]) -> dict[str, Any]:
    return {"host": f"{options['subdomain']}.shop.test"}
