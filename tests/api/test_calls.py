"""A view that asks an Api for nothing takes not one call more than without: nothing here looks at a clock."""

from __future__ import annotations

import typing as t

import pytest

from erlen import Blueprint, Erlen, request
from erlen.api import Api
from tests.architecture.walks import Recorder, follow, follow_async
from tests.gateway.asgi.driver import Server, body, http
from tests.protocols.web import COROUTINE, PLAIN, Colour
from tests.serve.beside import call

PLACES = ("nowhere", "around the application", "around its blueprint", "around another blueprint")


def plain(number: int) -> str:
    return f"{number} {request.args.get('size')}"


def unannotated(number):  # type: ignore[no-untyped-def]
    return {"number": number}


def application(place: str, view: t.Any, colour: Colour) -> Erlen:
    """Make an application with a view, typed ones beside it, and an Api in some place."""
    app = Erlen("app", static_folder=None)
    mine, other = Blueprint("mine", "app"), Blueprint("other", "app")
    scopes: dict[str, Erlen | Blueprint] = dict(zip(PLACES[1:], (app, mine, other), strict=True))
    if place in scopes:
        api = Api(scopes[place])
        api.provider(make_user)
    mine.add_url_rule("/view/<int:number>", "view", colour(view))
    mine.add_url_rule("/typed/<int:number>", "typed", typed)
    other.add_url_rule("/other/<int:number>", "typed", typed)
    app.register_blueprint(mine)
    app.register_blueprint(other)
    return app


class User(t.NamedTuple):
    name: str


NOBODY = User("nobody")


def make_user(name: str = "ann") -> User:
    return User(name)


def typed(number: int, user: User = NOBODY, size: int = 1) -> list[int]:
    return [number, size]


def walked(app: Erlen, way: str) -> Recorder:
    """Follow a request for the view."""
    if way == "wsgi":
        return follow(lambda: call(app, "/view/5?size=2"))

    async def ask() -> None:
        await Server(http("/view/5"), *body(b"")).serve(app)

    return follow_async(ask)


@pytest.mark.parametrize("view", [plain, unannotated])
@pytest.mark.parametrize("way", ["wsgi", "asgi"])
@pytest.mark.parametrize("colour", [PLAIN, COROUTINE], ids=lambda colour: colour.name)
def test_an_untyped_view_beside_an_api_takes_not_one_call_more(
    colour: Colour, way: str, view: t.Callable[..., t.Any]
) -> None:
    without, *others = (walked(application(place, view, colour), way) for place in PLACES)
    story = list(zip(without.files, without.names, strict=True))
    assert len(story) > 5
    for place, found in zip(PLACES[1:], others, strict=True):
        assert list(zip(found.files, found.names, strict=True)) == story, place


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
def test_a_typed_one_is_seen_to_take_more(way: str) -> None:
    app, other = application("nowhere", typed, PLAIN), application("around its blueprint", typed, PLAIN)
    assert walked(other, way).walk().calls > walked(app, way).walk().calls
