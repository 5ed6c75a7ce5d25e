"""Errors reach somebody, and passwords do not travel in the clear."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

CASES = (
    Case(
        "admins-without-mail",
        'app.config["ADMINS"] = ["ada@shop.example"]  #!',
        'app.config.update(ADMINS=["ada@shop.example"], MAIL_SERVER="localhost")',
    ),
    *(
        Case(
            "mail-without-tls",
            'app.config.update(MAIL_USERNAME="shop", MAIL_PASSWORD=os.environ["SECRET_KEY"])\n'
            'app.config["MAIL_SERVER"] = "mail.shop.example"  #!',
            f'app.config.update(MAIL_USERNAME="shop", MAIL_PASSWORD=os.environ["SECRET_KEY"], {right})',
            right,
        )
        for right in (
            'MAIL_SERVER="127.0.0.1"',
            'MAIL_SERVER="m.example", MAIL_USE_TLS=True',
            'MAIL_SERVER="m.example", MAIL_USE_SSL=True',
        )
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
