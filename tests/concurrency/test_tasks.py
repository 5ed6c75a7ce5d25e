"""Tasks run in the context that they are given, and are awaited to their end."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import typing as t

import pytest

from erlen.concurrency.tasks import create_task_in, run_to_its_end, withdraw_cancellation

number: contextvars.ContextVar[int] = contextvars.ContextVar("number", default=0)

R = t.TypeVar("R")


def run(coroutine: t.Coroutine[t.Any, t.Any, R]) -> R:
    return asyncio.run(asyncio.wait_for(coroutine, 30))


async def setting(value: int) -> int:
    before = number.get()
    await asyncio.sleep(0)
    number.set(value)
    return before


def test_what_a_task_sets_stays_in_the_context_that_it_was_given() -> None:
    async def main() -> tuple[int, int, int]:
        context = contextvars.copy_context()
        context.run(number.set, 1)
        before = await create_task_in(context, setting(2))
        return before, context.run(number.get), number.get()

    assert run(main()) == (1, 2, 0)


def test_without_a_context_a_task_has_a_copy_of_its_own() -> None:
    async def main() -> tuple[int, int]:
        number.set(3)
        return await create_task_in(None, setting(4)), number.get()

    assert run(main()) == (3, 3)


def test_what_is_cancelled_meanwhile_goes_on_to_its_end() -> None:
    ended: list[str] = []

    async def work() -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        ended.append("work")

    async def main() -> None:
        task = asyncio.ensure_future(run_to_its_end(work(), None, 30))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        ended.append("cancelled")

    run(main())
    assert ended == ["work", "cancelled"]


def test_what_takes_too_long_is_cancelled_and_told() -> None:
    cancelled: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(TimeoutError, match="more than 0 seconds"):
        run(run_to_its_end(work(), None, 0))
    assert cancelled == [True]


def test_what_fails_is_raised() -> None:
    async def work() -> None:
        raise LookupError("work")

    with pytest.raises(LookupError, match="work"):
        run(run_to_its_end(work(), contextvars.copy_context(), 30))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not count cancellations")
def test_a_task_whose_cancellation_was_withdrawn_counts_none() -> None:
    async def main() -> int:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(0)
        withdraw_cancellation(task)
        return task.cancelling()  # type: ignore[attr-defined, unused-ignore]  # from Python 3.11 on

    assert run(main()) == 0


def test_there_may_be_no_task_whose_cancellation_is_withdrawn() -> None:
    withdraw_cancellation(None)
