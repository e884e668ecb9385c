"""The shop of leaking_shop.sql in a database of its own, and leaks seeded into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from leaks import Leak
from scratch import Project, as_login, name_of, new_database

from zava_mcp.config import CORE, CORE_ROOT, Source
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.files import read_trees
from zava_mcp.migrate.prove.run import Options, Report, prove
from zava_mcp.migrate.session import Settings

SHOP = Path(__file__).with_name("leaking_shop.sql")
OWNER = "shop_owner"
OWNED = """[project]
name = "shop"
tools = "shop_api"
login = "shop_server"
audiences = ["shop_staff"]
"""
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


@contextmanager
def owned_shop(server: str, folder: Path) -> Iterator[str]:
    """Apply the core and the shop as an owner who is no superuser; yield the owner's URI."""
    (folder / "zava.toml").write_text(OWNED)
    (folder / "sql").mkdir()
    with ExitStack() as stack:
        Project(server, folder).rows(f"create role {OWNER} login")
        stack.callback(Project(server, folder).rows, f"drop role {OWNER}")
        uri = stack.enter_context(new_database(server, is_ours=False))
        admin, own = Project(uri, folder), Project(as_login(uri, OWNER), folder)
        stack.callback(admin.rows, f"drop owned by {OWNER} cascade")
        admin.rows(f"alter database {name_of(uri)} owner to {OWNER}")
        stack.callback(admin.rows, f"alter database {name_of(uri)} owner to postgres")
        admin.rows(
            own.run("bootstrap", "--print", "--login", OWNER, "--database", name_of(uri), uri=uri)
        )
        own.run("apply", "--no-lockdown")
        # the bootstrap made the login of the server
        own.rows(SHOP.read_text().replace("select mcp_auth.add_server_login('shop_server');", ""))
        yield own.uri


def leaking(conn: Connection, leak: Leak, options: Options = SMALL) -> Report:
    """Seed a leak, prove, and take the leak back."""
    with conn.transaction(force_rollback=True):
        conn.execute(leak.sql.encode())
        conn.execute("select mcp_catalog.refresh_catalog()")
        return prove(conn, options)
