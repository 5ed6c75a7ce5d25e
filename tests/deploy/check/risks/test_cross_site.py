"""Other sites cannot act in the name of visitors, or read what is theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

FORM = """
from flask_wtf import FlaskForm
class Form(FlaskForm):
    pass
"""
PROTECT = """
from flask_wtf import CSRFProtect
CSRFProtect(app)
"""
LOGIN = """
from flask_login import LoginManager
LoginManager(app).user_loader(lambda name: None)
"""
ORIGINS = "from flask_cors import CORS, cross_origin\n"
SHOP = '"https://shop.example"'
CASES = (
    Case(
        "csrf-off",
        f'app.config["WTF_CSRF_ENABLED"] = False  #!{PROTECT}',
        f'app.config["WTF_CSRF_ENABLED"] = True{PROTECT}',
    ),
    Case(
        "csrf-off",
        f'app.config["WTF_CSRF_ENABLED"] = False  #!{FORM}',
        'app.config["WTF_CSRF_ENABLED"] = False',
        "only with forms",
    ),
    Case(
        "csrf-unchecked",
        f'app.config["WTF_CSRF_CHECK_DEFAULT"] = False  #!{PROTECT}',
        f'app.config["WTF_CSRF_CHECK_DEFAULT"] = True{PROTECT}',
    ),
    Case(
        "login-off",
        f'app.config["LOGIN_DISABLED"] = True  #!{LOGIN}',
        f'app.config["LOGIN_DISABLED"] = False{LOGIN}',
    ),
    Case(
        "cors-credentials",
        f"{ORIGINS}CORS(app, supports_credentials=True)  #!",
        f"{ORIGINS}CORS(app, origins={SHOP}, supports_credentials=True)",
    ),
    Case(
        "cors-credentials",
        ORIGINS + 'CORS(app, resources={"/a": {"origins": "*", "supports_credentials": True}})  #!',
        ORIGINS + 'CORS(app, resources={"/a": {"origins": "*"}})',
        "of a path",
    ),
    Case(
        "cors-credentials",
        f"{ORIGINS}app.config['CORS_SUPPORTS_CREDENTIALS'] = True\nCORS(app)  #!",
        f"{ORIGINS}app.config.update(CORS_SUPPORTS_CREDENTIALS=True, CORS_ORIGINS=[{SHOP}])\nCORS(app)",
        "by settings",
    ),
    Case(
        "cors-credentials",
        f"{ORIGINS}@cross_origin(supports_credentials=True)  #!\ndef view():\n    pass",
        f"{ORIGINS}@cross_origin({SHOP}, supports_credentials=True)\ndef view():\n    pass",
        "of a view",
    ),
    Case(
        "websocket-origins-everybody",
        'app.config["WEBSOCKET_ORIGINS"] = ["*"]  #!',
        'app.config["WEBSOCKET_ORIGINS"] = ["https://shop.example"]',
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
