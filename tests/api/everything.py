"""An application with every feature of typed views, for tools that read its document or send it requests.

Its views give back what they took, as the document says.
"""

import dataclasses
import datetime
import decimal
import enum
import typing as t
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import wraps
from typing import Annotated, Generic, Literal

import attrs
import msgspec
from typing_extensions import NotRequired, TypedDict, deprecated
from werkzeug.datastructures import Authorization, FileStorage

from erlen import Blueprint, Erlen, EventStream, abort
from erlen.api import (
    Api,
    ApiKey,
    Basic,
    Bearer,
    Body,
    Cookie,
    Form,
    Header,
    Meta,
    OAuth2,
    OpenIdConnect,
    Query,
    hidden,
    typed,
)
from erlen.views import MethodView

T = t.TypeVar("T")


class Color(enum.Enum):
    """A colour."""

    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Point(t.NamedTuple):
    x: int
    y: int = 0


@dataclasses.dataclass
class Address:
    """Where somebody lives."""

    street: Annotated[str, Meta(min_length=1, max_length=100)]
    town: str | None = None


class Label(TypedDict):
    text: str
    color: NotRequired[Color]


@attrs.define
class Stock:
    count: Annotated[int, Meta(ge=0)] = 0


class Cat(msgspec.Struct, tag="cat"):
    lives: Annotated[int, Meta(ge=1, le=9)] = 9


class Dog(msgspec.Struct, tag="dog"):
    name: str


class Thing(msgspec.Struct):
    """A record with a field of each kind."""

    name: Annotated[str, Meta(min_length=1, max_length=40, description="What it is.", examples=["lamp"])]
    color: Color
    pet: Cat | Dog
    level: Level = Level.LOW
    kind: Literal["a", "b", 3] = "a"
    price: Annotated[float, Meta(ge=0, le=1e6)] = 0.0
    exact: decimal.Decimal | None = None
    made: datetime.date | None = None
    seen: datetime.datetime | None = None
    alarm: datetime.time | None = None
    took: datetime.timedelta | None = None
    identity: uuid.UUID | None = None
    address: Address | None = None
    labels: list[Label] = []
    stock: dict[str, Stock] = {}
    place: Point | None = None
    codes: Annotated[list[Annotated[int, Meta(multiple_of=5)]], Meta(max_length=5)] = []
    pair: tuple[int, str] | None = None
    either: int | str | None = None
    data: bytes = b""
    anything: t.Any = None
    is_new: bool = False
    parent: "Thing | None" = None


class Renamed(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    first_name: Annotated[str, Meta(pattern="^[a-z]+$")]
    last_name: str = ""


class Page(msgspec.Struct, Generic[T]):
    """A part of a list."""

    items: list[T]
    next_page: int | None = None


class Filter(msgspec.Struct):
    color: Color | None = None
    since: datetime.date | None = None
    size: Annotated[int, Meta(ge=1, le=100)] = 10


class Contact(msgspec.Struct):
    email: Annotated[str, Meta(min_length=3)]
    newsletter: bool = False
    tags: list[str] = []


class Sums(msgspec.Struct):
    """What a view found in a request."""

    found: dict[str, t.Any]


class Saved(msgspec.Struct):
    name: str
    size: int


class Gone(msgspec.Struct):
    reason: str


class User(msgspec.Struct):
    name: str


things = Blueprint("things", __name__, url_prefix="/things")
parts = Blueprint("parts", __name__, url_prefix="/parts")
basic = Basic()
header_key = ApiKey("header_key")
bearer = Bearer(bearer_format="opaque")
OPENID = "/.well-known/openid-configuration"
FLOWS = {"clientCredentials": {"tokenUrl": "/token", "scopes": {"read": "Read things."}}}


# where parameters come from


@things.get("/<int:number>/<float:weight>/<uuid:identity>/<any(one, two):choice>")
def path(number: int, weight: float, identity: uuid.UUID, choice: str) -> Sums:
    """Take every converter."""
    return Sums({"number": number, "weight": weight, "identity": identity, "choice": choice})


@things.get("/days/<day>/<color>")
def converted(day: datetime.date, color: Color) -> Sums:
    """Convert what the rule leaves as text."""
    return Sums({"day": day, "color": color})


@things.get("/query")
def query(
    number: int,
    word: Annotated[str, Meta(max_length=20, description="A word.")] = "none",
    ratio: Annotated[float, Meta(gt=0, lt=10)] = 1.0,
    is_new: bool = False,
    color: Color | None = None,
    level: Level = Level.LOW,
    day: datetime.date | None = None,
    moment: datetime.datetime | None = None,
    identity: uuid.UUID | None = None,
    tag: list[str] = [],  # noqa: B006  # it is copied
    numbers: Annotated[list[int], Meta(max_length=3)] = [],  # noqa: B006
    levels: set[Level] = set(),  # noqa: B006
    order: Literal["up", "down"] = "up",
) -> Sums:
    """Take simple types from the query."""
    found = dict(locals())
    return Sums({key: value for key, value in found.items() if value is not None})


@things.get("/")
def listed(chosen: Annotated[Filter, Query()]) -> Page[Thing]:
    """Spread a record over the query."""
    return Page([], chosen.size)


@things.get("/headers")
def headers(
    trace: Annotated[str, Header("X-Trace")] = "",
    x_count: Annotated[int, Header()] = 0,
    x_tags: Annotated[list[str], Header()] = [],  # noqa: B006
    theme: Annotated[Color | None, Cookie()] = None,
) -> Sums:
    """Take headers and a cookie."""
    return Sums({"trace": trace, "count": x_count, "tags": x_tags, "theme": theme})


@things.post("/form")
def form(contact: Annotated[Contact, Form()], note: Annotated[str, Form()] = "") -> Sums:
    """Take a form."""
    return Sums({"email": contact.email, "tags": contact.tags, "note": note})


@things.post("/files")
def files(
    picture: FileStorage,
    about: Renamed,
    more: list[FileStorage] = [],  # noqa: B006
    title: Annotated[str, Form()] = "",
) -> tuple[list[Saved], Literal[201]]:
    """Take files, with a record beside them."""
    return [Saved(about.first_name, len(each.read())) for each in (picture, *more)], 201


# bodies and answers


@things.post("/")
def create(new: Thing) -> tuple[Thing, Literal[201], dict[str, str]]:
    """Make a thing."""
    return new, 201, {"Location": "/things/1"}


@things.put("/renamed")
async def rename(new: Renamed) -> Renamed:
    """Rename fields, and refuse unknown ones."""
    return new


@things.patch("/pet")
def pet(new: Annotated[Cat | Dog, Body()]) -> Cat | Dog:
    """Take one of several records."""
    return new


@things.post("/many")
def many(new: list[Address], word: str = "") -> dict[str, Stock]:
    """Take a list, give a mapping."""
    return {f"{word}{number}": Stock(number) for number, _ in enumerate(new)}


@things.post("/optional")
def optional(new: Renamed | None = None) -> Renamed | None:
    """Take a body or none."""
    return new


@things.get("/<int:number>")
def thing(number: int) -> Page[Thing] | tuple[Gone, Literal[410]]:
    """Give one of several answers.

    Which one depends on the number.
    """
    if number > 1000:
        return Gone("Too large."), 410
    if number > 500:
        abort(404)
    return Page([Thing("lamp", Color.RED, Cat())])


@things.get("/lines")
async def lines(count: Annotated[int, Meta(ge=0, le=5)] = 2) -> AsyncIterator[Gone]:
    """Send JSON lines."""

    async def each() -> AsyncIterator[Gone]:
        for number in range(count):
            yield Gone(str(number))

    return each()


@things.get("/plain-lines")
def plain_lines() -> Iterator[Renamed]:
    """Send JSON lines from a plain view."""
    return iter([Renamed("ann"), Renamed("bob", "b")])


@things.get("/events")
def events(count: Annotated[int, Meta(ge=0, le=3)] = 1) -> EventStream:
    """Send events."""
    return EventStream(str(number) for number in range(count))


@things.get("/old")
@deprecated("Use the list.")
def old(size: int = 1) -> list[int]:
    """Do it the old way."""
    return [size]


@things.get("/secret")
@hidden
def secret(size: int = 1) -> list[int]:
    """Be left out."""
    return [size]


@things.delete("/<int:number>")
def remove(number: int) -> None:
    """Answer nothing."""


# credentials


def login_required(view: t.Any) -> t.Any:
    """Pass on a name, as a decorator does."""

    @wraps(view)
    def check(**values: t.Any) -> t.Any:
        return view(user="ann", **values)

    return check


@parts.get("/bearer")
def by_bearer(user: User) -> User:
    """Need a token."""
    return user


@parts.get("/basic")
def by_basic(who: Annotated[Authorization, basic]) -> User:
    """Need a user and a password."""
    if (who.username, who.password) != ("ann", "secret"):
        raise basic.refuse()
    return User(who.username or "")


@parts.get("/keys")
def by_key(
    key: Annotated[str, header_key],
    other: Annotated[str, ApiKey("query_key", key="key", where="query")] = "",
    third: Annotated[str, ApiKey("cookie_key", key="key", where="cookie")] = "",
) -> User:
    """Need a key."""
    if key != "key":
        raise header_key.refuse()
    return User(key + other + third)


@parts.get("/oauth")
def by_oauth(token: Annotated[str, OAuth2(flows=FLOWS, scopes=("read",))]) -> User:
    """Need a token with a scope."""
    return User(token)


@parts.get("/openid")
def by_openid(token: Annotated[str, OpenIdConnect(url=OPENID)] = "") -> User:
    """Take a token, or none."""
    return User(token)


@parts.get("/decorated")
@login_required
@typed("user")
def decorated(user: str, size: int = 1) -> User:
    """Bind what a decorator leaves."""
    return User(user * min(abs(size), 3))


class Part(MethodView):
    """A part by its number."""

    def get(self, number: int) -> Stock:
        """Return a part."""
        return Stock(number)

    def put(self, number: int, new: Stock) -> Stock:
        """Replace a part."""
        return new


parts.add_url_rule("/<int:number>", view_func=Part.as_view("part"))


def create_app() -> Erlen:
    """Make the application; its Api is in ``app.extensions["erlen.api"]``."""
    app = Erlen(__name__, static_folder=None)
    api = Api(app, title="Everything", version="1.0", description="Every feature.")

    @api.provider
    def current_user(token: Annotated[str, bearer]) -> User:
        if not token.startswith("token-of-"):
            raise bearer.refuse()
        return User(token.removeprefix("token-of-"))

    # Untyped, so it is not in the document; who reads that asks for it.
    app.add_url_rule(OPENID, "openid", lambda: {"grant_types_supported": [], "scopes_supported": []})
    app.register_blueprint(things)
    app.register_blueprint(parts)
    return app
