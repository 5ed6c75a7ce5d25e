"""A coroutine in a context of its own: what goes in and out of it, and who may enter the context."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import sys
import threading
import typing as t
import weakref

import pytest

from erlen.concurrency.one_context import RunInContext
from tests.concurrency.rounds import once_round, run, variable

from_311 = pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio has it from Python 3.11 on")


@pytest.fixture
def context() -> contextvars.Context:
    """A context in which the variable says so."""
    made = contextvars.copy_context()
    made.run(variable.set, "inside")
    return made


class Gate:
    """What a coroutine waits at until it is opened; others can wait until it is there."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened: asyncio.Future[t.Any] = asyncio.get_running_loop().create_future()

    async def wait(self) -> t.Any:
        self.reached.set()
        return await self.opened


# in and out


def test_what_the_coroutine_returns_comes_out(context: contextvars.Context) -> None:
    async def coroutine() -> str:
        await once_round()
        return variable.get()

    async def main() -> tuple[str, str]:
        return await RunInContext(context, coroutine()), variable.get()

    assert run(main()) == ("inside", "outside")


def test_what_it_sets_stays_in_the_context(context: contextvars.Context) -> None:
    async def coroutine() -> None:
        variable.set("first")
        await once_round()
        assert variable.get() == "first"
        variable.set("second")

    async def main() -> str:
        await RunInContext(context, coroutine())
        return variable.get()

    assert run(main()) == "outside"
    assert context[variable] == "second"


def test_it_runs_in_the_task_that_awaits_it(context: contextvars.Context) -> None:
    async def coroutine() -> object:
        await once_round()
        return asyncio.current_task()

    async def main() -> bool:
        return await RunInContext(context, coroutine()) is asyncio.current_task()

    assert run(main())


def test_an_exception_comes_out_as_it_was_raised(context: contextvars.Context) -> None:
    error = ValueError("from inside")

    async def coroutine() -> None:
        await once_round()
        raise error

    async def main() -> None:
        await RunInContext(context, coroutine())

    with pytest.raises(ValueError, match="from inside") as caught:
        run(main())
    assert caught.value is error
    assert caught.traceback[-1].name == "coroutine"


def test_an_exception_before_the_first_await_comes_out_too(context: contextvars.Context) -> None:
    async def coroutine() -> None:
        raise LookupError(variable.get())

    async def main() -> None:
        await RunInContext(context, coroutine())

    with pytest.raises(LookupError, match="inside"):
        run(main())


def test_what_an_awaited_future_raises_goes_in(context: contextvars.Context) -> None:
    async def coroutine(gate: Gate) -> str:
        try:
            await gate.wait()
        except ValueError as error:
            await once_round()
            return f"{error} {variable.get()}"
        return "nothing was raised"

    async def main() -> str:
        gate = Gate()
        task = asyncio.ensure_future(_awaiting(RunInContext(context, coroutine(gate))))
        await gate.reached.wait()
        gate.opened.set_exception(ValueError("caught"))
        return t.cast(str, await task)

    assert run(main()) == "caught inside"


async def _awaiting(awaitable: t.Awaitable[t.Any]) -> t.Any:
    return await awaitable


def test_a_stop_iteration_does_not_pass_for_a_result(context: contextvars.Context) -> None:
    async def coroutine() -> None:
        await once_round()
        raise StopIteration("not a result")

    async def main() -> None:
        await RunInContext(context, coroutine())

    with pytest.raises(RuntimeError, match="raised StopIteration"):
        run(main())


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_an_exit_comes_out(kind: type[BaseException], context: contextvars.Context) -> None:
    async def coroutine() -> None:
        await once_round()
        raise kind

    within = RunInContext(context, coroutine()).__await__()
    within.send(None)
    with pytest.raises(kind):
        within.send(None)


class _Marked(Exception):
    pass


def test_an_exception_that_went_through_is_freed_at_once(context: contextvars.Context) -> None:
    # Its traceback refers to the frames of the request; a cycle would keep them until the collector comes.
    async def coroutine() -> None:
        await _Endless()

    def throw_through(steps: t.Any) -> weakref.ref[_Marked]:
        steps.send(None)
        error = _Marked()
        seen = weakref.ref(error)
        with contextlib.suppress(_Marked):
            steps.throw(error)
        del error
        return seen

    gc.disable()
    try:
        assert throw_through(coroutine().__await__())() is None, "a bare coroutine keeps nothing"
        assert throw_through(RunInContext(context, coroutine()).__await__())() is None
    finally:
        gc.enable()


# cancelled


def test_a_cancellation_goes_in_and_comes_out(context: contextvars.Context) -> None:
    log: list[str] = []

    async def coroutine(gate: Gate) -> None:
        try:
            await gate.wait()
        except asyncio.CancelledError:
            log.append(f"cancelled {variable.get()}")
            raise
        finally:
            await once_round()
            log.append(f"finally {variable.get()}")

    async def main() -> None:
        gate = Gate()
        task = asyncio.ensure_future(_awaiting(RunInContext(context, coroutine(gate))))
        await gate.reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert log == ["cancelled inside", "finally inside"]


def test_a_coroutine_may_go_on_after_a_cancellation(context: contextvars.Context) -> None:
    async def coroutine(gate: Gate) -> str:
        try:
            await gate.wait()
        except asyncio.CancelledError:
            await once_round()
        return variable.get()

    async def main() -> str:
        gate = Gate()
        task = asyncio.ensure_future(_awaiting(RunInContext(context, coroutine(gate))))
        await gate.reached.wait()
        task.cancel()
        return t.cast(str, await task)

    assert run(main()) == "inside"


def test_a_message_of_the_cancellation_is_kept(context: contextvars.Context) -> None:
    async def coroutine(gate: Gate) -> str:
        try:
            await gate.wait()
        except asyncio.CancelledError as error:
            return str(error)
        return "not cancelled"

    async def main() -> str:
        gate = Gate()
        task = asyncio.ensure_future(_awaiting(RunInContext(context, coroutine(gate))))
        await gate.reached.wait()
        task.cancel("the server stops")
        return t.cast(str, await task)

    assert run(main()) == "the server stops"


# closed


def test_closing_it_closes_the_coroutine_in_its_context(context: contextvars.Context) -> None:
    log: list[str] = []

    async def coroutine() -> None:
        try:
            await _Endless()
        except GeneratorExit:
            log.append(f"exit {variable.get()}")
            raise
        finally:
            variable.set("closed")

    within = RunInContext(context, coroutine()).__await__()
    within.send(None)
    within.close()

    assert log == ["exit inside"]
    assert (context[variable], variable.get()) == ("closed", "outside")


class _Endless:
    def __await__(self) -> t.Generator[None, None, None]:
        while True:
            yield


def test_a_coroutine_that_awaits_while_it_is_closed_is_told_so(context: contextvars.Context) -> None:
    async def coroutine() -> None:
        try:
            await _Endless()
        finally:
            await _Endless()

    within = RunInContext(context, coroutine()).__await__()
    within.send(None)
    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        within.close()


def test_what_fails_while_it_is_closed_comes_out(context: contextvars.Context) -> None:
    async def coroutine() -> None:
        try:
            await _Endless()
        finally:
            raise ValueError(variable.get())

    within = RunInContext(context, coroutine()).__await__()
    within.send(None)
    with pytest.raises(ValueError, match="inside"):
        within.close()


def test_an_async_generator_inside_is_closed_in_the_context(context: contextvars.Context) -> None:
    log: list[str] = []

    async def numbers() -> t.AsyncIterator[int]:
        token = variable.set("generating")
        try:
            yield 1
            yield 2
        finally:
            variable.reset(token)
            log.append(variable.get())

    async def coroutine() -> None:
        generator = numbers()
        async for _ in generator:
            break
        await once_round()
        await t.cast("t.AsyncGenerator[int, None]", generator).aclose()

    async def main() -> None:
        await RunInContext(context, coroutine())

    run(main())
    assert log == ["inside"]


# what asyncio does with the task


def test_a_time_limit_inside_ends_what_waits(context: contextvars.Context) -> None:
    async def coroutine() -> str:
        try:
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), timeout=0)
        except asyncio.TimeoutError:
            return variable.get()
        return "no limit"

    async def main() -> str:
        return await RunInContext(context, coroutine())

    assert run(main()) == "inside"


@from_311
def test_asyncio_timeout_inside_raises_timeout_error_and_leaves_the_task_uncancelled(
    context: contextvars.Context,
) -> None:
    async def coroutine() -> str:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):  # type: ignore[attr-defined,unused-ignore]
                await asyncio.get_running_loop().create_future()
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0  # type: ignore[attr-defined,unused-ignore]
        await once_round()
        return variable.get()

    async def main() -> str:
        return await RunInContext(context, coroutine())

    assert run(main()) == "inside"


@from_311
def test_asyncio_timeout_around_it_ends_it(context: contextvars.Context) -> None:
    log: list[str] = []

    async def coroutine() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            log.append(variable.get())

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):  # type: ignore[attr-defined,unused-ignore]
                await RunInContext(context, coroutine())

    run(main())
    assert log == ["inside"]


@from_311
def test_a_task_group_inside_starts_tasks_with_copies_of_the_context(context: contextvars.Context) -> None:
    async def child(name: str) -> str:
        before = variable.get()
        variable.set(name)
        await once_round()
        return f"{before}, {variable.get()}"

    async def coroutine() -> list[str]:
        async with asyncio.TaskGroup() as group:  # type: ignore[attr-defined,unused-ignore]
            tasks = [group.create_task(child(name)) for name in ("a", "b")]
        assert variable.get() == "inside"
        return [task.result() for task in tasks]

    async def main() -> list[str]:
        return await RunInContext(context, coroutine())

    assert run(main()) == ["inside, a", "inside, b"]


@from_311
def test_a_failing_task_of_a_group_cancels_the_others_and_the_body(context: contextvars.Context) -> None:
    log: list[str] = []

    async def fail() -> None:
        raise ValueError("one of them")

    async def wait(name: str) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            log.append(f"{name} {variable.get()}")
            raise

    async def coroutine() -> None:
        try:
            async with asyncio.TaskGroup() as group:  # type: ignore[attr-defined,unused-ignore]
                group.create_task(wait("task"))
                group.create_task(fail())
                await wait("body")
        except BaseException as error:
            log.append(f"{type(error).__name__} {variable.get()}")

    async def main() -> None:
        await RunInContext(context, coroutine())

    run(main())
    assert sorted(log) == ["ExceptionGroup inside", "body inside", "task inside"]


def test_gathered_ones_each_have_their_context() -> None:
    async def coroutine(name: str) -> list[str]:
        seen = []
        for turn in range(5):
            variable.set(f"{name}{turn}")
            await once_round()
            seen.append(variable.get())
        return seen

    async def main() -> list[list[str]]:
        names = [str(number) for number in range(20)]
        return await asyncio.gather(
            *(_awaiting(RunInContext(contextvars.copy_context(), coroutine(name))) for name in names)
        )

    assert run(main()) == [[f"{name}{turn}" for turn in range(5)] for name in range(20)]


# others in the context


def test_a_thread_may_enter_the_context_while_the_coroutine_waits(context: contextvars.Context) -> None:
    async def coroutine() -> str:
        token = variable.set("by the coroutine")
        loop = asyncio.get_running_loop()
        seen: asyncio.Future[str] = loop.create_future()

        def in_context() -> str:
            told = variable.get()
            variable.reset(token)  # of the same context, so it is taken
            return told

        def on_thread() -> None:
            told = context.run(in_context)
            loop.call_soon_threadsafe(seen.set_result, told)

        # Not before the coroutine waits: until then its own thread is in the context.
        thread = threading.Thread(target=on_thread)
        loop.call_soon(thread.start)
        said = await seen
        await loop.run_in_executor(None, thread.join)
        return f"{said}, {variable.get()}"

    async def main() -> str:
        return await RunInContext(context, coroutine())

    assert run(main()) == "by the coroutine, inside"
