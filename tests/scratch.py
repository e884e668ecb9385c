"""Databases of a test's own: made and dropped, migrated, and compared by their catalogues."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
SQL = ROOT / "sql"
CATALOGUE = Path(__file__).with_name("catalogue.sql")

# Rows that decide something, as far as they are the same in every database with the same files.
CONFIGURATION = {
    "migrate.version": "id, sha256",
    "migrate.file": "path, sha256",
    "migrate.object": "kind, identity, path, definition_sha256",
    "auth.audiences": "*",
    "mcp.settings": "*",
    "mcp.exposed_schemas": "*",
    "mcp.hooks": "*",
    "mcp.limits": "*",
    "mcp.tools": "*",
    "mcp.resources": "*",
    "mcp.prompts": "*",
    "mcp.completions": "*",
    "mcp.catalog_refusal": "*",
    "mcp.catalog_state": "is_stale",
}

Snapshot = dict[str, str]


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Make an empty database on the server of a URI, yield its own URI, and drop it."""
    name = f"scratch_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        try:
            yield on_database(server, name)
        finally:
            connection.execute(f"drop database {name} with (force)".encode())


def on_database(uri: str, name: str) -> str:
    """Give the URI of another database on the same server."""
    return urlsplit(uri)._replace(path=f"/{name}").geturl()


def name_of(uri: str) -> str:
    """Give the name of a URI's database."""
    return urlsplit(uri).path.removeprefix("/")


def migrate(uri: str, *arguments: str, sql_dir: Path = SQL) -> str:
    """Run a command of migrate.py that must succeed; give what it printed."""
    command, *options = arguments
    where = ("--database-url", uri, "--sql-dir", str(sql_dir))
    done = subprocess.run(
        [sys.executable, ROOT / "migrate.py", command, *where, *options],
        env={**os.environ, "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}{done.stderr}"
    return done.stdout


def snapshot(uri: str) -> Snapshot:
    """Read all objects of a database, {"kind identity": definition}, and its configuration."""
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("set search_path to ''")  # so that every name comes back qualified
        rows = connection.execute(CATALOGUE.read_bytes()).fetchall()
        found = {f"{kind} {identity}": definition for kind, identity, definition in rows}
        assert len(found) == len(rows), "two objects have one name"
        for table, columns in CONFIGURATION.items():
            if f"relation {table}" in found:
                query = f"select (row({columns}))::text from {table} order by 1"
                if columns == "*":
                    query = f"select t::text from {table} as t order by 1"
                lines = connection.execute(query.encode()).fetchall()
                found[f"rows of {table}"] = "\n".join(line for (line,) in lines)
    return found


def difference(expected: Snapshot, found: Snapshot) -> str:
    """Say in which objects two snapshots differ, and how; empty when they are equal."""
    parts = []
    for name in sorted(expected.keys() | found.keys()):
        old, new = expected.get(name), found.get(name)
        if old != new:
            before, after = ((text or "").splitlines() for text in (old, new))
            lines = difflib.unified_diff(before, after, "expected", "found", n=0, lineterm="")
            state = "missing" if new is None else "left over" if old is None else "differs"
            parts += [f"{name}: {state}", *(f"    {line}" for line in lines)]
    return "\n".join(parts)
