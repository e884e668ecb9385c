"""Databases of a test's own: made and dropped, migrated, and compared by their catalogues."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
SQL = ROOT / "sql"
CORE = ROOT / "zava_mcp" / "core"
CATALOGUE = Path(__file__).with_name("catalogue.sql")

# Rows that decide something, as far as they are the same in every database with the same files.
CONFIGURATION = {
    "mcp_migrate.version": "tree, id, sha256",
    "mcp_migrate.file": "tree, path, sha256",
    "mcp_migrate.object": "kind, identity, tree, path, definition_sha256",
    "mcp_auth.audiences": "*",
    "mcp_catalog.settings": "*",
    "mcp_catalog.exposed_schemas": "*",
    "mcp_catalog.hooks": "*",
    "mcp_auth.limits": "*",
    "mcp_catalog.tools": "*",
    "mcp_catalog.resources": "*",
    "mcp_catalog.prompts": "*",
    "mcp_catalog.completions": "*",
    "mcp_catalog.skills": "*",
    "mcp_catalog.tool_passages": "*",
    "mcp_catalog.catalog_refusal": "*",
    "mcp_catalog.catalog_state": "is_stale",
}

Snapshot = dict[str, str]
PLAIN = ("audience", "embed", "expose", "init", "key", "log", "new", "user")


@contextmanager
def new_database(server: str, is_ours: bool = True) -> Iterator[str]:
    """Make an empty database on the server of a URI, yield its own URI, and drop it.

    One that is ours is locked down by the first apply, as those of the embedded server are.
    """
    name = f"scratch_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        if is_ours:
            connection.execute(f"alter database {name} set mcp_migrate.lockdown = 'on'".encode())
        try:
            yield on_database(server, name)
        finally:
            connection.execute(f"drop database {name} with (force)".encode())


def on_database(uri: str, name: str) -> str:
    """Return the URI of another database on the same server."""
    return urlsplit(uri)._replace(path=f"/{name}").geturl()


def as_login(uri: str, login: str) -> str:
    """Return the URI of a database for another login, without a password."""
    return urlsplit(uri)._replace(netloc=f"{login}@").geturl()


def name_of(uri: str) -> str:
    """Return the name of a URI's database."""
    return urlsplit(uri).path.removeprefix("/")


def write_project(
    root: Path, files: Mapping[str, str | bytes], name: str = "shop", settings: str = ""
) -> Path:
    """Write a project with these files; its core is its own folder, empty but for ``files``."""
    for folder in (root / "sql", root / "core"):
        folder.mkdir(parents=True, exist_ok=True)
    (root / "zava.toml").write_text(f'[project]\nname = "{name}"\ncore = "core"\n{settings}')
    write(root, files)
    return root


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below a folder."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())


def command_line(*arguments: str) -> list[str]:
    """Return the command ``zava-mcp``, as a process runs it from any folder."""
    return [sys.executable, "-m", "zava_mcp", *arguments]


def migrate(uri: str, *arguments: str, project: Path = ROOT) -> str:
    """Run a command of zava-mcp migrate, which must succeed, in a project; give what it printed."""
    command, *options = arguments
    done = subprocess.run(
        command_line("migrate", *command.split(), "--database-url", uri, *options),
        cwd=project,
        env={**os.environ, "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass
class Project:
    """A scratch database, which may be none, and the folder of a project."""

    uri: str
    root: Path

    @property
    def sql(self) -> Path:
        """Return the folder of the project's SQL."""
        return self.root / "sql"

    def write(self, files: Mapping[str, str | bytes]) -> None:
        write(self.sql, files)

    def write_core(self, files: Mapping[str, str | bytes]) -> None:
        write(self.root / "core", files)

    def start(self, *arguments: str, uri: str | None = None) -> subprocess.Popen[str]:
        """Start a command: of zava-mcp where it is one of PLAIN, else of zava-mcp migrate."""
        return subprocess.Popen(
            command_line(*([] if arguments[0] in PLAIN else ["migrate"]), *arguments),
            cwd=self.root,
            env={**os.environ, "DATABASE_URL": uri or self.uri, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: int = 0, uri: str | None = None) -> str:
        """Run a command that must end with ``code``; give what it said."""
        process = self.start(*arguments, uri=uri)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, out + err
        return out if code == 0 else out + err

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        process = self.start(*arguments, "--json")
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, out + err
        report: dict[str, Any] = json.loads(out)
        return report

    def rows(self, query: str, *parameters: Any) -> list[Any]:
        with psycopg.connect(self.uri, autocommit=True) as conn:
            cursor = conn.execute(query.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *parameters: Any) -> Any:
        """Return the first column of the first row; None without a row."""
        rows = self.rows(query, *parameters)
        return rows[0][0] if rows else None


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
