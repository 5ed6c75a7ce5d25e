"""What providers supply is kept for the request, and generators end with it."""

import collections.abc as cabc

import pytest

from erlen import Erlen, g
from erlen.api.parameters import Taken, settle
from erlen.api.providers import Providers
from erlen.api.supplying import Supplier, end_all


class Session:
    pass


def test_a_generator_is_kept_open_until_the_end() -> None:
    log = []
    providers = Providers()

    def session() -> cabc.Iterator[Session]:
        log.append("open")
        yield Session()
        log.append("closed")

    providers.add(session)
    supplier = Supplier(providers)

    def view(session: Session) -> None: ...

    (parameter,), _ = settle(view, Taken("the view", providers=providers))
    app = Erlen("app")
    with app.test_request_context("/"):
        first = supplier.supply(parameter)
        assert supplier.supply(parameter) is first
        assert log == ["open"]
        assert not supplier.is_coroutine(parameter)
        end_all()
        assert log == ["open", "closed"]
        assert "_erlen_api" not in g


def test_closing_where_nothing_was_supplied_does_nothing() -> None:
    with Erlen("app").test_request_context("/"):
        end_all()


def test_a_binder_is_made_once() -> None:
    providers = Providers()

    def session() -> Session:
        return Session()

    provider = providers.add(session)
    supplier = Supplier(providers)
    assert supplier.prepare(provider) is supplier.prepare(provider)
    assert supplier.prepare(provider).is_empty
    with pytest.raises(AttributeError):
        provider.nothing  # type: ignore[attr-defined]  # noqa: B018
