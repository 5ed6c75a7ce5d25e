"""`erlen env`: where each setting comes from, and what is missing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.deploy.serve.running import ERLEN, environment

SHOP = """
import os
from flask import Flask

class Production:
    SECRET_KEY = os.environ["SECRET_KEY"]
    TITLE = "Shop"

app = Flask(__name__)
app.config.from_object(Production)
app.config["MAIL_SERVER"] = "mail"
"""


def erlen_env(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ERLEN, "env", *words],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(autouse=True)
def shop(folder: Path) -> None:
    (folder / "shop.py").write_text(SHOP)
    (folder / ".flaskenv").write_text("FLASK_APP=shop\n")


def lines(text: str) -> set[str]:
    return {" ".join(line.split()) for line in text.splitlines()}


def test_each_setting_is_shown_with_its_source_and_without_secrets(folder: Path) -> None:
    (folder / ".env").write_text("SECRET_KEY=s3cret\n")
    done = erlen_env(FLASK_DEBUG="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert {
        "setting value from",
        "SECRET_KEY ••• .env, through shop.Production",
        "TITLE Shop shop.Production",
        "MAIL_SERVER mail shop.py:11",
        "DEBUG True environment (FLASK_DEBUG)",
        "MAX_CONTENT_LENGTH None default",
        "variable value from",
        "SECRET_KEY ••• .env",
        "FLASK_APP shop .flaskenv",
        "FLASK_DEBUG 1 environment",
    } <= lines(done.stdout)
    assert "s3cret" not in done.stdout


@pytest.mark.slow
def test_an_application_that_does_not_load_is_named_and_the_variables_are_shown() -> None:
    done = erlen_env()
    assert done.returncode == 1
    assert done.stderr == "\nThe application does not load: KeyError: 'SECRET_KEY'\n"
    assert "FLASK_APP shop .flaskenv" in lines(done.stdout)


@pytest.mark.slow
def test_without_an_application_the_variables_are_shown(folder: Path) -> None:
    (folder / ".flaskenv").write_text("FLASK_RUN_PORT=80\n")
    done = erlen_env()
    assert done.returncode == 1
    assert "There is no application here" in done.stderr
    assert "FLASK_RUN_PORT 80 .flaskenv" in lines(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("example", "status", "printed"),
    [
        ("SECRET_KEY=\nFLASK_APP=\n", 0, "All 2 variables are there, and no others.\n"),
        ("# ours\nexport SECRET_KEY\n", 0, "Surplus: FLASK_APP\n"),
        ("SECRET_KEY=\nFLASK_APP=\nDATABASE_URL=\nA=\n", 1, "Missing: A, DATABASE_URL\n"),
        ("A=\n'B\x1b'=\n", 1, "Missing: A, 'B\\x1b'\nSurplus: FLASK_APP, SECRET_KEY\n"),
    ],
)
def test_what_is_missing_and_what_is_surplus(example: str, status: int, printed: str, folder: Path) -> None:
    (folder / ".env").write_text("SECRET_KEY=s3cret\n")
    (folder / ".env.example").write_text(example)
    done = erlen_env("--check", ".env.example")
    assert (done.returncode, done.stdout) == (status, printed), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("bad", [b"A=\xff\n", None])
def test_an_example_that_cannot_be_read_is_an_error_of_one_line(bad: bytes | None, folder: Path) -> None:
    if bad is None:
        (folder / "example").mkdir()
    else:
        (folder / "example").write_bytes(bad)
    done = erlen_env("--check", "example")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "'example'" in done.stderr
