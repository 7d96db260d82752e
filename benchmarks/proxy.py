"""A TCP proxy that delays both directions: latency without touching the network's settings."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

CHUNK = 65536


@contextmanager
def delayed(host: str, port: int, one_way: float) -> Iterator[int]:
    """A port on 127.0.0.1 that leads to ``host:port``, each byte ``one_way`` seconds late.

    Bytes are delayed, not slowed down: bandwidth stays as it is.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        server = await asyncio.start_server(_accept(host, port, one_way), "127.0.0.1", 0)
        started.set_result((asyncio.get_running_loop(), stop, server.sockets[0].getsockname()[1]))
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    loop, stop, own_port = started.result(timeout=5)
    try:
        yield own_port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=5)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


def _accept(host: str, port: int, one_way: float) -> Handler:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection(host, port)
            await asyncio.gather(
                _pass_on(reader, far_writer, one_way), _pass_on(far_reader, writer, one_way)
            )
        writer.close()

    return accept


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, one_way: float
) -> None:
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        while True:
            try:
                chunk = await reader.read(CHUNK)
            except OSError:
                chunk = b""
            await queue.put((loop.time() + one_way, chunk))
            if not chunk:
                return

    reading = asyncio.create_task(read())
    while True:
        due, chunk = await queue.get()
        await asyncio.sleep(max(0.0, due - loop.time()))
        if not chunk:
            break
        try:
            writer.write(chunk)
            await writer.drain()
        except OSError:
            break
    writer.close()
    await reading
