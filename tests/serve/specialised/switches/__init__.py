"""The switches: each changes nothing that an application means, and defeats one short cut of the plan.

A seam is overridden by a method that calls what it overrides, a hook that does nothing is registered, a
class derives from Erlen's. Each also names the functions that show that it works: see ``switch``.
"""

from tests.serve.specialised.switch import SWITCHES, form_with
from tests.serve.specialised.switches import (
    around_requests,
    hooks,
    json_and_templates,
    requests,
    responses,
    seams,
    sessions,
    tables,
    view_functions,
)

__all__ = [
    "SWITCHES",
    "around_requests",
    "form_with",
    "hooks",
    "json_and_templates",
    "requests",
    "responses",
    "seams",
    "sessions",
    "tables",
    "view_functions",
]
