"""A binder adds what the request has, and keeps what is there."""

from typing import Annotated

import pytest

from erlen import Erlen
from erlen.api import Api, Bearer, InvalidRequest
from erlen.api.binding import Binder
from erlen.api.parameters import Taken, settle


@pytest.fixture
def app() -> Erlen:
    return Erlen("app", static_folder=None)


def binder_of(app: Erlen, function: object) -> Binder:
    api = Api(app)
    parameters, _ = settle(function, Taken("the view", of_rule={"oid": int}, providers=api.providers))  # type: ignore[arg-type]
    return Binder(parameters, api.supplier)


def view(oid: int, size: int = 1, tag: str = "x") -> None: ...


def test_values_are_added_and_kept(app: Erlen) -> None:
    binder = binder_of(app, view)
    with app.test_request_context("/?size=5&tag=b"):
        assert binder.bind({"oid": 1}) == {"oid": 1, "size": 5, "tag": "b"}
        assert binder.bind({"oid": 1, "size": 9}) == {"oid": 1, "size": 9, "tag": "b"}
    assert not binder.is_empty


def test_faults_are_raised_together(app: Erlen) -> None:
    def show(a: int, b: int) -> None: ...

    binder = binder_of(app, show)
    with app.test_request_context("/?a=x"), pytest.raises(InvalidRequest) as raised:
        binder.bind({})
    assert [fault.at for fault in raised.value.faults] == ["a", "b"]


def test_a_function_that_needs_nothing_has_an_empty_binder(app: Erlen) -> None:
    def show(oid: int) -> None: ...

    assert binder_of(app, show).is_empty


def test_credentials_are_read_first(app: Erlen) -> None:
    def show(token: Annotated[str, Bearer()], size: int) -> None: ...

    binder = binder_of(app, show)
    with app.test_request_context("/?size=x", headers={"Authorization": "Bearer t"}):
        values: dict[str, object] = {}
        binder.read_schemes(values)
        assert values == {"token": "t"}
    assert not binder.has_coroutines
