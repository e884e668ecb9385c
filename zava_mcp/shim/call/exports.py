"""Exports: whole results, carried from a COPY of the database into files.

The database decides what may be exported, by whom it may be read and for how long. Here are the
files: written as the rows come, never held in memory, read in parts, and deleted.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import structlog

from zava_mcp.shim.answer.errors import DATABASE_FAILURES, BusyError, DatabaseError, Json, MCPError
from zava_mcp.shim.answer.results import visible
from zava_mcp.shim.call.database import Database, is_gone
from zava_mcp.shim.call.parquet import Parquet
from zava_mcp.shim.call.storage import PARTIAL, BucketFile, FolderFile, open_storage
from zava_mcp.shim.settings import Settings

BEGUN = '{"mcp_export": '  # what the answer of the database begins with that begins an export
PREFIX = "export://"  # where exports are
END = "select mcp.end_export($1, $2, $3, $4)"
LOST = "select mcp.lost_exports($1)"
BLOCK = 1 << 20  # bytes that are written at once
ROW_GROUP = 1 << 23  # bytes of rows, as CSV has them, that are a row group of Parquet
WRITTEN_SECONDS, KEPT_SECONDS = 7 * 3600, 600  # no task writes longer, no commit takes longer
NO_FOLDER = "The server cannot store or read exports at the moment."

log = structlog.get_logger("zava-mcp")


@contextlib.asynccontextmanager
async def transaction(connection: Any) -> AsyncIterator[None]:
    """Commit what is done meanwhile, or roll it back unless the connection was ended."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    except BaseException:
        if not is_gone(connection):
            await transaction.rollback()
        raise
    await transaction.commit()


@contextlib.contextmanager
def stored() -> Iterator[None]:
    """Log what goes wrong with a file: it is no failure of the database. Raises MCPError."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        log.error("exports", reason=str(error))
        raise MCPError(NO_FOLDER) from error


class Output(io.RawIOBase):
    """A file that is being written, as pyarrow takes one, and what is known of it."""

    def __init__(self, file: FolderFile | BucketFile, export: Json) -> None:
        self.file, self.room, self.full = file, export["room"], export["full"]
        self.size, self.digest, self.is_given_up = 0, hashlib.sha256(), False

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, data: Any) -> int:
        """Write bytes, unless it was given up. Raises BusyError, MCPError."""
        if self.is_given_up:  # pyarrow ends each file
            return len(data)
        self.size += len(data)
        if self.size > self.room:
            raise BusyError(self.full)
        self.digest.update(data)
        with stored():
            self.file.write(data)
        return len(data)


class Sink:
    """What takes the rows of an export, whole lines at a time, and has them written meanwhile."""

    def __init__(self, output: Output, export: Json) -> None:
        columns: list[Json] | None = export.get("columns")
        self.written = Parquet(output, columns) if columns else output
        self.block = ROW_GROUP if columns else BLOCK
        self.waiting = bytearray()
        self.writing: asyncio.Task[Any] | None = None

    async def take(self, data: bytes) -> None:
        """Take bytes. Raises MCPError."""
        self.waiting += data
        if len(self.waiting) >= self.block:
            await self.flush()

    async def flush(self) -> None:
        """Have written what waits, while more comes. Raises MCPError."""
        await self.idle()
        block, self.waiting = self.waiting, bytearray()
        self.writing = asyncio.create_task(asyncio.to_thread(self.written.write, block))

    async def idle(self) -> None:
        """Wait until all that was flushed is written. Raises MCPError."""
        if self.writing is not None:
            await self.writing


class Exports:
    """The files of the exports."""

    def __init__(self, settings: Settings) -> None:
        self.storage = open_storage(settings)

    async def carry(self, connection: Any, begun: str, seconds: float) -> str:
        """Write the file of an export that was begun in this transaction; return its answer.

        The file gets its name before the commit: a row that others see has its file. Raises
        MCPError, DATABASE_FAILURES.
        """
        export = json.loads(begun)["mcp_export"]
        output = None
        try:
            with stored():
                file = await asyncio.to_thread(lambda: self.storage.open(export["file"]))
            output = Output(file, export)
            sink = await asyncio.to_thread(Sink, output, export)  # what it needs is loaded
            try:
                status = await connection.copy_from_query(
                    export["query"], output=sink.take, timeout=seconds, **export["options"]
                )
                if sink.waiting:
                    await sink.flush()
            finally:
                await sink.idle()
            await asyncio.to_thread(sink.written.close)
            with stored():
                await asyncio.to_thread(output.file.commit)
            rows, digest = int(status.split()[1]), output.digest.hexdigest()
            text = await connection.fetchval(END, export["id"], rows, output.size, digest)
        except BaseException as error:
            if isinstance(error, MCPError):  # asyncpg waits for ever for a COPY that was refused
                connection.terminate()
            if output is not None:
                output.is_given_up = True
                with contextlib.suppress(OSError):
                    await asyncio.to_thread(output.file.abort)
            raise
        return str(text)

    async def check(self, name: str, size: int) -> None:
        """Raise MCPError unless the file of an export is there as a whole."""
        with stored():
            found = await asyncio.to_thread(self.storage.size, name)
            if found != size:
                raise OSError(f"{name} has {found} bytes, and not the {size} that it should")

    async def content(self, name: str, begin: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes of a file from ``begin`` to before ``end``. Raises MCPError."""
        while begin < end:
            most = min(4 * BLOCK, end - begin)
            with stored():
                data = await asyncio.to_thread(self.storage.read, name, begin, most)
                if not data:
                    raise OSError(f"{name} ends at byte {begin}")
            yield data
            begin += len(data)

    async def with_part(self, result: str) -> str:
        """Return a result of resources/read, JSON text, with the part of the file that it names.

        A part of a text ends with a line where it can. Raises MCPError.
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
        """Delete the files that no export has any more."""
        now = time.time()
        try:
            names = []
            for name, changed in await asyncio.to_thread(lambda: [*self.storage.files()]):
                seconds = WRITTEN_SECONDS if name.endswith(PARTIAL) else KEPT_SECONDS
                if changed < now - seconds:
                    names.append(name)
            for name in json.loads(await database.ask(LOST, names)) if names else []:
                await asyncio.to_thread(self.storage.delete, name)
                log.info("export deleted", file=name)
        except (DatabaseError, *DATABASE_FAILURES) as error:
            log.warning("exports not swept", reason=repr(error))
