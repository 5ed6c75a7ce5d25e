"""Tables, configuration, rules and map are not Erlen's own, so that nobody reports their changes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from werkzeug.routing import Map, Rule

import erlen
from tests.serve.specialised.general_form import GeneralForm
from tests.serve.specialised.switch import switch

WHAT_NEEDS_REPORTS = ("straight", "matching", "lazy_context", "lazy_session")


@switch(
    leaves=("erlen.serve.steps:run", "erlen.serve.matching:match"),
    plan_loses=("tables", *WHAT_NEEDS_REPORTS),
)
def the_tables_of_hooks_are_plain_dicts(form: GeneralForm) -> None:
    def replace_tables(app: Any) -> None:
        for name in ("before_request_funcs", "after_request_funcs", "teardown_request_funcs"):
            setattr(app, name, defaultdict(list, getattr(app, name)))

    form.changes_of_application.append(replace_tables)


@switch(leaves=("erlen.serve.steps:run", "erlen.serve.matching:match"), plan_loses=WHAT_NEEDS_REPORTS)
def another_application_shares_the_configuration(form: GeneralForm) -> None:
    def share_configuration(app: Any) -> None:
        other = app.extensions["another"] = erlen.Erlen("another", static_folder=None)
        other.config.update(app.config)
        app.config = other.config

    form.changes_of_application.append(share_configuration)


@switch(takes="erlen.serve.matching:match_by_adapter")
def the_rules_are_of_werkzeugs_class(form: GeneralForm) -> None:
    form.class_attributes["url_rule_class"] = Rule


@switch(leaves=("erlen.serve.steps:run", "erlen.serve.matching:match"), plan_loses="matching")
def the_map_is_of_werkzeugs_class(form: GeneralForm) -> None:
    form.class_attributes["url_map_class"] = Map
