"""What clients may send is limited."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

LIMITER = """
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
"""
CASES = (
    Case(
        "max-content-length-missing",
        'app.config["MAX_CONTENT_LENGTH"] = None  #!',
        'app.config["MAX_CONTENT_LENGTH"] = 1 << 30',
    ),
    *(
        Case("form-limit-off", f'app.config["{key}"] = None  #!', f'app.config["{key}"] = 10', key)
        for key in ("MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS")
    ),
    Case(
        "websocket-limit-off",
        'app.config["WEBSOCKET_MAX_MESSAGE_SIZE"] = None  #!',
        'app.config["WEBSOCKET_MAX_MESSAGE_SIZE"] = 1',
    ),
    Case(
        "rate-limit-off",
        f'app.config["RATELIMIT_ENABLED"] = False  #!{LIMITER}',
        f'app.config["RATELIMIT_ENABLED"] = True{LIMITER}',
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
