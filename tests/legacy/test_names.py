"""How modules come to have their old names; `test_removed` looks each of them up."""

from __future__ import annotations

import json
from typing import Any

import markupsafe
import pytest
import werkzeug.http

import erlen
import erlen.active
import erlen.cli
import erlen.globals
from erlen.legacy import stacks

pytestmark = pytest.mark.usefixtures("of_1_1")
old: Any = erlen


def test_values() -> None:
    assert old.Markup is markupsafe.Markup
    assert old.escape is markupsafe.escape
    assert old._request_ctx_stack is old.globals._request_ctx_stack is stacks.request_stack
    assert old._app_ctx_stack is old.templating._app_ctx_stack is stacks.app_stack
    assert old.signals_available is old.json_available is old.signals.signals_available is True
    assert old.json.detect_encoding is json.detect_encoding
    assert old.json.http_date is werkzeug.http.http_date
    assert old.config.json is json
    assert old.helpers.text_type is str
    assert old.helpers._PackageBoundObject is old.sansio.scaffold.Scaffold


def test_other_names_are_looked_up_as_before() -> None:
    assert old.cli is erlen.cli
    assert old.Channel.__name__ == "Channel"
    with pytest.raises(AttributeError, match="module 'erlen' has no attribute 'nothing'"):
        _ = old.nothing
    with pytest.raises(AttributeError, match=r"module 'erlen\.globals' has no attribute 'nothing'"):
        _ = old.globals.nothing
    with pytest.warns(DeprecationWarning, match="which Flask's API"):
        assert old.__version__ == "3.1.3"


def test_a_name_can_be_patched_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old, "Markup", str)
    assert old.Markup is str
    monkeypatch.undo()
    assert old.Markup is markupsafe.Markup


def test_a_star_brings_them() -> None:
    names: dict[str, Any] = {}
    exec("from erlen import *", names)
    assert names["Markup"] is markupsafe.Markup
    assert names["Flask"] is erlen.Flask
    assert "_request_ctx_stack" not in names


def test_names_can_be_added_by_a_part() -> None:
    from erlen.legacy import names
    from erlen.legacy.changes import Changes

    changes, warned = Changes(), []
    names.add_names(changes, {"flask.globals.more": names.Name(lambda: "value", lambda: warned.append(1))})
    assert old.globals.more == "value"
    # What was there before is found behind it.
    assert old.globals._request_ctx_stack is stacks.request_stack
    changes.undo()
    assert warned == [1]
    assert not hasattr(erlen.globals, "more")
    assert erlen.active.NOTHING
