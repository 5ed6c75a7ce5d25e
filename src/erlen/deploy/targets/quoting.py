"""Texts as words of each file format; what a format cannot hold is an error.

Paths, hosts, users and prefixes come from configurations and options: each may hold spaces, quotes, `;`, `$`,
`{` or line breaks, and must mean the same in each file.
"""

from __future__ import annotations

import json
import re
import shlex
import typing as t

# What some reader takes for the end of a line; NUL is nothing that a command can have.
_LINE_BREAKS = "\0\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


class Unquotable(ValueError):
    """A text that a file format cannot hold."""


def shell(text: str) -> str:
    """Return a word for a POSIX shell."""
    _refuse(text, "a shell script", "\0")
    return shlex.quote(text)


def procfile(text: str) -> str:
    """Return a word for a command of a Procfile: a shell reads it, and it is on one line."""
    _refuse(text, "a Procfile", _LINE_BREAKS)
    return shell(text)


def dockerfile(text: str) -> str:
    """Return a word for a command of a Dockerfile in shell form: on one line, too."""
    _refuse(text, "a Dockerfile", _LINE_BREAKS)
    return shell(text)


def yaml(text: str) -> str:
    """Return a double-quoted scalar, on one line."""
    _refuse_surrogates(text, "YAML")
    # Not JSON's pairs of surrogates: they are two characters to a reader of YAML.
    return "".join(
        each if each.isprintable() else f"\\U{ord(each):08x}" if each > "\uffff" else f"\\u{ord(each):04x}"
        for each in json.dumps(text, ensure_ascii=False)
    )


def json_words(words: t.Iterable[str]) -> str:
    """Return a list of words in JSON: the exec form of a Dockerfile, which no shell reads."""
    found = list(words)
    for word in found:
        _refuse(word, "a command", "\0")
    return json.dumps(found)


def account(text: str) -> str:
    """Return the name of a user or a group, as all systems take them."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}", text):
        raise Unquotable(
            f"{text!r} cannot be the name of a user or a group: use up to 32 letters, digits,"
            " dots, hyphens and underscores."
        )
    return text


def systemd(text: str) -> str:
    """Return a word for a setting of systemd that takes several."""
    _refuse(text, "a unit", "\0")
    escaped = text.replace("\\", r"\\").replace('"', r"\"").replace("%", "%%")
    escaped = re.sub(r"[\x01-\x1f\x7f]", lambda match: f"\\x{ord(match[0]):02x}", escaped)
    return escaped if re.fullmatch(r"[\w./:@=,+%-]+", text, re.ASCII) else f'"{escaped}"'


def systemd_line(text: str) -> str:
    """Return the value of a setting of systemd that takes the rest of the line as it is, such as a path."""
    if not text.isprintable() or text != text.strip() or text.endswith("\\") or not text:
        raise Unquotable(f"{text!r} cannot be a line of a unit.")
    _refuse_surrogates(text, "a unit")
    return text.replace("%", "%%")


def systemd_command(words: tuple[str, ...]) -> str:
    """Return a command line for a unit, in which no variable is expanded."""
    program, *_ = words
    # systemd refuses the name of a program with one of these, however it is quoted.
    _refuse(program, "the path of a unit's program", "\"'\\")
    _refuse_unprintable(program, "the path of a unit's program")
    prefix = ":" if any("$" in word for word in words) else ""
    return prefix + " ".join(map(systemd, words))


def supervisor_command(words: tuple[str, ...]) -> str:
    """Return a command line for a program of supervisor."""
    for word in words:
        _refuse_unprintable(word, "a configuration of supervisor")
    line = " ".join(map(shlex.quote, words))
    # A comment begins at a space with one of these behind it, inside of quotes, too: the quotes end between.
    return re.sub(r"(\s)([;#])", r"\1''\2", line).replace("%", "%%")


def supervisor_line(text: str) -> str:
    """Return the value of a setting of supervisor that takes the rest of the line, such as a path."""
    if not text.isprintable() or text != text.strip() or re.search(r"\s[;#]", text) or not text:
        raise Unquotable(f"{text!r} cannot be a line of a configuration of supervisor.")
    _refuse_surrogates(text, "supervisor")
    return text.replace("%", "%%")


def nginx(text: str) -> str:
    """Return a parameter of a directive of nginx."""
    # nginx has no way to write a dollar sign where it looks for variables.
    _refuse(text, "nginx", "$")
    _refuse_unprintable(text, "nginx")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def nginx_pattern(text: str) -> str:
    """Return a regular expression of nginx, in which a dollar sign begins no variable."""
    _refuse_unprintable(text, "nginx")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def apache(text: str) -> str:
    """Return an argument of a directive of Apache."""
    _refuse_unprintable(text, "Apache's configuration")
    # Names of variables, wildcards of folders; and mod_wsgi reads quotes and backslashes in its own way.
    _refuse(text, "Apache's configuration", "$%*?[]\"'\\<>")
    return f'"{text}"'


def ini(text: str) -> str:
    """Return a value of an ini file of uWSGI."""
    _refuse_unprintable(text, "an ini file")
    # uWSGI replaces `%d`, `$(HOME)` and `@(file)`.
    _refuse(text, "an ini file of uWSGI", "%$@")
    if text != text.strip():
        raise Unquotable(f"{text!r} begins or ends with a space, which an ini file cannot hold.")
    return text


def python(text: str) -> str:
    """Return a literal of Python."""
    _refuse_surrogates(text, "a Python file")
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else ascii(text)


def _refuse_unprintable(text: str, where: str) -> None:
    # SECURITY: a line break would begin a directive.
    for character in text:
        if not character.isprintable():
            raise Unquotable(f"{text!r} has {character!r} in it, which {where} cannot hold. Rename it.")


def _refuse(text: str, where: str, characters: str) -> None:
    _refuse_surrogates(text, where)
    for character in characters:
        if character in text:
            raise Unquotable(f"{text!r} has {character!r} in it, which {where} cannot hold. Rename it.")


def _refuse_surrogates(text: str, where: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unquotable(f"{text!r} is no text that {where} can hold. Rename it.") from None
