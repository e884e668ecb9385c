"""Exports: whole results, carried from a COPY of the database into files of a folder of its own.

The database decides what may be exported, by whom it may be read and for how long. Here are the
files: written as the rows come, never held in memory, read in parts, and deleted.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from zava_mcp.shim.answer.errors import DATABASE_FAILURES, BusyError, DatabaseError, MCPError
from zava_mcp.shim.answer.results import visible
from zava_mcp.shim.call.database import Database, is_gone
from zava_mcp.shim.settings import Settings

BEGUN = '{"mcp_export": '  # what the answer of the database begins with that begins an export
PREFIX = "export://"  # where exports are
END = "select mcp.end_export($1, $2, $3, $4)"
LOST = "select mcp.lost_exports($1)"
BLOCK = 1 << 20  # bytes that are written at once
PARTIAL = ".part"  # the end of the name of a file that is being written
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


@dataclass
class Sink:
    """A file that is written as the bytes come, and what is known of them."""

    file: BinaryIO
    room: int  # bytes that it may have
    full: str  # what is said of more
    waiting: bytearray = field(default_factory=bytearray)
    writing: asyncio.Task[None] | None = None
    size: int = 0

    def __post_init__(self) -> None:
        """Begin."""
        self.digest = hashlib.sha256()

    async def take(self, data: bytes) -> None:
        """Take bytes. Raises BusyError, MCPError."""
        self.size += len(data)
        if self.size > self.room:
            raise BusyError(self.full)
        self.waiting += data
        if len(self.waiting) >= BLOCK:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits, while more comes. Raises MCPError."""
        await self.written()
        block, self.waiting = self.waiting, bytearray()
        self.writing = asyncio.create_task(asyncio.to_thread(self.write, block))

    async def written(self) -> None:
        """Wait until all that was flushed is in the file. Raises MCPError."""
        if self.writing is not None:
            await self.writing

    def write(self, block: bytearray) -> None:
        """Write bytes. Raises MCPError."""
        self.digest.update(block)
        with stored():
            self.file.write(block)


def user() -> int:
    """Return the user of this process; 0 where the system has no numbers for users."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


class Exports:
    """The files of the exports, in a folder that several servers may share."""

    def __init__(self, settings: Settings) -> None:
        url = settings.database_url.get_secret_value()
        name = f"zava-mcp-exports-{user()}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
        self.is_ours = settings.exports is None  # where others may make folders too
        self.folder = settings.exports or Path(tempfile.gettempdir(), name)

    async def carry(self, connection: Any, begun: str, seconds: float) -> str:
        """Write the file of an export that was begun in this transaction; return its answer.

        The file gets its name before the commit: a row that others see has its file. Raises
        BusyError, MCPError, DATABASE_FAILURES.
        """
        export = json.loads(begun)["mcp_export"]
        path = self.folder / export["file"]
        partial = path.with_name(path.name + PARTIAL)
        try:
            with self.opened(partial) as file:
                sink = Sink(file, export["room"], export["full"])
                try:
                    status = await connection.copy_from_query(
                        export["query"], output=sink.take, timeout=seconds, **export["options"]
                    )
                    await sink.flush()
                finally:
                    await sink.written()
            with stored():
                partial.rename(path)
            rows, digest = int(status.split()[1]), sink.digest.hexdigest()
            text = await connection.fetchval(END, export["id"], rows, sink.size, digest)
        except BaseException as error:
            for left in (partial, path):
                with contextlib.suppress(OSError):
                    left.unlink()
            if isinstance(error, MCPError):  # asyncpg waits for ever for a COPY that was refused
                connection.terminate()
            raise
        return str(text)

    def opened(self, path: Path) -> BinaryIO:
        """Return a new file that nobody else reads. Raises MCPError."""
        with stored():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.is_ours and self.folder.stat().st_uid != user():
                raise PermissionError(f"{self.folder} is of somebody else")
            path.touch(0o600, exist_ok=False)
            return path.open("wb", buffering=0)

    def path(self, name: str, size: int) -> Path:
        """Return the file of an export, which is complete. Raises MCPError."""
        path = self.folder / name
        with stored():
            if path.stat().st_size != size:
                raise OSError(f"{path} has not the {size} bytes that it should")
        return path

    def with_part(self, result: str) -> str:
        """Return a result of resources/read, JSON text, with the part of the file that it names.

        A part ends with a line where it can. Raises MCPError.
        """
        found = json.loads(result)
        part = found.pop("part")
        begin, size = part["from"], part["bytes"]
        with stored(), self.path(part["file"], size).open("rb") as file:
            file.seek(begin)
            data = file.read(part["most"])
        if begin + len(data) < size:
            data = data[: data.rfind(b"\n") + 1] or data
        end = begin + len(data)
        found["contents"][0]["text"] = visible(data.decode(errors="replace"))
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
            for path in self.folder.glob("*-*-*-*-*.*"):
                seconds = WRITTEN_SECONDS if path.suffix == PARTIAL else KEPT_SECONDS
                if path.stat().st_mtime < now - seconds:
                    names.append(path.name)
            for name in json.loads(await database.ask(LOST, names)) if names else []:
                (self.folder / name).unlink(missing_ok=True)
                log.info("export deleted", file=name)
        except (DatabaseError, *DATABASE_FAILURES) as error:
            log.warning("exports not swept", reason=repr(error))
