"""What is rewritten does the same; the rest of a file stays as it was."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.legacy.check import fix
from erlen.legacy.check.finding import Note
from erlen.legacy.check.fix import Rewritten
from erlen.legacy.check.survey import Survey, survey

PROGRAMS = Path(__file__).parent / "programs"


def fix_all(found: Survey) -> None:
    for file in fix.rewritten(found):
        assert isinstance(file, Rewritten), file
        fix.write(file)


@pytest.fixture
def fixed(look: Callable[..., Survey], tmp_path: Path) -> Callable[[str], str]:
    """Rewrite one program and return it."""

    def fixed(code: str) -> str:
        fix_all(look(code))
        return (tmp_path / "app.py").read_bytes().decode()

    return fixed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from flask import escape\n", "from markupsafe import escape\n"),
        ("from flask import escape, Markup as M\n", "from markupsafe import escape, Markup as M\n"),
        ("from flask import Flask, escape\n", "from flask import Flask\nfrom markupsafe import escape\n"),
        ("from flask import escape, Flask\n", "from flask import Flask\nfrom markupsafe import escape\n"),
        (
            "from werkzeug import FileStorage, secure_filename\n",
            "from werkzeug.datastructures import FileStorage\nfrom werkzeug.utils import secure_filename\n",
        ),
        (
            "def f():\n\tfrom flask import g, escape  # here\n\treturn escape\n",
            "def f():\n\tfrom flask import g  # here\n\tfrom markupsafe import escape\n\treturn escape\n",
        ),
        (
            "from flask import (\n    Flask,  # one\n    escape,  # two\n    # three\n    g,\n)\n",
            "from flask import (\n    Flask,  # one\n    g,\n)\n"
            "# three\nfrom markupsafe import escape  # two\n",
        ),
        (
            "from flask import (\n    Flask,\n    escape  # two\n)\n",
            "from flask import (\n    Flask  # two\n)\nfrom markupsafe import escape\n",
        ),
        (
            "from flask import (Flask,  # one\n                   escape)\n",
            "from flask import (Flask,  # one\n                   )\nfrom markupsafe import escape\n",
        ),
        (
            "from flask import Flask, \\\n    escape\n",
            "from flask import Flask\nfrom markupsafe import escape\n",
        ),
        ("if True: from flask import escape\n", "if True: from markupsafe import escape\n"),
        ("import os; from flask import Markup; a = 1\n", "import os; from markupsafe import Markup; a = 1\n"),
        ("import flask\nflask.escape ( 1 )\n", "import flask\nimport markupsafe\nmarkupsafe.escape ( 1 )\n"),
        (
            "import flask\nimport markupsafe\nflask.escape(flask.Markup(1))\n",
            "import flask\nimport markupsafe\nmarkupsafe.escape(markupsafe.Markup(1))\n",
        ),
        (
            "def f():\n    import flask as f  # here\n    return f.escape\n",
            "def f():\n    import flask as f  # here\n    import markupsafe\n    return markupsafe.escape\n",
        ),
        (
            "import collections\nclass A(collections.Mapping): pass\n",
            "import collections\nimport collections.abc\nclass A(collections.abc.Mapping): pass\n",
        ),
        ("from collections import Mapping as M\n", "from collections.abc import Mapping as M\n"),
        ("from jinja2 import contextfunction\n", "from jinja2 import pass_context as contextfunction\n"),
        ("import jinja2\njinja2.evalcontextfilter\n", "import jinja2\njinja2.pass_eval_context\n"),
        ("import flask.ext.login as l\n", "import flask_login as l\n"),
        ("from flask.ext import login, wtf as w\n", "import flask_login as login\nimport flask_wtf as w\n"),
        ("from flask.ext.login.utils import *\n", "from flask_login.utils import *\n"),
        (
            "import flask.ext.login\nflask.ext.login.LoginManager()\n",
            "import flask_login\nflask_login.LoginManager()\n",
        ),
        (
            "import inspect\ninspect.getargspec(print)[0]\n",
            "import inspect\ninspect.getfullargspec(print)[0]\n",
        ),
        (
            "from werkzeug.security import safe_str_cmp\nsafe_str_cmp(a.encode(), b'b')\n",
            "from hmac import compare_digest as safe_str_cmp\nsafe_str_cmp(a.encode(), b'b')\n",
        ),
        (
            "from flask import send_file\nsend_file(\n  'a', attachment_filename = 'b' , # c\n)\n",
            "from flask import send_file\nsend_file(\n  'a', download_name = 'b' , # c\n)\n",
        ),
        (
            "from flask import current_app\nprint(current_app.session_cookie_name)\n",
            'from flask import current_app\nprint(current_app.config["SESSION_COOKIE_NAME"])\n',
        ),
        (
            "from flask import current_app as a\na.config [ 'JSONIFY_PRETTYPRINT_REGULAR' ]  =  True # a\n",
            "from flask import current_app as a\na.json.compact  =  False # a\n",
        ),
    ],
)
def test_rewritten(fixed: Callable[[str], str], before: str, after: str) -> None:
    assert fixed(before) == after
    assert fixed(after) == after


@pytest.mark.parametrize(
    "code",
    [
        # Nobody knows for certain that it is Flask's.
        "from flask import *\nescape(1)\n",
        "from flask import g\ndef f(app): app.session_cookie_name\n",
        # The new way does something else.
        "from flask import safe_join\n",
        "from flask.json import JSONEncoder\n",
        "from werkzeug import escape\n",
        "from werkzeug.urls import url_encode, url_quote\n",
        "from werkzeug.contrib.fixers import ProxyFix\n",
        "import flask\nflask._request_ctx_stack.top\n",
        # It depends on how it is used.
        "from inspect import getargspec\na, b, c, d = getargspec(print)\n",
        "from inspect import getargspec\ngetargspec\n",
        "from inspect import getargspec\n",
        "from werkzeug.security import safe_str_cmp\nsafe_str_cmp(a, b)\n",
        "from werkzeug.urls import url_parse\nurl_parse(a)\n",
        "from werkzeug.urls import url_unquote\nurl_unquote(a, 'latin-1')\n",
        "from flask import current_app as a\na.config['JSON_SORT_KEYS']\n",
        "from flask import current_app as a\na.config['JSONIFY_PRETTYPRINT_REGULAR'] = b\n",
        "from flask import send_file\nsend_file('a', attachment_filename='b', **c)\n",
        "from flask import send_file\nsend_file('a', attachment_filename='b', download_name='c')\n",
        # There is no place for a second statement.
        "if True: from flask import g, escape\n",
        "a = 1; from flask import g, escape\n",
        # The new name is taken.
        "import flask\nmarkupsafe = flask.escape\n",
        "import flask\ndef f(markupsafe): flask.escape\n",
        # `flask` is used for more.
        "import flask.ext.login\nflask.ext.login.a\nflask.g\n",
        "import flask\nprint(f'{flask.escape(1)}')\n",
    ],
)
def test_not_rewritten(look: Callable[..., Survey], code: str) -> None:
    found = look(code)
    assert found.findings
    if "ext.login" in code:
        assert not any(found.can_fix(finding) for finding in found.findings if finding.kind == "import")
    else:
        assert list(fix.rewritten(found)) == []


@pytest.mark.parametrize("program", ["guestbook", "downloads", "blog"])
def test_a_program_has_only_left_what_is_not_safe(program: str, tmp_path: Path) -> None:
    folder = tmp_path / program
    shutil.copytree(PROGRAMS / program, folder)
    before = survey(folder, with_extensions=False)
    fix_all(before)
    after = survey(folder, with_extensions=False)
    left = [finding for finding in before.findings if not before.can_fix(finding)]
    assert [finding.name for finding in after.findings] == [finding.name for finding in left]
    assert list(fix.rewritten(after)) == []


def test_comments_and_other_lines_stay(tmp_path: Path) -> None:
    shutil.copytree(PROGRAMS / "guestbook", tmp_path / "guestbook")
    found = survey(tmp_path, with_extensions=False)
    old = {finding.line for finding in found.findings}
    lines = (tmp_path / "guestbook/app.py").read_text().splitlines()
    fix_all(found)
    after = (tmp_path / "guestbook/app.py").read_text()
    assert all(line in after.splitlines() for number, line in enumerate(lines, 1) if number not in old)
    assert after.count("#") == "\n".join(lines).count("#")


ASK = """
import warnings
warnings.simplefilter("ignore")
from app import app
client = app.test_client()
for rule in sorted(app.url_map.iter_rules(), key=str):
    if not rule.arguments:
        answer = client.get(str(rule))
        print(rule, answer.status, answer.get_data(as_text=True).replace("\\n", ""))
"""


@pytest.mark.slow
@pytest.mark.parametrize("alias", ["", "1"], ids=["flask", "erlen"])
def test_the_rewritten_guestbook_runs(tmp_path: Path, alias: str) -> None:
    """On the real Flask, and on Erlen without the legacy layer."""
    shutil.copytree(PROGRAMS / "guestbook", tmp_path, dirs_exist_ok=True)
    fix_all(survey(tmp_path, with_extensions=False))
    assert ask(tmp_path, alias) == [
        "/ 200 OK <p>&lt;b&gt;hello&lt;/b&gt;</p>Grüße",
        "/arguments 200 OK context, text",
        "/cookie 200 OK session",
        '/json 200 OK {"z":1,"a":{"Grüße":"<b>hello</b>"},"text":"&lt;&amp;"}',
        "/name 200 OK a_b.txt",
        "/next 200 OK example.comü",
        "/page 200 OK ADA",
    ]


def ask(folder: Path, alias: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=folder,
        env={**os.environ, "ERLEN_AS_FLASK": alias, "ERLEN_LEGACY": "", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "content",
    [
        b"from flask import g, escape\r\na = 1\r\n",
        b"from flask import g, escape",
        b"\xef\xbb\xbffrom flask import g, escape\n",
        b"# coding: latin-1\nfrom flask import g, escape\na = '\xe4'\n",
        b"from flask import g, escape\r\na = 1\nb = 2\r\n",
    ],
)
def test_encoding_and_line_ends_stay(look: Callable[..., Survey], tmp_path: Path, content: bytes) -> None:
    fix_all(look({"app.py": content}))
    ends = b"\r\n" if b"\r\n" in content else b"\n"
    expected = content.replace(b"g, escape", b"g" + ends + b"from markupsafe import escape")
    assert (tmp_path / "app.py").read_bytes() == expected


def test_a_file_that_would_change_elsewhere_is_not_written(look: Callable[..., Survey]) -> None:
    [note] = fix.rewritten(look({"app.py": b"from flask import escape\ra = 1\r"}))
    assert isinstance(note, Note)
    assert note.text == "it cannot be rewritten: ValueError: LibCST does not give it back as it is"


def test_the_mode_stays_and_nothing_else_is_left_in_the_folder(
    look: Callable[..., Survey], tmp_path: Path
) -> None:
    found = look("#!/usr/bin/env python\nfrom flask import escape\n")
    (tmp_path / "app.py").chmod(0o750)
    fix_all(found)
    assert stat.S_IMODE((tmp_path / "app.py").stat().st_mode) == 0o750
    assert os.listdir(tmp_path) == ["app.py"]


def test_a_file_that_has_changed_meanwhile_is_not_written(
    look: Callable[..., Survey], tmp_path: Path
) -> None:
    [file] = fix.rewritten(look("from flask import escape\n"))
    assert isinstance(file, Rewritten)
    (tmp_path / "app.py").write_text("a = 1\n")
    with pytest.raises(OSError, match="changed"):
        fix.write(file)
    assert (tmp_path / "app.py").read_text() == "a = 1\n"


def test_a_file_that_cannot_be_written_stays_whole(
    look: Callable[..., Survey], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [file] = fix.rewritten(look("from flask import escape\n"))
    assert isinstance(file, Rewritten)

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        fix.write(file)
    assert (tmp_path / "app.py").read_text() == "from flask import escape\n"
    assert os.listdir(tmp_path) == ["app.py"]


def test_a_link_to_another_place_is_not_rewritten(look: Callable[..., Survey], tmp_path: Path) -> None:
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-elsewhere.py")
    elsewhere.write_text("from flask import escape\n")
    (tmp_path / "link.py").symlink_to(elsewhere)
    [note] = fix.rewritten(look({"app.py": ""}))
    assert isinstance(note, Note)
    assert note.text == "a link to another place is not rewritten"
    assert elsewhere.read_text() == "from flask import escape\n"


def test_a_failure_of_the_library_is_a_note(
    look: Callable[..., Survey], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("erlen.legacy.check.rewriting.rewrite", fail)
    [note] = fix.rewritten(look("from flask import escape\n"))
    assert isinstance(note, Note)
    assert note.text == "it cannot be rewritten: RuntimeError: no"


@pytest.mark.parametrize("after", [b"from flask import escape, Markup\n", b"from flask import escape\n"])
def test_what_would_not_be_better_is_not_written(
    look: Callable[..., Survey], monkeypatch: pytest.MonkeyPatch, after: bytes
) -> None:
    monkeypatch.setattr("erlen.legacy.check.rewriting.rewrite", lambda content, edits: (after, set(edits)))
    [note] = fix.rewritten(look("from flask import escape\n"))
    assert isinstance(note, Note)


def test_a_diff_has_the_name_of_the_file_and_its_changes(look: Callable[..., Survey], tmp_path: Path) -> None:
    [file] = fix.rewritten(look({"a/b.py": b"from flask import escape\r\na = 1"}))
    assert isinstance(file, Rewritten)
    assert fix.diff(file, tmp_path.resolve()).splitlines() == [
        *("--- a/b.py (now)", "+++ a/b.py (rewritten)", "@@ -1,2 +1,2 @@"),
        *(
            "-from flask import escape",
            "+from markupsafe import escape",
            " a = 1",
            "\\ No newline at end of file",
        ),
    ]
