"""Weaken the isolation of callers, one thing at a time, and check whether anything notices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import psycopg

from zava_mcp.migrate.checks import check_views, findings
from zava_mcp.migrate.ledger import Connection, Failure
from zava_mcp.migrate.pgtap import run_file
from zava_mcp.migrate.prove.run import Options, prove, run

BEGIN = re.compile(r"^begin;$", re.MULTILINE | re.IGNORECASE)
# a join without its condition may take for ever
LIMIT = "set local statement_timeout = '60s'"
# a file that looks at all tables, views or policies names none of them
GENERAL = re.compile(r"\bpg_(class|policy|policies)\b")


@dataclass(frozen=True)
class Mutant:
    """A weakened copy: ``statement`` makes it, ``word`` is the name by which tests know it."""

    kind: str
    object: str
    word: str
    statement: str

    def __str__(self) -> str:
        """Return it as a report names it."""
        return f"{self.kind}: {self.object}"


@dataclass(frozen=True)
class Verdict:
    """What noticed a mutant: a pgTAP file, the catalogue, verify, prove, PostgreSQL; or nothing."""

    mutant: Mutant
    noticed: str


def mutants(conn: Connection) -> list[Mutant]:
    """List the mutants of a database."""
    return [Mutant(*row) for row in run(conn, "mutants")]


def try_mutants(
    conn: Connection,
    some: list[Mutant],
    files: Mapping[str, str],
    options: Options | None,
    progress: Callable[[str, float], None] = lambda _what, _share: None,
) -> Iterator[Verdict]:
    """Yield what notices each mutant.

    ``files`` are pgTAP files by name, of which those that name the object are run, then those that
    read the catalogue; the mutant lives in their transaction. Then come the catalogue, the checks
    of verify, and prove with ``options``; None leaves these out.
    """
    if conn.info.parameter_status("is_superuser") != "on":
        raise Failure("--mutants alters what others own, and roles: it takes a superuser")
    with conn.transaction(force_rollback=True):
        before = complaints(conn) if options else frozenset[str]()
    passing = set[str]()
    for number, mutant in enumerate(some):
        progress(str(mutant), number / len(some))
        yield Verdict(mutant, noticed(conn, mutant, files, options, before, passing))


def noticed(
    conn: Connection,
    mutant: Mutant,
    files: Mapping[str, str],
    options: Options | None,
    before: frozenset[str],
    passing: set[str],
) -> str:
    """Return what notices a mutant, or nothing; ``passing`` are files that pass without one."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(mutant.statement.encode())
    except psycopg.Error as error:
        return f"PostgreSQL: {error.diag.message_primary}"
    word = re.compile(rf"\b{re.escape(mutant.word)}\b")
    # the file of the object itself comes first
    named = sorted(
        (name for name, text in files.items() if word.search(text)),
        key=lambda name: (not word.search(re.sub(r".*/test_|\.sql", " ", name)), name),
    )
    general = [name for name, text in files.items() if GENERAL.search(text) and name not in named]
    for name in [*named, *sorted(general)]:
        text, count = BEGIN.subn(
            lambda _: f"begin;\n{LIMIT};\n{mutant.statement};", files[name], count=1
        )
        if count and not run_file(conn.info.dsn, name, text).is_ok:
            if name not in passing and not run_file(conn.info.dsn, name, files[name]).is_ok:
                raise Failure(f"{name} fails without a mutant too: it must pass first")
            passing.add(name)
            return name
    if options is None:
        return ""
    with conn.transaction(force_rollback=True):
        tenants = options.tenants or tuple(name for name, _ in run(conn, "tenants"))
        conn.execute(mutant.statement.encode())
        if new := sorted(complaints(conn) - before):
            return new[0]
        found = prove(conn, replace(options, first=True, tenants=tenants)).left
    return f"prove: {found[0].call}" if found else ""


def complaints(conn: Connection) -> frozenset[str]:
    """Return what the catalogue refuses to offer, and what verify finds."""
    conn.execute("select mcp_catalog.refresh_catalog()")
    query = "select function || ': ' || reason from mcp_catalog.catalog_refusal"
    refused = [f"catalogue: {line}" for (line,) in conn.execute(query).fetchall()]
    with conn.transaction():
        found = findings(conn, check_views(conn))
    return frozenset(
        [*refused, *(f"verify {each.check}: {each.object}: {each.problem}" for each in found)]
    )
