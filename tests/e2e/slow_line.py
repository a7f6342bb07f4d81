"""A slow line to a server: everything that passes it, in either direction, arrives later."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65536


@contextmanager
def slowed(address: str, seconds: float) -> Iterator[str]:
    """An address at which `address` (http://127.0.0.1:port) answers, every byte of the way there and back late by `seconds`."""
    port = int(address.rpartition(":")[2])
    loop = asyncio.new_event_loop()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(asyncio.CancelledError):  # the line is cut at the end of the block
            await asyncio.gather(_late(reader, far_writer, seconds), _late(far_reader, writer, seconds))

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(relay, "127.0.0.1", 0), loop).result(10)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end_all() -> None:
    running = asyncio.all_tasks() - {asyncio.current_task()}
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass on what is read, each piece after a time, the order kept; pieces on their way do not hold up those behind them."""
    loop, on_the_way = asyncio.get_running_loop(), asyncio.Queue()

    async def deliver() -> None:
        while (entry := await on_the_way.get())[1]:
            await asyncio.sleep(max(0.0, entry[0] - loop.time()))
            writer.write(entry[1])
        await asyncio.sleep(max(0.0, entry[0] - loop.time()))
        writer.close()

    delivering = asyncio.create_task(deliver())
    try:
        while piece := await reader.read(CHUNK):
            on_the_way.put_nowait((loop.time() + seconds, piece))
    except ConnectionError:
        pass
    on_the_way.put_nowait((loop.time() + seconds, b""))
    await delivering
