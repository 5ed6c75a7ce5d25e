"""A hook that does nothing, or only touches something, comes first in every list."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import werkzeug.wrappers
from werkzeug.exceptions import HTTPException

import erlen
from tests.serve.applications import PLACES
from tests.serve.specialised.general_form import Function, GeneralForm
from tests.serve.specialised.switch import switch


def hook_first(form: GeneralForm, table: str, hook: Function) -> None:
    """Let *hook* come first in every list of a table of the application."""

    def add(app: Any) -> None:
        for blueprint in PLACES:
            getattr(app, table)[blueprint].append(hook)

    form.changes_of_application.append(add)


# hooks that do nothing


@switch(takes="erlen.serve.steps:preprocess")
def a_before_hook_is_registered(form: GeneralForm) -> None:
    hook_first(form, "before_request_funcs", do_nothing)


def do_nothing() -> None: ...


@switch(leaves="erlen.serve.steps:make_plain_answer", takes="erlen.wrappers.response:text_response")
def an_after_hook_is_registered(form: GeneralForm) -> None:
    hook_first(form, "after_request_funcs", return_the_response)


def return_the_response(response: Any) -> Any:
    return response


@switch(takes="erlen.serve.teardown:tear_down")
def a_teardown_function_is_registered(form: GeneralForm) -> None:
    hook_first(form, "teardown_request_funcs", ignore_error)


@switch(takes="erlen.ctx:RequestContext.pop")
def a_teardown_function_of_the_application_context_is_registered(form: GeneralForm) -> None:
    def add(app: Any) -> None:
        app.teardown_appcontext_funcs.append(ignore_error)

    form.changes_of_application.append(add)


def ignore_error(error: BaseException | None) -> None: ...


@switch(takes=("erlen.serve.steps:_each_preprocessor", "erlen.serve.steps:_dispatch_request_object"))
def a_preprocessor_is_registered(form: GeneralForm) -> None:
    hook_first(form, "url_value_preprocessors", ignore_values)


def ignore_values(endpoint: object, values: object) -> None: ...


@switch(leaves="erlen.serve.steps:make_plain_answer")
def a_before_hook_calls_after_this_request(form: GeneralForm) -> None:
    def call_after_this_request() -> None:
        erlen.after_this_request(return_the_response)

    hook_first(form, "before_request_funcs", call_after_this_request)


# hooks that touch what is made late


@switch(takes=("erlen.ctx:RequestContext.make_request", "erlen.serve.steps:_dispatch_request_object"))
def a_before_hook_touches_the_request(form: GeneralForm) -> None:
    def touch() -> None:
        assert erlen.request.method

    hook_first(form, "before_request_funcs", touch)


@switch(probe="form", takes="werkzeug.wrappers:Request._parse_content_type")
def a_before_hook_touches_the_headers(form: GeneralForm) -> None:
    def touch() -> None:
        assert erlen.request.headers is not None

    hook_first(form, "before_request_funcs", touch)


@switch(probe="form", takes="werkzeug.wsgi:get_input_stream")
def a_before_hook_touches_the_stream(form: GeneralForm) -> None:
    def touch() -> None:
        with suppress(HTTPException):
            assert erlen.request.stream is not None

    hook_first(form, "before_request_funcs", touch)


@switch(takes="erlen.ctx:RequestContext.make_g")
def a_before_hook_touches_g(form: GeneralForm) -> None:
    def touch() -> None:
        assert "nothing" not in erlen.g

    hook_first(form, "before_request_funcs", touch)


@switch(takes="erlen.ctx:RequestContext.make_app_context")
def a_before_hook_touches_the_application_context(form: GeneralForm) -> None:
    def touch() -> None:
        assert erlen.globals.app_ctx.app

    hook_first(form, "before_request_funcs", touch)


@switch(takes=("erlen:Erlen.create_url_adapter", "erlen.ctx:RequestContext.make_request"))
def a_before_hook_touches_the_url_adapter(form: GeneralForm) -> None:
    def touch() -> None:
        assert erlen.globals.request_ctx.url_adapter

    hook_first(form, "before_request_funcs", touch)


# hooks that make the plan stale


def make_the_plan_stale() -> None:
    erlen.current_app.config["UNHEARD_OF"] = True


@switch(takes=("erlen:Erlen.dispatch_request", "erlen:Erlen.finalize_request"))
def a_before_hook_makes_the_plan_stale(form: GeneralForm) -> None:
    def before() -> None:
        make_the_plan_stale()

    hook_first(form, "before_request_funcs", before)


@switch(takes="erlen.ctx:RequestContext.pop")
def an_after_hook_makes_the_plan_stale(form: GeneralForm) -> None:
    def after(response: werkzeug.wrappers.Response) -> werkzeug.wrappers.Response:
        make_the_plan_stale()
        return response

    hook_first(form, "after_request_funcs", after)


@switch(takes="erlen.ctx:AppContext.pop")
def a_teardown_function_makes_the_plan_stale(form: GeneralForm) -> None:
    def teardown(error: BaseException | None) -> None:
        make_the_plan_stale()

    hook_first(form, "teardown_request_funcs", teardown)
