"""A reverse proxy on the loopback address that adds a credential, for clients that send none."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterator

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@contextlib.contextmanager
def adding(key: str, port: int) -> Iterator[int]:
    """Pass requests on to a port of this machine with an API key; yields the proxy's own port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def answer(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", port)
        back = asyncio.create_task(copy(server, to_client))
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await client.readuntil(b"\r\n\r\n")
                length = LENGTH.search(head)
                line, rest = head.split(b"\r\n", 1)
                to_server.write(line + f"\r\nAuthorization: Bearer {key}\r\n".encode() + rest)
                to_server.write(await client.readexactly(int(length[1]) if length else 0))
                await to_server.drain()
        to_server.close()  # so the server sees that the client has gone
        await back

    listening = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(answer, "127.0.0.1", 0), loop
    ).result(10)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copy what comes until nothing comes any more."""
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()
