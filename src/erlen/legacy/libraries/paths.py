"""``werkzeug.wsgi`` as it was: the path of a request moved from one key of the environ to the other."""

from __future__ import annotations

import re
import typing as t

_FIRST = re.compile(r"(/*)([^/]*)(.*)", re.DOTALL)


def pop_path_info(environ: dict[str, t.Any], charset: str = "utf-8", errors: str = "replace") -> str | None:
    """Move the first segment of PATH_INFO to SCRIPT_NAME and return it; None if there is none."""
    path = environ.get("PATH_INFO")
    if not path:
        return None
    slashes, segment, rest = _parts(path)
    environ["PATH_INFO"] = rest
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + slashes + segment
    return _text(segment, charset, errors)


def peek_path_info(environ: dict[str, t.Any], charset: str = "utf-8", errors: str = "replace") -> str | None:
    """Return the first segment of PATH_INFO; None if there is none."""
    path = environ.get("PATH_INFO")
    return _text(_parts(path)[1], charset, errors) if path and path.strip("/") else None


def get_script_name(environ: dict[str, t.Any], charset: str = "utf-8", errors: str = "replace") -> str:
    """Return SCRIPT_NAME as text."""
    return _text(environ.get("SCRIPT_NAME", ""), charset, errors)


def get_query_string(environ: dict[str, t.Any]) -> str:
    """Return QUERY_STRING with what is not ASCII quoted."""
    from urllib.parse import quote

    return quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=":&%=+$!*'(),;/?@~.-_")


def _parts(path: str) -> tuple[str, str, str]:
    found = _FIRST.match(path)
    return t.cast("tuple[str, str, str]", found.groups()) if found else ("", "", "")


def _text(value: str, charset: str, errors: str) -> str:
    return value.encode("latin-1").decode(charset, errors)
