"""The command baseline: which schemas are checked, and which are accepted as they are."""

from __future__ import annotations

from collections.abc import Sequence

import click

from zava_mcp.config import CORE
from zava_mcp.migrate.console import Table, answer, command
from zava_mcp.migrate.ledger import (
    OWN_SQL,
    USAGE,
    Connection,
    Failure,
    ensure_ledger,
    log,
    note_schema,
    scalar,
)
from zava_mcp.migrate.session import Settings, exclusive

STANDINGS = OWN_SQL / "baseline.sql"


@command("baseline")
@click.argument("schemas", nargs=-1)
@click.option(
    "--check", is_flag=True, help="Check everything in SCHEMAS, instead of accepting them."
)
def baseline(settings: Settings, schemas: tuple[str, ...], check: bool) -> None:
    """Accept SCHEMAS as they are, by default all that no versioned file made, and list them.

    In an accepted schema the checks only cover what managed files made and what tools reach. drift
    and apply --all only cover what managed files made. This is the default for every schema that no
    versioned file made. Use the command to record it, to list the schemas, or to accept a schema
    that a file made and that another team maintains now. With --check the checks cover everything
    in SCHEMAS, as in schemas that versioned files made.

    Example:
      zava-mcp migrate baseline && zava-mcp migrate verify
    """
    if check and not schemas:
        raise Failure("--check: name the schemas", USAGE)
    with exclusive(settings) as conn, conn.transaction():
        ensure_ledger(conn)  # rolled back where a schema is refused
        check_schemas(conn, schemas)
        known = conn.execute(STANDINGS.read_bytes()).fetchall()
        wanted = schemas or [name for name, standing, *_ in known if standing == "not ours"]
        for schema in wanted:
            note_schema(conn, schema, check, tree=settings.project.name if check else "")
            log(conn, "baseline", f"{schema} {'checked' if check else 'accepted'}")
        rows = conn.execute(STANDINGS.read_bytes()).fetchall()
    fields = ("schema", "standing", "relations", "functions", "reached by tools")
    report = {"schemas": [dict(zip(fields, row, strict=True)) for row in rows]}
    shown = [tuple(map(str, row)) for row in rows]
    answer(settings, report, Table("Schemas", fields, shown))


def check_schemas(conn: Connection, schemas: Sequence[str]) -> None:
    """Refuse a schema that is not there, or the toolkit's own."""
    for schema in schemas:
        if not scalar(conn, "select to_regnamespace(quote_ident(%s))", [schema]):
            raise Failure(f"{schema}: this database has no such schema", USAGE)
        query = "select exists (select from mcp_migrate.schema where schema = %s and tree = %s)"
        if scalar(conn, query, [schema, CORE]):
            raise Failure(f"{schema}: it is the toolkit's own, and always checked", USAGE)
