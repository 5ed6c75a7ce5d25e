"""Views under decorators: nothing is guessed, and `@typed` binds what decorators leave."""

import typing as t
from functools import wraps
from typing import Annotated

import msgspec
import pytest

from erlen import abort, request
from erlen.api import Header, SetupError, hidden, typed
from erlen.api.decorated import HIDDEN, innermost, is_made_by, mark_of, names_of_decorators
from tests.api.conftest import Served, faults_of
from tests.protocols.web import PLAIN


class Order(msgspec.Struct):
    id: int


class User:
    name = "ann"


def login_required(view: t.Any) -> t.Any:
    @wraps(view)
    def check(*args: t.Any, **kwargs: t.Any) -> t.Any:
        if "X-User" not in request.headers:
            abort(401)
        return view(*args, **kwargs)

    return check


def with_user(view: t.Any) -> t.Any:
    @wraps(view)
    def supply(*args: t.Any, **kwargs: t.Any) -> t.Any:
        return view(*args, user=User(), **kwargs)

    return supply


def with_user_first(view: t.Any) -> t.Any:
    @wraps(view)
    def supply(**kwargs: t.Any) -> t.Any:
        return view(User(), **kwargs)

    return supply


@pytest.fixture
def plain(way: str) -> Served:
    return Served(way, PLAIN)


def test_a_decorated_view_that_needs_the_request_is_an_error(plain: Served) -> None:
    @login_required
    def show(size: int, order: Order) -> str:
        return "x"

    plain.app.add_url_rule("/", "show", show, methods=["POST"])
    with pytest.raises(
        SetupError, match="takes 'size', 'order' from the request, and is under 'login_required'"
    ):
        plain.ask("/", "POST")


def test_other_decorated_views_work_as_they_are(plain: Served) -> None:
    @with_user
    def show(number: int, user) -> str:  # type: ignore[no-untyped-def]
        return f"{number} {user.name}"

    plain.app.add_url_rule("/<int:number>", "show", show)
    assert plain.ask("/3").text == "3 ann"


def test_the_result_of_a_decorated_view_is_that_of_the_innermost_function(plain: Served) -> None:
    @login_required
    def show() -> Order:
        return Order(1)

    plain.app.add_url_rule("/", "show", show)
    assert plain.ask("/", headers={"X-User": "a"}).json == {"id": 1}
    assert plain.ask("/").status_code == 401


@pytest.mark.parametrize("decorator", [with_user, with_user_first])
def test_typed_binds_what_decorators_leave_after_them(plain: Served, decorator: t.Any) -> None:
    @login_required
    @decorator
    @typed
    def create(user: User, order: Order, number: int, size: int = 1) -> Order:
        assert user.name == "ann"
        return Order(order.id + number + size)

    plain.app.add_url_rule("/<int:number>", "create", create, methods=["POST"])
    assert plain.ask("/1?size=x", "POST", json={}).status_code == 401
    response = plain.ask("/1?size=x", "POST", json={}, headers={"X-User": "a"})
    assert faults_of(response) == [("query", "size"), ("body", "/id")]
    assert plain.ask("/1?size=2", "POST", json={"id": 4}, headers={"X-User": "a"}).json == {"id": 7}


def test_typed_takes_the_names_that_decorators_supply(plain: Served) -> None:
    class Account(msgspec.Struct):
        name: str

    def with_account(view: t.Any) -> t.Any:
        @wraps(view)
        def supply(**kwargs: t.Any) -> t.Any:
            return view(account=Account("bob"), **kwargs)

        return supply

    @with_account
    @typed("account")
    def create(account: Account, order: Order) -> str:
        return f"{account.name} {order.id}"

    plain.app.add_url_rule("/", "create", create, methods=["POST"])
    assert plain.ask("/", "POST", json={"id": 3}).text == "bob 3"


def test_typed_coroutine_views(way: str) -> None:
    served = Served(way, PLAIN)

    def check(view: t.Any) -> t.Any:
        @wraps(view)
        async def checked(**kwargs: t.Any) -> t.Any:
            return await view(**kwargs)

        return checked

    @check
    @typed
    async def show(size: int, trace: Annotated[str, Header()] = "") -> list[int]:
        return [size]

    served.app.add_url_rule("/", "show", show)
    assert served.ask("/?size=3").json == [3]
    assert faults_of(served.ask("/")) == [("query", "size")]


def test_typed_outside_of_an_api_passes_the_call_on() -> None:
    from erlen import Erlen

    app = Erlen("app", static_folder=None)

    @app.get("/<int:number>")
    @typed
    def show(number: int, size: int = 5) -> str:
        return f"{number} {size}"

    assert app.test_client().get("/1?size=7").text == "1 5"


def test_marks_and_names() -> None:
    @login_required
    @typed
    def show() -> str:
        return "x"

    mark = mark_of(show)
    assert mark is not None
    assert mark.function is innermost(show)
    assert mark_of(innermost(show)) is None
    assert names_of_decorators(show)[0] in ("login_required", "check")
    assert is_made_by(show, login_required)
    assert not is_made_by(show, with_user)


def test_hidden_marks_a_view() -> None:
    @hidden
    def show() -> str:
        return "x"

    assert getattr(show, HIDDEN)
