"""What adapters in ``app.view_adapters`` put in the place of views is called on every path."""

from __future__ import annotations

import inspect
import typing as t

import pytest

import erlen
from erlen.plan.routes import blueprints_of
from tests.protocols.web import COROUTINE, ERLEN, PLAIN, Colour, Web


class Shouting:
    """A small library: answers of views that say so are in capitals, whatever their colour."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, route: t.Any, view: t.Any) -> t.Any:
        self.asked.append(route.endpoint)
        if not getattr(view, "shouts", False):
            return None
        if inspect.iscoroutinefunction(view):

            async def shout_later(**values: t.Any) -> str:
                return (await view(**values)).upper()

            return shout_later
        return lambda **values: view(**values).upper()


class ThroughSeams(erlen.Erlen):
    """An application whose requests take the general form."""

    def dispatch_request(self) -> t.Any:
        return super().dispatch_request()


class OwnSync(erlen.Erlen):
    """An application that adapts functions by itself."""

    def ensure_sync(self, func: t.Any) -> t.Any:
        return super().ensure_sync(func)


def application(kind: type[erlen.Erlen], colour: Colour) -> tuple[t.Any, Shouting]:
    app = kind("app", static_folder=None)
    shouting = Shouting()

    def greet(name: str = "you") -> str:
        return f"hello {name}"

    def whisper() -> str:
        return "hush"

    loud = colour(greet)
    loud.shouts = True  # type: ignore[attr-defined]
    app.add_url_rule("/", "greet", loud)
    app.add_url_rule("/<name>", "greet", loud)
    app.add_url_rule("/quiet/", "whisper", colour(whisper))
    app.view_adapters.append(shouting)
    return app, shouting


@pytest.fixture(params=ERLEN)
def web(request: pytest.FixtureRequest) -> Web:
    return Web(request.param)


@pytest.fixture(params=[PLAIN, COROUTINE], ids=lambda colour: colour.name)
def colour(request: pytest.FixtureRequest) -> Colour:
    return request.param


@pytest.mark.parametrize("kind", [erlen.Erlen, ThroughSeams, OwnSync])
@pytest.mark.parametrize("hooked", [False, True], ids=["bare", "with a hook"])
def test_what_an_adapter_returns_is_called_in_the_place_of_the_view(
    web: Web, colour: Colour, kind: type[erlen.Erlen], hooked: bool
) -> None:
    app, _ = application(kind, colour)
    if hooked:
        app.before_request(lambda: None)
    view = app.view_functions["greet"]

    said = [web.wire(app, target).body for target in ("/", "/ann", "/quiet/", "/", "/ann")]

    assert said == [b"HELLO YOU", b"HELLO ANN", b"hush", b"HELLO YOU", b"HELLO ANN"]
    assert app.view_functions["greet"] is view


def test_an_adapter_is_asked_once_for_each_rule_and_function(web: Web, colour: Colour) -> None:
    app, shouting = application(erlen.Erlen, colour)
    for _ in range(3):
        web.wire(app, "/ann")
    assert sorted(shouting.asked) == ["greet", "greet", "whisper"]

    app.before_request_funcs[None].append(lambda: None)
    app.config["ANYTHING"] = 1
    web.wire(app, "/ann")
    assert len(shouting.asked) == 3

    app.view_functions["whisper"] = app.view_functions["greet"]
    assert web.wire(app, "/quiet/").body == b"HELLO YOU"
    assert shouting.asked[3:] == ["whisper"]


def test_a_changed_list_is_noticed(web: Web, colour: Colour) -> None:
    app, shouting = application(erlen.Erlen, colour)
    assert web.wire(app, "/").body == b"HELLO YOU"
    app.view_adapters.remove(shouting)
    assert web.wire(app, "/").body == b"hello you"
    app.view_adapters += [shouting]
    assert web.wire(app, "/").body == b"HELLO YOU"


def test_the_next_adapter_gets_what_the_one_before_returned(web: Web) -> None:
    app, _ = application(erlen.Erlen, PLAIN)
    app.view_adapters.append(lambda route, view: lambda **values: f"<{view(**values)}>")
    assert web.wire(app, "/").body == b"<HELLO YOU>"


def test_a_request_that_was_given_another_rule_gets_its_adapted_view(web: Web) -> None:
    app, _ = application(erlen.Erlen, PLAIN)
    other = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "greet" and not rule.arguments)

    @app.before_request
    def redirect_inside() -> None:
        erlen.request.url_rule = other  # type: ignore[misc]
        erlen.request.view_args = {}

    assert web.wire(app, "/quiet/").body == b"HELLO YOU"


def test_what_an_adapter_raises_is_raised_before_a_request_runs(web: Web) -> None:
    app, _ = application(erlen.Erlen, PLAIN)
    ran = []
    app.before_request(lambda: ran.append(1))

    def refuse(route: t.Any, view: t.Any) -> t.NoReturn:
        raise TypeError(f"{route.endpoint} cannot be adapted")

    app.view_adapters.append(refuse)
    with pytest.raises(TypeError, match="cannot be adapted"):
        app.test_client(protocol=web.protocol).get("/")
    assert ran == []


def test_the_route_tells_the_blueprints_innermost_first() -> None:
    seen = []
    inner, outer = erlen.Blueprint("inner", "app"), erlen.Blueprint("outer", "app")
    inner.add_url_rule("/", "view", lambda: "x")
    outer.register_blueprint(inner)
    app = erlen.Erlen("app", static_folder=None)
    app.register_blueprint(outer, url_prefix="/o")
    app.view_adapters.append(lambda route, view: seen.append(route))
    app.test_client().get("/o/")
    assert [(route.rule.rule, route.endpoint, route.blueprints) for route in seen] == [
        ("/o/", "outer.inner.view", ["outer.inner", "outer"])
    ]


def test_websockets_are_not_asked_about() -> None:
    app, shouting = application(erlen.Erlen, PLAIN)

    @app.websocket("/socket")
    async def socket() -> None: ...

    app.test_client().get("/")
    assert "socket" not in shouting.asked


@pytest.mark.parametrize(
    ("endpoint", "names"), [("view", []), ("a.view", ["a"]), ("a.b.view", ["a.b", "a"]), (5, [])]
)
def test_the_blueprints_are_in_the_endpoint(endpoint: t.Any, names: list[str]) -> None:
    assert blueprints_of(endpoint) == names
