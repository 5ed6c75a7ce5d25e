"""What the keys ``LOG_…``, ``MAIL_…`` and ``ADMINS`` say."""

from __future__ import annotations

import logging
import os
import typing as t
from dataclasses import dataclass, fields
from email.utils import formataddr, parseaddr

Source: t.TypeAlias = "t.Mapping[str, t.Any]"

# The keys that environment variables of the same name overrule: they are the operator's.
_PREFIX = "LOG_"


@dataclass(frozen=True)
class Mail:
    """The server that takes mails, and who gets them."""

    admins: tuple[str, ...]
    sender: str
    server: str
    port: int = 25
    use_tls: bool = False
    use_ssl: bool = False
    username: str | None = None
    password: str | None = None
    level: int = logging.ERROR
    per_hour: int = 10
    timeout: float = 10

    def __repr__(self) -> str:
        # SECURITY: without the password.
        return f"<Mail to {', '.join(self.admins)} by {self.server}:{self.port}>"


@dataclass(frozen=True)
class Settings:
    """The settings of the logs, with their defaults; docs/how-to/log-in-production.md explains each."""

    format: str = "text"
    # None: INFO, where nobody else has configured logging.
    level: int | None = None
    file: str | None = None
    max_bytes: int = 10 << 20
    backups: int = 5
    access: bool = False
    access_except: tuple[str, ...] = ("/livez", "/readyz")
    request_id_header: str = "X-Request-ID"
    hidden_fields: tuple[str, ...] = ()
    mail: Mail | None = None

    @classmethod
    def read(
        cls, config: Source | None = None, environ: Source | None = None, options: Source | None = None
    ) -> Settings:
        """Return the settings of a configuration and the environment.

        Variables ``LOG_…`` go before keys of the configuration, and *options* before both. Raises ValueError
        for a value that cannot be used.
        """
        variables = os.environ if environ is None else environ
        found = {key: value for key, value in (config or {}).items() if isinstance(key, str)}
        found.update((key, value) for key, value in variables.items() if key.startswith(_PREFIX))
        found.update(options or {})
        values: dict[str, t.Any] = {}
        for field in fields(cls):
            key = f"{_PREFIX}{field.name.upper()}"
            if field.name != "mail" and found.get(key) not in (None, ""):
                values[field.name] = _READERS[field.name](key, found[key])
        # An empty name of the header turns it off.
        if found.get("LOG_REQUEST_ID_HEADER") == "":
            values["request_id_header"] = ""
        return cls(**values, mail=_mail(found))


def _mail(found: Source) -> Mail | None:
    """Return where errors are mailed to; None without MAIL_SERVER and ADMINS, or in debug mode or tests."""
    server, admins = found.get("MAIL_SERVER"), _names("ADMINS", found.get("ADMINS") or ())
    if not server or not admins or _is_true("DEBUG", found.get("DEBUG")) or found.get("TESTING"):
        return None
    server = _line("MAIL_SERVER", server)
    use_ssl = _is_true("MAIL_USE_SSL", found.get("MAIL_USE_SSL"))
    use_tls = _is_true("MAIL_USE_TLS", found.get("MAIL_USE_TLS"))
    if use_ssl and use_tls:
        raise ValueError("MAIL_USE_SSL and MAIL_USE_TLS exclude each other: port 465 has SSL, port 587 TLS.")
    number = found.get("LOG_MAIL_PER_HOUR")
    return Mail(
        admins=tuple(_address("ADMINS", name) for name in admins),
        sender=_sender(found.get("MAIL_DEFAULT_SENDER") or f"no-reply@{server}"),
        server=server,
        port=_number("MAIL_PORT", found.get("MAIL_PORT") or (465 if use_ssl else 25)),
        use_tls=use_tls,
        use_ssl=use_ssl,
        username=found.get("MAIL_USERNAME") or None,
        password=found.get("MAIL_PASSWORD") or None,
        level=_level("LOG_MAIL_LEVEL", found.get("LOG_MAIL_LEVEL") or "ERROR"),
        per_hour=10 if number in (None, "") else _number("LOG_MAIL_PER_HOUR", number),
        timeout=_seconds("LOG_MAIL_TIMEOUT", found.get("LOG_MAIL_TIMEOUT") or 10),
    )


def _sender(value: t.Any) -> str:
    """Return the sender; Flask-Mail takes a pair of name and address as well."""
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return formataddr((_line("MAIL_DEFAULT_SENDER", value[0]), _address("MAIL_DEFAULT_SENDER", value[1])))
    return _address("MAIL_DEFAULT_SENDER", value)


def _line(key: str, value: t.Any) -> str:
    # SECURITY: a line break would begin another header of the mail.
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{key} has to be one line of text, not {value!r}.")
    return value


def _address(key: str, value: t.Any) -> str:
    text = _line(key, value)
    if "@" not in parseaddr(text)[1]:
        raise ValueError(f"{key} has to have addresses such as 'ada@example.org', not {value!r}.")
    return text


def _names(key: str, value: t.Any) -> tuple[str, ...]:
    """Return names: a list, or a text with commas between them."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(
        isinstance(name, str) for name in value
    ):
        raise ValueError(f"{key} has to be a list, or names with commas between them, not {value!r}.")
    return tuple(name.strip() for name in value if name.strip())


_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def _is_true(key: str, value: t.Any) -> bool:
    if not isinstance(value, str):
        return bool(value)
    text = value.strip().lower()
    if text not in (*_TRUE, *_FALSE):
        raise ValueError(f"{key} has to be true or false, not {value!r}.")
    return text in _TRUE


def _number(key: str, value: t.Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise ValueError(f"{key} has to be a whole number that is not negative, not {value!r}.")
    return number


def _seconds(key: str, value: t.Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = 0
    if not 0 < seconds < 1e6:
        raise ValueError(f"{key} has to be a number of seconds, not {value!r}.")
    return seconds


def _level(key: str, value: t.Any) -> int:
    """Return a level: a name as in :mod:`logging`, or a number."""
    if isinstance(value, str):
        named = logging.getLevelName(value.strip().upper())
        value = int(value) if value.strip().isdecimal() else named
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{key} has to be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {value!r}.")
    return value


def _format(key: str, value: t.Any) -> str:
    if value not in ("text", "json"):
        raise ValueError(f"{key} has to be 'text' or 'json', not {value!r}.")
    return str(value)


def _file(key: str, value: t.Any) -> str:
    try:
        return os.path.abspath(os.fsdecode(value))
    except (TypeError, ValueError):
        raise ValueError(f"{key} has to be the name of a file, not {value!r}.") from None


def _header(key: str, value: t.Any) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.replace("-", "").isalnum():
        raise ValueError(f"{key} has to be the name of a header, such as 'X-Request-ID', not {value!r}.")
    return value


_READERS: dict[str, t.Callable[[str, t.Any], t.Any]] = {
    "format": _format,
    "level": _level,
    "file": _file,
    "max_bytes": _number,
    "backups": _number,
    "access": _is_true,
    "access_except": _names,
    "request_id_header": _header,
    "hidden_fields": _names,
}
