"""What the parent knows."""

from __future__ import annotations

from erlen.deploy.serve.status import Reloads


def test_a_reload_that_is_done_makes_an_earlier_error_past() -> None:
    reloads = Reloads().with_failure("No module named 'shop'", 10.0)
    assert reloads == Reloads(failed=1, last_error="No module named 'shop'", last_finished=10.0)
    assert reloads.with_success(20.0) == Reloads(done=1, failed=1, last_error=None, last_finished=20.0)


def test_both_outcomes_count_as_finished() -> None:
    assert Reloads().finished == 0
    assert Reloads().with_failure("", 1.0).with_success(2.0).with_success(3.0).finished == 3
