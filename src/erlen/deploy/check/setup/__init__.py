"""Checks of how an application is set up: `CHECKS`.

=============  ==========================================================================
`rules`        rules that never match, methods that no request has
`views`        endpoints without a view, views without a rule, parameters that do not fit
`decorated`    decorators in an order in which they have no effect
`templates`    templates that cannot be compiled, that are missing, that are hidden
`links`        `url_for` to endpoints and static files that do not exist
`hooks`        hooks and error handlers that are never called, or that cannot be
`blueprints`   blueprints that nobody registers, folders that are not there
=============  ==========================================================================

What cannot be known without running the application is passed over: a finding is certain.
"""

from __future__ import annotations

from ..finding import Check
from . import blueprints, decorated, hooks, links, rules, templates, views

CHECKS: tuple[Check, ...] = (
    rules.check_rules,
    rules.check_methods,
    rules.check_comparisons,
    views.check_endpoints,
    views.check_parameters,
    views.check_adapters,
    decorated.check_decorators,
    templates.check_compile,
    templates.check_named,
    templates.check_hidden,
    links.check_links,
    hooks.check_reachable,
    hooks.check_parameters,
    hooks.check_results,
    hooks.check_replaced,
    hooks.check_setup_in_requests,
    blueprints.check_registered,
    blueprints.check_folders,
)
