"""Locks on tables that an application uses: none waits long for us, and none dies by a deadlock."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

import psycopg

from zava_mcp.migrate.files import SqlFile
from zava_mcp.migrate.ledger import Connection, describe, scalar, sql_failure

# new sessions queue behind us for so long; PostgreSQL looks for a deadlock after a second
ATTEMPT_SECONDS = 0.4
PAUSE_SECONDS = 0.2
NAME = r'(?:"(?:[^"]|"")+"|\w+)'
POLICY_ON = re.compile(
    rf"\bpolicy\s+(?:if\s+exists\s+)?{NAME}\s+on\s+({NAME}(?:\.{NAME})?)", re.IGNORECASE
)


def lock_policed(conn: Connection, files: Iterable[SqlFile]) -> None:
    """Lock the tables of these files' policies until the end of the transaction.

    All of them or none: where one is in use, what was locked is free again for a moment. Raises
    Failure after lock_timeout, which names the table and the file.
    """
    places = dict[str, tuple[SqlFile, int]]()
    for file in files:
        for match in POLICY_ON.finditer(file.text):
            places.setdefault(match[1], (file, match.start()))
    query = (
        "select c.oid::regclass::text, n.name from unnest(%s::text[]) as n (name)"
        " inner join pg_catalog.pg_class as c on c.oid = to_regclass(n.name)"
        " where c.relkind in ('r', 'p') and pg_catalog.pg_has_role(c.relowner, 'usage')"
        " order by c.oid"
    )
    tables = conn.execute(query.encode(), [sorted(places)]).fetchall()
    query = "select extract(epoch from current_setting('lock_timeout')::interval)::float8"
    patience = scalar(conn, query)  # 0: for ever
    before = scalar(conn, "select current_setting('lock_timeout')")
    began = time.monotonic()
    table = name = ""
    while True:
        try:
            with conn.transaction():
                until = time.monotonic() + min(patience or ATTEMPT_SECONDS, ATTEMPT_SECONDS)
                for each in tables:
                    table, name = each
                    left = max(1, round((until - time.monotonic()) * 1000))
                    conn.execute(f"set local lock_timeout = {left}".encode())
                    conn.execute(f"lock table only {table} in access exclusive mode".encode())
                conn.execute("select set_config('lock_timeout', %s, true)", [before])
            return
        except psycopg.errors.LockNotAvailable as error:
            if patience and time.monotonic() - began >= patience:
                file, place = places[name]
                problem = describe(error, file.shown, file.text, place)
                problem["detail"] = f"table {table} is in use"
                outcome = "managed files failed, nothing of them was kept"
                raise sql_failure(outcome, [problem]) from error
        time.sleep(PAUSE_SECONDS)
