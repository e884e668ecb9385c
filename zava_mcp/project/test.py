"""``zava-mcp test``: the project's pgTAP files, on a database that lives as long as the run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import psycopg
from psycopg import sql

from zava_mcp.local import cluster
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.console import FILE_OPTIONS, command
from zava_mcp.migrate.proof import JUNIT, run_tests
from zava_mcp.migrate.session import Settings


@command("test", options=FILE_OPTIONS, group=None)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@JUNIT
def test(settings: Settings, files: tuple[Path, ...], junit: Path | None) -> None:
    """Apply the core and this project to a new database, run the pgTAP FILES and drop it.

    The default of FILES is all of the project. The database is on the embedded server, which is
    started if it does not run. For your own database use zava-mcp migrate test.

    Example:
      zava-mcp test --junit report.xml
    """
    with new_database(settings) as here:
        run_tests(here, files, junit)


@contextmanager
def new_database(settings: Settings) -> Iterator[Settings]:
    """Apply the core and the project to a new database on the embedded server, then drop it.

    Yields the settings with its URI. The server is started if it does not run.
    """
    name = f"test_{uuid.uuid4().hex[:12]}"
    with (
        cluster.server(settings.project.data_dir) as server,
        psycopg.connect(server, autocommit=True) as connection,
    ):
        cluster.create_database(connection, name)
        try:
            here = replace(settings, url=server.replace(f"/{cluster.DATABASE}?", f"/{name}?"))
            run_apply(here, here.tree(), quiet=True, is_temporary=True)
            yield here
        finally:
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )
