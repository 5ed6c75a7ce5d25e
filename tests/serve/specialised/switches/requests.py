"""The request class overrides something."""

from __future__ import annotations

from typing import Any

import werkzeug.wrappers
from werkzeug.datastructures import ImmutableMultiDict

from tests.serve.specialised.general_form import GeneralForm, calling_super, reading_super
from tests.serve.specialised.switch import switch


@switch(
    leaves="erlen.serve.steps:run",
    takes="erlen.ctx:RequestContext.make_early",
    plan_loses=("lazy_context", "straight"),
    for_each=("__init__", "close"),
)
def the_request_class_overrides_the_method(form: GeneralForm, name: str) -> None:
    form.mix_into("request_class", calling_super(name))


@switch(
    leaves="erlen.serve.steps:run",
    plan_loses=("lazy_context", "straight"),
    for_each=("endpoint", "blueprint", "blueprints"),
)
def the_request_class_overrides_the_property(form: GeneralForm, name: str) -> None:
    form.mix_into("request_class", reading_super(name))


@switch(leaves="erlen.serve.matching:match", plan_loses="matching")
def the_request_class_keeps_the_trusted_hosts_itself(form: GeneralForm) -> None:
    form.mix_into("request_class", KeepingTrustedHosts)


class KeepingTrustedHosts:
    _trusted: Any = None

    @property
    def trusted_hosts(self) -> Any:
        return self._trusted

    @trusted_hosts.setter
    def trusted_hosts(self, value: Any) -> None:
        self._trusted = value


@switch(probe="form", leaves="erlen.serve.steps:run", takes="werkzeug.formparser:FormDataParser.parse")
def the_request_class_reads_as_werkzeug_does(form: GeneralForm) -> None:
    """Everything when the request is made, and by Werkzeug's parsers."""
    form.mix_into("request_class", ReadingAsWerkzeug)


class ReadingAsWerkzeug:
    __init__ = werkzeug.wrappers.Request.__init__
    args = werkzeug.wrappers.Request.args
    stream = werkzeug.wrappers.Request.stream
    get_data = werkzeug.wrappers.Request.get_data
    close = werkzeug.wrappers.Request.close
    _load_form_data = werkzeug.wrappers.Request._load_form_data
    _parse_content_type = werkzeug.wrappers.Request._parse_content_type


@switch(probe="form", takes="werkzeug.formparser:FormDataParser.parse")
def the_request_class_makes_the_form_parser(form: GeneralForm) -> None:
    form.mix_into("request_class", calling_super("make_form_data_parser"))


@switch(probe="query", takes=f"{__name__}:read_query_string")
def the_request_class_reads_the_query_string(form: GeneralForm) -> None:
    form.mix_into("request_class", ReadingTheQueryString)


def read_query_string(request: Any) -> bytes:
    query: str = request.environ.get("QUERY_STRING", "")
    return query.encode("latin1")


class ReadingTheQueryString:
    query_string = property(read_query_string)


@switch(
    probe="session",
    leaves="erlen.wrappers.cookies:read_cookie",
    takes="erlen.wrappers.cookies:read_cookies",
)
def the_request_class_has_a_class_for_cookies(form: GeneralForm) -> None:
    form.mix_into("request_class", StoringCookies)


class StoringCookies:
    dict_storage_class = type("ImmutableMultiDict", (ImmutableMultiDict,), {})


@switch(probe="query", takes="werkzeug.datastructures:MultiDict.__init__")
def the_request_class_has_a_class_for_fields(form: GeneralForm) -> None:
    form.mix_into("request_class", StoringFields)


class StoringFields:
    parameter_storage_class = type("ImmutableMultiDict", (ImmutableMultiDict,), {})
