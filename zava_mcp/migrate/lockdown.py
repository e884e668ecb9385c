"""The commands of the lock-down: plan, on and off.

SQL decides what is taken and stores each access list that it changes; see docs/lockdown.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from zava_mcp.migrate.console import (
    ALL_OPTIONS,
    FILE_OPTIONS,
    Decorator,
    Table,
    answer,
    command,
    confirm,
    migrate,
)
from zava_mcp.migrate.console import DATABASE as DATABASE_OPTION
from zava_mcp.migrate.ledger import USAGE, Connection, Failure, ensure_ledger, log, scalar
from zava_mcp.migrate.session import Settings, connect, exclusive, location

READ_OPTIONS: list[Decorator] = [
    DATABASE_OPTION(help="libpq URI. Default: the embedded server of this project, if it runs."),
    *FILE_OPTIONS,
]
SHOWN = 3  # names in a line of the plan; --json has all
SPARE = click.option(
    "--spare",
    "spared",
    multiple=True,
    metavar="ROLE",
    help="A role that keeps what PUBLIC had, such as the login of another application.",
)


@migrate.group("lockdown")
def lockdown() -> None:
    """Revoke PostgreSQL's own functions and catalogues from PUBLIC, or restore them.

    It is on in databases of the embedded server, and off in all others until you run on.
    """


@command("plan", options=[*READ_OPTIONS, SPARE], group=lockdown)
def lockdown_plan(settings: Settings, spared: tuple[str, ...]) -> None:
    """Show what each role would lose, logins first. Changes nothing.

    Superusers, the owner of the migrations and the roles of --spare lose nothing. Each line has the
    number of privileges and some names; --json has all names.

    Example:
      zava-mcp migrate lockdown plan --spare shop_app
    """
    with connect(settings) as conn, conn.transaction(force_rollback=True):
        require_core(conn)
        rows = losses(conn, spared)
        state = scalar(conn, "select value from mcp_catalog.settings where name = 'lockdown'")
    fields = ("role", "is_login", "loses", "privileges", "objects")
    report = {
        "is_on": state is True,
        "losses": [dict(zip(fields, row, strict=True)) for row in rows],
    }
    lines = [
        (
            f"{role} (login)" if is_login else role,
            loses,
            str(count),
            ", ".join(objects[:SHOWN]) + (", ..." if len(objects) > SHOWN else ""),
        )
        for role, is_login, loses, count, objects in rows
    ]
    table = Table("Losses", ("role", "would lose", "privileges", "such as"), lines)
    answer(settings, report, table, summary(rows))


@command("on", options=[*ALL_OPTIONS, SPARE], group=lockdown)
@click.option("--yes", is_flag=True, help="Do not ask.")
def lockdown_on(settings: Settings, spared: tuple[str, ...], yes: bool) -> None:
    """Lock this database down, as a superuser. Run plan first.

    It says how much PUBLIC loses and which logins lose something, and asks.

    Each access list that changes is stored in mcp_migrate.locked. Run it again after a restore, an
    upgrade of PostgreSQL or a new extension. Restart the servers afterwards.

    Example:
      zava-mcp migrate lockdown on --spare shop_app
    """
    with exclusive(settings) as conn:
        with conn.transaction(force_rollback=True):
            require_core(conn)
            rows = losses(conn, spared)
        ask(conn, rows, yes)
        with conn.transaction():
            ensure_ledger(conn)
            spare(conn, spared)
            count = scalar(conn, "select mcp_migrate.lock_down()")
            log(conn, "lockdown", "on")
    answer(settings, {"taken": count}, f"PUBLIC lost {count} privileges")


@command("off", options=ALL_OPTIONS, group=lockdown)
def lockdown_off(settings: Settings) -> None:
    """Restore each access list that the lock-down changed, and nothing else.

    Other grants and revokes since then stay. Restart the servers afterwards.

    Example:
      zava-mcp migrate lockdown off
    """
    with exclusive(settings) as conn, conn.transaction():
        require_core(conn)
        ensure_ledger(conn)
        count = scalar(conn, "select mcp_migrate.lift_lockdown()")
        conn.execute("delete from mcp_migrate.spared")
        log(conn, "lockdown", "off")
    answer(settings, {"restored": count}, f"PUBLIC got back {count} privileges")


def require_core(conn: Connection) -> None:
    """Refuse a database without the core's lock-down."""
    if not scalar(conn, "select to_regprocedure('mcp_migrate.lockdown_plan()')"):
        raise Failure("this database has no lock-down yet: zava-mcp migrate apply first", USAGE)


def losses(conn: Connection, spared: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """List what each role would lose, as mcp_migrate.lockdown_plan; the transaction must end."""
    spare(conn, spared)
    return conn.execute("select * from mcp_migrate.lockdown_plan()").fetchall()


def summary(rows: Sequence[tuple[Any, ...]]) -> str:
    """Return in one line who would lose something."""
    logins = sorted({row[0] for row in rows if row[1]})
    total = sum(row[3] for row in rows if row[0] == "PUBLIC")
    return (
        f"PUBLIC would lose {total} privileges; logins that lose something: "
        f"{', '.join(logins) or 'none'}"
    )


def ask(conn: Connection, rows: Sequence[tuple[Any, ...]], yes: bool) -> None:
    """Ask before somebody loses something. Without a terminal only --yes confirms."""
    if rows and not yes:
        confirm(f"Lock {location(conn)} down?", summary(rows))


def spare(conn: Connection, roles: tuple[str, ...]) -> None:
    """Store the roles that keep the rights of PUBLIC."""
    for role in roles:
        if not scalar(conn, "select exists (select from pg_roles where rolname = %s)", [role]):
            raise Failure(f"--spare: there is no role {role}", USAGE)
        conn.execute(
            "insert into mcp_migrate.spared (role) values (%s) on conflict do nothing", [role]
        )
