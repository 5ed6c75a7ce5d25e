"""Risks of mail: errors that nobody is told of, and passwords that go in the clear."""

from __future__ import annotations

import typing as t

from ..finding import Finding, Kind, Level
from . import written

if t.TYPE_CHECKING:
    from ..examined import Examined

NO_SERVER = Kind(
    "admins-without-mail",
    Level.WARNING,
    "Nobody gets the mails about errors that the list is there for.",
)
NO_TLS = Kind(
    "mail-without-tls",
    Level.WARNING,
    "Name and password of the mail account go over the network in the clear.",
)

_HERE = ("localhost", "127.0.0.1", "::1")


def check_mail(examined: Examined) -> t.Iterator[Finding]:
    """Find settings of mail that send nothing, or too much."""
    config = examined.app.config
    server = config.get("MAIL_SERVER")
    if config.get("ADMINS") and not server:
        place = written.place_of_setting(examined, "ADMINS")
        line = 'app.config["MAIL_SERVER"] = "mail.example.com"'
        yield NO_SERVER.found("ADMINS is set, and MAIL_SERVER is not.", place, write=line)
    has_password = config.get("MAIL_USERNAME") and config.get("MAIL_PASSWORD")
    is_encrypted = config.get("MAIL_USE_TLS") or config.get("MAIL_USE_SSL")
    if server and has_password and not is_encrypted and server not in _HERE:
        place = written.place_of_setting(examined, "MAIL_SERVER")
        line = "app.config.update(MAIL_USE_TLS=True, MAIL_PORT=587)"
        yield NO_TLS.found("MAIL_PASSWORD is set, without MAIL_USE_TLS or MAIL_USE_SSL.", place, write=line)
