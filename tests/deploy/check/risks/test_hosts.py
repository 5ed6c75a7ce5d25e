"""Only hosts of the site are trusted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erlen import Erlen
from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

CASES = (
    Case(
        "trusted-hosts-missing",
        'app.config["TRUSTED_HOSTS"] = None  #!',
        'app.config["TRUSTED_HOSTS"] = "shop.example"',
    ),
    Case(
        "trusted-hosts-missing",
        'app.config["TRUSTED_HOSTS"] = []  #!',
        'class Request(app.request_class):\n    trusted_hosts = ["shop.example"]\n\n'
        'app.request_class = Request\napp.config["TRUSTED_HOSTS"] = []',
        "nor in the class of requests",
    ),
    *(
        Case(
            "trusted-hosts-wide",
            f'app.config["TRUSTED_HOSTS"] = [{wide!r}]  #!',
            f"app.config['TRUSTED_HOSTS'] = [{right!r}]",
            wide,
        )
        for wide, right in ((".com", ".shop.com"), (".", ".shop.example"), (".dev", ".localhost"))
    ),
    *(
        Case(
            "trusted-hosts-never-match",
            f'app.config["TRUSTED_HOSTS"] = ["shop.example", {wrong!r}]  #!',
            f"app.config['TRUSTED_HOSTS'] = [{right!r}]",
            wrong,
        )
        for wrong, right in (
            ("*", "shop.example"),
            ("*.shop.example", ".shop.example"),
            ("https://shop.example", "shop.example:443"),
            ("Shop.example", "b\u00fccher.example"),
        )
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)


@pytest.mark.parametrize("entry", ["*", "*.shop.example", "https://shop.example", " shop.example"])
def test_what_is_said_to_match_no_host_matches_none(entry: str) -> None:
    app = Erlen("shop")
    app.config["TRUSTED_HOSTS"] = [entry]
    app.add_url_rule("/", "index", lambda: "Welcome")
    hosts = ("shop.example", "www.shop.example", "Shop.example", "SHOP.EXAMPLE:443")
    assert {app.test_client().get("/", headers={"Host": host}).status_code for host in hosts} == {400}
