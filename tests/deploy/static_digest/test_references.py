"""What CSS and JavaScript say about other files."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.static_digest.references import References

FILES = {
    "img/logo.png": "img/logo-1.png",
    "css/base.css": "css/base-2.css",
    "css/f.eot": "css/f-3.eot",
    "my file.png": "my file-4.png",
    "css/app.css.map": "css/app.css-5.map",
    "é.png": "é-6.png",
}


def references(name: str = "css/app.css", prefix: str | None = "/static/") -> References:
    return References(name, prefix, FILES.get)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a{b:url(../img/logo.png)}", "a{b:url(../img/logo-1.png)}"),
        ("url('../img/logo.png')", "url('../img/logo-1.png')"),
        ('url( "../img/logo.png" )', 'url( "../img/logo-1.png" )'),
        ("URL(../img/logo.png)", "URL(../img/logo-1.png)"),
        ("url(\n../img/logo.png\n)", "url(\n../img/logo-1.png\n)"),
        ("url(./base.css)", "url(./base-2.css)"),
        ("url(../css/base.css)", "url(../css/base-2.css)"),
        ("url(../css/../img/logo.png)", "url(../css/../img/logo-1.png)"),
        ("url(f.eot?#iefix)", "url(f-3.eot?#iefix)"),
        ("url(f.eot?v=1#x)", "url(f-3.eot?v=1#x)"),
        ("url(../my%20file.png)", "url(../my%20file-4.png)"),
        ("url('../my file.png')", "url('../my%20file-4.png')"),
        ("url(../é.png)", "url(../%C3%A9-6.png)"),
        ("url(/static/img/logo.png)", "url(/static/img/logo-1.png)"),
        ("@import 'base.css' screen;", "@import 'base-2.css' screen;"),
        ('@IMPORT  "base.css";', '@IMPORT  "base-2.css";'),
        ("@import url(base.css);", "@import url(base-2.css);"),
        ("a{}/*# sourceMappingURL=app.css.map */", "a{}/*# sourceMappingURL=app.css-5.map */"),
        ("url(base.css),url(base.css)", "url(base-2.css),url(base-2.css)"),
        ("/* no end: url(base.css)", None),
        ("/* url(base.css) */ url(base.css)", "/* url(base.css) */ url(base-2.css)"),
        ("a{content:'url(base.css)'}", None),
        ('a{content:"\\"url(base.css)"}', None),
        ("a{content:'no end\nurl(base.css)", "a{content:'no end\nurl(base-2.css)"),
        ("my-url(base.css)", None),
        ("url(data:image/png;base64,aaaa)", None),
        ("url(https://shop.example/css/base.css)", None),
        ("url(//shop.example/static/css/base.css)", None),
        ("url(/other/css/base.css)", None),
        ("url(#mark)", None),
        ("url()", None),
        ("url(   )", None),
        ("url(../)", None),
        ("url(..)", None),
        ("url(../../static/css/base.css)", None),
        ("url(%2Fcss/base.css)", None),
        ("url(missing.png)", None),
        ("url(base\\.css)", None),
        ("url(base.css", None),
        ("url('base.css)", None),
        ("url(base.css%FF)", None),
        ("url(base.css%)", None),
    ],
)
def test_names_of_files_are_replaced_in_css_and_nothing_else(before: str, after: str | None) -> None:
    assert references().in_css(before.encode()).decode() == (before if after is None else after)


def test_bytes_that_are_no_utf_8_stay() -> None:
    content = b'\xff url("\xff.png") url(base.css) \xfe'
    assert references().in_css(content) == content.replace(b"base.css", b"base-2.css")


def test_a_style_sheet_in_utf_16_stays() -> None:
    content = "a { b: url(base.css) }".encode("utf-16")
    assert references().in_css(content) == content


def test_without_an_address_paths_from_the_root_stay() -> None:
    content = b"url(/static/img/logo.png)"
    assert references(prefix=None).in_css(content) == content


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a()\n//# sourceMappingURL=app.css.map", "a()\n//# sourceMappingURL=app.css-5.map"),
        ("a()\r\n//# sourceMappingURL=app.css.map\r\n\n", "a()\r\n//# sourceMappingURL=app.css-5.map\r\n\n"),
        ("//@ sourceMappingURL=app.css.map\n", "//@ sourceMappingURL=app.css-5.map\n"),
        ("//# sourceMappingURL=app.css.map\na()\n", None),
        ("a() //# sourceMappingURL=app.css.map\n", None),
        ("//# sourceMappingURL=data:application/json,{}", None),
        ("//# sourceMappingURL=missing.map", None),
        ("//# sourceMappingURL=", None),
        ("import './base.css'", None),
        ("", None),
    ],
)
def test_a_script_names_its_source_map_in_the_last_line(before: str, after: str | None) -> None:
    assert references().in_javascript(before.encode()).decode() == (before if after is None else after)


_texts = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            (b"url(", b"'", b'"', b"/*", b"*/", b")", b"\\", b"\n", b" ", b"base.css", b"@import ")
        ),
        max_size=20,
    ).map(b"".join),
)


@given(_texts)
def test_where_no_file_has_another_name_nothing_changes(content: bytes) -> None:
    nothing: t.Callable[[str], None] = lambda name: None  # noqa: E731
    unchanged = References("a.css", "/", nothing)
    assert unchanged.in_css(content) == content
    assert unchanged.in_javascript(content) == content


@pytest.mark.parametrize(
    "text", ["url(", "url( ", "/*", "'", '"', "@import ", "@import '", "\\", "url('", "//# sourceMappingURL="]
)
def test_a_hostile_style_sheet_is_read_in_one_pass(text: str) -> None:
    """The time limit of the tests is reached where a part of it is read again and again."""
    content = text.encode() * 100_000
    assert references().in_css(content) == content
    assert references().in_css(text.encode() + b" " * 100_000) == text.encode() + b" " * 100_000
    assert references().in_javascript(content) == content
