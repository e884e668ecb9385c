"""``zava-mcp demo``: the project's schema and demo data in a database, and the demo's API keys."""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from zava_mcp import embeddings
from zava_mcp.config import FILE, Project, find_project
from zava_mcp.counts import some
from zava_mcp.local import cluster
from zava_mcp.local.cluster import LocalError
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.files import files_in, read_trees
from zava_mcp.migrate.session import Settings, connect, location
from zava_mcp.project.embed import embed_all

SEED = 42  # the demo data are the same for the same seed, day and size
SIZE = 200_000
console = Console(highlight=False)

SIZE_OPTION = click.option(
    "--size",
    envvar="ZAVA_DEMO_SIZE",
    type=click.IntRange(1),
    default=SIZE,
    show_default=True,
    help="Size of the demo, if it is loaded (ZAVA_DEMO_SIZE). The project decides what it counts.",
)
EMBEDDER_OPTION = click.option(
    "--embedder",
    envvar="ZAVA_EMBEDDER",
    type=click.Choice(embeddings.KINDS),
    help="What turns texts into vectors (ZAVA_EMBEDDER). Default: local, if it is installed.",
)
VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Name every file that was applied.")


@click.command()
@click.option(
    "--database-url",
    envvar="DATABASE_URL",
    show_envvar=True,
    help="Your own database, instead of the embedded one.",
)
@SIZE_OPTION
@EMBEDDER_OPTION
@VERBOSE
@click.option("--yes", is_flag=True, help="Do not ask before loading into --database-url.")
def demo(
    database_url: str | None, size: int, embedder: str | None, verbose: bool, yes: bool
) -> None:
    """Start the embedded server without the MCP server, load the demo and print the URI.

    The server keeps running: `zava-mcp local stop` stops it. With --database-url the demo is loaded
    there, and database, server and login are printed, without the password.

    \b
    Example:
      zava-mcp demo --size 1000
    """  # noqa: D301 (\b keeps the lines of the example)
    project = find_project()
    if not project.demo:
        raise LocalError(f"{FILE} has no [demo]: this project has no demo data")
    if not database_url:
        cluster.require_programs()
    with cluster.exclusive(project.data_dir):
        if database_url:
            uri = database_url
            with connect(Settings(url=uri)) as conn:
                shown = location(conn)
            if not yes:
                click.confirm(f"Fill {shown} with demo data?", abort=True)
        else:
            with step("PostgreSQL started"):
                uri = shown = cluster.start(project.data_dir)
        if not prepare(project, uri, embedder or default_embedder(), size, verbose):
            raise LocalError("not all texts were embedded; the message is above")
    click.echo(shown)


def default_embedder() -> str:
    """Return local if the model is installed, else none."""
    return "local" if embeddings.has_local() else "none"


@contextmanager
def step(what: str) -> Iterator[list[str]]:
    """Print a step with the seconds it took, and what the caller appended to the list."""
    began, more = time.monotonic(), list[str]()
    yield more
    detail = f": {', '.join(more)}" if more else ""
    console.print(f"[green]✓[/] {what}{detail} [dim]{time.monotonic() - began:.1f} s[/]")


def prepare(
    project: Project, uri: str, embedder: str, size: int = SIZE, verbose: bool = False, **more: Any
) -> bool:
    """Apply the core, the project and its demo, and load the demo where the database is empty.

    ``size`` and ``more`` go to the project's loader; its SQL says what they mean. ``embedder`` none
    leaves texts without vectors. Return whether all texts could be embedded. Raises LocalError or
    Failure.
    """
    with step("schema applied") as details:
        settings = Settings(url=uri, with_demo=True, verbose=verbose)
        tree = read_trees(project.sources(with_demo=True))
        done = run_apply(settings, tree, quiet=not verbose)
        for key in sorted(done.managed) if verbose else ():
            click.echo(f"applied {tree.shown(key)}")
        details.append(
            f"{len(done.versioned)} versioned and {some(len(done.managed), 'managed file')}"
        )
    if project.demo and project.demo.load:
        with step("demo data loaded") as details:
            details.extend(load_demo(project, uri, size, more))
    if embedder == "none":
        return True
    with step("texts embedded") as details:
        try:
            details.append(f"{embed_all(Settings(url=uri), embedder).stored} new")
        except embeddings.EmbeddingError as error:
            details.append(f"failed, {error}")
            return False
    return True


def load_demo(project: Project, uri: str, size: int, more: dict[str, Any]) -> list[str]:
    """Call the project's loader. Return its report, or why it did nothing."""
    assert project.demo  # noqa: S101 - the caller looked
    options = {
        "seed": SEED,
        "size": size,
        "as_of": datetime.now(UTC).date().isoformat(),
        "files": {
            file.stem: rows_of(file) for file in files_in(project.demo.root, ".csv", deep=False)
        },
        **more,
    }
    with psycopg.connect(uri, autocommit=True) as connection:
        with progress_of(connection, "demo data"):
            query = f"select {project.demo.load}(%s::jsonb)"
            row = connection.execute(query.encode(), [json.dumps(options)]).fetchone()
        made: dict[str, Any] = (row[0] if row else None) or {}
        if made:
            connection.execute("vacuum (analyze)")
    return [f"{count} {name}" for name, count in made.items()] or ["kept as they are"]


def rows_of(file: Path) -> list[dict[str, str | None]]:
    """Read a CSV file: a dict a row, None for an empty cell."""
    with file.open(newline="", encoding="utf-8") as lines:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(lines)]


@contextmanager
def progress_of(connection: psycopg.Connection[Any], title: str) -> Iterator[None]:
    """Draw a bar from the progress that SQL functions report as NOTICEs."""
    with Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(title, total=None)

        def show(notice: psycopg.errors.Diagnostic) -> None:
            if notice.sqlstate == "MCP01" and notice.message_detail:
                sent = json.loads(notice.message_detail)
                progress.update(
                    task,
                    completed=sent["progress"],
                    total=sent.get("total"),
                    description=sent.get("message") or title,
                )

        connection.add_notice_handler(show)
        try:
            yield
        finally:
            connection.remove_notice_handler(show)


def demo_keys(project: Project, uri: str, server_uri: str, file: Path) -> dict[str, Any]:
    """Return the demo's API keys, by who they are for: from ``file`` while they work, else new.

    Their shape is that of the project's function, {"name": key} or {"names": {"name": key}}.
    """
    with suppress(FileNotFoundError, json.JSONDecodeError, AttributeError, TypeError):
        keys: dict[str, Any] = json.loads(file.read_text())
        if keys and keys_work([key for _, key in named_keys(keys)], server_uri):
            return keys
    if not (project.demo and project.demo.keys):
        return {}
    with psycopg.connect(uri) as connection:
        row = connection.execute(f"select {project.demo.keys}()".encode()).fetchone()
        keys = row[0] if row else {}
    write_private(file, keys)
    return keys


def named_keys(keys: dict[str, Any]) -> list[tuple[str, str]]:
    """Flatten the demo's keys: (name, key) pairs."""
    found = list[tuple[str, str]]()
    for name, value in keys.items():
        found += named_keys(value) if isinstance(value, dict) else [(name.replace("_", " "), value)]
    return found


def keys_work(keys: list[str], server_uri: str) -> bool:
    """Return whether the database accepts all of the keys."""
    with psycopg.connect(server_uri, autocommit=True) as connection:
        try:
            for key in keys:
                connection.execute("select mcp.authenticate(%s)", [key])
        except psycopg.errors.InvalidAuthorizationSpecification:
            return False
    return True


def write_private(file: Path, content: Any) -> None:
    """Replace ``file`` by ``content`` as JSON that its owner alone can read."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2, sort_keys=True, ensure_ascii=False)
        out.write("\n")
    draft.replace(file)
