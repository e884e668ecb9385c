"""``zava-mcp local``: the embedded PostgreSQL of a project alone."""

from __future__ import annotations

import os

import click
from psycopg.conninfo import conninfo_to_dict

from zava_mcp.config import find_project
from zava_mcp.local import cluster


@click.group()
def local() -> None:
    """Start, stop and open the embedded PostgreSQL of this project."""


@local.command("start")
def local_start() -> None:
    """Start the embedded server and print its URI. The server keeps running.

    \b
    Example:
      zava-mcp local start
    """  # noqa: D301 -- click takes the backspace
    data_dir = find_project().data_dir
    cluster.require_programs()
    with cluster.exclusive(data_dir):
        click.echo(cluster.start(data_dir))


@local.command("stop")
def local_stop() -> None:
    """Stop the embedded server.

    \b
    Example:
      zava-mcp local stop
    """  # noqa: D301 -- click takes the backspace
    data_dir = find_project().data_dir
    with cluster.exclusive(data_dir):
        click.echo("stopped" if cluster.stop(data_dir) else "no database was running")


PLACES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
STRONGER = ("PGSERVICE", "PGHOSTADDR")  # than PGHOST
ROLE = click.option("--role", help="The login. Default: the superuser.")


def uri_of(role: str | None) -> str:
    """Return the URI of the running embedded server."""
    return cluster.uri(find_project().data_dir, role or cluster.OWNER)


@local.command("uri")
@ROLE
def local_uri(role: str | None) -> None:
    """Print the URI of the running embedded server.

    \b
    Example:
      export DATABASE_URL=$(zava-mcp local uri)
    """  # noqa: D301 -- click takes the backspace
    click.echo(uri_of(role))


@local.command("psql", context_settings={"ignore_unknown_options": True})
@ROLE
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def local_psql(role: str | None, arguments: tuple[str, ...]) -> None:
    """Run psql on the running embedded server with ARGUMENTS.

    As of psql, the first of them may be the name of another database or a connection string.

    \b
    Example:
      zava-mcp local psql -c 'table mcp_auth.users'
      zava-mcp local psql postgres
    """  # noqa: D301 -- click takes the backspace
    program = str(cluster.bin_dir() / "psql")
    # by the environment, which leaves the place of the database to the caller
    given = conninfo_to_dict(uri_of(role))
    server = {name: str(given[key]) for key, name in PLACES.items()}
    kept = {name: value for name, value in os.environ.items() if name not in STRONGER}
    os.execve(program, [program, *arguments], {**kept, **server})  # noqa: S606
