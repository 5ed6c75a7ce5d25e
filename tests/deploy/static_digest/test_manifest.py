"""The file that says which name stands for which."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.static_digest.manifest import Manifest, ManifestError, Places, read

TAG = "0123456789abcdef0123"
GOOD: dict[str, t.Any] = {
    "format": 1,
    "names": {"css/app.css": f"css/app-{TAG}.css"},
    "versions": {f"css/app-{TAG}.css": ["br", "gzip"], f"css/app-{TAG[::-1]}.css": []},
    "rewritten": {},
}


def save(folder: Path, content: t.Any) -> None:
    text = content if isinstance(content, (str, bytes)) else json.dumps(content)
    (folder / "static-digest.json").write_bytes(text.encode() if isinstance(text, str) else text)


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    manifest = Manifest(
        {"css/app.css": f"css/app-{TAG}.css"},
        {f"css/app-{TAG}.css": ("br",), f"old-{TAG}.js": ()},
        {"css/app.css": "0" * 20},
    )
    assert manifest.save(str(tmp_path))
    assert read(str(tmp_path)) == manifest
    assert not manifest.save(str(tmp_path))


def test_without_the_file_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path))


def test_the_good_one_is_good(tmp_path: Path) -> None:
    save(tmp_path, GOOD)
    assert read(str(tmp_path)).names == GOOD["names"]


def with_names(**names: t.Any) -> dict[str, t.Any]:
    return {**GOOD, "names": names}


def with_version(name: t.Any, codings: t.Any = ()) -> dict[str, t.Any]:
    return {**GOOD, "names": {}, "versions": {name: codings or []}}


BAD: list[t.Any] = [
    "",
    json.dumps(GOOD)[:-20],
    "{}",
    "[]",
    "null",
    "1",
    b"\xff\xfe\x00",
    "[" * 100_000,
    {**GOOD, "format": 2},
    {**GOOD, "format": None},
    {**GOOD, "names": []},
    {**GOOD, "versions": None},
    {**GOOD, "rewritten": None},
    {**GOOD, "rewritten": "x"},
    {"format": 1},
    {**GOOD, "names": {"css/app.css": 1}},
    {**GOOD, "names": {"css/app.css": None}},
    {**GOOD, "names": {"css/app.css": ["a"]}},
    {**GOOD, "names": {"css/app.css": "css/app.css"}},
    # A version that is not listed, and that of another file.
    {**GOOD, "names": {"css/app.css": f"css/app-{'a' * 20}.css"}},
    {**GOOD, "names": {"css/other.css": f"css/app-{TAG}.css"}},
    {**GOOD, "names": {"app.css": f"css/app-{TAG}.css"}},
    {**GOOD, "names": {"css/app.js": f"css/app-{TAG}.css"}},
    with_version("css/app.css"),
    with_version(""),
    with_version(f"../app-{TAG}.css"),
    with_version(f"/etc/app-{TAG}.css"),
    with_version(f"css/../../app-{TAG}.css"),
    with_version(f"css//app-{TAG}.css"),
    with_version(f"./app-{TAG}.css"),
    with_version(f".git/app-{TAG}.css"),
    with_version(f"css/.app-{TAG}.css"),
    with_version(f"C:/app-{TAG}.css"),
    with_version(f"..\\app-{TAG}.css"),
    with_version(f"a\x00b-{TAG}.css"),
    with_version(f"a\nb-{TAG}.css"),
    with_version(f"\udcff-{TAG}.css"),
    with_version(f"app-{TAG}.css", "gzip"),
    with_version(f"app-{TAG}.css", ["../gzip"]),
    with_version(f"app-{TAG}.css", [1]),
    with_version(f"app-{TAG}.css", [["br"]]),
    with_version(f"app-{TAG}.css", {"br": 1}),
]


@pytest.mark.parametrize("content", BAD, ids=lambda content: repr(content)[:60])
def test_one_that_cannot_be_true_is_none_as_a_whole(content: t.Any, tmp_path: Path) -> None:
    save(tmp_path, content)
    with pytest.raises(ManifestError, match=r"static-digest\.json"):
        read(str(tmp_path))


@pytest.mark.parametrize("length", range(0, len(json.dumps(GOOD)), 7))
def test_one_that_is_cut_off_is_none_wherever_it_ends(length: int, tmp_path: Path) -> None:
    save(tmp_path, json.dumps(GOOD)[:length])
    with pytest.raises(ManifestError):
        read(str(tmp_path))


_json = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.sampled_from([f"a-{TAG}.css"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a.css", f"a-{TAG}.css"]), inner)
    ),
    max_leaves=8,
)


@given(names=_json, versions=_json)
def test_whatever_it_says_only_names_in_the_folder_come_of_it(
    tmp_path_factory: pytest.TempPathFactory, names: t.Any, versions: t.Any
) -> None:
    folder = tmp_path_factory.mktemp("manifest")
    save(folder, {**GOOD, "names": names, "versions": versions})
    try:
        manifest = read(str(folder))
    except ManifestError:
        return
    assert set(manifest.names.values()) <= set(manifest.versions) <= {f"a-{TAG}.css"}


def test_a_folder_by_this_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "static-digest.json").mkdir()
    with pytest.raises(OSError, match=r"static-digest\.json"):
        read(str(tmp_path))


class TestPlaces:
    def test_a_file_in_the_folder_is_there(self, static: Path) -> None:
        assert Places(str(static)).status("css/app.css") is not None

    @pytest.mark.parametrize("name", ["css", "css/none.css", "none/app.css", "a\0b", "css/app.css/x"])
    def test_nothing_else_is(self, static: Path, name: str) -> None:
        assert Places(str(static)).status(name) is None

    def test_a_symbolic_link_is_no_version(self, static: Path) -> None:
        (static / "link.css").symlink_to(static / "css/app.css")
        assert Places(str(static)).status("link.css") is None

    def test_nothing_is_behind_a_folder_that_leads_out(self, static: Path, tmp_path: Path) -> None:
        (tmp_path / "static-2").mkdir()
        (tmp_path / "static-2/a.css").write_text("a")
        (static / "out").symlink_to(tmp_path / "static-2")
        (static / "in").symlink_to(static / "css")
        assert Places(str(static)).status("out/a.css") is None
        assert Places(str(static)).status("in/app.css") is not None

    def test_the_folder_itself_may_be_a_link(self, static: Path, tmp_path: Path) -> None:
        (tmp_path / "current").symlink_to(static)
        assert Places(os.fspath(tmp_path / "current")).status("css/app.css") is not None
