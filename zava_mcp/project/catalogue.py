"""The objects of an existing database that can become tools, by the SQL files of this folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from zava_mcp.config import CORE_ROOT
from zava_mcp.migrate.ledger import USAGE, Connection, Failure, scalar
from zava_mcp.project.naming import name_arguments, name_filters

QUERIES = Path(__file__).resolve().parent / "sql"
VIEWS = CORE_ROOT / "functions" / "mcp_migrate"  # of the core, whose queries are asked here too
ROUTINES = ("function", "procedure")
# names of columns that may hold what nobody should read
SECRET = "(passw|secret|token|api_?key|hash|salt|credit_?card|iban|ssn)"  # noqa: S105 - a pattern of names


class Exposable(NamedTuple):
    """A function, procedure, view or table, and why it cannot be a tool (empty if it can)."""

    oid: int
    kind: str
    schema: str
    name: str
    identity: str
    arguments: str
    is_polymorphic: bool
    why: str | None

    @property
    def shown(self) -> str:
        """Return the object as ``expose`` takes it."""
        is_callable = self.kind not in ("table", "foreign table", "view", "materialized view")
        return f"{self.identity}({self.arguments})" if is_callable else self.identity

    @property
    def is_routine(self) -> bool:
        """Return whether the object is a function or a procedure."""
        return self.kind in ROUTINES


def query(name: str) -> bytes:
    """Return a question; where it says BYPASSES or ROW_USERS it asks that view of the core.

    The view is in the core, so that verify and expose agree; the database may not have it.
    """
    text = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    for asked in ("bypasses", "row_users"):
        place = f"    {asked.upper()}\n"
        if place in text:
            before, _, after = text.rpartition(place)
            body = body_of(asked)
            for view in ("open_policies", "guarded"):
                body = body.replace(f"mcp_migrate.{view} as", f"({body_of(view)}) as")
            text = f"{before}{body.replace('%', '%%')}\n{after}"
    return text.encode()


def body_of(view: str) -> str:
    """Return the query of a view of the core."""
    text = (VIEWS / f"{view}.sql").read_text(encoding="utf-8")
    return text.partition(" as\n")[2].partition(";\n\ncomment on")[0]


def list_exposable(conn: Connection, tools: str) -> list[Exposable]:
    """List what is outside the schema ``tools`` of the project."""
    rows = conn.execute(query("exposable"), {"tools": tools}).fetchall()
    return [Exposable(*row) for row in rows]


def find_exposable(conn: Connection, found: list[Exposable], name: str) -> Exposable:
    """Return the object with a name: schema.name, name alone, or with argument types.

    Raises Failure where there is none or more than one.
    """
    bare, parenthesis, _ = name.partition("(")
    if parenthesis:
        oid = routine_id(conn, name)
        matches = [each for each in found if each.oid == oid]
    else:
        matches = [
            each
            for each in found
            if bare in (each.identity, f"{each.schema}.{each.name}", quoted_name(each), each.name)
        ]
        # a table and a function may have one name: the function is shown with its types
        shown = [each for each in matches if each.shown == name]
        exact = [each for each in matches if bare in (each.identity, f"{each.schema}.{each.name}")]
        matches = shown or exact or matches
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise Failure(f"there is no {name} to expose: zava-mcp expose --list shows all", USAGE)
    listed = [f"    '{each.shown}'" for each in matches]
    raise Failure("\n".join([f"{name} is more than one: name one of", *listed]), USAGE)


def quoted_name(each: Exposable) -> str:
    """Return the name without its schema, quoted as SQL has it."""
    return each.identity.removeprefix(f"{each.schema}.").removeprefix(f'"{each.schema}".')


def routine_id(conn: Connection, signature: str) -> int | None:
    """Return the oid of a routine by its argument types; names are found as in a new session."""
    usual = "select set_config('search_path', p.reset_val, true) from pg_settings as p"
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(f"{usual} where p.name = 'search_path'".encode())
            found = scalar(conn, "select to_regprocedure(%s)::oid::bigint", [signature])
    except psycopg.Error:
        return None
    return int(found) if found else None


def describe_routine(conn: Connection, oid: int, concrete: str | None) -> dict[str, Any]:
    """Return a routine as expose writes it; ``concrete`` is the type of what is polymorphic."""
    described: dict[str, Any] = scalar_of(conn, "routine", {"oid": oid, "concrete": concrete})
    name_arguments(conn, described)
    for one in described["arguments"]:
        if one["is_domain"] and not is_value(conn, one["sample"], one["type"]):
            one["sample"] = f"TODO: a value of {one['type']}"
    return described


def is_value(conn: Connection, sample: Any, type_name: str) -> bool:
    """Return whether the checks of a domain take a value."""
    text = sample if isinstance(sample, str) else json.dumps(sample)
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(f"select %s::text::{type_name}".encode(), [text])
    except psycopg.Error:
        return False
    return True


def describe_relation(conn: Connection, oid: int, columns: list[str] | None) -> dict[str, Any]:
    """Return a table or view as expose writes it, with some of its columns or all."""
    described: dict[str, Any] = scalar_of(
        conn, "relation", {"oid": oid, "columns": columns, "secret": SECRET}
    )
    name_filters(conn, described)
    return described


def reach_of(conn: Connection, some: Sequence[Exposable]) -> list[dict[str, Any]]:
    """Return what each routine or relation reaches, and what of that needs a grant.

    One question for all: it reads the text of every routine of the database.
    """
    given = {
        "kinds": ["r" if each.is_routine else "t" for each in some],
        "oids": [each.oid for each in some],
    }
    return [reached for (reached,) in conn.execute(query("reach"), given).fetchall()]


def guest(conn: Connection) -> dict[str, Any]:
    """Return the names of the database and its schemas, and those that are taken."""
    found: dict[str, Any] = scalar_of(conn, "guest", None)
    return found


def scalar_of(conn: Connection, name: str, parameters: dict[str, Any] | None) -> Any:
    """Return the one value of a question."""
    row = conn.execute(query(name), parameters).fetchone()
    return row[0] if row else None
