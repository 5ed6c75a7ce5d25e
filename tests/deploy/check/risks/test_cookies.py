"""Cookies have the flags that protect them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

LOGIN = """
from flask_login import LoginManager, login_user
manager = LoginManager(app)
manager.user_loader(lambda name: None)
def log_in(user):
    login_user(user, remember={remember})
"""
SAFE = 'app.config.update(REMEMBER_COOKIE_SECURE=True, REMEMBER_COOKIE_SAMESITE="Lax")\n'
CASES = (
    Case(
        "session-cookie-insecure",
        'app.config["SESSION_COOKIE_NAME"] = "s"\napp.config["SESSION_COOKIE_SECURE"] = False  #!',
        'app.config["SESSION_COOKIE_NAME"] = "__Host-s"\napp.config["SESSION_COOKIE_SECURE"] = True',
    ),
    Case(
        "session-cookie-insecure",
        'app.config["SESSION_COOKIE_NAME"] = "s"\napp.config["SESSION_COOKIE_SECURE"] = False  #!',
        'app.config["SESSION_COOKIE_SECURE"] = False\napp.secret_key = None',
        "only where there can be a session",
    ),
    Case(
        "session-cookie-readable",
        'app.config["SESSION_COOKIE_HTTPONLY"] = False  #!',
        'app.config["SESSION_COOKIE_HTTPONLY"] = True',
    ),
    Case(
        "session-cookie-samesite",
        'app.config["SESSION_COOKIE_SAMESITE"] = None  #!',
        'app.config["SESSION_COOKIE_SAMESITE"] = "Strict"',
    ),
    *(
        Case("session-cookie-refused", wrong, right, note)
        for note, wrong, right in (
            (
                "without Secure",
                'app.config["SESSION_COOKIE_SECURE"] = False\n'
                'app.config["SESSION_COOKIE_NAME"] = "__Secure-s"  #!',
                'app.config["SESSION_COOKIE_NAME"] = "__Host-s"',
            ),
            (
                "with a path",
                'app.config["SESSION_COOKIE_PATH"] = "/shop"  #!',
                'app.config["SESSION_COOKIE_PATH"] = "/"',
            ),
            (
                "by SameSite",
                'app.config.update(SESSION_COOKIE_NAME="s", SESSION_COOKIE_SECURE=False)\n'
                'app.config["SESSION_COOKIE_SAMESITE"] = "None"  #!',
                'app.config["SESSION_COOKIE_SAMESITE"] = "None"',
            ),
            (
                "by Partitioned",
                'app.config.update(SESSION_COOKIE_NAME="s", SESSION_COOKIE_SECURE=False)\n'
                'app.config["SESSION_COOKIE_PARTITIONED"] = True  #!',
                'app.config["SESSION_COOKIE_PARTITIONED"] = True',
            ),
        )
    ),
    Case(
        "session-cookie-name",
        'app.config["SESSION_COOKIE_NAME"] = "shop"  #!',
        'app.config["SESSION_COOKIE_NAME"] = "__Host-shop"',
    ),
    Case(
        "session-cookie-domain",
        'app.config["SESSION_COOKIE_NAME"] = "shop"\n'
        'app.config["SESSION_COOKIE_DOMAIN"] = "shop.example"  #!',
        'app.config["SESSION_COOKIE_DOMAIN"] = None',
    ),
    Case(
        "session-lifetime-long",
        'app.config["PERMANENT_SESSION_LIFETIME"] = 40_000_000  #!',
        'app.config["PERMANENT_SESSION_LIFETIME"] = 31 * 86_400',
    ),
    Case(
        "remember-cookie-insecure",
        'app.config.update(REMEMBER_COOKIE_SAMESITE="Lax")' + LOGIN.format(remember="True"),
        SAFE + LOGIN.format(remember="True"),
    ),
    Case(
        "remember-cookie-insecure",
        'app.config.update(REMEMBER_COOKIE_SAMESITE="Lax")' + LOGIN.format(remember="user.wants"),
        LOGIN.format(remember="False"),
        "only where somebody is remembered",
    ),
    Case(
        "remember-cookie-readable",
        SAFE + 'app.config["REMEMBER_COOKIE_HTTPONLY"] = False  #!' + LOGIN.format(remember="True"),
        SAFE + 'app.config["REMEMBER_COOKIE_HTTPONLY"] = True' + LOGIN.format(remember="True"),
    ),
    Case(
        "remember-cookie-samesite",
        'app.config["REMEMBER_COOKIE_SECURE"] = True' + LOGIN.format(remember="True"),
        SAFE + LOGIN.format(remember="True"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
