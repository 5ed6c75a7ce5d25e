"""One run over a folder."""

from __future__ import annotations

import gzip
import os
import stat
import typing as t
from pathlib import Path

import pytest

from erlen.deploy.static_digest import digesting
from erlen.deploy.static_digest.compression import compressors
from erlen.deploy.static_digest.digesting import Digest, read_old
from erlen.deploy.static_digest.file_names import tag_of, version_name
from erlen.deploy.static_digest.manifest import read

from .folders import LONG, listing, names, run, write


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return which files there are, and whether they are the same ones."""
    return {
        name: ((folder / name).stat().st_ino, (folder / name).stat().st_mtime_ns) for name in listing(folder)
    }


def test_each_file_has_a_version_with_its_content(static: Path) -> None:
    found = names(static)
    assert set(found) == {"css/app.css", "img/logo.png", "js/app.js"}
    for name, version in found.items():
        content = (static / name).read_bytes()
        assert (static / version).read_bytes() == content
        assert version == version_name(name, tag_of(content))


def test_a_version_has_time_and_rights_of_its_original(static: Path) -> None:
    (static / "css/app.css").chmod(0o640)
    os.utime(static / "css/app.css", ns=(1, 1_600_000_000_000_000_001))
    version = names(static)["css/app.css"]
    for name in (version, f"{version}.gz"):
        found = (static / name).stat()
        assert found.st_mtime_ns == 1_600_000_000_000_000_001
        assert stat.S_IMODE(found.st_mode) == 0o640


def test_there_are_copies_of_what_gets_smaller(static: Path) -> None:
    run(static)
    versions = read(str(static)).versions
    by_plain = {name: set(codings) for name, codings in versions.items()}
    assert sorted(map(len, by_plain.values())) == [0, 0, 3]
    version = names(static)["css/app.css"]
    assert gzip.decompress((static / f"{version}.gz").read_bytes()) == LONG.encode()
    assert not [name for name in listing(static) if name.endswith((".png.gz", ".js.gz"))]


def test_the_smallest_copy_is_listed_first(static: Path) -> None:
    version = names(static)["css/app.css"]
    suffixes = {"gzip": ".gz", "br": ".br", "zstd": ".zst"}
    sizes = [(static / (version + suffixes[c])).stat().st_size for c in read(str(static)).versions[version]]
    assert sizes == sorted(sizes)


def test_an_empty_file_has_a_version_and_no_copies(static: Path) -> None:
    write(static, empty_css="")
    assert read_versions(static, "empty.css") == ()


def read_versions(folder: Path, name: str) -> tuple[str, ...]:
    run(folder)
    manifest = read(str(folder))
    return manifest.versions[manifest.names[name]]


def test_a_second_run_writes_nothing(static: Path) -> None:
    write(static, a_css="url(css/app.css)", tiny_css="a")
    assert run(static).new == 5
    before = state(static)
    again = run(static)
    assert again.new == 0
    assert state(static) == before


def test_a_second_run_compresses_nothing_again(static: Path) -> None:
    run(static)

    def refuse(content: bytes) -> bytes:
        assert len(content) < 100, "it has a copy already"
        return content

    Digest(str(static), compressors=dict.fromkeys(compressors(), refuse)).run()


def test_a_changed_file_has_another_version_and_the_old_one_stays(static: Path) -> None:
    old = names(static)["css/app.css"]
    (static / "css/app.css").write_text(LONG + "/* new */")
    new = names(static)["css/app.css"]
    assert new != old
    assert {old, new, f"{old}.gz", f"{new}.gz"} <= listing(static)
    assert set(read(str(static)).versions) >= {old, new}


def test_a_version_that_somebody_changed_is_mended(static: Path) -> None:
    version = names(static)["css/app.css"]
    (static / version).write_text("broken")
    assert run(static).new == 1
    assert (static / version).read_text() == LONG


@pytest.mark.parametrize("broken", ["missing", "older", "link"])
def test_a_copy_that_cannot_be_used_is_written_again(static: Path, broken: str) -> None:
    copy = static / f"{names(static)['css/app.css']}.gz"
    content = copy.read_bytes()
    if broken == "older":
        copy.write_bytes(b"old")
        os.utime(copy, ns=(1, 1))
    else:
        copy.unlink()
    if broken == "link":
        copy.symlink_to("app.css")
    run(static)
    assert copy.read_bytes() == content
    assert not copy.is_symlink()
    assert (static / "css/app.css").read_text() == LONG


def test_a_file_that_was_only_touched_keeps_its_version_and_copies(static: Path) -> None:
    version = names(static)["css/app.css"]
    os.utime(static / "css/app.css")
    inode = (static / f"{version}.br").stat().st_ino
    assert run(static).new == 0
    times = {(static / name).stat().st_mtime_ns for name in ("css/app.css", version, f"{version}.br")}
    assert len(times) == 1
    assert (static / f"{version}.br").stat().st_ino == inode


@pytest.mark.parametrize(
    "content", ["", "{", '{"format": 1}', '{"format": 1, "names": {"a": 1}, "versions": {}}']
)
def test_after_a_broken_manifest_all_is_as_before(static: Path, content: str) -> None:
    before = names(static)
    files = listing(static)
    (static / "static-digest.json").write_text(content)
    assert names(static) == before
    assert listing(static) == files


def test_the_manifest_is_written_last(static: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    replace = os.replace

    def note(source: t.Any, target: t.Any) -> None:
        written.append(Path(target).name)
        if target.endswith("static-digest.json"):
            assert all((static / name).exists() for name in read_names())
        replace(source, target)

    def read_names() -> list[str]:
        return [name for name in listing(static) if "-" in name]

    monkeypatch.setattr(os, "replace", note)
    run(static)
    assert written[-1] == "static-digest.json"
    assert written.count("static-digest.json") == 1


def test_after_an_interruption_the_old_manifest_is_there_and_all_that_it_names(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(static)
    write(static, css__app_css=LONG + "x", new_css=LONG)

    def interrupt(*arguments: t.Any) -> t.NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(digesting.Manifest, "save", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(static)
    assert read(str(static)).names == before
    assert {*before.values()} <= listing(static)


def test_what_an_interrupted_run_left_is_removed(static: Path) -> None:
    (static / "css/.static-digest-1-00").write_text("half")
    run(static)
    assert "css/.static-digest-1-00" not in listing(static)


class TestReferences:
    def test_versions_refer_to_versions(self, static: Path) -> None:
        write(static, css__a_css="@import 'b.css'; x{y:url(../img/logo.png)}", css__b_css="z{}")
        found = names(static)
        text = (static / found["css/a.css"]).read_text()
        base, logo = (found[name].rpartition("/")[2] for name in ("css/b.css", "img/logo.png"))
        assert text == f"@import '{base}'; x{{y:url(../img/{logo})}}"
        assert (static / "css/a.css").read_text() == "@import 'b.css'; x{y:url(../img/logo.png)}"
        assert read(str(static)).rewritten == {"css/a.css": tag_of((static / "css/a.css").read_bytes())}

    def test_a_changed_image_changes_the_name_of_the_style_sheet(self, static: Path) -> None:
        write(static, a_css="@import 'b.css';", b_css="x{y:url(img/logo.png)}")
        before = names(static)
        (static / "img/logo.png").write_bytes(b"another")
        after = names(static)
        assert all(before[name] != after[name] for name in ("a.css", "b.css", "img/logo.png"))

    def test_paths_from_the_root_are_read_with_the_folders_address(self, static: Path) -> None:
        write(static, a_css="url(/static/js/app.js) url(/js/app.js)")
        version = names(static)["js/app.js"].rpartition("/")[2]
        text = (static / names(static)["a.css"]).read_text()
        assert text == f"url(/static/js/{version}) url(/js/app.js)"

    def test_a_script_refers_to_its_map(self, static: Path) -> None:
        write(static, a_js="a()\n//# sourceMappingURL=a.js.map", a_js_map="{}")
        found = names(static)
        assert (static / found["a.js"]).read_text().endswith(found["a.js.map"])

    def test_what_is_not_there_is_told_and_left(self, static: Path) -> None:
        write(static, a_css="url(none.png)")
        assert run(static).notices == ["'a.css' refers to 'none.png', which is not there."]
        assert (static / names(static)["a.css"]).read_text() == "url(none.png)"

    def test_what_is_excluded_is_left(self, static: Path) -> None:
        write(static, a_css="url(img/logo.png)")
        assert run(static, excluded=["*.png"]).notices == []
        assert (static / read(str(static)).names["a.css"]).read_text() == "url(img/logo.png)"

    @pytest.mark.parametrize("first", ["a_css", "z_css"])
    def test_a_circle_ends_with_a_plain_name(self, static: Path, first: str) -> None:
        write(static, **{first: "@import 'm.css';", "m_css": f"@import '{first.replace('_', '.')}';"})
        one = run(static)
        assert len(one.notices) == 1
        assert "refer to each other" in one.notices[0]
        before = state(static)
        assert run(static).new == 0
        assert state(static) == before

    def test_a_file_that_refers_to_itself_is_a_circle_too(self, static: Path) -> None:
        write(static, a_css="@import 'a.css';")
        assert (static / names(static)["a.css"]).read_text() == "@import 'a.css';"


def test_a_file_that_is_too_large_for_the_memory_is_copied(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "LARGEST", 1000)
    version = names(static)["css/app.css"]
    assert version == version_name("css/app.css", tag_of(LONG.encode()))
    assert (static / version).read_text() == LONG
    assert read(str(static)).versions[version] == ()
    before = state(static)
    assert run(static).new == 0
    assert state(static) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_left_alone(static: Path) -> None:
    (static / "js/app.js").chmod(0)
    assert run(static).notices == ["'js/app.js' cannot be read (Permission denied): left alone."]
    assert set(read(str(static)).names) == {"css/app.css", "img/logo.png"}


def test_a_file_that_vanishes_is_left_alone(static: Path) -> None:
    digest = Digest(str(static), compressors={})
    (static / "js/app.js").unlink()
    manifest = digest.run()
    assert digest.notices == ["'js/app.js' cannot be read (No such file or directory): left alone."]
    assert set(manifest.names) == {"css/app.css", "img/logo.png"}


def test_versions_that_were_removed_by_hand_are_forgotten(static: Path) -> None:
    old = names(static)["css/app.css"]
    (static / "css/app.css").write_text("new")
    (static / old).unlink()
    run(static)
    assert old not in read(str(static)).versions


def test_two_runs_at_the_same_time_leave_a_whole_folder(static: Path) -> None:
    one, other = (Digest(str(static), compressors=compressors()) for _ in range(2))
    assert one.run() == other.run() == read_old(str(static))
