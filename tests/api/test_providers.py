"""Providers supply the parameters of a type, once for each request, and before query and body."""

import collections.abc as cabc
import inspect
import typing as t
from functools import wraps
from typing import Annotated

import msgspec
import pytest
from werkzeug.exceptions import Conflict

from erlen import abort, request
from erlen.api import Bearer, Header, InvalidRequest, SetupError, typed
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


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    ("error", "status"), [(ValueError(), 500), (Conflict(), 409), (StopIteration(), 500), (None, 200)]
)
def test_it_gets_what_the_view_raises_as_a_context_manager_does(
    served: Served, asynchronous: bool, error: Exception | None, status: int
) -> None:
    log: list[t.Any] = []

    def session() -> cabc.Iterator[Session]:
        try:
            yield Session(log)
        except Exception as raised:
            log.append(raised)
            raise
        log.append("committed")

    async def session_later() -> cabc.AsyncIterator[Session]:
        try:
            yield Session(log)
        except Exception as raised:
            log.append(raised)
            raise
        log.append("committed")

    served.api.provider(session_later if asynchronous else session)

    def show(session: Session) -> str:
        if error is not None:
            raise error
        return "x"

    served.add("/", show)
    for _ in range(2):
        log.clear()
        assert served.ask("/").status_code == status
        # A coroutine cannot raise StopIteration: Python makes it a RuntimeError.
        assert [type(getattr(each, "__cause__", None) or each) for each in log] == [type(error or "")]


def test_it_gets_what_is_wrong_with_the_request_and_what_a_decorated_view_raises(served: Served) -> None:
    log: list[object] = []

    @served.api.provider
    def session() -> cabc.Iterator[Session]:
        try:
            yield Session([])
        except Exception as raised:
            log.append(type(raised))

    def show(session: Session, size: int) -> str:
        raise Conflict

    served.add("/", show)
    served.app.add_url_rule("/typed", "typed", passing_on(typed(served.colour(show))))
    answers = [served.ask(path).status_code for path in ("/", "/?size=1", "/typed", "/typed?size=1")]
    assert answers == [422, 409, 422, 409]
    assert log == [InvalidRequest, Conflict] * 2


def passing_on(view: t.Any) -> t.Any:
    if inspect.iscoroutinefunction(view):

        @wraps(view)
        async def pass_on_later(**values: t.Any) -> t.Any:
            return await view(**values)

        return pass_on_later

    @wraps(view)
    def pass_on(**values: t.Any) -> t.Any:
        return view(**values)

    return pass_on


def test_all_are_ended_though_one_fails(way: str) -> None:
    served = Served(way, PLAIN)
    log: list[str] = []

    @served.api.provider
    def session() -> cabc.Iterator[Session]:
        yield Session(log)
        log.append("session")

    @served.api.provider
    def current_user(session: Session) -> cabc.Iterator[User]:
        yield User("ann")
        raise LookupError

    def show(user: User) -> str:
        return "x"

    served.add("/", show)
    served.app.testing = True
    with pytest.raises(LookupError):
        served.ask("/")
    assert log == ["session"]


def test_it_goes_on_when_the_lines_of_the_result_have_been_sent(served: Served) -> None:
    log: list[str] = []

    @served.api.provider
    def session() -> cabc.Iterator[Session]:
        yield Session(log)
        log.append("closed")

    def show(session: Session) -> cabc.Iterator[int]:
        def numbers() -> cabc.Iterator[int]:
            for number in range(3):
                session.log.append(f"{number} at {request.path}")
                yield number

        return numbers()

    served.add("/", show)
    assert served.ask("/").data == b"0\n1\n2\n"
    assert log == ["0 at /", "1 at /", "2 at /", "closed"]


def test_it_is_overridden_for_tests(served: Served) -> None:
    @served.api.provider
    def current_user(token: Annotated[str, Bearer()]) -> User:
        return User(token)

    def show(user: User) -> str:
        return user.name

    def fake(name: str = "fake") -> User:
        return User(name)

    async def fake_later() -> User:
        return User("later")

    served.add("/", show)
    assert served.ask("/").status_code == 401
    with served.api.overridden(current_user, fake):
        assert [served.ask(path).text for path in ("/", "/?name=ann")] == ["fake", "ann"]
        with served.api.overridden(fake, fake_later):
            assert served.ask("/").text == "later"
    assert served.ask("/").status_code == 401
    with pytest.raises(ZeroDivisionError), served.api.overridden(current_user, fake):
        raise ZeroDivisionError
    assert served.ask("/").status_code == 401


def test_what_is_no_provider_is_not_overridden(way: str) -> None:
    served = Served(way, PLAIN)

    @served.api.provider
    def current_user() -> User:
        return User("ann")

    def users() -> cabc.Iterator[User]:
        yield User("eve")

    with pytest.raises(SetupError, match="users is no provider here"), served.api.overridden(users, users):
        pass
    with pytest.raises(SetupError, match="has a 'yield'"), served.api.overridden(current_user, users):
        pass


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
