"""Keys are read from the configuration and the environment, and a wrong one says so."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from erlen.deploy.logs.settings import Settings

MAIL = {"MAIL_SERVER": "mail.example.org", "ADMINS": ["ada@example.org"]}


def read(environ: dict[str, str] | None = None, **config: Any) -> Settings:
    return Settings.read(config, environ or {})


def test_without_keys_there_are_defaults() -> None:
    assert Settings.read(None, {}) == Settings()


def test_a_variable_goes_before_a_key() -> None:
    settings = read({"LOG_FORMAT": "json"}, LOG_FORMAT="text", LOG_BACKUPS=3)
    assert (settings.format, settings.backups) == ("json", 3)


def test_an_option_goes_before_both() -> None:
    settings = Settings.read({"LOG_FORMAT": "text"}, {"LOG_FORMAT": "text"}, {"LOG_FORMAT": "json"})
    assert settings.format == "json"


def test_an_empty_variable_is_none() -> None:
    assert read({"LOG_FORMAT": "", "LOG_LEVEL": ""}).format == "text"


def test_variables_with_other_names_are_the_applications() -> None:
    assert read({"MAIL_SERVER": "x", "ADMINS": "ada@example.org"}).mail is None


@pytest.mark.parametrize(
    ("key", "value", "name", "read_as"),
    [
        ("LOG_LEVEL", "debug", "level", logging.DEBUG),
        ("LOG_LEVEL", "15", "level", 15),
        ("LOG_LEVEL", logging.ERROR, "level", logging.ERROR),
        ("LOG_FILE", "/tmp/x.log", "file", "/tmp/x.log"),
        ("LOG_MAX_BYTES", "100", "max_bytes", 100),
        ("LOG_ACCESS", "on", "access", True),
        ("LOG_ACCESS", "0", "access", False),
        ("LOG_ACCESS", 1, "access", True),
        ("LOG_ACCESS_EXCEPT", "/a, /b", "access_except", ("/a", "/b")),
        ("LOG_HIDDEN_FIELDS", ["pin"], "hidden_fields", ("pin",)),
        ("LOG_REQUEST_ID_HEADER", "X-Trace", "request_id_header", "X-Trace"),
        ("LOG_REQUEST_ID_HEADER", "", "request_id_header", ""),
    ],
)
def test_a_value_may_be_text(key: str, value: Any, name: str, read_as: Any) -> None:
    assert getattr(read(**{key: value}), name) == read_as


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_LEVEL", True),
        ("LOG_MAX_BYTES", "many"),
        ("LOG_MAX_BYTES", -1),
        ("LOG_BACKUPS", None.__class__),
        ("LOG_ACCESS", "perhaps"),
        ("LOG_ACCESS_EXCEPT", 3),
        ("LOG_HIDDEN_FIELDS", [1]),
        ("LOG_FILE", 3),
        ("LOG_REQUEST_ID_HEADER", "X-Id\r\nX-Evil: 1"),
        ("LOG_REQUEST_ID_HEADER", 3),
        ("LOG_MAIL_PER_HOUR", "x"),
        ("LOG_MAIL_LEVEL", "x"),
        ("LOG_MAIL_TIMEOUT", "0"),
        ("MAIL_PORT", "x"),
        ("MAIL_USE_TLS", "maybe"),
        ("MAIL_SERVER", "mail\nx"),
        ("MAIL_DEFAULT_SENDER", "shop@example.org\r\nBcc: x@example.org"),
        ("MAIL_DEFAULT_SENDER", ("Shop\n", "shop@example.org")),
        ("MAIL_DEFAULT_SENDER", "nobody"),
        ("ADMINS", ["ada@example.org\r\nBcc: eve@example.org"]),
        ("ADMINS", ["ada"]),
        ("ADMINS", 3),
    ],
)
def test_an_error_names_the_key(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{key} has to"):
        read(**{**MAIL, key: value})


def test_tls_from_the_start_and_later_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        read(**MAIL, MAIL_USE_TLS=True, MAIL_USE_SSL=True)


def test_mails_need_a_server_and_somebody_who_gets_them() -> None:
    assert read(MAIL_SERVER="x").mail is None
    assert read(ADMINS=["ada@example.org"]).mail is None
    mail = read(**MAIL, MAIL_USE_SSL="1", LOG_MAIL_PER_HOUR="3", MAIL_PASSWORD="hunter2").mail
    assert mail is not None
    assert (mail.admins, mail.sender) == (("ada@example.org",), "no-reply@mail.example.org")
    assert (mail.port, mail.per_hour, mail.level) == (465, 3, logging.ERROR)
    assert "hunter2" not in repr(mail)


@pytest.mark.parametrize("key", ["DEBUG", "TESTING"])
def test_debug_mode_and_tests_send_no_mail(key: str) -> None:
    assert read(**MAIL, **{key: True}).mail is None


def test_the_sender_may_be_a_pair_as_flask_mail_has_it() -> None:
    mail = read(**MAIL, MAIL_DEFAULT_SENDER=("The shop", "shop@example.org")).mail
    assert mail is not None
    assert mail.sender == "The shop <shop@example.org>"
