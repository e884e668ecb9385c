"""``zava-mcp test``: the project's pgTAP files, on a database that lives as long as the run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import click
import psycopg
from psycopg import sql

from zava_mcp.local import cluster
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.console import FILE_OPTIONS, command
from zava_mcp.migrate.ledger import Connection, scalar
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


LOCK = "hashtextextended('zava-mcp:' || %s, 0)"
LEFT = """
select d.datname
from pg_database as d
where
    d.datname ~ '^test_[0-9a-f]{12}$'
    and not exists (select from pg_stat_activity as a where a.datid = d.oid)
order by 1
"""


def drop_leftovers(connection: Connection) -> None:
    """Drop the databases of killed runs that nobody is connected to."""
    for (name,) in connection.execute(LEFT).fetchall():
        if scalar(connection, f"select pg_try_advisory_lock({LOCK})", [name]):
            # somebody may have connected since, or dropped it
            with suppress(psycopg.Error):
                connection.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
            connection.execute(f"select pg_advisory_unlock({LOCK})".encode(), [name])


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
        drop_leftovers(connection)
        # ends with the process: a database of this form without the lock is left over
        connection.execute(f"select pg_advisory_lock({LOCK})".encode(), [name])
        cluster.create_database(connection, name)
        try:
            here = replace(settings, url=server.replace(f"/{cluster.DATABASE}?", f"/{name}?"))
            run_apply(here, here.tree(), quiet=True, is_temporary=True)
            yield here
        finally:
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )
