"""The facts about a database, which apply checks first and zava-mcp doctor prints.

SQL gathers the facts in a read-only transaction; here they become lines with a level and a remedy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from zava_mcp.config import CORE, Project
from zava_mcp.counts import some
from zava_mcp.migrate.files import Tree
from zava_mcp.migrate.ledger import (
    FAILED,
    OWN_SQL,
    Connection,
    Failure,
    State,
    read_state,
    scalar,
)

OK, NOTE, WARNING, ERROR = "ok", "note", "warning", "error"
QUERY = (OWN_SQL / "doctor.sql").read_bytes()
CORE_ROLES = ("mcp_core", "mcp_tools", "mcp_sandbox", "mcp_server")
LEDGER = "mcp_migrate"
Facts = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing that was checked: its level, what was found, and what to do about it."""

    part: str
    level: str
    found: str
    remedy: str = ""


def look(conn: Connection, project: Project | None, tree: Tree | None) -> list[Line]:
    """Check a database in a read-only transaction. ``tree`` has the files for it."""
    if conn.info.backend_pid != scalar(conn, "select pg_backend_pid()"):
        return [Line("pooler", ERROR, "a pooler is between", DIRECT)]
    conn.read_only = True
    with conn.transaction():
        state = read_state(conn, tree) if tree else State()
        return list(lines(gather(conn, project, tree, state)))


DIRECT = (
    "give a direct connection: the lock of a run ends with its session; a server may go through the"
    " pooler, as ZAVA_DATABASE_URL"
)


def gather(conn: Connection, project: Project | None, tree: Tree | None, state: State) -> Facts:
    """Read the facts of a database, for these files."""
    pending = state.of("pending") if tree else []
    files = [tree.versioned[key] for key in pending] if tree else []
    schemas = [schema for file in files for schema in file.schemas()]
    roles = [*project.audiences, *project.roles] if project else []
    needed = list(project.extensions) if project else []
    has_core = tree is None or any(file.tree == CORE for file in tree.versioned.values())
    server = project.login if project else ""
    parameters = [[*schemas, LEDGER], list(CORE_ROLES) if has_core else [], roles, needed, server]
    row = psycopg.RawCursor(conn).execute(QUERY, parameters).fetchone()
    found: Facts = row[0] if row else {}
    return found | {
        "audiences": project.audiences if project else [],
        "server": server,
        "has_project": any(project and in_tree(key, project.name) for key in state.versions),
    }


def lines(facts: Facts) -> Iterator[Line]:
    """Return the facts as lines."""
    yield Line("version", OK, f"PostgreSQL {facts['version']}")
    yield encoding(facts)
    yield primary(facts)
    yield from extensions(facts)
    yield from collisions(facts)
    yield from roles(facts)
    yield from login(facts)
    yield from server_login(facts)
    yield from logins(facts)


def encoding(facts: Facts) -> Line:
    """Refuse an encoding that cannot represent every text of a client."""
    if facts["encoding"] == "UTF8":
        return Line("encoding", OK, "UTF8")
    return Line(
        "encoding",
        ERROR,
        f"database {facts['database']} is in {facts['encoding']}: it cannot hold what clients send",
        "create database ... template template0 encoding 'UTF8', and move the data with"
        " pg_dump and pg_restore",
    )


def primary(facts: Facts) -> Line:
    """Refuse a database that does not accept writes."""
    if facts["is_replica"]:
        return Line(
            "primary",
            ERROR,
            "this is a replica, which only reads",
            "connect to the primary; a server may read here, as ZAVA_REPLICA_URL",
        )
    if facts["is_read_only"]:
        return Line(
            "primary",
            ERROR,
            "default_transaction_read_only is on for this login or database",
            "alter role ... in database ... set default_transaction_read_only = off",
        )
    return Line("primary", OK, "it takes writes")


def extensions(facts: Facts) -> Iterator[Line]:
    """List the extensions, and those that the project needs and the database lacks."""
    listed = ", ".join(f"{name} in {schema}" for name, schema in facts["extensions"].items())
    if listed or not facts["missing_extensions"]:
        yield Line("extensions", OK, listed or "none; the toolkit needs none")
    for name, is_available in sorted(facts["missing_extensions"].items()):
        if not is_available:
            yield Line(
                "extensions",
                ERROR,
                f"zava.toml needs {name}, and this server does not have it",
                f"install the package of {name} on the server, or choose a provider that has it",
            )
        else:
            is_able = facts["login"]["is_superuser"]
            yield Line(
                "extensions",
                NOTE if is_able else WARNING,
                f"zava.toml needs {name}, which is not created yet",
                f"in a versioned file, or by hand: create extension {name}"
                if is_able
                else f"an administrator: create extension {name}",
            )


def collisions(facts: Facts) -> Iterator[Line]:
    """Refuse schemas of others that have the names of ours."""
    taken = dict(facts["schemas"])
    if facts["is_our_ledger"]:
        taken.pop(LEDGER, None)
    elif LEDGER in taken and not facts["has_ledger"]:
        taken.pop(LEDGER)  # empty: an earlier run was stopped, or a DBA made it
    for schema, owner in sorted(taken.items()):
        yield Line(
            "schemas",
            ERROR,
            f"schema {schema} is there already, of {owner}, and no file of ours made it",
            "if these files made it, and the ledger was lost: restore schema mcp_migrate from a"
            " backup, or zava-mcp migrate adopt --to NNNN; if not: name the schema of the file"
            f" otherwise, or rename {schema}",
        )
    if not taken:
        yield Line("schemas", OK, "no name of ours is taken by something else")


def roles(facts: Facts) -> Iterator[Line]:
    """Refuse roles with the toolkit's names that have powers. List shared and missing roles."""
    present = [role for role in facts["roles"] if role["exists"]]
    for role in present:
        if role["powers"]:
            powers = ", ".join(role["powers"])
            off = " ".join(f"no{power}" for power in role["powers"])
            yield Line(
                "roles",
                ERROR,
                f"role {role['name']} has {powers}, and tools would have it too",
                f"alter role {role['name']} {off}, or name another role in zava.toml",
            )
    missing = [role["name"] for role in facts["roles"] if not role["exists"]]
    if missing and not facts["login"]["may_create_roles"]:
        yield Line(
            "roles",
            ERROR,
            f"{', '.join(missing)} are missing, and {facts['login']['name']} may not create roles",
            "an administrator runs what zava-mcp migrate bootstrap --print prints",
        )
    elif not facts["has_core"] and any(role["is_core"] for role in present):
        names = ", ".join(role["name"] for role in present if role["is_core"])
        yield Line(
            "roles", NOTE, f"{names} are there: roles are shared by the databases of this server"
        )
    elif not any(role["powers"] for role in present):
        yield Line("roles", OK, f"{len(present)} of {len(facts['roles'])} are there")


def login(facts: Facts) -> Iterator[Line]:
    """Yield a line about the rights of the login, and one per missing right."""
    me = facts["login"]
    may = {
        "is a superuser": me["is_superuser"],
        "owns the database": me["owns_database"],
        "may create roles": me["may_create_roles"],
        "may create schemas": me["may_create_schemas"],
        "may create databases": me["may_create_databases"],
        "bypasses row-level security": me["bypasses_row_security"],
    }
    can = [what for what, is_so in may.items() if is_so]
    short = "is a superuser" if me["is_superuser"] else ", ".join(can) or "owns and may nothing"
    yield Line("login", OK, f"{me['name']} {short}")
    if not me["may_create_schemas"]:
        yield Line(
            "login",
            ERROR if not facts["has_core"] else WARNING,
            f"{me['name']} may not create a schema in this database",
            f"its owner: grant create on database {facts['database']} to {me['name']}; all that a"
            " login needs: zava-mcp migrate bootstrap --print",
        )
    ownerless = ("mcp_server", *facts["audiences"])  # to which apply gives no object
    foreign = [
        role
        for role in facts["roles"]
        if role["exists"] and not role["may_set"] and role["name"] not in ownerless
    ]
    is_fatal = not facts["has_core"] and any(role["is_core"] for role in foreign)
    if foreign and not me["is_superuser"] and (facts["has_core"] or not me["may_create_roles"]):
        yield Line(
            "login",
            ERROR if is_fatal else WARNING,
            f"{me['name']} may not become {', '.join(role['name'] for role in foreign)},"
            " to which apply gives objects",
            "an administrator runs what zava-mcp migrate bootstrap --print prints",
        )
    if not me["is_superuser"]:
        yield Line(
            "login",
            NOTE,
            "without a superuser there is no lock-down, no event trigger and no temp_file_limit",
            "docs/managed.md says what each is for, and who can make it",
        )


def server_login(facts: Facts) -> Iterator[Line]:
    """Name the login of the server if it is gone, or may not connect, as where PUBLIC may not."""
    if facts["has_project"] and facts["server"] and not facts["server_exists"]:
        yield Line(
            "server login",
            WARNING,
            f"role {facts['server']} is missing: the server cannot connect",
            f"select mcp_auth.add_server_login('{facts['server']}'), and give it a password with"
            f" \\password {facts['server']} in psql",
        )
    elif facts["server"] and not facts["server_may_connect"]:
        yield Line(
            "server login",
            WARNING,
            f"{facts['server']} may not connect to database {facts['database']}",
            f"its owner: grant connect on database {facts['database']} to mcp_server",
        )


def logins(facts: Facts) -> Iterator[Line]:
    """List the logins that a lock-down would restrict."""
    names = facts["logins"]
    if not names:
        yield Line("lock-down", OK, "no other login uses this database")
        return
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    yield Line(
        "lock-down",
        NOTE,
        f"{shown} use this database, and would lose by a lock-down what PUBLIC has",
        "zava-mcp migrate lockdown plan lists it; without one nobody loses anything",
    )


def trees(tree: Tree, state: State) -> Iterator[Line]:
    """Return how far the files of each tree are applied."""
    for source in tree.sources:
        mine = {key: kind for key, kind in state.versioned.items() if in_tree(key, source.name)}
        wrong = sorted(key for key, kind in mine.items() if kind in DIFFERS)
        pending = [key for key, kind in mine.items() if kind in ("pending", "edit allowed")]
        managed = [key for key in state.to_run() if in_tree(key, source.name)]
        removed = [key for key in state.removed() if in_tree(key, source.name)]
        part = f"files of {source.name}"
        if wrong:
            found = ", ".join(f"{key} is {mine[key]}" for key in wrong)
            yield Line(part, ERROR, found, "zava-mcp migrate apply says what to do with each")
        elif state.newer and source.name == CORE:
            yield Line(part, ERROR, state.older_package(), "pip install --upgrade zava-mcp")
        elif pending or managed or removed:
            counts = f"{len(pending)} versioned and {some(len(managed), 'managed file')}"
            counts += " are pending"
            counts += f", {some(len(removed), 'is', 'are')} gone" if removed else ""
            yield Line(part, NOTE, counts, "zava-mcp migrate apply")
        else:
            applied = some(len(mine), "versioned file")
            yield Line(part, OK, f"{applied} applied, functions as they are here")


DIFFERS = ("edited", "missing", "out of order", "unrecorded")


def in_tree(key: str, name: str) -> bool:
    """Return whether a key of the ledger belongs to a tree."""
    return key.startswith(f"{name}/")


def refuse_unfit(found: Sequence[Line]) -> None:
    """Raise Failure if the database is not ready, before anything runs."""
    wrong = [line for line in found if line.level == ERROR]
    if wrong:
        text = [f"{line.part}: {line.found}\n    {line.remedy}" for line in wrong]
        problems = [{"part": line.part, "found": line.found, "hint": line.remedy} for line in wrong]
        message = "\n".join(["this database is not fit, nothing was run:", *text])
        raise Failure(message, FAILED, problems)
