"""From the start of a process to its first answer, by the application of Flask's tutorial, unchanged."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from ..machine import ROOT, environment
from ..measure import CannotMeasure

# One line of text; and the page of posts: two queries, two templates.
PAGES = ("/hello", "/")
POSTS = 5

# It imports nothing of this package, which would be counted. The clock is the system's, the same in every
# process.
PROGRAM = """\
import sys
application, database, page = sys.argv[1:]
sys.path.insert(0, application)
from flaskr import create_app
app = create_app({"DATABASE": database, "SECRET_KEY": "dev"})
import io
environ = {
    "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": page, "QUERY_STRING": "",
    "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost",
    "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
    "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
}
told = []
body = b"".join(app(environ, lambda status, headers, exc_info=None: told.append(status)))
from time import monotonic, process_time
answered, worked = monotonic(), process_time()
import json
print(json.dumps([answered, worked, told[0], body.decode()]))
"""


@dataclass(frozen=True)
class FirstAnswer:
    milliseconds: float
    cpu_milliseconds: float
    status: str
    body: str


def answer_once(framework: str, application: Path, database: Path, page: str) -> FirstAnswer:
    """Start a process that imports the application in this folder, and ask it for a page.

    Raise CannotMeasure when it breaks.
    """
    alias = {"ERLEN_AS_FLASK": "1"} if framework == "erlen" else {}
    started = monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(application), str(database), page],
        cwd=ROOT,
        env=environment() | alias,
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        raise CannotMeasure(f"the tutorial's application breaks on {framework}:\n{ran.stderr[-2000:]}")
    answered, worked, status, body = json.loads(ran.stdout)
    return FirstAnswer((answered - started) * 1000, worked * 1000, status, body)


def make_database(application: Path, path: Path) -> Path:
    """Make the tutorial's database, with a few posts."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript((application / "flaskr" / "schema.sql").read_text())
        database.execute("INSERT INTO user (username, password) VALUES ('ada', '')")
        for number in range(POSTS):
            post = (f"Post {number}", "Some text.", f"2026-01-0{number + 1} 12:00:00")
            database.execute("INSERT INTO post (author_id, title, body, created) VALUES (1, ?, ?, ?)", post)
        database.commit()
    return path
