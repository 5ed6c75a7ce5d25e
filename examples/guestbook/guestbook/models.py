from __future__ import annotations

from datetime import datetime, timezone

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .extensions import db

NAME_LENGTH = 40
BODY_LENGTH = 400


def now() -> datetime:
    """Return the time in UTC, without a zone: SQLite keeps none."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


class Message(db.Model):
    """What one guest wrote."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    body: Mapped[str] = mapped_column(String(BODY_LENGTH))
    written_at: Mapped[datetime] = mapped_column(default=now, index=True)

    @classmethod
    def page(cls, size: int) -> Pagination:
        """Return the page that the request's `page` argument asks for, the newest message first."""
        newest_first = db.select(cls).order_by(cls.written_at.desc(), cls.id.desc())
        return db.paginate(newest_first, per_page=size, max_per_page=size)

    @classmethod
    def count(cls) -> int:
        return db.session.scalar(db.select(db.func.count()).select_from(cls)) or 0
