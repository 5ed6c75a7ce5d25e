"""Values of secret names are found wherever they are written."""

from __future__ import annotations

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.logs.hidden import HIDDEN, Hidden, forms_of

HIDE = Hidden(["pin"])


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "new-password", "user[password]", "api_key", "X-Api-Key", "csrf_token", "pin"],
)
def test_a_name_is_secret(name: str) -> None:
    assert HIDE.names(name)


@pytest.mark.parametrize(
    "name", ["user", "page", "lang", "keyboard", "author", "SESSION_COOKIE_NAME", "pass"]
)
def test_a_name_is_not_secret(name: str) -> None:
    assert not HIDE.names(name)


@pytest.mark.parametrize(
    "name", ["Cookie", "SET-COOKIE", "Authorization", "PROXY_AUTHORIZATION", "X-Auth-Token"]
)
def test_a_header_is_secret(name: str) -> None:
    assert HIDE.names_header(name)


@pytest.mark.parametrize(
    "key", ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "MAIL_PASSWORD", "GITHUB_TOKEN", "AWS_ACCESS_KEY"]
)
def test_a_setting_is_secret(key: str) -> None:
    assert HIDE.names_setting(key)


@pytest.mark.parametrize("key", ["PWD", "OLDPWD", "SESSION_COOKIE_NAME", "JWT_TOKEN_LOCATION", "HOME"])
def test_a_setting_is_not_secret(key: str) -> None:
    assert not HIDE.names_setting(key)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("a=1&password=x%20y&b=2", f"a=1&password={HIDDEN}&b=2"),
        ("p%61ssword=x", f"p%61ssword={HIDDEN}"),
        ("password=a&password=b", f"password={HIDDEN}&password={HIDDEN}"),
        ("a;token=b", f"a;token={HIDDEN}"),
        ("password", "password"),
        ("a=b=c", "a=b=c"),
        ("", ""),
    ],
)
def test_a_query_is_shown_without_secret_values(query: str, shown: str) -> None:
    assert HIDE.query(query) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /a?token=abc HTTP/1.1", f"GET /a?token={HIDDEN} HTTP/1.1"),
        ("at postgres://ada:pw@db/shop", f"at postgres://ada:{HIDDEN}@db/shop"),
        ("Set-Cookie: a=b; Path=/", f"Set-Cookie: {HIDDEN}"),
        ("Cookie: a=b\nX: y", f"Cookie: {HIDDEN}\nX: y"),
        ("[('Set-Cookie', 'a=b; Path=/'), ('X', 'y')]", f"[('Set-Cookie', '{HIDDEN}'), ('X', 'y')]"),
        ("{'Authorization': 'Bearer x'}", f"{{'Authorization': '{HIDDEN}'}}"),
        ("login(password=form['x'])", "login(password=form['x'])"),
        ("nothing at all", "nothing at all"),
    ],
)
def test_what_looks_like_a_secret_is_not_in_a_text(text: str, shown: str) -> None:
    assert HIDE.text(text) == shown
    assert HIDE.text(shown) == shown


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        ([("Authorization", "Bearer abcd")], {"Bearer abcd", "abcd"}),
        (
            [("Authorization", "Basic YWRhOmh1bnRlcjI=")],
            {"Basic YWRhOmh1bnRlcjI=", "YWRhOmh1bnRlcjI=", "ada:hunter2", "hunter2"},
        ),
        ([("Authorization", "Basic ?")], {"Basic ?"}),
        ([("COOKIE", 'id="abcdef"; lang=de')], {'id="abcdef"; lang=de', "abcdef"}),
        ([("X-Api-Key", "abcd"), ("Host", "example.org")], {"abcd"}),
    ],
)
def test_the_secrets_of_headers(headers: list[tuple[str, str]], secrets: set[str]) -> None:
    assert set(HIDE.of_headers(headers)) == secrets


def test_the_secrets_of_json_are_those_below_a_secret_name() -> None:
    body = {"user": "ada", "login": [{"password": ["one1", {"x": "two2"}]}, "more"], "n": 3}
    assert set(HIDE.of_value(body)) == {"one1", "two2"}


@pytest.mark.parametrize(
    "body",
    [
        [{"password": "hunter2"}] * 100_000,
        {f"password{number}": "hunter2" for number in range(100_000)},
        [[[["hunter2"] * 100] * 100] * 100],
    ],
    ids=["list", "object", "nested"],
)
def test_of_a_large_body_only_a_part_is_looked_at(body: object) -> None:
    assert len(list(HIDE.of_value(body))) <= 2_000


def test_json_that_is_nested_deep_is_not_followed_for_ever() -> None:
    value: object = "hunter2"
    for _ in range(5000):
        value = {"password": value}
    assert list(HIDE.of_value(value)) == []


def test_the_secrets_of_settings_are_long_enough_to_be_meant() -> None:
    settings = {
        "SECRET_KEY": b"abcdefgh",
        "SECRET_KEY_FALLBACKS": ["ijklmnop"],
        "X_TOKEN": "short",
        "DEBUG_PASSWORD": 1,
    }
    assert set(HIDE.of_settings(settings)) == {"abcdefgh", "ijklmnop"}


@given(st.text(min_size=4))
def test_a_secret_is_found_however_it_is_written(secret: str) -> None:
    forms = forms_of([secret])
    texts = [f"x {secret} y", f"x {secret!r} y", json.dumps(["x", secret])]
    if secret.isprintable():
        texts.append(f"x {quote_plus(secret)} y")
    for text in texts:
        hidden = Hidden().text(text, forms)
        assert HIDDEN in hidden or secret in HIDDEN


def test_a_header_decoded_as_latin_1_is_found_as_utf_8_too() -> None:
    assert "ключ" in forms_of(["ключ".encode().decode("latin1")])


@pytest.mark.timeout(60)  # with a regular expression that goes back and forth: minutes
@pytest.mark.parametrize(
    "piece", ["a", "?", "://", "cookie:", "?a=", "authorization'", "&", "://a:b", "://:"]
)
def test_the_time_that_a_text_takes_grows_with_its_length(piece: str) -> None:
    assert HIDE.text(piece * 30_000)


def test_a_value_that_is_short_is_not_looked_for() -> None:
    assert list(HIDE.of_query("token=abc&token=abcd")) == ["abcd", "abcd"]
    assert list(HIDE.of_headers([("Cookie", "lang=de")])) == ["lang=de"]
