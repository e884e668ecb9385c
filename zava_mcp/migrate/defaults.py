"""What default privileges of the login give with a new object: none of it stays on one of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

GIVEN = (Path(__file__).resolve().parent / "sql" / "default_grants.sql").read_bytes()
THERE = b"""
select 'pg_namespace ' || oid from pg_catalog.pg_namespace
union all select 'pg_class ' || oid from pg_catalog.pg_class where oid >= 16384
union all select 'pg_proc ' || oid from pg_catalog.pg_proc where oid >= 16384
union all select 'pg_type ' || oid from pg_catalog.pg_type where oid >= 16384
"""


def objects_there(conn: psycopg.Connection[Any]) -> list[str]:
    """List what can have privileges, and is not PostgreSQL's own, as class and number."""
    return [name for (name,) in conn.execute(THERE).fetchall()]


def revoke_defaults(
    conn: psycopg.Connection[Any],
    before: list[str],
    text: str = "",
    made: Mapping[str, str] | None = None,
) -> None:
    """Revoke what default privileges gave with new objects, unless their file grants it.

    ``text`` is that of the file that made what is new in the schemas of the core; ``made`` has that
    of each object of a managed file. What was there ``before`` keeps what a DBA granted.
    """
    made = made or {}
    given = psycopg.RawCursor(conn).execute(GIVEN, [before, list(made)]).fetchall()
    for statement, role, item in given:
        if not grants_to(made.get(item, text), role):
            conn.execute(statement.encode())


def grants_to(text: str, role: str) -> bool:
    """Return whether a file grants something to a role, in whatever statement."""
    pattern = rf"\bgrant\b[^;]*\bto\b[^;]*(?<![\w\"]){re.escape(role)}(?![\w\"])"
    return re.search(pattern, text, re.IGNORECASE) is not None
