"""Signing the book."""

from __future__ import annotations

import re

import pytest

from guestbook.extensions import db
from guestbook.models import Message


def sign(client, name="Ada", body="Hello from London.", **more):
    return client.post("/", data={"name": name, "body": body}, **more)


def test_a_message_lands_in_the_book_with_thanks(client):
    answer = sign(client, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.method == "GET"
    assert "Thank you, Ada." in answer.text
    assert "Hello from London." in answer.text


def test_thanks_are_said_once(client):
    sign(client)
    assert "Thank you" in client.get("/").text
    assert "Thank you" not in client.get("/").text


def test_the_name_is_remembered_for_the_next_message(client):
    sign(client, name="Grace")
    with client.session_transaction() as session:
        assert session["name"] == "Grace"
    assert 'value="Grace"' in client.get("/").text


def test_space_around_the_words_is_dropped(client):
    sign(client, name="  Ada ", body="\n Hello. \n")
    message = db.session.scalars(db.select(Message)).one()
    assert (message.name, message.body) == ("Ada", "Hello.")


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"name": ""}, "Please tell us your name."),
        ({"name": "   "}, "Please tell us your name."),
        ({"name": "x" * 41}, "Please keep your name to 40 characters."),
        ({"body": ""}, "Please write a few words."),
        ({"body": "x" * 401}, "Please keep it to 400 characters."),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_a_complaint(client, fields, complaint):
    answer = sign(client, **fields)
    assert answer.status_code == 422
    assert complaint in answer.text
    assert Message.count() == 0


def test_a_form_that_came_back_keeps_what_was_written(client):
    assert "These words took me an hour." in sign(client, name="", body="These words took me an hour.").text


class TestWithProtection:
    @pytest.fixture(autouse=True)
    def protection(self, app):
        app.config["WTF_CSRF_ENABLED"] = True

    def test_a_form_from_elsewhere_is_refused(self, client):
        answer = sign(client)
        assert answer.status_code == 400
        assert "This form is no longer valid" in answer.text
        assert Message.count() == 0

    def test_the_form_of_the_page_is_accepted(self, client):
        token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', client.get("/").text)[1]
        answer = client.post("/", data={"name": "Ada", "body": "Hello.", "csrf_token": token})
        assert answer.status_code == 302
        assert Message.count() == 1
