"""Sources name a part of the request, and the name that a parameter has there."""

import pytest

from erlen.api import Body, Cookie, Form, Header, Query
from erlen.api.sources import Source, field_name


@pytest.mark.parametrize(
    ("source", "where", "key"),
    [
        (Query(), "query", "a_b"),
        (Query("c"), "query", "c"),
        (Header(), "header", "a-b"),
        (Header("X-C"), "header", "X-C"),
        (Cookie(), "cookie", "a_b"),
        (Form(), "form", "a_b"),
        (Body(), "body", "a_b"),
    ],
)
def test_the_name_in_the_request(source: Source, where: str, key: str) -> None:
    assert (source.where, source.key("a_b")) == (where, key)


def test_fields_of_records_have_hyphens_in_headers() -> None:
    assert field_name("header", "first_day") == "first-day"
    assert field_name("query", "first_day") == "first_day"
