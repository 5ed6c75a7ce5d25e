"""What `--cert` and `--key` take, alone and together."""

from __future__ import annotations

import os
import ssl
import sys
import types
import typing as t

import click
import pytest

from erlen.cli import run_command

HERE = __file__


def cert(*arguments: str) -> t.Any:
    return run_command.make_context("run", list(arguments)).params["cert"]


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    holder = types.ModuleType("myTls")
    holder.Context = context  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "myTls", holder)
    return context


def test_without_certificate_there_is_none() -> None:
    assert cert() is None


@pytest.mark.parametrize("arguments", [("--cert", HERE, "--key", HERE), ("--key", HERE, "--cert", HERE)])
def test_a_file_with_its_key_makes_a_pair_in_any_order(arguments: tuple[str, ...]) -> None:
    assert cert(*arguments) == (HERE, HERE)


@pytest.mark.parametrize("word", ["adhoc", "ADHOC"])
def test_adhoc_is_a_word(word: str) -> None:
    assert cert("--cert", word) == "adhoc"


@pytest.mark.parametrize("name", ["myTls.Context", "myTls:Context"])
def test_a_context_is_imported_by_its_name(context: ssl.SSLContext, name: str) -> None:
    assert cert("--cert", name) is context


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--cert", HERE], "--key FILE"),
        (["--key", HERE], "--cert FILE"),
        (["--cert", "adhoc", "--key", HERE], "'adhoc' has its own key"),
        (["--cert", "myTls.Context", "--key", HERE], "SSLContext has its own key"),
        (["--cert", "not_here"], "'not_here' does not exist"),
        (["--cert", "json"], "import name of an ssl.SSLContext"),
        (["--cert", HERE, "--key", "not_here"], "'not_here' does not exist"),
        (["--cert", os.path.dirname(HERE)], "is a directory"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_way_out(
    context: ssl.SSLContext, arguments: list[str], told: str
) -> None:
    with pytest.raises(click.BadParameter) as caught:
        cert(*arguments)
    assert told in caught.value.format_message()


def test_adhoc_needs_cryptography(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(click.BadParameter, match="pip install cryptography"):
        cert("--cert", "adhoc")


def test_a_certificate_needs_ssl_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ssl", None)
    with pytest.raises(click.BadParameter, match="without it"):
        cert("--cert", "not_here")
    assert cert() is None
