"""The steps of a request: what runs, in which order, and what comes of it."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from werkzeug.exceptions import NotFound

from tests.serve.applications import Application, applications
from tests.serve.beside import Framework, beside_flask, call, examples, told_alike
from tests.serve.nested import nested, noting


@given(applications())
@examples(80)
def test_any_application_answers_alike(application: Application) -> None:
    """Straight, through the seams, and on Flask: the same answers, and the same calls in the same order."""
    told_alike(application.on)


# order


@pytest.mark.parametrize("path", ["/1", "/outer/1", "/outer/inner/1", "/outer/nowhere", "/nowhere"])
def test_hooks_run_inwards_before_and_outwards_after(path: str) -> None:
    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = nested(framework, log)
        return [call(app, path), call(app, path), log]

    told_alike(story)


@pytest.mark.parametrize("where", ["app", "outer", "outer.inner"])
@pytest.mark.parametrize("result", ["early", ("early", 201), {}])
def test_what_a_before_hook_returns_skips_the_hooks_after_it_and_the_view(where: str, result: object) -> None:
    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = nested(framework, log)
        table = app.before_request_funcs[None if where == "app" else where]
        table.insert(1, noting(log, "early", result))
        return [call(app, "/outer/inner/1"), log]

    told_alike(story)


@beside_flask
def test_functions_for_this_request_run_before_the_after_hooks_in_their_order(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.after_request(noting(log, "after"))

    @app.get("/")
    def view() -> str:
        for name in ("one", "two"):
            framework.after_this_request(noting(log, name))
        return ""

    app.add_url_rule("/plain", "plain", lambda: "")
    return [call(app), call(app, "/plain"), call(app), log]


@beside_flask
def test_a_function_for_this_request_may_ask_for_another(framework: Framework) -> object:
    app, log = framework.Flask("app"), []

    def first(response: t.Any) -> t.Any:
        log.append("first")
        framework.after_this_request(noting(log, "second"))
        return response

    app.add_url_rule("/", "view", lambda: (framework.after_this_request(first), "")[1])
    return [call(app), log]


@beside_flask
def test_an_after_hook_that_asks_for_this_request_comes_too_late(framework: Framework) -> object:
    app, log = framework.Flask("app"), []

    @app.after_request
    def after(response: t.Any) -> t.Any:
        framework.after_this_request(noting(log, "too late"))
        return response

    app.add_url_rule("/", "view", lambda: "")
    return [call(app), log]


# hooks registered while a request runs


TABLES = ("after_request_funcs", "teardown_request_funcs")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("where", [None, "outer", "outer.inner"])
@pytest.mark.parametrize("by", ["before", "view", "handler"])
def test_a_hook_registered_during_the_request_runs(table: str, where: str | None, by: str) -> None:
    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = nested(framework, [])
        getattr(app, table).clear()

        def register() -> None:
            getattr(app, table).setdefault(where, []).append(noting(log, f"registered {len(log)}"))

        def view(x: int) -> str:
            if by == "view":
                register()
            elif by == "handler":
                raise ValueError
            return ""

        app.view_functions["outer.inner.view"] = view
        if by == "before":
            app.before_request(register)
        app.register_error_handler(ValueError, lambda error: (register(), "handled")[1])
        return [call(app, "/outer/inner/1"), tuple(log), call(app, "/outer/inner/1"), tuple(log)]

    assert told_alike(story)[1] == ("registered 0",)


@beside_flask
def test_an_after_hook_registered_by_a_function_for_this_request_is_run(framework: Framework) -> object:
    app, log = framework.Flask("app"), []

    def register(response: t.Any) -> t.Any:
        app.after_request_funcs.setdefault(None, []).append(noting(log, "registered"))
        return response

    app.add_url_rule("/", "view", lambda: (framework.after_this_request(register), "")[1])
    return [call(app), log]


@beside_flask
def test_a_before_hook_appended_to_the_list_that_runs_is_run(framework: Framework) -> object:
    app, log = framework.Flask("app"), []

    @app.before_request
    def first() -> None:
        log.append("first")
        if len(log) < 4:
            app.before_request_funcs[None].append(noting(log, f"appended {len(log)}"))

    app.add_url_rule("/", "view", lambda: "")
    return [call(app), call(app), log]


@pytest.mark.parametrize("by", ["app", "values", "outer"])
def test_a_before_hook_registered_by_one_that_runs_earlier_is_run(by: str) -> None:
    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = framework.Flask("app")
        outer = framework.Blueprint("outer", "app")
        inner = framework.Blueprint("inner", "app")
        inner.add_url_rule("/", "view", lambda: "")

        def register(*args: t.Any) -> None:
            app.before_request_funcs.setdefault("outer.inner", []).append(noting(log, "registered"))

        if by == "values":
            app.url_value_preprocessor(register)
        else:
            (app if by == "app" else outer).before_request(register)
        outer.register_blueprint(inner)
        app.register_blueprint(outer)
        return [call(app), log]

    told_alike(story)


@pytest.mark.parametrize("table", ["before_request_funcs", "url_value_preprocessors"])
def test_a_hook_registered_by_a_receiver_of_request_started_is_run(table: str) -> None:
    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []

        def receiver(sender: object, **kwargs: object) -> None:
            getattr(app, table).setdefault(None, []).append(lambda *args: log.append("registered"))

        framework.request_started.connect(receiver, app)
        app.add_url_rule("/", "view", lambda: "")
        return [call(app), log]

    told_alike(story)


@pytest.mark.parametrize("table", TABLES)
def test_a_hook_registered_by_one_of_a_blueprint_is_run(table: str) -> None:
    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []
        blueprint = framework.Blueprint("blue", "app")
        blueprint.add_url_rule("/", "view", lambda: "")

        def register(given: t.Any) -> t.Any:
            getattr(app, table).setdefault(None, []).append(noting(log, "registered"))
            return given

        getattr(blueprint, table.removesuffix("_funcs"))(register)
        app.register_blueprint(blueprint)
        return [call(app), log]

    told_alike(story)


# the request may be changed on its way


@beside_flask
def test_a_hook_may_replace_view_arguments_rule_and_exception(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    blueprint = framework.Blueprint("blue", "app", url_prefix="/blue")
    blueprint.before_request(noting(log, "before blue"))
    blueprint.after_request(noting(log, "after blue"))
    blueprint.teardown_request(noting(log, "teardown blue"))
    blueprint.add_url_rule("/<n>", "view", lambda n: f"blue {n}")
    app.register_blueprint(blueprint)
    app.add_url_rule("/<n>", "view", lambda n: f"app {n}")
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}

    @app.before_request
    def change() -> None:
        request, change = framework.request, framework.request.args.get("change")
        if change == "arguments":
            request.view_args = {"n": "changed"}
        elif change == "in place":
            request.view_args["n"] = "changed"
        elif change == "rule":
            request.url_rule = rules["blue.view"]
        elif change == "exception":
            request.routing_exception = framework.globals.request_ctx.request.routing_exception = NotFound()
        elif change == "no exception":
            request.routing_exception, request.url_rule, request.view_args = (
                None,
                rules["view"],
                {"n": "found"},
            )

    told = []
    for path in ("/1", "/blue/1", "/no/where"):
        for name in ("", "arguments", "in place", "rule", "exception", "no exception"):
            if path == "/no/where" and name in ("in place", "rule"):
                continue
            told.append((path, name, call(app, f"{path}?change={name}").body, tuple(log)))
            log.clear()
    return told


@beside_flask
def test_a_request_class_may_have_blueprints_of_its_own(framework: Framework) -> object:
    class Request(framework.Request):  # type: ignore[misc]
        @property
        def blueprints(self) -> list[str]:
            return ["extra", *super().blueprints]

    app, log = framework.Flask("app"), []
    app.request_class = Request
    app.before_request_funcs["extra"] = [noting(log, "before")]
    app.teardown_request_funcs["extra"] = [noting(log, "teardown")]
    app.add_url_rule("/", "view", lambda: "")
    return [call(app), log]


@beside_flask
def test_an_endpoint_with_a_dot_belongs_to_a_blueprint_whoever_added_it(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.before_request_funcs["a.b"].append(noting(log, "a.b"))
    app.before_request_funcs["a"].append(noting(log, "a"))
    app.add_url_rule("/", "a.b.view", lambda: "")
    return [call(app), log]


# OPTIONS, HEAD


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "GET", "POST", "options"])
def test_methods_are_answered_as_in_flask(method: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")

        def view(**values: object) -> str:
            return f"{framework.request.method} {values}"

        def asking(**values: object) -> str:
            return f"asking {framework.request.method}"

        asking.provide_automatic_options = False  # type: ignore[attr-defined]
        app.add_url_rule("/default", "default", view)
        app.add_url_rule("/both", "both", view, methods=["GET", "POST"])
        app.add_url_rule("/own", "own", view, methods=["GET", "OPTIONS"])
        app.add_url_rule("/off", "off", view, provide_automatic_options=False)
        app.add_url_rule("/on", "on", view, methods=["POST"], provide_automatic_options=True)
        app.add_url_rule("/asking", "asking", asking, methods=["OPTIONS"])
        app.add_url_rule("/<x>/get", "one", view)
        app.add_url_rule("/<x>/get", "two", view, methods=["DELETE"])
        told = []
        for path in ("/default", "/both", "/own", "/off", "/on", "/asking", "/1/get", "/nowhere"):
            for look in (False, True):
                if look:
                    app.before_request_funcs[None] = [lambda: framework.request.path and None]
                answer = call(app, path, method=method)
                allow = sorted(dict(answer.headers).get("Allow", "").split(", "))
                told.append((path, answer.status, allow, answer.body))
        return told

    told_alike(story)


# answers that need no response object are no different


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("result", ["text é", "", b"bytes", {"a": [1]}, ["é", None], {}])
@pytest.mark.parametrize(
    "change",
    [
        "nothing",
        "default mimetype",
        "json options",
        "json class",
        "cookie",
        "session read",
        "after",
        "finished",
    ],
)
def test_a_plain_result_is_sent_as_flask_sends_it(method: str, result: object, change: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.secret_key = "secret"
        headers, receivers = {}, []

        @app.route("/", methods=["GET", "POST"])
        def view() -> object:
            if change == "session read":
                framework.session.get("x")
            return result

        if change == "default mimetype":
            app.response_class = type("R", (framework.Response,), {"default_mimetype": "text/plain"})
        elif change == "json options":
            app.json.compact, app.json.ensure_ascii, app.json.mimetype = False, False, "application/x-json"
        elif change == "json class":
            dumps = {"dumps": lambda self, value, **kwargs: f"dumped {value}"}
            app.json = type("J", (framework.json.provider.DefaultJSONProvider,), dumps)(app)
        elif change == "cookie":
            headers = {"Cookie": "other=1; session=forged"}
        elif change == "after":
            app.after_request_funcs.setdefault(None, [])
        elif change == "finished":
            receivers.append(lambda sender, response: response.headers.add("X-Finished", "1"))
            framework.request_finished.connect(lambda *args, **kwargs: None, framework.Flask("other"))
        return [call(app, method=method, headers=headers) for _ in range(2)]

    told_alike(story)


def taking_away() -> t.Iterator[t.Any]:
    """Give kind of hook, whose list it is, and how that is taken away."""
    for kind in ("before", "after", "teardown", "values"):
        for by in ("app", "outer", "inner"):
            for how in ("emptied", "removed itself", "replaced", "deleted", "table"):
                yield kind, by, how


@pytest.mark.parametrize(("kind", "by", "how"), list(taking_away()))
def test_a_hook_may_take_its_own_list_away_and_the_others_still_run(kind: str, by: str, how: str) -> None:
    """As hooks do that are to run once. The hook behind them may be a guard."""
    name = "url_value_preprocessors" if kind == "values" else f"{kind}_request_funcs"
    where = {"app": None, "outer": "outer", "inner": "outer.inner"}[by]

    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = nested(framework, log)

        def once(*args: t.Any) -> t.Any:
            table = getattr(app, name)
            log.append("once")
            if how == "replaced":
                table[where] = [function for function in table[where] if function is not once]
            elif how == "emptied":
                table[where].clear()
            elif how == "deleted":
                del table[where]
            elif how == "table":
                setattr(app, name, {key: list(functions) for key, functions in table.items() if key != where})
            else:
                table[where].remove(once)
            return args[0] if kind == "after" else None

        getattr(app, name)[where].insert(1, once)
        return [call(app, "/outer/inner/1"), call(app, "/outer/inner/1"), log]

    told_alike(story)


@pytest.mark.parametrize("kind", ["before", "after", "teardown"])
def test_a_list_that_is_in_a_table_twice_runs_twice(kind: str) -> None:
    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []
        blueprint = framework.Blueprint("blue", "app")
        blueprint.add_url_rule("/", "view", lambda: "")
        app.register_blueprint(blueprint)

        def hook(*args: t.Any) -> t.Any:
            log.append(kind)
            assert len(log) < 9, "without end"
            app.before_request_funcs[f"another {len(log)}"] = []
            return args[0] if kind == "after" else None

        shared = [hook]
        table = getattr(app, f"{kind}_request_funcs")
        table[None] = table["blue"] = shared
        app.testing = True
        return [call(app), log]

    told_alike(story)


JSON_CHANGES: dict[str, t.Callable[[Framework, t.Any], object]] = {
    "compact": lambda framework, app: setattr(app.json, "compact", False),
    "debug": lambda framework, app: setattr(app, "debug", True),
    "order": lambda framework, app: setattr(app.json, "sort_keys", False),
    "ascii": lambda framework, app: setattr(app.json, "ensure_ascii", False),
    "mimetype": lambda framework, app: setattr(app.json, "mimetype", "application/x-mine"),
    "default": lambda framework, app: setattr(app.json, "default", lambda value: "by default"),
    "default of the class": lambda framework, app: setattr(
        type(app.json), "default", staticmethod(lambda value: "by class")
    ),
    "dumps": lambda framework, app: setattr(app.json, "dumps", lambda value, **kwargs: "dumped"),
    "dumps of the class": lambda framework, app: setattr(
        type(app.json), "dumps", lambda *args, **kwargs: "dumped"
    ),
    "response": lambda framework, app: setattr(
        app.json, "response", lambda *args: framework.Response("made")
    ),
    "another": lambda framework, app: setattr(app, "json", type(app.json)(app)),
}


@pytest.mark.parametrize("name", JSON_CHANGES)
def test_how_json_is_written_may_change_between_requests(name: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        # A class of its own, to be patched.
        app.json = type("Provider", (framework.json.provider.DefaultJSONProvider,), {})(app)
        app.add_url_rule("/", "view", lambda: {"b": "é", "a": [1, 2]})
        app.add_url_rule("/set", "set", lambda: {"a": {1}} if name.startswith("default") else ["plain"])
        app.logger.disabled = True
        told = [call(app), call(app, "/set")]
        JSON_CHANGES[name](framework, app)
        return [*told, call(app), call(app, "/set")]

    told = told_alike(story)
    assert told[:2] != told[2:] or name == "another"


@pytest.mark.parametrize("name", [name for name in JSON_CHANGES if not name.endswith("class")])
def test_how_the_usual_provider_writes_json_may_change_between_requests(name: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.add_url_rule("/", "view", lambda: {"b": "é", "a": [1, 2]})
        app.add_url_rule("/set", "set", lambda: {"a": {1}} if name.startswith("default") else ["plain"])
        app.logger.disabled = True
        told = [call(app), call(app, "/set")]
        JSON_CHANGES[name](framework, app)
        return [*told, call(app), call(app, "/set")]

    told_alike(story)


@pytest.mark.parametrize("attribute", ["default", "dumps", "response"])
def test_the_usual_provider_may_be_patched_on_its_class(
    attribute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(framework: Framework) -> object:
        provider = framework.json.provider.DefaultJSONProvider
        app = framework.Flask("app")
        app.add_url_rule("/", "view", lambda: {"a": {1}} if attribute == "default" else {"a": 1})
        app.logger.disabled = True
        told = [call(app)]
        patched: dict[str, t.Any] = {
            "default": staticmethod(lambda value: "patched"),
            "dumps": lambda self, value, **kwargs: "patched",
            "response": lambda self, *args: framework.Response("patched"),
        }
        with monkeypatch.context() as patch:
            patch.setattr(provider, attribute, patched[attribute])
            told.append(call(app))
        return [*told, call(app)]

    told_alike(story)
