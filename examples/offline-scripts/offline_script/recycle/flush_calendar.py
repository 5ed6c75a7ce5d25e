"""Fill the calendar with the days on which orders are sent."""

from __future__ import annotations

from datetime import date, timedelta

from erlen.script import progress
from shop.models import Day, db

changes_data = True


def main(first: date, days: int = 365, closed: list[date] | None = None) -> None:
    """Fill the calendar from a day on; orders are sent from Monday to Friday, unless the day is closed."""
    with progress([first + timedelta(n) for n in range(days)], batch=100, label="days") as rows:
        for day in rows:
            db.session.merge(Day(day=day, is_open=day.weekday() < 5 and day not in (closed or [])))
        db.session.commit()
