"""What all live sessions share: the options, one engine client, closing, the context manager."""

import threading
from types import TracebackType
from typing import Self

from hosts.connections.engine import EngineClient
from hosts.connections.options import ConnectOptions
from hosts.connections.target import Target


class BaseSession:
    """Base of the live sessions; subclasses find their engine and run their commands."""

    def __init__(self, target: Target, options: ConnectOptions) -> None:
        self.target = target
        self.options = options
        self._engine: EngineClient | None = None
        self._engine_lock = threading.Lock()

    @property
    def sudo(self) -> bool:
        """See Session.sudo."""
        return self.options.sudo

    def engine(self) -> EngineClient:
        """See Session.engine. Found once; a failure is tried anew at the next call."""
        with self._engine_lock:
            if self._engine is None:
                self._engine = self._find_engine()
            return self._engine

    def _find_engine(self) -> EngineClient:
        raise NotImplementedError

    def close(self) -> None:
        """See Session.close."""
        with self._engine_lock:
            if self._engine is not None:
                self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
