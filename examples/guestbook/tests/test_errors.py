"""When something is missing or breaks."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("path", ["/nowhere", "/messages/1", "/messages/one"])
def test_what_is_not_there_gets_a_page_that_leads_back(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "This page is not in the book" in answer.text
    assert 'href="/"' in answer.text


def test_a_mistake_of_ours_gets_a_page_without_its_details(app, client):
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/broken")
    def broken():
        raise ZeroDivisionError("secret detail")

    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "Something was spilled" in answer.text
    assert "secret detail" not in answer.text
