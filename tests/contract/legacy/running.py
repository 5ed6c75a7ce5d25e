"""How the programs of cases run: each case says what it saw, and all of it is printed as JSON.

Imported before `flask`: it decides which framework that is.
"""

from __future__ import annotations

import json
import os
import sys
import warnings

warnings.simplefilter("ignore")

if os.environ.get("ON_ERLEN"):
    import erlen.as_flask  # noqa: F401  # the level comes from ERLEN_LEGACY

PROTOCOL = sys.argv[1] if len(sys.argv) > 1 else "wsgi"
CASES = {}


def case(function):
    """Register a case by its name."""
    CASES[function.__name__] = function
    return function


def client_of(app):
    """Return a test client that speaks the protocol of this run."""
    return app.test_client(protocol=PROTOCOL) if os.environ.get("ON_ERLEN") else app.test_client()


def tell():
    """Run all cases and print what each saw."""
    told = {name: _run(function) for name, function in CASES.items()}
    print("\n" + json.dumps(told, indent=1, default=str))


def _run(function):
    try:
        return function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
