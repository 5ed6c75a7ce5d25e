"""Headers of proxies are believed from proxies alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.check.risks.cases import Case, environment, write

Checked = Callable[[Case], None]

FIX = """
from werkzeug.middleware.proxy_fix import ProxyFix
app.wsgi_app = ProxyFix(app.wsgi_app, {options}){mark}
"""
NOBODY = "app.config['TRUSTED_PROXIES'] = None\n"
ONE = FIX.format(options="x_proto=1", mark="")
CASES = (
    *(
        Case(
            "proxies-everybody",
            f'app.config["TRUSTED_PROXY_HOPS"] = 1\napp.config["TRUSTED_PROXIES"] = {wrong}  #!',
            f'app.config["TRUSTED_PROXY_HOPS"] = 1\napp.config["TRUSTED_PROXIES"] = {right}',
            wrong,
        )
        for wrong, right in (
            ('"*"', '"10.0.0.0/8, unix"'),
            ('["127.0.0.1", "0.0.0.0/0"]', '["127.0.0.1"]'),
            ('"unix, ::/0"', '"unix"'),
        )
    ),
    Case(
        "proxies-everybody",
        'app.config.update(TRUSTED_PROXIES="*", TRUSTED_PROXY_HOPS=1)  #!',
        'app.config.update(TRUSTED_PROXIES="*", TRUSTED_PROXY_HOPS=1)',
        "except where a platform has the only proxy",
        right_environ={"DYNO": "web.1"},
    ),
    Case(
        "proxies-without-hops",
        'app.config["TRUSTED_PROXIES"] = "*"  #!',
        'app.config["TRUSTED_PROXIES"] = "127.0.0.1"',
    ),
    Case("proxy-fix-everybody", NOBODY + FIX.format(options="x_for=1", mark="  #!"), ""),
    Case("proxy-fix-hops", NOBODY + FIX.format(options="x_for=3", mark="  #!"), ""),
    Case(
        "proxies-twice",
        FIX.format(options="x_for=1", mark="  #!"),
        "from werkzeug.middleware.proxy_fix import ProxyFix",
    ),
    Case("proxies-missing", NOBODY, "", environ={"DYNO": "web.1"}),
    Case("proxies-missing", NOBODY, "", "as the option says", behind_proxy=True),
    Case("proxies-unknown", NOBODY, ""),
    Case(
        "forwarded-allow-ips",
        "",
        "",
        environ={"FORWARDED_ALLOW_IPS": "*"},
        right_environ={"FORWARDED_ALLOW_IPS": "::1"},
    ),
    Case(
        "forwarded-allow-ips",
        {"gunicorn.conf.py": 'workers = 2\nforwarded_allow_ips = "*"  #!'},
        {"gunicorn.conf.py": 'workers = 2\nforwarded_allow_ips = "127.0.0.1"'},
        "in gunicorn's file",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)


def test_a_host_that_proxy_fix_believes_has_to_be_trusted(checker: Any, tmp_path: Path) -> None:
    """Without TRUSTED_HOSTS there are always two findings."""

    def kinds(options: str, hosts: str) -> set[str]:
        program = f"{NOBODY}app.config['TRUSTED_HOSTS'] = {hosts}{FIX.format(options=options, mark='')}"
        write(program, tmp_path)
        environ = environment(CASES[0], right=True)
        found = checker.check({"folder": str(tmp_path), "environ": environ})
        return {kind for kind, *_ in found}

    assert kinds("x_host=1", "None") == {"trusted-hosts-missing", "proxy-fix-everybody", "proxy-fix-host"}
    assert kinds("x_host=1", "['shop.example']") == {"proxy-fix-everybody"}
    assert kinds("x_host=0", "None") == {"trusted-hosts-missing", "proxy-fix-everybody"}
