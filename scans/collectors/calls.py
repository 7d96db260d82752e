"""Calls that wait for a host, several at a time, none longer than the audit has."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from hosts.connections.options import Limits

P = ParamSpec("P")
T = TypeVar("T")

PARALLEL = Limits().engine_connections
"""Calls of the engine's API at a time. More would only wait for a connection."""


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
    """A few threads for calls that wait for the host.

    A call that hangs holds up its thread, never the caller: :meth:`answer` gives up at the
    deadline. The thread ends when the session is closed or the call's own time limit is reached.
    The threads are daemons, unlike those of ThreadPoolExecutor, so a host can't keep a process
    from ending either.
    """

    def __init__(self, deadline: Deadline, parallel: int = PARALLEL) -> None:
        self._deadline = deadline
        self._parallel = parallel
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        for _ in range(parallel):
            threading.Thread(target=self._work, name="collect", daemon=True).start()

    def ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start a call; its answer or error is in the future."""
        asked: Future[T] = Future()
        self._queue.put((asked, partial(call, *args, **kwargs)))
        return asked

    def answer(self, asked: Future[T]) -> T:
        """The call's answer. Raises what the call raised, or TimeoutError at the deadline."""
        return asked.result(timeout=self._deadline.left)

    def close(self) -> None:
        """Forget the calls that have not begun. Does not wait for those that have."""
        with suppress(Empty):
            while waiting := self._queue.get_nowait():
                waiting[0].cancel()
        for _ in range(self._parallel):
            self._queue.put(None)

    def _work(self) -> None:
        while work := self._queue.get():
            asked, call = work
            if not asked.set_running_or_notify_cancel():
                continue
            try:
                asked.set_result(call())
            except BaseException as error:  # noqa: BLE001 - it is raised again by answer()
                asked.set_exception(error)

    def __enter__(self) -> "Calls":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
