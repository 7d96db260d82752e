"""A TCP proxy that delays both directions: latency without touching the network's settings."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

CHUNK = 65536


@contextmanager
def delayed(host: str, port: int, one_way: float) -> Iterator[int]:
    """A port on 127.0.0.1 that leads to ``host:port``, each byte ``one_way`` seconds late.

    Bytes are delayed, not slowed down: bandwidth stays as it is.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = _call(loop, _serve(host, port, one_way))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)


def _call(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=5)


async def _serve(host: str, port: int, one_way: float) -> asyncio.Server:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            _pass_on(reader, far_writer, one_way), _pass_on(far_reader, writer, one_way)
        )

    return await asyncio.start_server(accept, "127.0.0.1", 0)


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
