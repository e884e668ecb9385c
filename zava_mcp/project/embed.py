"""``zava-mcp embed``: vectors of the texts that have none yet."""

from __future__ import annotations

import contextlib
import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import click
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.types.json import Jsonb

from zava_mcp.counts import some
from zava_mcp.embeddings import Embedder, EmbeddingError, load_embedder
from zava_mcp.migrate.console import answer, command
from zava_mcp.migrate.ledger import USAGE, Connection, Failure, scalar
from zava_mcp.migrate.session import Settings, connect


@dataclass(frozen=True)
class Embedded:
    """The result of a run: the model, the number of stored vectors, and the index."""

    model: str
    stored: int
    index: dict[str, Any]


@dataclass(frozen=True)
class Vectors:
    """Vectors of one length, which go to PostgreSQL as real[] of two dimensions."""

    rows: Sequence[Sequence[float]]


class VectorsDumper(Dumper):
    """Write vectors in binary: psycopg's own dumper of lists takes a microsecond a number."""

    format = Format.BINARY
    oid = types["float4"].array_oid

    def dump(self, obj: Vectors) -> bytes:
        """Return the header of the array, then for each number its length, 4, and its bytes."""
        numbers = array("f", chain.from_iterable(obj.rows))
        if sys.byteorder == "little":
            numbers.byteswap()
        raw, body = numbers.tobytes(), bytearray(8 * len(numbers))
        body[3::8] = b"\4" * len(numbers)
        for byte in range(4):
            body[4 + byte :: 8] = raw[byte::4]
        rows = len(obj.rows)
        sizes = (rows, 1, len(numbers) // rows, 1)
        return struct.pack(">7i", 2, 0, types["float4"].oid, *sizes) + bytes(body)


@command("embed", group=None)
@click.option(
    "--batch",
    default=64,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Texts a batch; each batch is committed.",
)
@click.option(
    "--embedder",
    envvar="ZAVA_EMBEDDER",
    default="local",
    show_default=True,
    show_envvar=True,
    type=click.Choice(["local", "openai"]),
    help="What turns a text into a vector; docs/search.md lists the settings.",
)
def embed(settings: Settings, batch: int, embedder: str) -> None:
    """Compute the vectors that are missing for the chosen model, then build the index.

    Texts are those of the project, and descriptions of tools where a tool searches by meaning.

    Batches are committed one by one, so an interrupted run resumes.

    Example:
      zava-mcp embed --embedder local
    """
    try:
        done = embed_all(settings, embedder, batch)
    except EmbeddingError as error:
        raise Failure(f"embedding failed: {error}") from error
    built = ", ".join(f"{name} {value}" for name, value in done.index.items() if value is not None)
    answer(
        settings,
        {"model": done.model, "stored": done.stored, "index": done.index},
        f"{some(done.stored, 'text')} embedded with {done.model}",
        f"index: {built}",
    )


def embed_all(settings: Settings, embedder: str, batch: int = 64) -> Embedded:
    """Embed what is pending and build the index. Raises EmbeddingError or Failure."""
    model = load_embedder(embedder)
    if model is None:
        raise Failure(f"--embedder {embedder}: there is nothing to embed with", USAGE)
    with connect(settings) as conn:
        conn.adapters.register_dumper(Vectors, VectorsDumper)
        stored = sum(embed_batches(conn, model, batch))
        with building():
            index = scalar(conn, "select mcp.finish_embeddings(%s)", [model.model])
    return Embedded(model.model, stored, index or {})


def building() -> contextlib.AbstractContextManager[Any]:
    """Show that the index is being built and measured, which may take minutes."""
    from rich.console import Console

    return Console(stderr=True).status("building and measuring the index")


def embed_batches(conn: Connection, model: Embedder, batch: int) -> Iterator[int]:
    """Embed and store until nothing is pending; give the count of each batch."""
    from rich.console import Console
    from rich.progress import Progress

    def pending() -> Any:
        # many batches at once, since what is pending is found by reading all texts
        parameters = [model.model, 50 * batch]
        return scalar(conn, "select mcp.pending_embeddings(%s, %s)", parameters)

    work = pending()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("embedding", total=work["total"])
        while found := work.get("items"):
            for start in range(0, len(found), batch):
                items = found[start : start + batch]
                vectors = model.embed([item["text"] for item in items])
                rows = [{"id": item["id"], "source": item["text"]} for item in items]
                parameters = [model.model, Jsonb(rows), Vectors(vectors)]
                stored = scalar(conn, "select mcp.store_embeddings(%s, %s, %b)", parameters)
                if not stored:
                    raise Failure("mcp.store_embeddings stored nothing of a batch that is pending")
                progress.advance(task, stored)
                yield stored
            work = pending()
