"""Reading the book."""

from __future__ import annotations

from datetime import timedelta

import pytest

from guestbook.formats import ago, hue
from guestbook.models import now


def test_an_empty_book_invites_the_first_guest(client):
    assert "Be the first to sign it." in client.get("/").text


def test_messages_are_shown_newest_first(client, write):
    write("Ada")
    write("Grace")
    page = client.get("/").text
    assert page.index("Grace") < page.index("Ada")


def test_what_guests_write_is_text_and_never_markup(client, write):
    write("<b>Eve</b>", "<script>alert(1)</script>")
    page = client.get("/").text
    assert "<script>" not in page
    assert "<b>Eve" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(("page", "shown"), [(1, 10), (2, 10), (3, 3)])
def test_the_book_has_pages_of_ten(client, write, page, shown):
    for _ in range(23):
        write()
    assert client.get("/", query_string={"page": page}).text.count("<article") == shown


def test_a_page_beyond_the_last_is_not_there(client):
    assert client.get("/?page=9").status_code == 404


def test_each_message_has_an_address_of_its_own(client, write):
    message = write("Grace", "I was here.")
    answer = client.get(f"/messages/{message.id}")
    assert answer.status_code == 200
    assert "<title>A message from Grace</title>" in answer.text
    assert "I was here." in answer.text


def test_the_style_sheet_is_served(client):
    answer = client.get("/static/style.css")
    assert answer.mimetype == "text/css"
    assert answer.headers["ETag"]
    answer.close()


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(minutes=1, seconds=5), "1 minute ago"),
        (timedelta(hours=5, minutes=59), "5 hours ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_the_time_of_a_message_is_said_in_its_largest_unit(app, passed, words):
    assert ago(now() - passed) == words


def test_a_guest_keeps_the_same_colour(app):
    assert hue("Ada") == hue("ada")
    assert 0 <= hue("王小明") < 360
