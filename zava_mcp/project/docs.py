"""``zava-mcp docs``: the reference of the tools and the schema, made from a new database."""

from __future__ import annotations

from pathlib import Path

import click
from psycopg import connect

from zava_mcp.migrate.console import FILE_OPTIONS, answer, command
from zava_mcp.migrate.schema import schema_of
from zava_mcp.migrate.session import Settings
from zava_mcp.project.test import new_database


@command("docs", options=FILE_OPTIONS, group=None)
@click.argument(
    "into",
    metavar="[FOLDER]",
    required=False,
    default="docs",
    type=click.Path(file_okay=False, path_type=Path),
)
def docs(settings: Settings, into: Path) -> None:
    """Write FOLDER/tools.md and FOLDER/schema.sql, by default into docs.

    tools.md is the reference of the tools, resources and prompts, from their comments. schema.sql
    is the output of zava-mcp migrate schema. Both come from a new database with the core and this
    project, on the embedded server, which is started if it does not run.

    Example:
      zava-mcp docs && git diff --stat docs
    """
    with new_database(settings) as here:
        with connect(str(here.url)) as connection:
            row = connection.execute("select mcp_catalog.tool_reference()").fetchone()
        made = {"tools.md": f"{row[0] if row else ''}\n", "schema.sql": schema_of(here)}
    into.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (into / name).write_text(text, encoding="utf-8")
    written = [str(into / name) for name in made]
    answer(settings, {"written": written}, *(f"wrote {path}" for path in written))
