"""What options may say; the rest is refused before a file is written."""

from __future__ import annotations

import pytest

from erlen.deploy.targets.options import (
    Unreadable,
    checked_account,
    checked_folder,
    checked_host,
    checked_name,
    checked_path,
    checked_prefix,
    checked_socket,
    checked_url,
)

# Characters that mean something in one of the files, or in a terminal.
HOSTILE = [
    "a b",
    'a"b',
    "a'b",
    "a;b",
    "a$b",
    "a{b",
    "a}b",
    "a\nb",
    "a\0b",
    "a\x1bb",
    "a\\b",
    "a`b",
    "a#b",
    "a%b",
]


@pytest.mark.parametrize("text", [*HOSTILE, "", "shop-", "-a", "Shop", "9", "a" * 32, "shop\n"])
def test_a_name_is_a_word(text: str) -> None:
    with pytest.raises(Unreadable, match="--name shop"):
        checked_name(text)


@pytest.mark.parametrize("text", [*HOSTILE, "", "-a", "root:x", "a" * 33, "shop\n"])
def test_an_account_is_a_word(text: str) -> None:
    with pytest.raises(Unreadable, match="--user"):
        checked_account("--user", text)


@pytest.mark.parametrize(
    "text", [*HOSTILE, "", ".", "a..b", "-a.example", "a" * 64, "shop.example:80", "[::1]", "*"]
)
def test_a_host_is_a_name_of_dns(text: str) -> None:
    with pytest.raises(Unreadable, match=r"shop\.example"):
        checked_host(text)


def test_a_host_in_another_script_gets_its_form_for_dns() -> None:
    assert checked_host("BÜCHER.example.") == "xn--bcher-kva.example"


@pytest.mark.parametrize("text", [*HOSTILE, "a/../b", "..", "a//b", "."])
def test_a_prefix_is_a_plain_path(text: str) -> None:
    with pytest.raises(Unreadable, match="/shop"):
        checked_prefix(text)


@pytest.mark.parametrize(
    ("text", "prefix"), [("", ""), ("/", ""), ("shop", "/shop"), ("/a/b-1.x/", "/a/b-1.x")]
)
def test_a_prefix_has_a_slash_at_its_beginning_alone(text: str, prefix: str) -> None:
    assert checked_prefix(text) == prefix


@pytest.mark.parametrize(
    "text", ["", "srv", "./srv", "~/srv", "/srv/../etc", "/a\nb", "/a\0", "/a\x7f", "/\ud800"]
)
def test_a_path_is_whole_and_printable(text: str) -> None:
    with pytest.raises(Unreadable, match="--folder"):
        checked_path("--folder", text)


@pytest.mark.parametrize("text", ["/srv/shop", "/srv//shop/", "/srv/./shop"])
def test_a_path_has_one_form(text: str) -> None:
    assert checked_path("--folder", text) == "/srv/shop"


def test_a_path_may_have_what_files_can_be_written_with() -> None:
    assert checked_path("--folder", "/srv/my shop; {1}") == "/srv/my shop; {1}"


@pytest.mark.parametrize("path", ["/root/shop", "/root/shop/.venv", "/root"])
def test_code_below_root_is_refused_unless_root_serves(path: str) -> None:
    with pytest.raises(Unreadable, match="/srv"):
        checked_folder("--folder", path, "shop")
    assert checked_folder("--folder", path, "root") == path
    assert checked_folder("--folder", "/rooted", "shop") == "/rooted"


@pytest.mark.parametrize(
    "text", [f"/run/{each}" for each in HOSTILE] + ["run/shop.sock", "/a/../b", "/" + "a" * 107]
)
def test_a_socket_has_a_path_that_linux_and_every_file_take(text: str) -> None:
    with pytest.raises(Unreadable, match="--socket"):
        checked_socket(text)


@pytest.mark.parametrize("text", ["", "/", "/a/../b", "/a\nb/", "."])
def test_a_url_of_files_is_a_path(text: str) -> None:
    with pytest.raises(Unreadable, match="--media"):
        checked_url("--media", text)


def test_a_url_of_files_has_a_slash_at_both_ends() -> None:
    assert checked_url("--media", "media//x") == "/media/x/"
