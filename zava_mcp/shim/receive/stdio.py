"""stdio: one client, whose API key is in ZAVA_API_KEY; stdout has messages alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import select
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import anyio
import mcp_types as types
import structlog
from mcp import MCPError as ProtocolError
from mcp.shared.message import SessionMessage

from zava_mcp.shim.answer.client import Client
from zava_mcp.shim.answer.errors import BAD_KEY, DATABASE_FAILURES, DatabaseError
from zava_mcp.shim.call.calls import Answer, Calls, Running, error_answer
from zava_mcp.shim.identify.credentials import Caller
from zava_mcp.shim.receive.message import (
    Head,
    Request,
    is_for_database,
    parse_head,
    parse_request,
)
from zava_mcp.shim.receive.protocol import Engine
from zava_mcp.shim.receive.sessions import ALL_CHANGES, SendMessage, Session
from zava_mcp.shim.settings import Refusal
from zava_mcp.signals import STOP

LINE_BYTES = 1 << 20  # of a message
UNWRITTEN = 100  # messages that the client has not read yet, at most
CHUNK_BYTES = 1 << 16  # read at once
LAST_SECONDS = 2  # for the client to read the last answers
REFUSED = error_answer(ProtocolError(types.INVALID_REQUEST, BAD_KEY))

Respond = Callable[[Request], Coroutine[Any, Any, None]]
log = structlog.get_logger("zava-mcp")


class Input(asyncio.ReadTransport):
    """stdin for a StreamReader: watched by the event loop, or read by a thread where that cannot.

    asyncio's own would make it non-blocking for every process that shares it, and takes no file.
    """

    def __init__(self, file: int, reader: asyncio.StreamReader) -> None:
        super().__init__()
        self.file, self.reader, self.loop = file, reader, asyncio.get_running_loop()
        self.flows, self.is_watched = threading.Event(), True
        reader.set_transport(self)
        try:
            self.resume_reading()
        except (OSError, NotImplementedError):  # a file; or Windows
            self.is_watched = False
            threading.Thread(target=self.read_all, daemon=True).start()

    def pause_reading(self) -> None:
        """Stop reading."""
        self.flows.clear()
        if self.is_watched:
            self.loop.remove_reader(self.file)

    def resume_reading(self) -> None:
        """Read on."""
        self.flows.set()
        if self.is_watched:
            self.loop.add_reader(self.file, self.read_some)

    def read_some(self) -> None:
        """Read what is there, or the end."""
        try:
            data = os.read(self.file, CHUNK_BYTES)
        except BlockingIOError:  # another process that has the pipe made it so, and took it first
            return
        except OSError:
            data = b""
        if data:
            self.reader.feed_data(data)
        else:
            self.loop.remove_reader(self.file)
            self.reader.feed_eof()

    def read_all(self) -> None:
        """Read up to the end, with the pauses that the reader wants."""
        with contextlib.suppress(OSError), os.fdopen(self.file, "rb", buffering=0) as stream:
            while data := stream.read(CHUNK_BYTES):
                self.loop.call_soon_threadsafe(self.reader.feed_data, data)
                self.flows.wait()
        self.loop.call_soon_threadsafe(self.reader.feed_eof)


async def read_line(reader: asyncio.StreamReader) -> bytes | None:
    """Return the next line, None for one of more than LINE_BYTES, and b"" at the end."""
    is_long = False
    while True:
        try:
            line = await reader.readuntil()
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(error.consumed)
            is_long = True
            continue
        except asyncio.IncompleteReadError as error:
            line = error.partial
        return None if is_long else line


@dataclass
class Wire:
    """stdin and stdout; the latter with a thread, since a pipe may block.

    A short line that the pipe has room for is written at once: two threads that wake each other
    take a third of the time of a call.
    """

    lines: queue.Queue[bytes | None] = field(default_factory=lambda: queue.Queue(UNWRITTEN))

    def __post_init__(self) -> None:
        """Take stdin and stdout away from everything else in this process."""
        self.source, self.target = os.dup(0), os.dup(1)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.dup2(2, 1)
        # not on Windows; of a terminal it does not know how much goes in
        has_poll = hasattr(select, "poll") and not os.isatty(self.target)
        self.poll = select.poll() if has_poll else None
        if self.poll is not None:
            self.poll.register(self.target, select.POLLOUT)
        self.writer = threading.Thread(target=self.write_lines, daemon=True)
        self.writer.start()

    def write_lines(self) -> None:
        """Write lines until None comes; drop them once the client is gone."""
        is_gone = False
        while (line := self.lines.get()) is not None:
            view = memoryview(b"" if is_gone else line)
            try:
                while view:
                    view = view[self.write_some(view) :]
            except OSError:
                is_gone = True
            self.lines.task_done()

    def write_some(self, data: memoryview) -> int:
        """Write what the client takes of data; wait while it takes none. Return how much it was."""
        while True:
            try:
                return os.write(self.target, data)
            except BlockingIOError:  # another process that has the pipe made it so
                select.select([], [self.target], [])

    async def write(self, line: bytes) -> None:
        """Write a line at once or queue it; wait while UNWRITTEN lines are queued."""
        if self.has_room(line):
            try:
                written = os.write(self.target, line)
            except BlockingIOError:
                written = 0
            except OSError:  # the client is gone
                return
            if written < len(line):  # of a socket that does not block
                self.lines.put_nowait(line[written:])
        elif self.lines.full():
            await asyncio.to_thread(self.lines.put, line)
        else:
            self.lines.put_nowait(line)

    def has_room(self, line: bytes) -> bool:
        """Return whether the pipe takes a line as a whole, at once and in its turn."""
        if self.poll is None or self.lines.unfinished_tasks or len(line) > select.PIPE_BUF:
            return False
        return bool(self.poll.poll(0))


@dataclass
class StdioSession(Session):
    """The session of the client at stdin and stdout."""

    wire: Wire = field(kw_only=True)

    async def reply(self, number: int | str | None, answer: Answer) -> None:
        """Write an answer."""
        await self.wire.write(answer.response(number) + b"\n")


async def serve_stdio(calls: Calls, engine: Engine) -> None:
    """Serve the client at stdin and stdout until it closes stdin or a signal comes."""
    key = calls.settings.api_key
    text = key.get_secret_value().strip() if key else ""  # from a file, with its line end
    identity = await engine.identities.authenticate(text) if text else None
    if identity is None:
        state = "is unknown, expired or revoked" if text else "is not set"
        raise Refusal(f"ZAVA_API_KEY {state}: set it to the API key of whom --stdio serves")
    engine.caller = Caller(text, identity)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in STOP:
        loop.add_signal_handler(number, stop.set)
    wire = Wire()

    async def send(item: SessionMessage) -> None:
        text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
        await wire.write(text.encode() + b"\n")

    session = engine.sessions[""] = StdioSession(calls, "", send, wire=wire)
    log.info("serving", transport="stdio", tools=len(calls.catalog["tools"]))

    async def admit() -> Caller | None:
        """Return the caller as it is now, None if its key is no longer valid."""
        with contextlib.suppress(DatabaseError, *DATABASE_FAILURES):  # a call itself will say so
            if (identity := await engine.identities.authenticate(text)) is None:
                return None
            engine.caller = Caller(text, identity)
        return engine.caller

    async def answer(rpc: Request) -> None:
        try:
            with Running(calls, Client(), (text, "", str(rpc.id))):
                caller = await admit()
        except ProtocolError as error:  # it is cancelled, before it has begun
            if calls.stopping:  # and not by the client, who wants no answer then
                await session.reply(rpc.id, error_answer(error))
            return
        if caller:
            await session.answer(rpc, caller)
        else:
            await session.reply(rpc.id, REFUSED)

    async def send_admitted(item: SessionMessage) -> None:
        """Send a message of the SDK; a notification only while the key is valid."""
        if not isinstance(item.message, types.JSONRPCNotification) or await admit():
            await session.send(item)

    serving = asyncio.create_task(converse(engine, session, send_admitted, answer, wire))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        await calls.stop()
        await asyncio.sleep(0)  # for the answers to be queued
    else:
        await serving
    wire.lines.put(None) if not wire.lines.full() else None
    wire.writer.join(LAST_SECONDS)  # here: threads for it may all wait for room in the queue
    if stop.is_set():
        await leave(calls)
    stopped.cancel()


async def leave(calls: Calls) -> None:
    """End the process, though the client may not read what a thread still writes."""
    await calls.end_background()
    await calls.recorder.close()
    await calls.database.close()
    os._exit(0)


async def converse(
    engine: Engine, session: Session, send: SendMessage, answer: Respond, wire: Wire
) -> None:
    """Answer messages until the client closes stdin."""
    to_sdk, for_sdk = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    from_sdk, written = anyio.create_memory_object_stream[SessionMessage](0)
    reader = asyncio.StreamReader(LINE_BYTES)

    async def write() -> None:
        async with written:
            async for item in written:
                await send(item)

    async with anyio.create_task_group() as group, asyncio.TaskGroup() as answers:
        options = engine.server.create_initialization_options(ALL_CHANGES)
        group.start_soon(engine.server.run, for_sdk, from_sdk, options)
        group.start_soon(write)
        Input(wire.source, reader)
        while (line := await read_line(reader)) != b"":
            if item := await session_message(session, engine.caller, answer, line, answers):
                await to_sdk.send(item)
            await asyncio.sleep(0)  # it has begun when the next line cancels it
        await to_sdk.aclose()
    session.close()


async def session_message(
    session: Session,
    caller: Caller | None,
    answer: Respond,
    line: bytes | None,
    answers: asyncio.TaskGroup,
) -> SessionMessage | Exception | None:
    """Answer a message for the database; return a message for the SDK, else None."""
    head: Head | None = None
    try:
        if line is None:
            text = f"A message has at most {LINE_BYTES} bytes."
            raise ProtocolError(types.INVALID_REQUEST, text)
        if not line.strip():
            return None
        head = parse_head(line)
        if is_for_database(head):
            rpc = parse_request(head, session.revision)
            answers.create_task(answer(rpc))
            return None
        message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ProtocolError as error:
        number = head.id if head and isinstance(head.id, int | str) else None
        await session.reply(number, error_answer(error))
        return None
    except ValueError as error:
        return error
    return None if session.handle(message, caller) else SessionMessage(message)
