"""A thread that waits for a coroutine does the jobs that the coroutine hands to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from erlen.concurrency.caller_queue import CallerJob, CallerQueue
from erlen.concurrency.loops import Outcome


class Noting:
    """A job that notes where it runs, and then does something."""

    def __init__(self, log: list[threading.Thread], then: Callable[[], object] = lambda: None) -> None:
        self.log = log
        self.then = then

    def run(self) -> None:
        self.log.append(threading.current_thread())
        self.then()


def test_a_queue_takes_jobs_only_while_its_thread_waits() -> None:
    queue, log = CallerQueue(), list[threading.Thread]()
    assert not queue.put(Noting(log))
    queue.open()
    outcome: Outcome[str] = Outcome()
    assert queue.put(Noting(log, lambda: outcome.set_result("done")))
    assert queue.wait(outcome) == "done"
    assert not queue.put(Noting(log))
    assert len(log) == 1


def test_jobs_of_another_thread_run_on_the_one_that_waits() -> None:
    queue, log = CallerQueue(), list[threading.Thread]()
    outcome: Outcome[int] = Outcome()

    def hand_over() -> None:
        queue.put(Noting(log))
        queue.put(Noting(log))
        outcome.set_result(2)

    queue.open()
    other = threading.Thread(target=hand_over)
    other.start()
    assert queue.wait(outcome) == 2
    other.join()
    assert log == [threading.current_thread()] * 2


def test_jobs_that_are_left_when_the_wait_is_over_are_done_all_the_same() -> None:
    queue, log = CallerQueue(), list[threading.Thread]()
    outcome: Outcome[None] = Outcome()
    outcome.set_result(None)
    queue.open()
    assert queue.put(Noting(log))
    queue.wait(outcome)
    assert len(log) == 1


def test_what_is_waited_for_may_be_an_exception() -> None:
    queue = CallerQueue()
    outcome: Outcome[None] = Outcome()
    outcome.set_exception(LookupError("gone"))
    queue.open()
    with pytest.raises(LookupError, match="gone"):
        queue.wait(outcome)
    assert not queue.put(Noting([]))


def test_a_thread_that_has_a_job_gets_no_other_where_it_has_to_be_free() -> None:
    queue, log = CallerQueue(), list[threading.Thread]()
    queue.open()
    assert queue.put(Noting(log), if_free=True)
    assert not queue.put(Noting(log), if_free=True)
    assert queue.put(Noting(log))
    outcome: Outcome[None] = Outcome()
    outcome.set_result(None)
    queue.wait(outcome)
    assert len(log) == 2


def test_a_wait_within_a_wait_takes_jobs_until_the_outer_one_is_over() -> None:
    queue, log = CallerQueue(), list[threading.Thread]()
    inner: Outcome[None] = Outcome()
    outer: Outcome[None] = Outcome()

    def wait_again() -> None:
        queue.open()
        inner.set_result(None)
        queue.wait(inner)
        assert queue.put(Noting(log, lambda: outer.set_result(None)))

    queue.open()
    queue.put(Noting(log, wait_again))
    queue.wait(outer)
    assert len(log) == 2


# calls that coroutines want made


def run_on_thread(job: CallerJob[str]) -> list[BaseException]:
    """Run a job on a thread; return what goes on through it."""
    through: list[BaseException] = []

    def work() -> None:
        try:
            job.run()
        except BaseException as error:
            through.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return through


def test_the_result_of_a_call_comes_to_the_coroutine() -> None:
    async def main() -> str:
        job = CallerJob(str.upper, "made")
        assert run_on_thread(job) == []
        return await job.result

    assert asyncio.run(main()) == "MADE"


def test_an_exception_of_a_call_is_raised_in_the_coroutine_only() -> None:
    async def main() -> None:
        job: CallerJob[str] = CallerJob(lambda: [][0])
        assert run_on_thread(job) == []
        with pytest.raises(IndexError):
            await job.result

    asyncio.run(main())


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_an_exit_goes_on_in_the_thread_and_the_coroutine_hears_of_it(kind: type[BaseException]) -> None:
    def leave() -> str:
        raise kind

    async def main() -> None:
        job = CallerJob(leave)
        assert [type(error) for error in run_on_thread(job)] == [kind]
        with pytest.raises(RuntimeError, match=kind.__name__):
            await job.result

    asyncio.run(main())


def test_a_refused_call_is_not_made_and_the_reason_is_raised() -> None:
    async def main() -> None:
        job: CallerJob[str] = CallerJob(pytest.fail, "It was made.")
        job.refuse("The thread has ended.")
        with pytest.raises(RuntimeError, match="The thread has ended"):
            await job.result

    asyncio.run(main())


def test_a_call_that_nobody_waits_for_any_longer_changes_nothing() -> None:
    async def main() -> None:
        job = CallerJob(str.upper, "made")
        job.result.cancel()
        assert run_on_thread(job) == []
        await asyncio.sleep(0)
        assert job.result.cancelled()

    asyncio.run(main())
