from __future__ import annotations

from contextvars import Context, copy_context

from erlen.script.current import Run, current_run, set_current_run


def test_a_script_that_is_called_by_hand_has_a_run_that_keeps_nothing() -> None:
    # A context of its own: other tests have called scripts in this one.
    run = Context().run(current_run)
    assert (run.is_dry, run.checkpoint.has_steps, run.progresses) == (False, False, 0)


def test_the_run_is_that_of_its_context() -> None:
    mine = Run(is_dry=True)

    def look() -> Run:
        set_current_run(mine)
        return current_run()

    assert copy_context().run(look) is mine
    assert current_run() is not mine
