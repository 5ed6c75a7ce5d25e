"""What CSS and JavaScript say about other files, and how it is changed to the names of versions.

Changed are `url(…)` and `@import` in CSS, and `sourceMappingURL` in both, where they name a file of the same
folder: relative to the file, or from the root where the folder's own address comes first. Everything else is
left as it is: addresses with a scheme or a host, text in comments and in other strings, escapes of CSS,
imports of JavaScript.
"""

from __future__ import annotations

import posixpath
import re
import typing as t
from urllib.parse import quote, unquote

# Returns the version of a file, by its plain name; None where the reference stays as it is.
Resolve: t.TypeAlias = t.Callable[[str], str | None]

# Comments and strings that do not end are read as CSS does: to the end of the file, of the line.
_css_token = re.compile(
    rb"""
    (?P<comment>/\*.*?(?:\*/|\Z))
    | (?P<before_import>@import\s+)(?P<quote>["'])(?P<imported>[^"'\\\n]*)(?P=quote)
    | "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'?
    | (?P<before>(?<![\w-])url\(\s*)
      (?: (?P<mark>["'])(?P<quoted>[^"'\\\n]*)(?P=mark) | (?P<bare>[^\s"'()\\]+) ) (?P<after>\s*\))
    """,
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_css_map = re.compile(rb"(/\*[#@]\s*sourceMappingURL=)([^\s*]+)(\s*\*/)").fullmatch
_js_map = re.compile(rb"(//[#@][ \t]*sourceMappingURL=)(\S+)(\s*)").fullmatch
_has_scheme = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE).match


class References:
    """The references of one file, *name*, in a folder whose address is *prefix*."""

    def __init__(self, name: str, prefix: str | None, resolve: Resolve) -> None:
        self._below = posixpath.dirname(name)
        self._prefix = prefix
        self._resolve = resolve

    def in_css(self, content: bytes) -> bytes:
        """Return a style sheet with the names of versions."""
        return _css_token.sub(self._of_token, content)

    def in_javascript(self, content: bytes) -> bytes:
        """Return a script whose last line names the version of its source map."""
        start = content.rfind(b"\n", 0, len(content.rstrip())) + 1
        found = _js_map(content, start)
        return content if found is None else content[:start] + self._replaced(*found.groups())

    def _of_token(self, found: re.Match[bytes]) -> bytes:
        part = found.groupdict()
        if part["comment"] is not None:
            source_map = _css_map(part["comment"])
            return found[0] if source_map is None else self._replaced(*source_map.groups())
        if part["imported"] is not None:
            return self._replaced(part["before_import"] + part["quote"], part["imported"], part["quote"])
        if part["before"] is None:
            return found[0]
        mark = part["mark"] or b""
        reference = part["bare"] if part["quoted"] is None else part["quoted"]
        return self._replaced(part["before"] + mark, reference, mark + part["after"])

    def _replaced(self, before: bytes, reference: bytes, after: bytes) -> bytes:
        try:
            text = self.version_of(reference.decode())
        except UnicodeDecodeError:
            text = None
        return before + (reference if text is None else text.encode()) + after

    def version_of(self, reference: str) -> str | None:
        """Return the reference to the version of a file; None where it stays as it is."""
        path = re.split(r"[?#]", reference, maxsplit=1)[0]
        target = self._target(path)
        version = None if target is None else self._resolve(target)
        if version is None:
            return None
        folder, slash, _ = path.rpartition("/")
        return f"{folder}{slash}{quote(posixpath.basename(version))}{reference[len(path) :]}"

    def _target(self, path: str) -> str | None:
        """Return the name of the file that a path leads to; None if it leads out of the folder."""
        if not path or _has_scheme(path) or path.startswith("//") or path.endswith("/"):
            return None
        if path.startswith("/"):
            if self._prefix is None or not path.startswith(self._prefix):
                return None
            below, path = "", path.removeprefix(self._prefix)
        else:
            below = self._below
        target = posixpath.normpath(posixpath.join(below, unquote(path)))
        return None if target.startswith(("../", "/")) or target in ("..", ".") else target
