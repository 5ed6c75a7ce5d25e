"""HTTPS is forced, and browsers are told so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erlen import Erlen
from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

TALISMAN = """
from flask_talisman import Talisman
Talisman(app, force_https={force}, strict_transport_security={hsts}){mark}
"""
OFF = "app.config.update(FORCE_HTTPS=False, HSTS_SECONDS=None)"
PAGES = """
from flask import render_template
@app.get("/")
def index():
    return render_template("index.html")  #!
"""
CASES = (
    Case("https-not-forced", 'app.config["FORCE_HTTPS"] = False  #!', 'app.config["FORCE_HTTPS"] = True'),
    Case(
        "https-not-forced",
        OFF + "  #!" + TALISMAN.format(force=False, hsts=True, mark=""),
        OFF + TALISMAN.format(force=True, hsts=True, mark=""),
        "nor by Flask-Talisman",
    ),
    Case(
        "https-not-forced",
        'app.config["FORCE_HTTPS"] = False  #!',
        'from flask import redirect, request\napp.config["FORCE_HTTPS"] = False\n@app.before_request\n'
        "def upgrade():\n    if not request.is_secure:\n        return redirect('https://shop.example')",
        "nor by a hook",
    ),
    Case("hsts-missing", 'app.config["HSTS_SECONDS"] = None  #!', 'app.config["HSTS_SECONDS"] = 40_000_000'),
    Case(
        "hsts-missing",
        'app.config["HSTS_SECONDS"] = 0  #!',
        'app.config["HSTS_SECONDS"] = None\n@app.after_request\ndef add(response):\n'
        '    response.headers["Strict-Transport-Security"] = "max-age=31536000"\n    return response',
        "nor by a hook",
    ),
    Case(
        "hsts-missing",
        OFF + "  #!" + TALISMAN.format(force=True, hsts=False, mark=""),
        OFF + TALISMAN.format(force=True, hsts=True, mark=""),
        "nor by Flask-Talisman",
    ),
    Case(
        "hsts-short",
        'from datetime import timedelta\napp.config["HSTS_SECONDS"] = timedelta(hours=1)  #!',
        'from datetime import timedelta\napp.config["HSTS_SECONDS"] = timedelta(days=365)',
    ),
    Case(
        "hsts-preload-refused",
        'app.config["HSTS_PRELOAD"] = True  #!',
        "app.config.update(HSTS_PRELOAD=True, HSTS_INCLUDE_SUBDOMAINS=True)",
    ),
    Case(
        "preferred-url-scheme",
        'app.config["SERVER_NAME"] = "shop.example"',
        'app.config.update(SERVER_NAME="shop.example", PREFERRED_URL_SCHEME="https")',
    ),
    Case(
        "security-headers-missing",
        {"app.py": PAGES, "templates/index.html": "Welcome"},
        {
            "app.py": f"{PAGES}\n@app.after_request\ndef add(response):\n"
            '    response.headers["X-Frame-Options"] = "DENY"\n    return response',
            "templates/index.html": "Welcome",
        },
    ),
    Case("oauth-insecure", "", "", environ={"OAUTHLIB_INSECURE_TRANSPORT": "1"}, right_environ={}),
    Case(
        "oauth-insecure",
        'os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  #!',
        'os.environ["AUTHLIB_INSECURE_TRANSPORT"] = ""',
        "in a program",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)


def test_the_settings_that_are_refused_are_refused() -> None:
    app = Erlen("shop")
    app.config.update(HSTS_SECONDS=3600, HSTS_PRELOAD=True)
    with pytest.raises(ValueError, match="HSTS_PRELOAD"):
        app.test_client().get("/")
