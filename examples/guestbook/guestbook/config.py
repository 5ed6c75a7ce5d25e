from __future__ import annotations

import os

from flask import Flask


class Config:
    """What holds everywhere."""

    MESSAGES_PER_PAGE = 10
    SQLALCHEMY_DATABASE_URI = "sqlite:///guestbook.db"  # a relative path lies in the instance folder

    @classmethod
    def init_app(cls, app: Flask) -> None:
        """Finish what class attributes cannot say."""


class DevelopmentConfig(Config):
    SECRET_KEY = "only for development"


class TestingConfig(Config):
    TESTING = True
    SECRET_KEY = "only for tests"
    SQLALCHEMY_DATABASE_URI = "sqlite:///:memory:"
    WTF_CSRF_ENABLED = False


class ProductionConfig(Config):
    SESSION_COOKIE_SAMESITE = "Lax"
    MAX_CONTENT_LENGTH = 64 * 1024  # bytes
    # What a check before the deployment need not report, and why.
    SILENCED_CHECKS = {
        "debug-in-flaskenv": "It is for development; servers of production do not read the file.",
        "https-not-forced": "The proxy in front redirects to HTTPS.",
        "hsts-missing": "The proxy in front adds the header.",
        "security-headers-missing": "The proxy in front adds the headers.",
        "session-cookie-name": "With GUESTBOOK_PLAIN_HTTP=1 browsers would refuse such a name.",
        "trusted-hosts-missing": "The proxy in front passes on requests for this site alone.",
    }

    @classmethod
    def init_app(cls, app: Flask) -> None:
        """Take the secrets from the environment, at the time of the call.

        Raise RuntimeError when SECRET_KEY is not there.
        """
        secret_key = os.environ.get("SECRET_KEY")
        if not secret_key:
            raise RuntimeError(
                "The production configuration takes SECRET_KEY from the environment, and it is not set there."
                " Make one with: python -c 'import secrets; print(secrets.token_hex())'"
            )
        app.config["SECRET_KEY"] = secret_key
        app.config["SESSION_COOKIE_SECURE"] = os.environ.get("GUESTBOOK_PLAIN_HTTP") != "1"
        if database := os.environ.get("DATABASE_URL"):
            app.config["SQLALCHEMY_DATABASE_URI"] = database


configs: dict[str, type[Config]] = {
    "development": DevelopmentConfig,
    "testing": TestingConfig,
    "production": ProductionConfig,
}
