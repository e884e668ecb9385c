"""The call log: an entry for each call, written to the database in batches.

While the database is away, up to KEPT entries wait. Entries beyond that, and those left when the
server stops, go to the server's own log.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

import asyncpg
import mcp_types as types
import msgspec
import structlog
from mcp import MCPError as ProtocolError
from mcp.server.streamable_http import REQUEST_CANCELLED
from starlette.types import Receive

from zava_mcp.shim.answer.errors import (
    DATABASE_FAILURES,
    VALUE_SHOWN,
    DatabaseError,
    Json,
    MCPError,
    RefusedError,
    excerpt,
)
from zava_mcp.shim.answer.results import escaped

RECORD_CALLS = "select mcp.record_calls($1::jsonb)"
FLUSH_SECONDS, BATCH = 1.0, 500  # every second, and as soon as BATCH entries wait
AGAIN_SECONDS = 5.0  # the longest pause while the database is away
KEPT = 10_000  # entries that wait at most
ARGUMENTS_KEPT = 8000  # characters of a call's arguments, where they are kept at all
DIGEST = b"sha256:"  # and the digest of arguments that are longer; no JSON begins so
CLOSE_SECONDS = 5
STRANGERS = 60  # requests a minute that are checked, of those whose credential was refused
STRANGERS_BODY, STRANGERS_SECONDS = 65_536, 1.0  # bytes of them, and how long to wait for those
CODES = {  # of errors of the protocol
    types.INVALID_REQUEST: "UNAUTHORIZED",
    REQUEST_CANCELLED: "CANCELLED",
}
UNSTORABLE = re.compile(rb"\\u(0000|[dD][89abAB])")  # what jsonb does not take, or might not
REFUSALS = {429: "RATE_LIMITED", 503: "UNAVAILABLE"}  # by HTTP status; others are UNAUTHORIZED

log = structlog.get_logger("zava-mcp")


@dataclass(slots=True)
class Entry:
    """The row of a call; most of it is made when it is written, many at a time."""

    tool: str
    request_id: str = field(default_factory=partial(secrets.token_hex, 16))
    code: str = "CANCELLED"  # where nothing else is known at the end
    arguments: bytes = b""
    size: int | None = None  # of the answer, in bytes
    rows: int | None = None
    origin: Json = field(default_factory=dict)  # columns about the caller and the client
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    started_at: datetime = field(default_factory=partial(datetime.now, UTC))

    def add_arguments(self, arguments: bytes) -> None:
        """Add the arguments; of long ones only their SHA-256."""
        if len(arguments) > ARGUMENTS_KEPT:
            arguments = DIGEST + hashlib.sha256(arguments).hexdigest().encode()
        self.arguments = arguments

    def add_answer(self, text: str, rows: int | None) -> None:
        """Add the size of the answer in bytes, and its number of rows."""
        self.code = "OK"
        self.size = len(text) if text.isascii() else len(text.encode())
        self.rows = rows

    def add_failure(self, failure: MCPError | ProtocolError) -> None:
        """Add the code of an error."""
        if isinstance(failure, RefusedError):
            self.code = failure.constraint.upper()
            return
        code = failure.code
        self.code = code if isinstance(code, str) else CODES.get(code, "MCP_ERROR")

    def summary(self) -> Json:
        """Return what the server's own log has of the call too."""
        return {
            "request_id": self.request_id,
            "tool": escaped(excerpt(self.tool, VALUE_SHOWN)),
            "duration_ms": round(self.seconds * 1000, 3),
            "code": self.code,
        }

    def row(self) -> Json:
        """Return the row as mcp.record_calls takes it."""
        row = {**self.summary(), "started_at": self.started_at, **self.origin}
        if self.size is not None:
            row["bytes"] = self.size
        if self.rows is not None:
            row["rows"] = self.rows
        if self.arguments.startswith(DIGEST):
            row["arguments_digest"] = self.arguments.removeprefix(DIGEST).decode()
        elif self.arguments and not UNSTORABLE.search(self.arguments):
            row["arguments"] = msgspec.Raw(self.arguments)
        return row


@dataclass
class Recorder:
    """The entries that wait for the database, and the number of running requests."""

    ask: Callable[..., Awaitable[object]]  # a statement, its parameter, what hears notices
    tells: bool = True  # whether each call gets a line in the server's log too
    entries: deque[Entry] = field(default_factory=deque)
    running: int = 0
    idle: asyncio.Event | None = None  # of who waits until none runs
    full: asyncio.Event = field(default_factory=asyncio.Event)
    flushing: asyncio.Lock = field(default_factory=asyncio.Lock)
    minute: int = 0  # to which the two below belong
    looked_at: int = 0
    counted: int = 0  # refused requests that were not checked

    def begin(self, tool: str, request_id: str) -> Entry:
        """Return the entry of a call that begins."""
        return Entry(tool[:VALUE_SHOWN], request_id)  # it may have to wait, and be one of many

    def end(self, entry: Entry, identity: Json, origin: Json) -> None:
        """Queue the entry of a call that has ended."""
        user_id, credential_id = identity.get("user_id"), identity.get("credential_id")
        self.add(entry, {"user_id": user_id, "credential_id": credential_id, **origin})

    def count(self, change: int) -> None:
        """Count a request that begins (1) or ends (-1)."""
        self.running += change
        if self.idle is not None and not self.running:
            self.idle.set()

    async def until_idle(self) -> None:
        """Wait until no request runs."""
        while self.running:
            if self.idle is None or self.idle.is_set():
                self.idle = asyncio.Event()
            await self.idle.wait()

    def add(self, entry: Entry, origin: Json) -> None:
        """Queue an entry for the database."""
        entry.seconds, entry.origin = time.monotonic() - entry.began, origin
        if self.tells:
            log.info("call", user=origin.get("user_id"), **entry.summary())
        if len(self.entries) >= KEPT:
            log_unwritten([entry.row()], "too many wait for the database")
            return
        self.entries.append(entry)
        if len(self.entries) == BATCH:
            self.full.set()

    async def refused(self, number: str, status: int, client: str, receive: Receive) -> None:
        """Log a call whose credential was refused; beyond STRANGERS a minute, only count it."""
        self.report_counted()
        if self.looked_at >= STRANGERS:
            self.counted += 1
            return
        self.looked_at += 1
        entry = Entry("", number, code=REFUSALS.get(status, "UNAUTHORIZED"))
        tool = await read_tool_name(receive)
        if tool is not None:
            entry.tool = tool[:VALUE_SHOWN]
            self.add(entry, {"client": "".join(c for c in client if c.isprintable())[:200]})

    def report_counted(self) -> None:
        """Once a minute, log how many refused calls were only counted."""
        minute = int(time.monotonic() // 60)
        if minute != self.minute:
            if self.counted:
                log.warning("refused requests that are not in the call log", count=self.counted)
            self.minute, self.looked_at, self.counted = minute, 0, 0

    async def run(self) -> None:
        """Flush the queue repeatedly."""
        pause = FLUSH_SECONDS
        while True:
            if pause > FLUSH_SECONDS or len(self.entries) < BATCH:  # else it filled meanwhile
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self.full.wait()
            self.full.clear()
            self.report_counted()
            pause = FLUSH_SECONDS if await self.flush() else min(pause * 2, AGAIN_SECONDS)

    async def flush(self) -> bool:
        """Write the queue to the database. Return False if the database is away."""
        async with self.flushing:
            left = len(self.entries)  # what comes meanwhile waits: few cost nearly what many do
            while left:
                batch = [entry.row() for entry in islice(self.entries, min(BATCH, left))]
                try:
                    await self.send_or_split(batch)
                except (DatabaseError, *DATABASE_FAILURES) as error:
                    waiting = len(self.entries)
                    log.warning("the call log has to wait", waiting=waiting, reason=repr(error))
                    return False
                for _ in batch:
                    self.entries.popleft()
                left -= len(batch)
            return True

    async def send_or_split(self, batch: list[Json]) -> None:
        """Send entries; one that the database would never take, without its arguments."""
        try:
            await self.send(batch)
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            if len(batch) > 1:
                half = len(batch) // 2
                await self.send_or_split(batch[:half])
                await self.send_or_split(batch[half:])
            elif "arguments" in batch[0]:  # 1e200000, say, is no jsonb
                rest = {name: value for name, value in batch[0].items() if name != "arguments"}
                await self.send_or_split([rest])
            else:
                log_unwritten(batch, str(error))

    async def send(self, batch: list[Json]) -> None:
        """Send entries; the database ignores those that it has already."""
        text = msgspec.json.encode(batch).decode()
        await self.ask(RECORD_CALLS, text, listener=log_rejected)

    async def close(self) -> None:
        """Wait for ending calls, flush the queue, and log the entries that remain."""
        for work in (self.until_idle, self.flush):  # also where a call does not end
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await work()
        log_unwritten([entry.row() for entry in self.entries], "the server stops")
        self.entries.clear()


@contextlib.asynccontextmanager
async def recording(recorder: Recorder) -> AsyncIterator[None]:
    """Flush entries in the background, and the last ones at the end."""
    running = asyncio.create_task(recorder.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait({running})
        await recorder.close()


def log_rejected(_: Any, notice: Any) -> None:
    """Log the notice about an entry that the database rejected."""
    log.error("not in the call log", reason=notice.message)


def log_unwritten(entries: list[Json], reason: str) -> None:
    """Log entries that could not be written, without arguments: the database decides on those."""
    for entry in entries:
        shown = {name: value for name, value in entry.items() if name != "arguments"}
        log.error("not in the call log", reason=reason, entry=msgspec.to_builtins(shown))


async def read_tool_name(receive: Receive) -> str | None:
    """Return the name of the tool that a request calls, or None; read a limited body."""
    body, more = b"", True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STRANGERS_SECONDS):
            while more and len(body) <= STRANGERS_BODY:
                message = await receive()
                body += message.get("body", b"")
                more = message.get("more_body", False)
    try:
        message = msgspec.json.decode(body)
        name = message["params"]["name"] if message["method"] == "tools/call" else None
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    return name if isinstance(name, str) else None
