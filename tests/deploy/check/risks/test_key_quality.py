"""A key is judged by itself: known, short and patterned ones are found, random ones never."""

from __future__ import annotations

import secrets
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.check.risks.key_quality import weakness_of


@pytest.mark.parametrize(
    "key",
    [
        *(
            "dev",
            "secret",
            "Secret Key",
            "CHANGE_ME",
            "change-me-please",
            "your-secret-key-here",
            "my_secret_key",
        ),
        *(
            "super-secret",
            "this is a secret",
            "you-will-never-guess",
            "hard to guess string",
            "insecure!",
            "password",
        ),
        *(
            "only for development",
            "only for tests",
            "<your key>",
            "${SECRET_KEY}",
            "{{ secret_key }}",
            "$KEY",
            "xxx",
        ),
        *(
            "5791628bb0b13ce0c676dfde280ba245",
            "replace this with a random string",
            "todo: set",
        ),
        '_5#y2L"F4Q8z\n\xec]/',
        b"dev",
        b'_5#y2L"F4Q8z\n\xec]/',
    ],
)
def test_a_key_of_a_page_or_a_placeholder_is_known(key: str | bytes) -> None:
    assert weakness_of(key) == "placeholder"


@pytest.mark.parametrize("key", ["pT9x!vR2#qLz", b"\x01\x93\xfe\x20\x77", "ä" * 7, "🔑🔑🔑"])
def test_fewer_than_16_bytes_are_short(key: str | bytes) -> None:
    assert weakness_of(key) == "short"


@pytest.mark.parametrize(
    "key",
    [
        *(
            "a" * 40,
            "ab" * 20,
            "0123456789abcdef",
            "abcdefghijklmnopqrst",
            "1234567812345678",
            "qwertyuiopasdfgh",
        ),
        *("8391047265913847", "abcdefgh-abcdefgh-", " " * 20, "kjhgbvcfkjhgbvcfkjhgbvcf", b"\0" * 32),
    ],
)
def test_a_pattern_is_simple(key: str | bytes) -> None:
    assert weakness_of(key) == "simple"


def test_random_bytes_with_two_letters_that_follow_one_another_are_good() -> None:
    assert weakness_of(bytes(range(128, 158)) + b"rt") is None


@pytest.mark.parametrize("repetition", range(20))
def test_a_random_key_is_good(repetition: int) -> None:
    random = (secrets.token_hex(), secrets.token_urlsafe(), secrets.token_bytes(), secrets.token_hex(16))
    assert {weakness_of(key) for key in (*random, str(uuid.uuid4()), uuid.uuid4().hex)} == {None}


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_any_text_and_any_bytes_are_judged(key: str | bytes) -> None:
    assert weakness_of(key) in (None, "placeholder", "short", "simple")


def test_a_long_key_is_judged_at_once() -> None:
    assert weakness_of("ab" * 500_000) == "simple"
    assert weakness_of("<" * 100_000 + "{" * 100_000) == "simple"
