"""Code that copes with a name that is gone is left in peace."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from flask import Markup\nexcept ImportError:\n    from markupsafe import Markup",
        "try:\n    from markupsafe import Markup\nexcept ImportError:\n    from flask import Markup",
        "try:\n    from flask import _app_ctx_stack as s\nexcept ImportError:\n    s = None",
        "try:\n    from flask import Markup\nexcept (ImportError, AttributeError):\n    Markup = str",
        "try:\n    from flask import Markup\nexcept KeyError:\n    pass\nexcept Exception:\n    pass",
        "try:\n    from flask import Markup\nexcept:\n    pass",
        "import flask\ntry:\n    flask.Markup\nexcept AttributeError:\n    pass",
        "import flask\nif hasattr(flask, 'Markup'):\n    flask.Markup('a')",
        "import flask\nm = flask.Markup if hasattr(flask, 'Markup') else str",
        "import flask\nif flask.__version__ < '2.3':\n    flask.Markup\nelse:\n    str",
        "import sys\nif sys.version_info < (3, 3):\n    from collections import Mapping",
        "import sys\nif sys.version_info >= (3, 3):\n    from collections.abc import Mapping\n"
        "else:\n    from collections import Mapping",
        "import sys\nif sys.version_info[0] == 2:\n    from inspect import getargspec",
        "from six import PY2\nif PY2:\n    from inspect import getargspec",
        "import six\nif not six.PY3:\n    from inspect import getargspec",
        "from flask import send_file\ntry:\n    send_file('a', download_name='b')\n"
        "except TypeError:\n    send_file('a', attachment_filename='b')",
        "try:\n    from collections import abc\nexcept ImportError:\n    import collections as abc\n"
        "abc.Iterable",
        "try:\n    from a import b\nexcept ImportError:\n    try:\n        from flask import Markup\n"
        "    except ImportError:\n        pass",
    ],
)
def test_guarded(names, code: str) -> None:
    assert names(code) == []


@pytest.mark.parametrize(
    "code",
    [
        # The handler does not cope.
        "try:\n    from flask import Markup\nexcept ImportError:\n    raise",
        "try:\n    from flask import Markup\nexcept ValueError:\n    pass",
        "import flask\ntry:\n    flask.Markup\nexcept ImportError:\n    pass",
        "try:\n    from flask import Markup\nfinally:\n    pass",
        # It runs later, when no handler is around it.
        "import flask\ntry:\n    def f(): flask.Markup\nexcept AttributeError:\n    pass",
        # Not the absence of the new way leads here.
        "import flask\ntry:\n    print()\nexcept Exception:\n    flask.Markup",
        "import flask\ntry:\n    import x\nexcept ImportError:\n    pass\nelse:\n    flask.Markup",
        "import flask\ntry:\n    print()\n    flask.Markup\nexcept Exception:\n    print()",
        # The condition asks for something else.
        "import flask\nif hasattr(flask, 'escape'):\n    flask.Markup('a')",
        "import sys\nif sys.version_info >= (3,):\n    from flask import Markup",
    ],
)
def test_not_guarded(names, code: str) -> None:
    assert [name for _, name in names(code)] == ["flask.Markup"]


def test_two_old_ways_are_no_way_out(names) -> None:
    code = (
        "try:\n    from flask import _app_ctx_stack as stack\n"
        "except ImportError:\n    from flask import _request_ctx_stack as stack\n"
    )
    assert names(code) == [(2, "flask._app_ctx_stack"), (4, "flask._request_ctx_stack")]
