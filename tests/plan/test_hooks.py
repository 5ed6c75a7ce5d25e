"""Hooks run from the lists that are in the tables, whoever put them in."""

from __future__ import annotations

import copy
import typing as t

import pytest

from tests.serve.beside import Framework, beside_flask, call, told_alike

# functions in the tables


@beside_flask
def test_a_list_that_somebody_put_in_stays_theirs(framework: Framework) -> object:
    app = framework.Flask("app")
    log: list[str] = []
    app.add_url_rule("/", "view", lambda: "")
    theirs: dict[str, list[t.Any]] = {"before": [], "after": [], "teardown": []}
    app.before_request_funcs[None] = theirs["before"]
    app.after_request_funcs[None] = theirs["after"]
    app.teardown_request_funcs[None] = theirs["teardown"]
    told = []
    for n in range(3):
        call(app)
        told.append(tuple(log))
        log.clear()
        theirs["before"].append(lambda n=n: log.append(f"before {n}"))

        def after(response: t.Any, n: int = n) -> t.Any:
            log.append(f"after {n}")
            return response

        theirs["after"].append(after)
        theirs["teardown"].insert(0, lambda error, n=n: log.append(f"teardown {n}"))
    theirs["before"].clear()
    call(app)
    return [*told, tuple(log)]


@pytest.mark.parametrize("table", ["before_request_funcs", "teardown_request_funcs"])
@pytest.mark.parametrize("kind", [dict, copy.copy, lambda table: table], ids=["dict", "copy", "own"])
def test_every_way_to_change_a_table_is_seen(table: str, kind: t.Callable[[t.Any], t.Any]) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        log: list[object] = []
        app.add_url_rule("/", "view", lambda: "")
        setattr(app, table, kind(getattr(app, table)))
        told: list[object] = []

        def noting(name: str) -> t.Callable[..., None]:
            return lambda *_: log.append(name)

        def ask() -> None:
            call(app)
            told.append(tuple(log))
            log.clear()

        functions = getattr(app, table)
        functions.setdefault(None, []).insert(0, noting("setdefault"))
        ask()
        functions[None] = [noting("set")]
        ask()
        functions[None][:] = [noting("slice")]
        ask()
        functions.update({None: [noting("update")]})
        ask()
        functions |= {None: [noting("or")]}
        ask()
        functions.pop(None)
        ask()
        functions[None] = [noting("again")]
        del functions[None]
        ask()
        functions[None] = [noting("popitem")]
        functions.popitem()
        ask()
        functions[None] = [noting("clear")]
        functions.clear()
        ask()
        setattr(app, table, {None: [noting("new")]})
        ask()
        return told

    assert told_alike(story)[0] == ("setdefault",)
