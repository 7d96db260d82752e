"""Calls of the engine's API, several at a time, none longer than the audit has."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Connections beyond the session's own limit wait for one another, so more would gain nothing.
PARALLEL = 6


class Deadline:
    """A point in time that all parts of an audit share. ``seconds`` counts from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self._end - time.monotonic())


class Calls:
    """A pool of threads for calls that wait for the host.

    A call that hangs holds up its thread, never the caller: :meth:`answer` gives up at the
    deadline, and the thread ends when the session is closed or its own time limit is reached.
    """

    def __init__(self, deadline: Deadline, parallel: int = PARALLEL) -> None:
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="collect")

    def ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start a call; its answer or error is in the future."""
        return self._pool.submit(call, *args, **kwargs)

    def answer(self, asked: Future[T]) -> T:
        """The call's answer. Raises what the call raised, or TimeoutError at the deadline."""
        return asked.result(timeout=self._deadline.left)

    def close(self) -> None:
        """Forget the calls that have not begun. Does not wait for those that have."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> "Calls":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
