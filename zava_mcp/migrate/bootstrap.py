"""The script that a DBA runs once, so that an ordinary login can do all the rest."""

from __future__ import annotations

import click

from zava_mcp.migrate.console import FILE_OPTIONS, answer, command
from zava_mcp.migrate.ledger import OWN_SQL
from zava_mcp.migrate.session import Settings

FOR_WHOM = {
    None: "as a superuser",
    "administrator": "as its owner, who has CREATEROLE",
    "superuser": "as a superuser: all of it is optional, see docs/managed.md",
}


@command("bootstrap", options=FILE_OPTIONS)
@click.option(
    "--print",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Print the script. A DBA reads it, and runs it.",
)
@click.option("--login", required=True, help="The ordinary login that will run apply.")
@click.option("--database", required=True, help="The existing database.")
@click.option(
    "--for",
    "whom",
    type=click.Choice(("administrator", "superuser")),
    help="Only the part for an administrator without superuser, or only the part for a superuser.",
)
@click.option(
    "--after", is_flag=True, help="The part that a superuser may run after apply: event triggers."
)
def bootstrap(settings: Settings, login: str, database: str, whom: str | None, after: bool) -> None:
    """Print the SQL script that a DBA runs once, so that an ordinary login can do the rest.

    It creates the core's roles and those of zava.toml: login, roles and audiences. Without --for it
    needs a superuser. On a managed service, an administrator with CREATEROLE who owns the database
    runs the output of --for administrator. The output of --for superuser is optional;
    docs/managed.md says what is lost without it. It changes no other objects.

    Example:
      zava-mcp migrate bootstrap --print --login shop_dba --database shop | psql -d shop
    """
    tree, project = settings.tree(), settings.project
    text = (OWN_SQL / "bootstrap.sql").read_text()
    head, rest = text.split("-- ADMINISTRATOR\n")
    administrator, superuser = rest.split("-- SUPERUSER\n")
    parts = {
        None: head + administrator + superuser,
        "administrator": f"{head}{administrator}commit;\n",
        "superuser": head + superuser,
    }
    text = parts[whom].replace("FOR_WHOM", FOR_WHOM[whom])
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
