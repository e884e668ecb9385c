"""The script that a DBA runs once, so that an ordinary login can do all the rest."""

from __future__ import annotations

import re
from itertools import pairwise

import click

from zava_mcp.migrate.console import FILE_OPTIONS, NO_LOCKDOWN, answer, command
from zava_mcp.migrate.files import Tree, statements
from zava_mcp.migrate.ledger import OWN_SQL
from zava_mcp.migrate.session import Settings

LOCKDOWN = ("forbidden", "access", "lock_down")  # functions of schema mcp_migrate, in this order
LOCKDOWN_ROWS = re.compile(r"(create table|insert into) mcp_migrate\.(given_back|taken) ")


@command("bootstrap", options=FILE_OPTIONS)
@click.option(
    "--print",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Print it: a DBA reads the script, and runs it where it belongs.",
)
@click.option("--login", required=True, help="The ordinary login that will run apply.")
@click.option("--database", required=True, help="The database, which exists.")
@click.option("--after", is_flag=True, help="What a superuser may run after apply: event triggers.")
@NO_LOCKDOWN(help="Without the lock-down: for a database shared with others, or without superuser.")
def bootstrap(settings: Settings, login: str, database: str, after: bool) -> None:
    """Print the SQL script that a DBA runs once, so that an ordinary login can do all the rest.

    It creates the core's roles and those that zava.toml names: login, roles and audiences. It needs
    a superuser; with --no-lockdown a provider's administrator will do, who has CREATEROLE and the
    right to create the extensions of zava.toml.

    Example:
      zava-mcp migrate bootstrap --print --login shop_dba --database shop | psql -d shop
    """
    tree, project = settings.tree(), settings.project
    text = (OWN_SQL / "bootstrap.sql").read_text()
    lockdown = "" if settings.no_lockdown else temporary_lockdown(tree)
    text = text.replace("-- LOCKDOWN\n", lockdown)
    for word, value in {
        "LOGIN_NAME": login,
        "DATABASE_NAME": database,
        "SERVER_NAME": project.login,
        "ROLE_NAMES": names(project.roles),
        "AUDIENCE_NAMES": names(project.audiences),
        "EXTENSION_NAMES": names(project.extensions),
    }.items():
        text = text.replace(f"'{word}'", "'{}'".format(value.replace("'", "''")))
    if after:
        managed = tree.managed.values()
        text = "\n".join(file.text for file in managed if "create event trigger" in file.text)
    answer(settings, {"script": text}, text.rstrip())


def names(found: tuple[str, ...]) -> str:
    """Write names as an array of PostgreSQL; zava.toml admits plain names alone."""
    return "{" + ",".join(found) + "}"


def temporary_lockdown(tree: Tree) -> str:
    """Return the tables, rows and functions of the lock-down as pg_temp, and their run.

    So a DBA locks the database from the same source, before there is a schema mcp_migrate.
    """
    parts = []
    for file in tree.versioned.values():
        starts = [*statements(file.text), (len(file.text), "")]
        for (start, head), (end, _) in pairwise(starts):
            if LOCKDOWN_ROWS.match(head):
                parts.append(re.sub(r"(\n *--.*|\s)+\Z", "", file.text[start:end]))
    parts += [tree.managed[f"core/functions/mcp_migrate/{name}.sql"].text for name in LOCKDOWN]
    text = "\n\n".join([*parts, (OWN_SQL / "bootstrap_lockdown.sql").read_text(), ""])
    return re.sub(r"\bmcp_migrate\.", "pg_temp.", text)
