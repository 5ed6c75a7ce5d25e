"""A file says who made it, from what and how to apply it, and shows whether it was changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.targets.files import File, is_unchanged, printable, with_head

from .sites import site

FILE = File("a.conf", "one\ntwo\n", ("Put it there.", "Then reload."))


def test_the_head_says_who_made_it_from_what_and_how_to_apply_it() -> None:
    head, _, body = with_head(FILE, "nginx", site()).partition("\n\n")
    assert head.startswith("# Made by 'erlen deploy nginx' (Erlen ")
    assert "for wsgi:app.\n# Put it there.\n# Then reload.\n# fingerprint: " in head
    assert body == "one\ntwo\n"


@pytest.mark.parametrize("first", ["#!/bin/sh", "# syntax=docker/dockerfile:1"])
def test_a_line_that_must_be_the_first_is(first: str) -> None:
    assert with_head(FILE._replace(text=f"{first}\nrest\n"), "host", site()).startswith(f"{first}\n# Made by")


def test_the_same_site_gives_the_same_text() -> None:
    assert with_head(FILE, "nginx", site()) == with_head(FILE, "nginx", site())


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_name_ends_the_comment(application: str, step: str) -> None:
    text = with_head(FILE._replace(apply=(step,)), "nginx", site(application=application))
    head, _, _ = text.partition("\n# fingerprint")
    assert all(line.startswith("# ") and line.isprintable() for line in head.split("\n"))


def test_what_was_written_is_unchanged_and_any_other_text_is_not() -> None:
    text = with_head(FILE, "nginx", site())
    assert is_unchanged(text)
    for other in (
        text.replace("two", "too"),
        text.replace("reload", "restart"),
        text + "\n",
        text.replace("\n", "\r\n"),
        text.replace("# fingerprint: ", "# fingerprint: 0"),
        "",
        "one\ntwo\n",
        "# fingerprint: 0123456789abcdef\n",
    ):
        assert not is_unchanged(other)


def test_what_cannot_be_printed_is_shown_escaped() -> None:
    assert printable("a\nb\x1b[31mé\ud800") == "a\\nb\\x1b[31mé\\ud800"
