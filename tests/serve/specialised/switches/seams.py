"""A seam is overridden or patched, and calls what it replaces."""

from __future__ import annotations

from functools import partial
from typing import Any

import erlen
from erlen.ctx import AppContext, RequestContext
from erlen.plan.overrides import APPLICATION_SEAMS
from tests.seams import APP_CONTEXT_SEAMS, REQUEST_CONTEXT_SEAMS
from tests.serve.specialised.general_form import GeneralForm, calling_super, patched
from tests.serve.specialised.switch import switch

STRAIGHT_PATH = "erlen.serve.steps:run"


@switch(leaves=STRAIGHT_PATH, plan_loses="straight", for_each=APPLICATION_SEAMS)
def a_subclass_overrides(form: GeneralForm, seam: str) -> None:
    form.mix_into_application(calling_super(seam))


@switch(leaves=STRAIGHT_PATH, plan_loses="straight", for_each=APPLICATION_SEAMS)
def the_instance_is_patched_at(form: GeneralForm, seam: str) -> None:
    def patch(app: Any) -> None:
        setattr(app, seam, getattr(app, seam))

    form.changes_of_application.append(patch)


@switch(leaves=STRAIGHT_PATH, for_each=APPLICATION_SEAMS)
def the_class_Erlen_is_patched_at(form: GeneralForm, seam: str) -> None:
    form.contexts_around_requests.append(partial(patched, erlen.Erlen, seam))


@switch(leaves=STRAIGHT_PATH, for_each=REQUEST_CONTEXT_SEAMS)
def the_class_RequestContext_is_patched_at(form: GeneralForm, method: str) -> None:
    form.contexts_around_requests.append(partial(patched, RequestContext, method))


@switch(leaves=STRAIGHT_PATH, for_each=APP_CONTEXT_SEAMS)
def the_class_AppContext_is_patched_at(form: GeneralForm, method: str) -> None:
    form.contexts_around_requests.append(partial(patched, AppContext, method))
