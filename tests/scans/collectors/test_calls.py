"""Calls at the same time, none longer than the audit has."""

import threading
import time

import pytest

from scans.collectors.calls import Calls, Deadline


def test_calls_run_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=5)
    with Calls(Deadline(10), parallel=3) as calls:
        asked = [calls.ask(together.wait) for _ in range(3)]
        assert sorted(calls.answer(call) for call in asked) == [0, 1, 2]


def test_an_error_is_raised_where_the_answer_is_wanted() -> None:
    with Calls(Deadline(10)) as calls:
        asked = calls.ask(int, "x")
        with pytest.raises(ValueError, match="invalid literal"):
            calls.answer(asked)


def test_no_answer_is_waited_for_beyond_the_deadline() -> None:
    release = threading.Event()
    begin = time.monotonic()
    with Calls(Deadline(0.2)) as calls:
        asked = calls.ask(release.wait, 10)
        with pytest.raises(TimeoutError):
            calls.answer(asked)
    assert time.monotonic() - begin < 2
    release.set()


def test_an_answer_that_is_there_counts_even_after_the_deadline() -> None:
    with Calls(Deadline(0.1)) as calls:
        asked = calls.ask(lambda: "there")
        time.sleep(0.2)
        assert calls.answer(asked) == "there"


def test_calls_that_have_not_begun_are_forgotten_at_the_end() -> None:
    release, begun = threading.Event(), []
    with Calls(Deadline(0.1), parallel=1) as calls:
        calls.ask(release.wait, 10)
        waiting = calls.ask(begun.append, 1)
    release.set()
    assert waiting.cancelled()
    assert begun == []
