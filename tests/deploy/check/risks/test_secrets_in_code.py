"""Passwords and tokens are not in files that git tracks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

CASES = (
    Case(
        "secret-tracked",
        'app.config["MAIL_PASSWORD"] = "correct horse"  #!',
        'app.config["MAIL_PASSWORD"] = os.environ.get("MAIL_PASSWORD")',
        git="add",
    ),
    Case(
        "secret-tracked",
        'app.config["DATABASE_URL"] = "postgresql://shop:hunter22@db.example/shop"  #!',
        'app.config["DATABASE_URL"] = "postgresql://shop:hunter22@localhost/shop"',
        "in an address",
        git="add",
    ),
    Case(
        "secret-tracked",
        'app.config["STRIPE_API_KEY"] = "live_0123456789"  #!',
        'app.config["STRIPE_API_KEY"] = "live_0123456789"',
        "and not where git has nothing",
        git="add",
        right_git="",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
