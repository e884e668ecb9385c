"""The load generator of tool_call.py: connections that stay open, all of them in this one process.

It is the same for every server and does little: a request is written as it is, an answer is cut off
where it ends, and nothing of it is parsed. The time of a call is from its write to its last byte.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import asyncpg

WARM_UP = 0.15  # seconds of calls that are not counted, before each measurement
LAST = 30.0  # seconds for calls that are still running at the end
BAD = (b'"isError":true', b'"isError": true', b'"error":')
Statement = tuple[str, *tuple[str, ...]]  # and its parameters


@dataclass
class Window:
    """A stretch of time, and the calls that were made in it."""

    seconds: float
    times: list[float] = field(default_factory=list)  # seconds
    answers: int = 0  # all of them, also before and after
    failures: int = 0
    began: float = float("inf")
    is_over: bool = False

    def note(self, sent: float, is_good: bool) -> None:
        """Count an answer."""
        now = time.perf_counter()
        self.answers += 1
        if not is_good:
            self.failures += 1
        elif not self.is_over and sent >= self.began:
            self.times.append(now - sent)

    async def pass_by(self, probe: Callable[[], Sequence[float]]) -> list[float]:
        """Let the time pass; give how much of what ``probe`` counts that took."""
        await asyncio.sleep(WARM_UP)
        before, self.began = probe(), time.perf_counter()
        await asyncio.sleep(self.seconds)
        self.is_over, self.seconds = True, time.perf_counter() - self.began
        return [b - a for a, b in zip(before, probe(), strict=True)]


class Caller(asyncio.Protocol):
    """One client on one connection: it sends its request again as soon as it has the answer."""

    def __init__(self, request: bytes, window: Window) -> None:
        self.request, self.window = request, window
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answer, self.length = b"", -1  # of the whole answer; 0 when it comes in chunks
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by descent
        self.send()

    def send(self) -> None:
        """Send the request."""
        self.sent = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Take a part of the answer."""
        self.answer += data
        if not self.is_whole():
            return
        good = self.answer.startswith(b"HTTP/1.1 200") and not any(b in self.answer for b in BAD)
        self.window.note(self.sent, good)
        self.answer, self.length = b"", -1
        if self.window.is_over:
            self.transport.close()
        else:
            self.send()

    def is_whole(self) -> bool:
        """Look whether all of the answer is there."""
        if self.length < 0:
            end = self.answer.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = self.answer[:end].lower() + b"\r\n"
            _, found, rest = head.partition(b"\r\ncontent-length:")
            self.length = end + 4 + int(rest.partition(b"\r\n")[0]) if found else 0
        if self.length:
            return len(self.answer) >= self.length
        return self.answer.endswith(b"0\r\n\r\n")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """End; a connection that the server closed is a failure."""
        if not self.window.is_over:
            self.window.failures += 1
        if not self.ended.done():
            self.ended.set_result(None)


Probe = Callable[[], Sequence[float]]


async def over_http(
    port: int, request: bytes, clients: int, seconds: float, probe: Probe
) -> tuple[Window, list[float]]:
    """Call over ``connections`` connections; return the calls, and what they took of ``probe``."""
    window, loop = Window(seconds), asyncio.get_running_loop()
    callers = [
        (await loop.create_connection(lambda: Caller(request, window), "127.0.0.1", port))[1]
        for _ in range(clients)
    ]
    taken = await window.pass_by(probe)
    await asyncio.wait_for(asyncio.gather(*(caller.ended for caller in callers)), LAST)
    return window, taken


async def repeatedly(
    calls: Sequence[Callable[[], Awaitable[bool]]], seconds: float, probe: Probe
) -> tuple[Window, list[float]]:
    """Do what is not HTTP over and over, each thing one at a time; a call says if it went well."""
    window = Window(seconds)

    async def work(call: Callable[[], Awaitable[bool]]) -> None:
        while not window.is_over:
            sent = time.perf_counter()
            window.note(sent, await call())

    working = [asyncio.create_task(work(call)) for call in calls]
    taken = await window.pass_by(probe)
    await asyncio.wait_for(asyncio.gather(*working), LAST)
    return window, taken


class LineCaller(asyncio.Protocol):
    """One client of a server over stdio, like Caller: an answer ends with its line."""

    def __init__(self, message: bytes, window: Window) -> None:
        self.message, self.window = message, window
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answer, self.sent = b"", 0.0

    def begin(self, pipe: asyncio.WriteTransport) -> None:
        """Send the first message."""
        self.pipe = pipe
        self.send()

    def send(self) -> None:
        """Send the message."""
        self.sent = time.perf_counter()
        self.pipe.write(self.message)

    def data_received(self, data: bytes) -> None:
        """Take a part of the answer."""
        self.answer += data
        if not self.answer.endswith(b"\n"):
            return
        self.window.note(self.sent, not any(bad in self.answer for bad in BAD))
        self.answer = b""
        if self.window.is_over:
            self.ended.set_result(None)
        else:
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """End; a pipe that the server closed is a failure."""
        if not self.ended.done():
            self.window.failures += 1
            self.ended.set_result(None)


async def over_pipes(
    process: subprocess.Popen[bytes], message: bytes, seconds: float, probe: Probe
) -> tuple[Window, list[float]]:
    """Call a server over its stdin and stdout, as over_http calls one over a connection."""
    assert process.stdin is not None
    assert process.stdout is not None
    window, loop = Window(seconds), asyncio.get_running_loop()
    caller = LineCaller(message, window)
    # the pipes stay open for the next turn
    into = os.fdopen(os.dup(process.stdin.fileno()), "wb", 0)
    out = os.fdopen(os.dup(process.stdout.fileno()), "rb", 0)
    writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, into)
    reading, _ = await loop.connect_read_pipe(lambda: caller, out)
    try:
        caller.begin(writing)
        taken = await window.pass_by(probe)
        await asyncio.wait_for(caller.ended, LAST)
    finally:
        reading.close()
        writing.close()
    return window, taken


async def on_connections(
    url: str, statements: Sequence[Statement], clients: int, seconds: float, probe: Probe
) -> tuple[Window, list[float]]:
    """Execute prepared statements in turn over several connections of asyncpg."""
    connections = [await asyncpg.connect(url) for _ in range(clients)]
    calls = [await call_of(connection, statements) for connection in connections]
    try:
        return await repeatedly(calls, seconds, probe)
    finally:
        for connection in connections:
            await connection.close()


async def call_of(
    connection: asyncpg.Connection, statements: Sequence[Statement]
) -> Callable[[], Awaitable[bool]]:
    """Return what executes the statements in turn, and says whether each query gave a row."""
    steps: list[Callable[[], Awaitable[object]]] = []
    for text, *given in statements:
        if given or text.startswith("select"):
            steps.append(partial((await connection.prepare(text)).fetch, *given))
        else:
            steps.append(partial(connection.execute, text))

    async def call() -> bool:
        return all([bool(await step()) for step in steps])

    return call
