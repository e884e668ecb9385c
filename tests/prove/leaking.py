"""The shop of leaking_shop.sql in a database of its own, and leaks seeded into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from leaks import Leak
from scratch import new_database

from zava_mcp.config import CORE, CORE_ROOT, Source
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.files import read_trees
from zava_mcp.migrate.prove.run import Options, Report, prove
from zava_mcp.migrate.session import Settings

SHOP = Path(__file__).with_name("leaking_shop.sql")
SMALL = Options(per_call=8, rows=20)

Connection = psycopg.Connection[Any]


@contextmanager
def shop(server: str) -> Iterator[str]:
    """Apply the core and the shop to a new database; yield its URI."""
    with new_database(server) as uri:
        run_apply(Settings(url=uri), read_trees([Source(CORE, CORE_ROOT)]), quiet=True)
        with psycopg.connect(uri, autocommit=True) as conn:
            conn.execute(SHOP.read_bytes())
        yield uri


def leaking(conn: Connection, leak: Leak, options: Options = SMALL) -> Report:
    """Seed a leak, prove, and take the leak back."""
    with conn.transaction(force_rollback=True):
        conn.execute(leak.sql.encode())
        conn.execute("select mcp_catalog.refresh_catalog()")
        return prove(conn, options)
