"""Exports: whole results as files, streamed from COPY.

The database decides what may be exported, who may read it and for how long. This module writes the
files block by block, reads them in parts, and deletes them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from zava_mcp.shim.answer.errors import DATABASE_FAILURES, BusyError, DatabaseError, Json, MCPError
from zava_mcp.shim.answer.results import visible
from zava_mcp.shim.call.database import Database, finish
from zava_mcp.shim.call.parquet import Parquet
from zava_mcp.shim.call.storage import (
    PARTIAL,
    WRITTEN_SECONDS,
    BucketFile,
    FolderFile,
    open_storage,
)
from zava_mcp.shim.settings import Settings

BEGUN = '{"mcp_export": '  # beginning of the answer that begins an export
PREFIX = "export://"  # where exports are
END = "select mcp.end_export($1, $2, $3, $4)"
LOST = "select mcp.lost_exports($1)"
BLOCK = 1 << 20  # bytes that are written at once
ROW_GROUP = 1 << 23  # bytes of rows, as CSV has them, that are a row group of Parquet
THREADS = 8  # that read and write files
NO_FOLDER = "The server cannot store or read exports at the moment."

log = structlog.get_logger("zava-mcp")


@contextlib.contextmanager
def stored() -> Iterator[None]:
    """Log an OSError of the storage and raise MCPError: it is no failure of the database."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        log.error("exports", reason=str(error))
        raise MCPError(NO_FOLDER) from error


class Output(io.RawIOBase):
    """A file that is being written, with its size and digest, as pyarrow takes one."""

    def __init__(self, file: FolderFile | BucketFile, export: Json) -> None:
        self.file, self.room, self.full = file, export["room"], export["full"]
        self.size, self.digest, self.is_given_up = 0, hashlib.sha256(), False

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Write bytes, unless the file was given up. Raises BusyError, MCPError."""
        if self.is_given_up:  # pyarrow writes an end to each file
            return len(data)
        self.size += len(data)
        if self.size > self.room:
            raise BusyError(self.full)
        self.digest.update(data)
        with stored():
            self.file.write(data)
        return len(data)

    def commit(self) -> None:
        """Rename the complete file. Raises MCPError."""
        with stored():
            self.file.commit()

    def abort(self) -> None:
        """Delete the file, complete or not."""
        self.is_given_up = True
        with contextlib.suppress(OSError):
            self.file.abort()


Run = Callable[..., Awaitable[Any]]  # runs a function in a thread


class Sink:
    """Collects the rows of a COPY, and writes them in blocks of whole lines, one thread at a time.

    What a thread does is never cancelled: who gives up the file waits for it first.
    """

    def __init__(self, file: FolderFile | BucketFile, export: Json, run: Run) -> None:
        columns: list[Json] | None = export.get("columns")
        self.output, self.run = Output(file, export), run
        self.writer = Parquet(self.output, columns) if columns else self.output
        self.block = ROW_GROUP if columns else BLOCK
        self.waiting = bytearray()
        self.working: asyncio.Future[Any] | None = None
        self.has_refused = False  # rows, so that the COPY cannot end as it should

    async def take(self, data: bytes) -> None:
        """Take rows from asyncpg. Raises MCPError."""
        try:
            self.waiting += data
            if len(self.waiting) >= self.block:
                await self.flush()
        except BaseException:
            self.has_refused = True
            raise

    async def flush(self) -> None:
        """Begin to write the rows that wait. Raises MCPError."""
        block, self.waiting = self.waiting, bytearray()
        await self.begin(self.writer.write, block)

    async def begin(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Begin something in a thread, after what is going on there. Raises MCPError."""
        await self.idle()
        self.working = asyncio.ensure_future(self.run(work, *arguments))

    async def idle(self) -> None:
        """Wait for the thread. Raises MCPError."""
        if self.working is not None:
            await asyncio.shield(self.working)

    async def commit(self) -> None:
        """Write the rest, and rename the complete file. Raises MCPError."""
        if self.waiting:
            await self.flush()
        await self.begin(self.writer.close)
        await self.begin(self.output.commit)
        await self.idle()

    async def abort(self) -> None:
        """Delete the file once no thread writes it any more."""
        if self.working is not None:
            await asyncio.wait({self.working})
            self.working.exception()
        await self.run(self.output.abort)


class Exports:
    """The files of the exports."""

    def __init__(self, settings: Settings) -> None:
        self.storage = open_storage(settings)
        # of its own: a slow storage does not hold up embeddings
        self.threads = ThreadPoolExecutor(THREADS, "exports")

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work, *arguments)

    async def look(self) -> None:
        """Log a warning if no file can be written: the first export may be far away."""
        if problem := await self.run(self.storage.problem):
            log.warning("exports cannot be written", reason=problem)

    def open(self, export: Json) -> Sink:
        """Open the file of an export. Raises MCPError."""
        with stored():
            file = self.storage.open(export["file"])
        try:
            return Sink(file, export, self.run)
        except BaseException:
            file.abort()
            raise

    async def carry(self, connection: Any, begun: str, seconds: float) -> str:
        """Write the file of an export that was begun in this transaction; return its answer.

        The file gets its name before the commit: a row that others see has its file. When it fails
        nothing is left of the file. Raises MCPError, DATABASE_FAILURES.
        """
        export = json.loads(begun)["mcp_export"]
        opening = asyncio.ensure_future(self.run(self.open, export))
        try:
            sink: Sink = await asyncio.shield(opening)
            status = await connection.copy_from_query(
                export["query"], output=sink.take, timeout=seconds, **export["options"]
            )
            await sink.commit()
            rows, output = int(status.split()[1]), sink.output
            text = await connection.fetchval(
                END, export["id"], rows, output.size, output.digest.hexdigest()
            )
        except BaseException:
            await finish(asyncio.ensure_future(give_up(opening, connection)))
            raise
        return str(text)

    async def check(self, name: str, size: int) -> None:
        """Raise MCPError unless the file of an export is there as a whole."""
        with stored():
            found = await self.run(self.storage.size, name)
            if found != size:
                raise OSError(f"{name} has {found} bytes, and not the {size} that it should")

    async def content(self, name: str, begin: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes of a file from ``begin`` to before ``end``. Raises MCPError."""
        while begin < end:
            most = min(self.storage.read_bytes, end - begin)
            with stored():
                data = await self.run(self.storage.read, name, begin, most)
                if not data:
                    raise OSError(f"{name} ends at byte {begin}")
            yield data
            begin += len(data)

    async def with_part(self, result: str) -> str:
        """Return a result of resources/read (JSON text) with the bytes of the file that it names.

        A part of a text file ends with a line if possible. Raises MCPError.
        """
        found = json.loads(result)
        part = found.pop("part")
        begin, size, [content] = part["from"], part["bytes"], found["contents"]
        await self.check(part["file"], size)
        most = min(begin + part["most"], size)
        data = b"".join([block async for block in self.content(part["file"], begin, most)])
        if "blob" in content:
            content["blob"] = base64.b64encode(data).decode()
        else:
            if begin + len(data) < size:
                data = data[: data.rfind(b"\n") + 1] or data
            content["text"] = visible(data.decode(errors="replace"))
        end = begin + len(data)
        if end < size:
            uri = f"{part['next']}{end}"
            text = f"These were bytes {begin} to {end - 1} of {size}. The next part is {uri}."
            found["contents"].append({"uri": uri, "mimeType": "text/plain", "text": text})
        return json.dumps(found)

    async def sweep(self, database: Database) -> None:
        """Delete the files that the database has no export of any more."""
        now = time.time()
        try:
            names = []
            for name, changed in await self.run(lambda: [*self.storage.files()]):
                is_complete = not name.endswith(PARTIAL)
                seconds = self.storage.settled_seconds if is_complete else WRITTEN_SECONDS
                if changed < now - seconds:
                    names.append(name)
            for name in json.loads(await database.ask(LOST, names)) if names else []:
                await self.run(self.storage.delete, name)
                log.info("export deleted", file=name)
        except (DatabaseError, *DATABASE_FAILURES) as error:
            log.warning("exports not swept", reason=repr(error))


async def give_up(opening: asyncio.Future[Sink], connection: Any) -> None:
    """Delete the file of an export that failed, once it is open."""
    await asyncio.wait({opening})
    if not opening.exception():
        if opening.result().has_refused:  # asyncpg would wait for ever for this COPY
            connection.terminate()
        await opening.result().abort()
