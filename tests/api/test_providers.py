"""Providers supply the parameters of a type, once for each request, and before query and body."""

import collections.abc as cabc
import typing as t
from typing import Annotated

import msgspec
import pytest

from erlen import abort
from erlen.api import Bearer, Header, SetupError
from erlen.api.providers import Providers
from tests.api.conftest import Served, faults_of
from tests.protocols.web import COROUTINE, PLAIN


class User(msgspec.Struct):
    name: str


class Session:
    def __init__(self, log: list[str]) -> None:
        self.log = log


class Order(msgspec.Struct):
    id: int


def test_a_provider_supplies_each_parameter_of_its_type_once(served: Served) -> None:
    calls = []

    @served.api.provider
    def current_user(token: Annotated[str, Header("X-Token")]) -> User:
        calls.append(token)
        return User(token)

    def show(user: User, again: User, size: int = 1) -> str:
        assert user is again
        return f"{user.name} {size}"

    served.add("/", show)
    assert served.ask("/?size=3", headers={"X-Token": "ann"}).text == "ann 3"
    assert served.ask("/", headers={"X-Token": "bob"}).text == "bob 1"
    assert calls == ["ann", "bob"]


def test_coroutine_providers_are_awaited(served: Served) -> None:
    @served.api.provider
    async def current_user(token: Annotated[str, Header("X-Token")]) -> User:
        return User(token)

    def show(user: User) -> str:
        return user.name

    served.add("/", show)
    assert served.ask("/", headers={"X-Token": "ann"}).text == "ann"


def test_a_provider_with_a_yield_goes_on_when_the_request_is_over(served: Served) -> None:
    log: list[str] = []

    @served.api.provider
    def session() -> cabc.Iterator[Session]:
        log.append("open")
        yield Session(log)
        log.append("closed")

    def show(session: Session) -> str:
        session.log.append("view")
        return "x"

    served.add("/", show)
    assert served.ask("/").text == "x"
    assert log == ["open", "view", "closed"]


def test_an_asynchronous_generator_goes_on_too(served: Served) -> None:
    log: list[str] = []

    @served.api.provider
    async def session() -> cabc.AsyncIterator[Session]:
        log.append("open")
        yield Session(log)
        log.append("closed")

    def show(session: Session) -> str:
        session.log.append("view")
        return "x"

    served.add("/", show)
    assert served.ask("/").text == "x"
    assert log == ["open", "view", "closed"]


def test_it_is_closed_where_the_view_fails(served: Served) -> None:
    log: list[str] = []

    @served.api.provider
    def session() -> cabc.Iterator[Session]:
        try:
            yield Session(log)
        finally:
            log.append("closed")

    def show(session: Session) -> str:
        raise ValueError

    served.add("/", show)
    assert served.ask("/").status_code == 500
    assert log == ["closed"]


def test_providers_need_one_another(served: Served) -> None:
    @served.api.provider
    def session() -> Session:
        return Session(["a"])

    @served.api.provider
    def current_user(session: Session) -> User:
        return User(session.log[0])

    def show(user: User) -> str:
        return user.name

    served.add("/", show)
    assert served.ask("/").text == "a"


def test_what_a_provider_refuses_comes_before_faults_of_the_request(served: Served) -> None:
    @served.api.provider
    def current_user(token: Annotated[str, Bearer()]) -> User:
        if token != "good":
            abort(403)
        return User(token)

    def create(order: Order, user: User, size: int) -> str:
        return "x"

    served.add("/", create, ["POST"])
    assert served.ask("/?size=x", "POST", json={}).status_code == 401
    assert served.ask("/?size=x", "POST", json={}, headers={"Authorization": "Bearer bad"}).status_code == 403
    response = served.ask("/?size=x", "POST", json={}, headers={"Authorization": "Bearer good"})
    assert faults_of(response) == [("query", "size"), ("body", "/id")]


def test_an_optional_credential_may_be_missing(served: Served) -> None:
    def show(token: Annotated[str | None, Bearer()] = None) -> str:
        return f"{token}"

    served.add("/", show)
    assert served.ask("/").text == "None"
    assert served.ask("/", headers={"Authorization": "Bearer t"}).text == "t"


@pytest.mark.parametrize("colour", [PLAIN, COROUTINE], ids=lambda colour: colour.name)
def test_a_provider_that_needs_itself_is_an_error_before_a_request(way: str, colour: t.Any) -> None:
    served = Served(way, colour)

    @served.api.provider
    def first(session: Session) -> User:
        return User("x")

    @served.api.provider
    def second(user: User) -> Session:
        return Session([])

    def show(user: User) -> str:
        return "x"

    served.add("/", show)
    with pytest.raises(SetupError, match=r"A provider needs itself: .*first → .*second → .*first"):
        served.ask("/")


def no_annotation():  # type: ignore[no-untyped-def]
    pass


def nothing() -> None:
    pass


def nowhere() -> "Nowhere":  # type: ignore[name-defined]  # noqa: F821
    pass


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (no_annotation, "has to say what it provides"),
        (nothing, "has to say what it provides"),
        (nowhere, "cannot be resolved"),
    ],
)
def test_a_provider_says_what_it_provides(function: t.Any, message: str) -> None:
    with pytest.raises(SetupError, match=message):
        Providers().add(function)


def test_two_providers_of_a_type_are_an_error() -> None:
    providers = Providers()

    def first() -> User:
        return User("a")

    def second() -> User:
        return User("b")

    provider = providers.add(first)
    assert providers.find(User) is provider
    assert providers.find([]) is None
    with pytest.raises(SetupError, match=r"first and .*second both provide"):
        providers.add(second)


def test_two_yields_are_an_error(way: str) -> None:
    served = Served(way, PLAIN)

    @served.api.provider
    def session() -> cabc.Iterator[Session]:
        yield Session([])
        yield Session([])

    def show(session: Session) -> str:
        return "x"

    served.add("/", show)
    served.app.testing = True
    with pytest.raises(RuntimeError, match="has to have one 'yield'"):
        served.ask("/")
