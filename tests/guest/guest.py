"""A guest project, and a snapshot of all that is not its own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from scratch import Snapshot, as_login, command_line, migrate, name_of, snapshot

HERE = Path(__file__).resolve().parent
NAME = "guest"
ROLES = "mcp_core|mcp_tools|mcp_sandbox|mcp_server|guest_mcp|guest_members"
GRANT = re.compile(rf'(?<!\S)"?(?:{ROLES})"?=\S+ ?')
OURS = re.compile(
    rf'(?:^|[\s.(,"])(?:(?:mcp(?:_[a-z]+)?|guest|guest_api)(?=[\s.,)"(]|$)|mcp_catalog_stale|{ROLES})'
)
TABLES = b"""
select format('%I.%I', n.nspname, c.relname)
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_|^information_schema$|^mcp'
"""
TOOL = "sql/functions/guest_api/tools/list_notes.sql"


def theirs(uri: str, changing: str = "") -> Snapshot:
    """Read all that is not ours; ``changing`` are tables and sequences that others fill."""
    found = snapshot(uri)
    with psycopg.connect(uri, autocommit=True) as connection:
        rows = connection.execute((HERE / "state.sql").read_bytes()).fetchall()
        found |= {f"{kind} {identity}": definition for kind, identity, definition in rows}
        for (table,) in connection.execute(TABLES).fetchall():
            row = connection.execute(f"select count(*) from {table}".encode()).fetchone()
            found[f"rows {table}"] = str(row[0] if row else None)
    return {
        name: GRANT.sub("", definition or "").rstrip()
        for name, definition in found.items()
        if not OURS.search(name)
        and not (changing and re.fullmatch(rf"(rows|sequence) ({changing})", name))
    }


@dataclass
class Guest:
    """The project in a database of others; the superuser's URI, and the login that migrates."""

    uri: str
    project: Path
    login: str = ""

    @property
    def own(self) -> str:
        """Return the URI with which it migrates."""
        return as_login(self.uri, self.login) if self.login else self.uri

    def install(self) -> None:
        """Apply the core and the project; an ordinary login after a DBA ran bootstrap."""
        if self.login:
            options = ("--print", "--login", self.login, "--database", name_of(self.uri))
            script = subprocess.run(
                command_line("migrate", "bootstrap", *options),
                cwd=self.project,
                capture_output=True,
                check=True,
            ).stdout
            with psycopg.connect(self.uri, autocommit=True) as connection:
                connection.execute(script)
        migrate(self.own, "apply", project=self.project)

    def upgrade(self) -> None:
        """Apply a changed tool, a new file, and every other file again."""
        tool = self.project / TOOL
        tool.write_text(tool.read_text().replace("newest notes", "most recent notes"))
        (self.project / "sql/0002_tags.sql").write_text(
            "create table guest.tags (tag text primary key);\n"
            "comment on table guest.tags is 'Tags.';\n"
            "comment on column guest.tags.tag is 'A word.';\n"
        )
        (self.project / "sql/0002_tags.rollback.sql").write_text("drop table guest.tags;\n")
        migrate(self.own, "apply", "--all", project=self.project)

    def uninstall(self) -> str:
        """Remove all of it."""
        return migrate(self.own, "uninstall", "--yes", project=self.project)


@contextmanager
def new_project(folder: Path) -> Iterator[Path]:
    """Write the project that ``zava-mcp init`` writes."""
    subprocess.run(command_line("init", NAME), cwd=folder, capture_output=True, check=True)
    yield folder / NAME
