"""What runs around a view, in which order, in either colour."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

import pytest

from tests.protocols.web import COROUTINE, PLAIN, Colour, Web


def noting(log: list[t.Any], name: str) -> t.Callable[..., t.Any]:
    """Make a hook that notes its name, and passes a response on."""

    def hook(*args: t.Any) -> t.Any:
        log.append(name)
        return args[0] if args and hasattr(args[0], "status_code") else None

    return hook


def surrounded(web: Web, view: Colour, hooks: Colour, log: list[t.Any]) -> t.Any:
    """Make an application with hooks of each kind, on itself and on two blueprints, one in the other."""
    app = web.Flask("app")
    outer = web.Blueprint("outer", "app", url_prefix="/outer")
    inner = web.Blueprint("inner", "app", url_prefix="/inner")
    for name, place in (("app", app), ("outer", outer), ("inner", inner)):
        for n in "12":
            place.before_request(hooks(noting(log, f"before {name}{n}")))
            place.after_request(hooks(noting(log, f"after {name}{n}")))
            place.teardown_request(hooks(noting(log, f"teardown {name}{n}")))
        place.add_url_rule("/view", "view", view(lambda: (log.append("view"), "text")[1]))
    app.teardown_appcontext(hooks(noting(log, "teardown context")))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app


def around(before: list[str], seen: list[str], after: list[str], teardown: list[str]) -> list[str]:
    return [
        *(f"before {name}{n}" for name in before for n in "12"),
        *seen,
        *(f"after {name}{n}" for name in after for n in "21"),
        *(f"teardown {name}{n}" for name in teardown for n in "21"),
        "teardown context",
    ]


@pytest.mark.parametrize(
    ("path", "places", "seen"),
    [
        ("/view", ["app"], ["view"]),
        ("/outer/view", ["app", "outer"], ["view"]),
        ("/outer/inner/view", ["app", "outer", "inner"], ["view"]),
        ("/nowhere", ["app"], []),
    ],
)
def test_hooks_run_inwards_before_and_outwards_after(
    web: Web, colour: Colour, hooks: Colour, path: str, places: list[str], seen: list[str]
) -> None:
    log: list[t.Any] = []
    client = web.client(surrounded(web, colour, hooks, log))

    client.get(path).close()

    outwards = places[::-1]
    assert log == around(places, seen, outwards, outwards)


def test_plain_and_coroutine_hooks_mix_in_their_order(web: Web, colour: Colour) -> None:
    app, log = web.Flask("app"), []
    for n, either in enumerate([PLAIN, COROUTINE, COROUTINE, PLAIN, PLAIN, COROUTINE]):
        app.before_request(either(noting(log, f"before {n}")))
        app.after_request(either(noting(log, f"after {n}")))
        app.teardown_request(either(noting(log, f"teardown {n}")))
    app.add_url_rule("/", "view", colour(lambda: (log.append("view"), "")[1]))

    web.client(app).get("/").close()

    assert log == [
        *(f"before {n}" for n in range(6)),
        "view",
        *(f"after {n}" for n in reversed(range(6))),
        *(f"teardown {n}" for n in reversed(range(6))),
    ]


@pytest.mark.parametrize(("result", "status"), [("early", 200), (("early", 201), 201), ({}, 200), ("", 200)])
def test_what_a_before_hook_returns_is_the_answer(
    web: Web, colour: Colour, hooks: Colour, result: t.Any, status: int
) -> None:
    app, log = web.Flask("app"), []
    app.before_request(hooks(noting(log, "first")))
    app.before_request(hooks(lambda: (log.append("early"), result)[1]))
    app.before_request(hooks(noting(log, "never")))
    app.after_request(hooks(noting(log, "after")))
    app.teardown_request(hooks(noting(log, "teardown")))
    app.add_url_rule("/", "view", colour(noting(log, "view")))

    with web.client(app).get("/") as response:
        assert response.status_code == status

    assert log == ["first", "early", "after", "teardown"]


def test_an_after_hook_may_answer_otherwise(web: Web, colour: Colour, hooks: Colour) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "view", colour(lambda: "view"))

    @app.after_request
    @hooks
    def second(response: t.Any) -> t.Any:
        response.headers["X-Second"] = response.get_data(as_text=True)
        return response

    @app.after_request
    @hooks
    def first(response: t.Any) -> t.Any:
        return web.make_response("first", 202)

    response = web.client(app).get("/")

    assert (response.status_code, response.text, response.headers["X-Second"]) == (202, "first", "first")


def test_functions_for_this_request_run_once_and_before_the_after_hooks(
    web: Web, colour: Colour, hooks: Colour
) -> None:
    app, log = web.Flask("app"), []
    app.after_request(hooks(noting(log, "after")))

    @app.get("/")
    @colour
    def view() -> str:
        web.after_this_request(hooks(noting(log, "one")))
        web.after_this_request(hooks(noting(log, "two")))
        return ""

    app.add_url_rule("/plain", "plain", colour(lambda: ""))
    client = web.client(app)
    for path in ("/", "/plain", "/"):
        client.get(path)

    assert log == ["one", "two", "after", "after", "one", "two", "after"]


def test_g_lives_for_one_request(web: Web, colour: Colour, hooks: Colour) -> None:
    app, log = web.Flask("app"), []
    app.before_request(hooks(lambda: web.g.setdefault("seen", []).append("before")))
    app.after_request(hooks(lambda response: (web.g.seen.append("after"), response)[1]))
    app.teardown_request(hooks(lambda error: log.append([*web.g.seen, "teardown"])))
    app.teardown_appcontext(hooks(lambda error: log.append([*web.g.pop("seen"), "context", "seen" in web.g])))

    @app.get("/")
    @colour
    def view() -> t.Any:
        web.g.seen.append("view")
        return {"names": sorted(web.g), "none": web.g.get("none")}

    client = web.client(app)
    for _ in range(2):
        with client.get("/") as response:
            assert response.json == {"names": ["seen"], "none": None}

    seen = ["before", "view", "after"]
    assert log == [[*seen, "teardown"], [*seen, "context", False]] * 2


# addresses


def test_url_processors_take_values_out_and_put_them_in(web: Web, colour: Colour) -> None:
    app, log = web.Flask("app"), []
    wiki = web.Blueprint("wiki", "app", url_prefix="/<lang>/wiki")

    @app.url_value_preprocessor
    def values(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        log.append([endpoint, dict(values or {})])

    @wiki.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, t.Any]) -> None:
        web.g.lang = values.pop("lang")

    @wiki.url_defaults
    def put(endpoint: str, values: dict[str, t.Any]) -> None:
        values.setdefault("lang", web.g.lang)

    @wiki.get("/<page>")
    @colour
    def show(page: str) -> t.Any:
        return [
            web.g.lang,
            page,
            web.url_for(".show", page="other"),
            web.url_for(".show", page="x", lang="en"),
        ]

    app.register_blueprint(wiki)
    client = web.client(app)

    assert client.get("/de/wiki/home").json == ["de", "home", "/de/wiki/other", "/en/wiki/x"]
    assert client.get("/nowhere").status_code == 404
    assert log == [["wiki.show", {"lang": "de", "page": "home"}], [None, {}]]


def test_values_are_taken_out_before_the_hooks_run(web: Web, colour: Colour, hooks: Colour) -> None:
    app, log = web.Flask("app"), []
    app.url_value_preprocessor(lambda endpoint, values: log.append("values"))
    app.before_request(hooks(lambda: log.append(f"before {web.request.view_args}")))
    app.add_url_rule("/<int:x>", "view", colour(lambda x: (log.append(x), "")[1]))

    web.client(app).get("/1")

    assert log == ["values", "before {'x': 1}", 1]


def test_url_processors_may_be_coroutine_functions(erlen_web: Web, colour: Colour, hooks: Colour) -> None:
    app = erlen_web.Flask("app")
    app.url_value_preprocessor(hooks(lambda endpoint, values: values.update(x=values["x"] * 2)))
    app.add_url_rule("/<int:x>", "view", colour(lambda x: str(x)))

    assert erlen_web.client(app).get("/4").text == "8"


def test_addresses_that_cannot_be_built_are_made_by_handlers(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.url_build_error_handlers.append(lambda error, endpoint, values: f"/made/{endpoint}/{values['x']}")
    app.add_url_rule("/", "view", colour(lambda: web.url_for("unknown", x=1)))

    assert web.client(app).get("/").text == "/made/unknown/1"


# signals


@contextmanager
def receiving(web: Web, app: t.Any, log: list[t.Any], hooks: Colour, *names: str) -> t.Iterator[None]:
    def make(name: str) -> t.Callable[..., t.Any]:
        def receiver(sender: t.Any, **given: t.Any) -> None:
            assert sender is app
            log.append(f"{name} {' '.join(sorted(given))}".strip())

        return hooks(receiver)

    receivers = {name: make(name) for name in names}
    for name, receiver in receivers.items():
        getattr(web, name).connect(receiver, app)
    try:
        yield
    finally:
        for name, receiver in receivers.items():
            # From every sender: from this one alone, the signal would keep a receiver that hears nobody.
            getattr(web, name).disconnect(receiver)


SIGNALS = (
    *("appcontext_pushed", "request_started", "request_finished", "request_tearing_down"),
    *("appcontext_tearing_down", "appcontext_popped", "got_request_exception", "message_flashed"),
)


def test_signals_are_sent_in_their_order(web: Web, colour: Colour) -> None:
    app, log = web.Flask("app"), []
    app.secret_key = "key"
    app.before_request(noting(log, "before"))
    app.after_request(noting(log, "after"))
    app.teardown_request(noting(log, "teardown"))
    app.teardown_appcontext(noting(log, "context"))
    app.add_url_rule("/", "view", colour(lambda: (web.flash("x"), log.append("view"), "")[2]))

    with receiving(web, app, log, PLAIN, *SIGNALS):
        web.client(app).get("/").close()

    assert log == [
        *(
            "appcontext_pushed",
            "request_started",
            "before",
            "message_flashed category message",
            "view",
            "after",
        ),
        *("request_finished response", "teardown", "request_tearing_down exc", "context"),
        *("appcontext_tearing_down exc", "appcontext_popped"),
    ]


def test_receivers_of_a_requests_steps_may_be_coroutine_functions(
    web: Web, colour: Colour, hooks: Colour
) -> None:
    app, log = web.Flask("app"), []
    app.logger.disabled = True
    names = ("request_started", "request_finished", "request_tearing_down", "got_request_exception")

    @app.get("/<int:x>")
    @colour
    def view(x: int) -> str:
        return str(1 / x)

    with receiving(web, app, log, hooks, *names):
        client = web.client(app)
        client.get("/1").close()
        client.get("/0").close()

    steps = ["request_started", "request_finished response", "request_tearing_down exc"]
    assert log == [*steps, steps[0], "got_request_exception exception", *steps[1:]]


def test_a_receiver_sees_the_request_of_its_signal(web: Web, colour: Colour) -> None:
    app, log = web.Flask("app"), []
    app.add_url_rule("/<x>", "view", colour(lambda x: x))

    def receiver(sender: t.Any, response: t.Any) -> None:
        log.append([web.request.path, response.get_data(as_text=True), web.current_app.name])

    with web.request_finished.connected_to(receiver, app):
        web.client(app).get("/a")
        web.client(app).get("/b")

    assert log == [["/a", "a", "app"], ["/b", "b", "app"]]


# class-based views


def test_method_views_dispatch_by_method_in_either_colour(web: Web, colour: Colour) -> None:
    class Items(web.module("views").MethodView):  # type: ignore[misc]
        init_every_request = False

        def get(self, x: int) -> t.Any:
            return f"get {x} of {web.request.endpoint}"

        def post(self, x: int) -> t.Any:
            return {"posted": x}, 201

    Items.get, Items.post = colour(Items.get), colour(Items.post)
    app = web.Flask("app")
    app.add_url_rule("/<int:x>", view_func=Items.as_view("items"))
    client = web.client(app)

    assert client.get("/1").text == "get 1 of items"
    assert client.post("/2").json == {"posted": 2}
    assert (client.head("/1").status_code, client.head("/1").data) == (200, b"")
    assert client.put("/1").status_code == 405
    assert sorted(client.options("/1").allow) == ["GET", "HEAD", "OPTIONS", "POST"]


@pytest.mark.parametrize("each", [True, False])
def test_views_of_a_class_are_made_as_they_say_and_decorated(web: Web, each: bool) -> None:
    made: list[int] = []

    class Page(web.module("views").View):  # type: ignore[misc]
        init_every_request = each
        decorators = [lambda view: lambda **values: view(**values).upper()]
        methods = ["GET", "POST"]

        def __init__(self, word: str) -> None:
            made.append(len(made))
            self.word = word

        def dispatch_request(self, x: str) -> t.Any:
            return f"{self.word} {x}"

    app = web.Flask("app")
    app.add_url_rule("/<x>", view_func=Page.as_view("page", "hello"))
    client = web.client(app)

    assert [client.get("/a").text, client.post("/b").text] == ["HELLO A", "HELLO B"]
    assert len(made) == (2 if each else 1)


def test_dispatching_of_a_class_may_be_a_coroutine(erlen_web: Web, colour: Colour) -> None:
    class Page(erlen_web.module("views").View):  # type: ignore[misc]
        def dispatch_request(self, x: str) -> t.Any:
            return f"{x} of {erlen_web.request.path}"

    Page.dispatch_request = colour(Page.dispatch_request)
    app = erlen_web.Flask("app")
    app.add_url_rule("/<x>", view_func=Page.as_view("page"))

    assert erlen_web.client(app).get("/a").text == "a of /a"
