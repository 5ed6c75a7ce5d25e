"""The response class overrides something."""

from __future__ import annotations

from functools import partial
from typing import Any

import werkzeug.sansio.response
import werkzeug.utils
from werkzeug.datastructures import Headers

from tests.serve.specialised.general_form import GeneralForm, calling_super, patched, reading_super
from tests.serve.specialised.switch import switch


@switch(
    takes="erlen.serve.results:make_response",
    plan_loses="text_type",
    for_each=("__init__", "__call__", "set_cookie", "get_data", "iter_encoded"),
)
def the_response_class_overrides(form: GeneralForm, method: str) -> None:
    form.mix_into("response_class", calling_super(method))


@switch(probe="headed", takes="werkzeug.wrappers:Response.__init__", plan_loses="text_type")
def the_response_class_has_a_status_property(form: GeneralForm) -> None:
    form.mix_into("response_class", HavingStatus)


WERKZEUGS_STATUS = vars(werkzeug.sansio.response.Response)["status"]


class HavingStatus:
    status = property(WERKZEUGS_STATUS.fget, WERKZEUGS_STATUS.fset)


@switch(probe="headed", takes="werkzeug.wrappers:Response.__call__", plan_loses="text_type")
def the_response_class_makes_the_answer_for_wsgi(form: GeneralForm) -> None:
    form.mix_into("response_class", calling_super("get_wsgi_response"))


@switch(probe="nowhere", leaves="erlen.http_errors:page_of", plan_loses="text_type")
def the_response_class_has_a_constructor_for_error_pages(form: GeneralForm) -> None:
    form.mix_into("response_class", calling_super("__init__"))


@switch(
    probe="session",
    takes=("werkzeug.wrappers:Response.set_cookie", "werkzeug.datastructures:HeaderSet.add"),
    plan_loses="text_type",
)
def the_response_has_headers_of_werkzeugs_class(form: GeneralForm) -> None:
    form.mix_into("response_class", HavingWerkzeugsHeaders)


class HavingWerkzeugsHeaders:
    headers: Headers

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headers = Headers(self.headers)


@switch(probe="session", takes="werkzeug.datastructures:HeaderSet.add", plan_loses="text_type")
def the_response_class_has_a_property_for_vary(form: GeneralForm) -> None:
    form.mix_into("response_class", reading_super("vary"))


@switch(probe="disk", takes="werkzeug.utils:send_file", plan_loses="text_type")
def the_response_class_makes_files_conditional(form: GeneralForm) -> None:
    form.mix_into("response_class", calling_super("make_conditional"))


@switch(probe="disk", takes="werkzeug.utils:send_file")
def werkzeugs_send_file_is_patched(form: GeneralForm) -> None:
    form.contexts_around_requests.append(partial(patched, werkzeug.utils, "send_file"))
