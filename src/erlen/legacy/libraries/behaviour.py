"""What Werkzeug does otherwise today, with the same names: put back where old extensions rely on it."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

if t.TYPE_CHECKING:
    from types import ModuleType

    from ..changes import Changes
    from .arrival import Modules


class Date(datetime):
    """A date with its time zone that can be compared with one without, which is then in UTC.

    Werkzeug's dates had no time zone before 2.0, and were compared with others that have none.
    """

    def __lt__(self, other: t.Any) -> bool:
        return super().__lt__(_in_utc(other))

    def __le__(self, other: t.Any) -> bool:
        return super().__le__(_in_utc(other))

    def __gt__(self, other: t.Any) -> bool:
        return super().__gt__(_in_utc(other))

    def __ge__(self, other: t.Any) -> bool:
        return super().__ge__(_in_utc(other))

    def __eq__(self, other: object) -> bool:
        return super().__eq__(_in_utc(other))

    def __ne__(self, other: object) -> bool:
        return super().__ne__(_in_utc(other))

    __hash__ = datetime.__hash__

    def __sub__(self, other: t.Any) -> t.Any:
        return super().__sub__(_in_utc(other))

    def __rsub__(self, other: t.Any) -> t.Any:
        return -(self - other)


def _in_utc(value: t.Any) -> t.Any:
    is_naive = isinstance(value, datetime) and value.tzinfo is None
    return value.replace(tzinfo=timezone.utc) if is_naive else value


def add(changes: Changes, modules: Modules) -> None:
    """Put the old behaviour back in the modules that are there, and in the others when they come."""

    def in_requests(module: ModuleType) -> None:
        _compare_dates(changes, module, module.Request)
        _read_basic_and_digest_alone(changes, module.Request)

    def in_responses(module: ModuleType) -> None:
        _compare_dates(changes, module, module.Response)

    modules.when_there("werkzeug.sansio.request", in_requests)
    modules.when_there("werkzeug.sansio.response", in_responses)


def _compare_dates(changes: Changes, module: ModuleType, cls: type) -> None:
    """Let the dates of headers be compared with dates that have no time zone."""
    own = module.parse_date

    def parse_date(value: str | None) -> Date | None:
        found = own(value)
        return None if found is None else Date.fromtimestamp(found.timestamp(), timezone.utc)

    changes.set(module, "parse_date", parse_date)
    for attribute in vars(cls).values():
        if getattr(attribute, "load_func", None) is own:
            changes.set(attribute, "load_func", parse_date)


def _read_basic_and_digest_alone(changes: Changes, cls: type) -> None:
    """Let ``request.authorization`` be None for other credentials, which extensions then read themselves."""
    from werkzeug.utils import cached_property

    from .functions import parse_authorization_header

    def authorization(self: t.Any) -> t.Any:
        """The credentials of basic or digest authentication; None for others, as before Werkzeug 2.3."""
        return parse_authorization_header(self.headers.get("Authorization"))

    changes.set(cls, "authorization", cached_property(authorization, name="authorization"))
