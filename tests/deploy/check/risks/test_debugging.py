"""What belongs to development is off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

TOOLBAR = """
from flask_debugtoolbar import DebugToolbarExtension
DebugToolbarExtension(app)
"""
DEBUGGER = """
from werkzeug.debug import DebuggedApplication
app.wsgi_app = DebuggedApplication(app.wsgi_app, evalex=True){mark}
"""
PROFILER = """
from werkzeug.middleware.profiler import ProfilerMiddleware
app.wsgi_app = ProfilerMiddleware(app.wsgi_app){mark}
"""
ALCHEMY = """
from flask_sqlalchemy import SQLAlchemy
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:////tmp/no.db"
db = SQLAlchemy(app)
"""
CASES = (
    Case("debug-on", 'app.config["DEBUG"] = True  #!', 'app.config["DEBUG"] = False'),
    Case("debug-on", "app.debug = True  #!", "app.debug = False", "by the attribute"),
    Case(
        "debug-on",
        "",
        "",
        "by the variable",
        environ={"FLASK_DEBUG": "1"},
        right_environ={"FLASK_DEBUG": "0"},
    ),
    Case(
        "debug-on",
        {".env": "A=1\nFLASK_DEBUG=1 #!"},
        {".env": "A=1\nFLASK_DEBUG=0"},
        "by an environment file",
    ),
    Case(
        "debug-in-flaskenv",
        {".flaskenv": "FLASK_APP=app\nFLASK_DEBUG=1 #!"},
        {".flaskenv": "FLASK_APP=app"},
    ),
    Case(
        "debug-in-flaskenv",
        {"app.py": f'app.config["DEBUG_TB_ENABLED"] = app.debug{TOOLBAR}', ".flaskenv": "FLASK_DEBUG=1 #!"},
        f'app.config["DEBUG_TB_ENABLED"] = app.debug{TOOLBAR}',
        "and not what it turns on",
    ),
    Case("testing-on", "app.testing = True  #!", "app.testing = False"),
    Case(
        "debugger-middleware",
        DEBUGGER.format(mark="  #!"),
        f"if app.debug:\n  pass{DEBUGGER.format(mark='')}".replace("\napp.", "\n  #app."),
    ),
    Case(
        "profiler-middleware",
        PROFILER.format(mark="  #!"),
        PROFILER.format(mark="").replace("\napp.", "\n# app."),
    ),
    Case(
        "debug-toolbar",
        f'app.config["DEBUG_TB_ENABLED"] = True  #!{TOOLBAR}',
        f'app.config["DEBUG_TB_ENABLED"] = app.debug{TOOLBAR}',
    ),
    Case(
        "run-on-import",
        "app.run(debug=True)  #!",
        'if __name__ == "__main__":\n    app.run(debug=True)',
    ),
    Case(
        "run-on-import",
        "app.run(debug=True)  #!",
        {"run.py": "from app import app\napp.run(debug=True)"},
        "and not in a file to start by hand",
    ),
    Case(
        "debugger-for-all",
        'if __name__ == "__main__":\n    app.run(host="0.0.0.0", debug=True)  #!',
        'if __name__ == "__main__":\n    app.run(host="0.0.0.0")',
    ),
    Case("breakpoint-left", "def view():\n    breakpoint()  #!", "def view():\n    queue.breakpoint()"),
    Case(
        "breakpoint-left",
        {"app.py": "import cart", "cart.py": "import pdb\n\ndef add():\n    pdb.set_trace()  #!"},
        {"cart.py": "import pdb\n\ndef add():\n    pdb.set_trace()"},
        "in what is imported",
    ),
    Case("flask-env", "", "", environ={"FLASK_ENV": "production"}, right_environ={}),
    Case(
        "flask-env",
        {".flaskenv": "FLASK_ENV=production #!"},
        {".flaskenv": "# FLASK_ENV=production"},
        "in a file",
    ),
    Case(
        "sql-echo",
        f'app.config["SQLALCHEMY_ECHO"] = True  #!{ALCHEMY}',
        f'app.config["SQLALCHEMY_ECHO"] = False{ALCHEMY}',
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
