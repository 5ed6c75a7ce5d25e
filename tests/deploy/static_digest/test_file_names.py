"""Hashes in names, and back."""

from __future__ import annotations

import pytest

from erlen.deploy.static_digest.file_names import original_of_copy, split_version, tag_of, version_name

TAG = "0123456789abcdef0123"


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("app.css", f"app-{TAG}.css"),
        ("css/app.min.css", f"css/app.min-{TAG}.css"),
        ("data.json.gz", f"data-{TAG}.json.gz"),
        ("data.gz", f"data-{TAG}.gz"),
        ("a.b/README", f"a.b/README-{TAG}"),
        ("foo.", f"foo-{TAG}."),
        ("x-y.js", f"x-y-{TAG}.js"),
        ("é ü.svg", f"é ü-{TAG}.svg"),
    ],
)
def test_what_types_are_guessed_from_stays_at_the_end(name: str, version: str) -> None:
    assert version_name(name, TAG) == version
    assert split_version(version) == (name, TAG)


@pytest.mark.parametrize(
    "name",
    [
        "app.css",
        f"app-{TAG[:-1]}.css",
        f"app-{TAG}0.css",
        f"app-{TAG.upper()}.css",
        f"-{TAG}.css",
        f"app-{TAG}.min.css",
        f"x-{TAG}/app.css",
        "",
    ],
)
def test_other_names_are_none_of_a_version(name: str) -> None:
    assert split_version(name) is None


@pytest.mark.parametrize("suffix", [".gz", ".br", ".zst"])
def test_a_copy_is_named_after_its_version(suffix: str) -> None:
    assert original_of_copy(f"css/app-{TAG}.css{suffix}") == f"css/app-{TAG}.css"
    assert original_of_copy(f"css/app.css{suffix}") is None


def test_the_tag_is_the_contents() -> None:
    assert tag_of(b"") == "e3b0c44298fc1c149afb"
    assert tag_of(b"a") != tag_of(b"b")
