"""An old name warns once, with the place of the user's code."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest

import erlen
from erlen.legacy import notices

USE = """\
import erlen
app = erlen.Flask("x")


value = erlen.Markup
again = erlen.Markup
app.env
"""


@pytest.mark.usefixtures("of_1_1")
def test_it_warns_once_with_file_and_line(warned: Callable[[Callable[[], object]], list[str]]) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(compile(USE, "users.py", "exec"), {"__name__": "users"})
    assert [(each.filename, each.lineno, each.category) for each in caught] == [
        ("users.py", 5, DeprecationWarning),
        ("users.py", 7, DeprecationWarning),
    ]
    assert str(caught[0].message) == (
        "'flask.Markup' was removed in Flask 2.3; Erlen's legacy layer has it."
        " Write instead: markupsafe.Markup."
    )


@pytest.mark.usefixtures("of_1_1")
def test_a_warning_that_is_an_error_is_raised_each_time() -> None:
    for _ in range(2):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(DeprecationWarning, match=r"flask\.Markup"):
                erlen.Markup  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.usefixtures("of_1_1")
def test_a_name_imported_from_elsewhere_says_where_it_is(
    warned: Callable[[Callable[[], object]], list[str]],
) -> None:
    assert warned(lambda: erlen.helpers.url_quote) == ["flask.helpers.url_quote"]  # type: ignore[attr-defined]
    with pytest.warns(DeprecationWarning, match="Write instead: from flask.templating import Dispatching"):
        assert erlen.app.DispatchingJinjaLoader is erlen.templating.DispatchingJinjaLoader


def test_it_says_who_removed_a_librarys_name() -> None:
    record = notices.Removed("werkzeug.security.safe_str_cmp", "2.0", "hmac.compare_digest", "werkzeug")
    notices.forget()
    with pytest.warns(DeprecationWarning, match="was removed in werkzeug after 2.0;"):
        notices.notice_of(record.name, record, "Write instead: hmac.compare_digest.")
    notices.forget()
