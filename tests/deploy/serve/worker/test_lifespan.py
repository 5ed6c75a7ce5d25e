"""The lifespan of applications that keep to the protocol, and of those that do not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from erlen.deploy.serve.worker.lifespan import Lifespan, StartFailed


class Application:
    """An application whose lifespan answers as it is told, and notes what it got."""

    def __init__(self, *answers: Any) -> None:
        self._answers = answers
        self.got: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert (scope["type"], scope["asgi"]["version"]) == ("lifespan", "3.0")
        for answer in self._answers:
            self.got.append((await receive())["type"])
            if isinstance(answer, Exception):
                raise answer
            if "state" in answer:
                scope["state"].update(answer.pop("state"))
            await send(answer)


COMPLETE = {"type": "lifespan.startup.complete"}
STOPPED = {"type": "lifespan.shutdown.complete"}


def lived(application: Any) -> Lifespan:
    async def live() -> Lifespan:
        lifespan = Lifespan(application)
        await lifespan.start()
        await lifespan.stop()
        return lifespan

    return asyncio.run(asyncio.wait_for(live(), 30))


def test_an_application_is_started_and_stopped() -> None:
    application = Application({**COMPLETE, "state": {"pool": 1}}, STOPPED)
    assert lived(application).state == {"pool": 1}
    assert application.got == ["lifespan.startup", "lifespan.shutdown"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"message": "The database is not there."}, "The database is not there."),
        ({}, "The application gave no reason."),
        ({"message": ""}, "The application gave no reason."),
    ],
)
def test_an_application_that_says_that_it_failed_is_not_served(answer: Any, message: str) -> None:
    with pytest.raises(StartFailed, match=message):
        lived(Application({"type": "lifespan.startup.failed", **answer}))


@pytest.mark.parametrize(
    "application",
    [Application(), Application(KeyError("lifespan"))],
    ids=["returns at once", "knows no lifespan"],
)
def test_an_application_without_a_lifespan_is_served(application: Application) -> None:
    lived(application)
    assert len(application.got) <= 1


@pytest.mark.parametrize(
    "answers",
    [
        [COMPLETE],
        [COMPLETE, KeyError()],
        [COMPLETE, {"type": "lifespan.shutdown.failed", "message": "No."}],
    ],
    ids=["has returned", "raises", "says so"],
)
def test_an_end_that_fails_is_an_end(answers: list[Any]) -> None:
    lived(Application(*answers))
