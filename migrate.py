"""Apply sql/ to a PostgreSQL database: the command of the DBA and of the CI pipeline.

Versioned files, sql/NNNN_name.sql, run once and in order, through yoyo. Managed files, under
sql/functions and sql/policies, hold one object each and are stated again when their text changes:
all in one transaction, a savepoint a file. The ledger in schema migrate says what ran, with which
text, and which file owns which object.

From top to bottom: the ledger, failures, files, the session, the state, versioned files, managed
files, and the commands.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import hashlib
import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

Connection = psycopg.Connection[Any]
Problem = dict[str, Any]

OLDEST_SERVER = 18
OLDEST_VECTOR = (0, 8)

FAILED, REFUSED = 1, 2  # 3 is both, as in status
USAGE, BAD_FILES, UNAVAILABLE, BUSY = 64, 65, 69, 75  # as sysexits.h has them, clear of the bitmap

EXIT_CODES = """
\b
Exit codes:
  0   done, or nothing to do
  1   something is pending, differs, or failed
  2   an applied file was edited, is missing, or a new one is out of order
  3   both 1 and 2
  64  the command line is wrong
  65  a file under sql/ breaks a rule; nothing was run
  69  the server cannot be reached, refuses the login, or is too old
  75  another run or session holds a lock; try again
"""

# --- the ledger ---------------------------------------------------------------------------------

LEDGER = """
create table migrate.version (
    id text not null constraint version_pkey primary key,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    server_version_num integer not null default current_setting('server_version_num')::integer
);
comment on table migrate.version is
'Versioned files that ran, one row each, written in the same transaction as what they did.';
comment on column migrate.version.id is 'File name without .sql.';
comment on column migrate.version.sha256 is 'SHA-256 of the file''s normalised text, hexadecimal.';
comment on column migrate.version.applied_at is 'When it ran.';
comment on column migrate.version.server_version_num is 'server_version_num of that moment.';

create table migrate.file (
    path text not null constraint file_pkey primary key,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    server_version_num integer not null default current_setting('server_version_num')::integer
);
comment on table migrate.file is 'Managed files as they were last stated.';
comment on column migrate.file.path is 'Path under sql/.';
comment on column migrate.file.sha256 is 'SHA-256 of the file''s normalised text, hexadecimal.';
comment on column migrate.file.applied_at is 'When it was last stated.';
comment on column migrate.file.server_version_num is 'server_version_num of that moment.';

create table migrate.object (
    kind text not null,
    identity text not null,
    path text not null constraint object_path_fkey references migrate.file on delete cascade,
    definition_sha256 text not null,
    constraint object_pkey primary key (kind, identity),
    constraint object_kind_check
    check (kind in ('routine', 'view', 'policy', 'trigger', 'event trigger'))
);
create index object_path_idx on migrate.object (path);
comment on table migrate.object is 'Which managed file owns which object.';
comment on column migrate.object.kind is 'What it is, as DROP wants it.';
comment on column migrate.object.identity is 'Its name, as DROP wants it.';
comment on column migrate.object.path is 'The file that creates it.';
comment on column migrate.object.definition_sha256 is
'SHA-256 of definition, owner, grants and comment as the server gave them after the file ran.';

create table migrate.log (
    log_id bigint generated always as identity constraint log_pkey primary key,
    logged_at timestamptz not null default clock_timestamp(),
    operation text not null,
    subject text not null,
    sha256 text,
    login text not null default session_user,
    constraint log_operation_check
    check (operation in ('apply', 'rollback', 'mark', 'edit', 'state', 'withdraw', 'adopt'))
);
comment on table migrate.log is 'What migrate.py did, oldest first.';
comment on column migrate.log.log_id is 'Order.';
comment on column migrate.log.logged_at is 'When.';
comment on column migrate.log.operation is
'apply, rollback, mark, edit: of a versioned file. state, withdraw, adopt: of the managed files.';
comment on column migrate.log.subject is 'The versioned file''s id, or a count of managed files.';
comment on column migrate.log.sha256 is 'Of the file''s normalised text, where there is one.';
comment on column migrate.log.login is 'Who was connected.';
"""

# Every object a managed file can own. xid tells in which savepoint its row was written; nobody else
# can have written it there. Expressions of columns that a query does not use are not computed.
OBJECTS = """
select
    'routine' as kind,
    p.oid::regprocedure::text as identity,
    n.nspname::text as schema,
    'pg_proc'::regclass::oid as classid,
    p.oid as objid,
    p.xmin as xid,
    case p.prokind when 'a' then p.oid::regprocedure::text else pg_get_functiondef(p.oid) end
    as definition,
    concat_ws(
        E'\\n', 'owner ' || pg_get_userbyid(p.proowner),
        (select string_agg('grant ' || a, E'\\n' order by a::text) from unnest(p.proacl) as a),
        'comment ' || obj_description(p.oid, 'pg_proc')
    ) as grants
from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
where n.nspname !~ '^(pg_|information_schema$)'
union all
select
    'view', c.oid::regclass::text, n.nspname::text, 'pg_class'::regclass::oid, c.oid, r.xmin,
    concat_ws(E'\\n', pg_get_viewdef(c.oid), array_to_string(c.reloptions, ', ')),
    concat_ws(
        E'\\n', 'owner ' || pg_get_userbyid(c.relowner),
        (select string_agg('grant ' || a, E'\\n' order by a::text) from unnest(c.relacl) as a),
        'comment ' || obj_description(c.oid, 'pg_class')
    )
from pg_rewrite as r
join pg_class as c on c.oid = r.ev_class and c.relkind = 'v' and r.rulename = '_RETURN'
join pg_namespace as n on n.oid = c.relnamespace
where n.nspname !~ '^(pg_|information_schema$)'
union all
select
    'policy', quote_ident(p.polname) || ' on ' || c.oid::regclass, n.nspname::text,
    'pg_policy'::regclass::oid, p.oid, p.xmin,
    concat_ws(
        E'\\n', 'command ' || p.polcmd::text, 'permissive ' || p.polpermissive,
        (
            select string_agg(
                'to ' || case r when 0 then 'public' else pg_get_userbyid(r) end, E'\\n'
                order by pg_get_userbyid(r)
            )
            from unnest(p.polroles) as r
        ),
        'using ' || pg_get_expr(p.polqual, p.polrelid),
        'with check ' || pg_get_expr(p.polwithcheck, p.polrelid),
        'enabled ' || c.relrowsecurity, 'forced ' || c.relforcerowsecurity
    ),
    concat_ws(E'\\n', 'comment ' || obj_description(p.oid, 'pg_policy'))
from pg_policy as p
join pg_class as c on c.oid = p.polrelid
join pg_namespace as n on n.oid = c.relnamespace
union all
select
    'trigger', quote_ident(t.tgname) || ' on ' || c.oid::regclass, n.nspname::text,
    'pg_trigger'::regclass::oid, t.oid, t.xmin,
    concat_ws(E'\\n', pg_get_triggerdef(t.oid), 'enabled ' || t.tgenabled::text),
    concat_ws(E'\\n', 'comment ' || obj_description(t.oid, 'pg_trigger'))
from pg_trigger as t
join pg_class as c on c.oid = t.tgrelid
join pg_namespace as n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgparentid = 0
union all
select
    'event trigger', quote_ident(e.evtname), null, 'pg_event_trigger'::regclass::oid, e.oid, e.xmin,
    concat_ws(
        E'\\n', 'on ' || e.evtevent, 'tags ' || array_to_string(e.evttags, ', '),
        'execute ' || e.evtfoid::regprocedure, 'enabled ' || e.evtenabled::text
    ),
    concat_ws(
        E'\\n', 'owner ' || pg_get_userbyid(e.evtowner),
        'comment ' || obj_description(e.oid, 'pg_event_trigger')
    )
from pg_event_trigger as e
"""

# The objects given and all that depends on them, through views and their row types.
DEPENDANTS = f"""
with recursive object as materialized (select kind, identity, classid, objid from ({OBJECTS}) as o),
reached(classid, objid) as (
    select classid, objid
    from object join unnest(%s::text[], %s::text[]) as given (kind, identity) using (kind, identity)
    union
    select x.classid, x.objid
    from reached as r
    join pg_depend as d on d.refclassid = r.classid and d.refobjid = r.objid and d.deptype <> 'e'
    cross join lateral (
        select d.classid, d.objid
        union all
        select 'pg_class'::regclass, w.ev_class
        from pg_rewrite as w
        where d.classid = 'pg_rewrite'::regclass and w.oid = d.objid
    ) as x
)
select kind, identity from object join reached using (classid, objid)
"""  # noqa: S608 - no value is in the text

DIGEST = "encode(sha256(convert_to(definition || E'\\n' || grants, 'UTF8')), 'hex')"


class Object(NamedTuple):
    """A database object, named as DROP wants it."""

    kind: str
    identity: str

    def __str__(self) -> str:
        """Give both, as a sentence has them."""
        return f"{self.kind} {self.identity}"


# --- failures -----------------------------------------------------------------------------------


class Failure(click.ClickException):
    """The command ends: the message says what is wrong and how to mend it."""

    def __init__(
        self, message: str, code: int = FAILED, problems: Sequence[str | Problem] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.problems = list(problems)


def refuse(what: str, problems: Sequence[str], code: int) -> None:
    """Fail when there are problems; nothing has been run."""
    if problems:
        raise Failure("\n".join([f"{what}, nothing was run:", *problems]), code, problems)


def sql_failure(outcome: str, problems: Sequence[Problem]) -> Failure:
    """Make one failure of SQL errors; a lock that was not free is worth another try."""
    busy = all(problem.get("sqlstate") == "55P03" for problem in problems)
    advice = ["another session holds a lock: try again, or raise --lock-timeout"] if busy else []
    lines = [outcome, *map(sentence, problems), *advice]
    return Failure("\n".join(lines), BUSY if busy else FAILED, problems)


def describe(error: psycopg.Error, name: str = "", text: str = "", offset: int = 0) -> Problem:
    """Put what PostgreSQL said into fields; the statement starts at ``offset`` in ``text``."""
    diag = error.diag
    at = offset + int(diag.statement_position or 1) - 1
    fields = {
        "file": name,
        "line": line_of(text, at) if text else None,
        "sqlstate": error.sqlstate,
        "message": diag.message_primary or str(error).strip(),
        "detail": diag.message_detail,
        "context": diag.context,
        "hint": diag.message_hint,
    }
    return {key: value for key, value in fields.items() if value}


def sentence(problem: Problem) -> str:
    """Write what ``describe`` found: file:line: SQLSTATE message, then detail, context and hint."""
    place = "".join(f"{problem[key]}:" for key in ("file", "line") if key in problem)
    head = [place, problem.get("sqlstate"), problem["message"]]
    more = [f"    {key}: {problem[key]}" for key in ("detail", "context", "hint") if key in problem]
    return "\n".join([" ".join(filter(None, head)), *more])


# --- files --------------------------------------------------------------------------------------

NUMBERED = re.compile(r"\d{4}_[a-z0-9_]+(\.rollback)?\.sql")
MANAGED = re.compile(r"functions/[a-z0-9_]+/[^/]+\.sql|policies/[^/]+\.sql")
HEADER = re.compile(r"\A(?:[ \t]*(?:--[^\n]*)?\n)*")  # where yoyo looks for directives
DIRECTIVE = re.compile(
    r"^\s*--\s*(transactional|depends|irreversible|allow-edit)\s*:[ \t]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
OPAQUE = re.compile(  # comments, strings, quoted names, dollar-quoted bodies
    r"--[^\n]*|/\*.*?\*/|\be'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    r"|(?<!\w)(\$(?:[a-z_]\w*)?\$).*?\1",
    re.IGNORECASE | re.DOTALL,
)
TOKEN = re.compile(r";|\bbegin\s+atomic\b|\bcase\b|\bend\b", re.IGNORECASE)

# The rules look at the first words of a statement, in lower case with single spaces.
CODE = r"(?:function|procedure|aggregate|routine|view|recursive view) (?!migrate\.|pg_temp\.)"
MANAGED_KIND = re.compile(
    rf"create (?:or replace )?{CODE}|comment on {CODE}|(?:create|alter|comment on) policy "
    r"|create (?:or replace )?(?:constraint |event )?trigger "
)
TABLE_KIND = r"(?:table|index|type|domain|sequence|schema|extension|role|user|database) "
VERSIONED_KIND = re.compile(
    r"(?:create|drop) (?:(?:global|local|temp|temporary|unlogged|unique|foreign) )*"
    rf"(?:{TABLE_KIND}|(?:temp|temporary|materialized) view )"
    r"|alter (?:type|domain|sequence|schema|extension|role|user|database|index) "
    r"|alter table (?:if exists )?(?:only )?\S+ (?:add|drop|rename|alter|set|attach|detach) "
)
TRANSACTION = re.compile(
    r"(?:begin|start transaction|commit|rollback|abort|end|savepoint|release|prepare transaction)\b"
)
UNQUALIFIED = re.compile(
    r"create (?:unlogged )?(?:table|type|domain|sequence|materialized view) (?:if not exists )?"
    r"[^\s.(;]+(?=[\s(;])"
)
CONCURRENT = re.compile(
    r"(?:(?:create|drop)(?: unique)? index|reindex .*|refresh .*) concurrently "
)


@dataclass(frozen=True)
class SqlFile:
    """A file under sql/: its path there, its text with LF line ends, and the text's SHA-256."""

    path: str
    text: str
    sha256: str
    has_bom: bool = False

    @property
    def id(self) -> str:
        """What yoyo and the ledger call a versioned file."""
        return self.path.removesuffix(".sql")

    @property
    def number(self) -> int:
        """The number that a versioned file starts with."""
        return int(self.path[:4])

    @property
    def directives(self) -> dict[str, str]:
        """What the header says to yoyo and to migrate.py."""
        header = self.text[: body_start(self.text)]
        return {name: value.strip() for name, value in DIRECTIVE.findall(header)}

    @property
    def is_transactional(self) -> bool:
        """Whether the whole file runs in one transaction."""
        return self.directives.get("transactional", "true") == "true"


@dataclass(frozen=True)
class Tree:
    """The files under sql/, by id or path; strays are files that nothing here would run."""

    root: Path
    versioned: dict[str, SqlFile]
    rollbacks: dict[str, SqlFile]
    managed: dict[str, SqlFile]
    strays: list[str]


def read_tree(root: Path) -> Tree:
    """Read every SQL file that migrate.py answers for."""
    if not root.is_dir():
        raise Failure(f"--sql-dir {root}: no such directory", USAGE)
    top = [path for path in sorted(root.iterdir()) if path.suffix in {".sql", ".py"}]
    code = [*sorted(root.glob("functions/**/*.sql")), *sorted(root.glob("policies/**/*.sql"))]
    strays = [path.name for path in top if not NUMBERED.fullmatch(path.name)]
    files = [read_file(root, path) for path in [*top, *code] if path.name not in strays]
    numbered = [file for file in files if NUMBERED.fullmatch(file.path)]
    managed = {file.path: file for file in files if MANAGED.fullmatch(file.path)}
    strays += [file.path for file in files if file not in numbered and file.path not in managed]
    return Tree(
        root,
        {file.id: file for file in numbered if not file.id.endswith(".rollback")},
        {file.id[:-9]: file for file in numbered if file.id.endswith(".rollback")},
        managed,
        strays,
    )


def read_file(root: Path, path: Path) -> SqlFile:
    """Read one file; line ends, a BOM and blank lines at the end do not count for its hash."""
    name = path.relative_to(root).as_posix()
    try:
        raw = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Failure(f"sql/{name}: not UTF-8 at byte {error.start}", BAD_FILES) from error
    text = raw.removeprefix("\ufeff").replace("\r\n", "\n").rstrip() + "\n"
    return SqlFile(name, text, hashlib.sha256(text.encode()).hexdigest(), raw.startswith("\ufeff"))


def body_start(text: str) -> int:
    """Find the end of the leading blank and ``--`` lines."""
    header = HEADER.match(text)
    return header.end() if header else 0


def line_of(text: str, offset: int) -> int:
    """Give the line, from 1, of a place in a text."""
    return text.count("\n", 0, offset) + 1


def statements(text: str) -> list[tuple[int, str]]:
    """Find where each statement starts, and its words in lower case with single spaces.

    Good enough to name a line and to see what is created; what runs is never cut by it.
    """
    masked = OPAQUE.sub(blank, text)
    found, start, depth = [], 0, 0
    for token in [*TOKEN.finditer(masked), None]:
        word = token[0].lower() if token else ";"
        if word == ";" and (depth == 0 or token is None):
            end = token.start() if token else len(masked)
            if words := masked[start:end].split():
                found.append((masked.index(words[0], start), " ".join(words).lower() + " "))
            start = end + 1
        elif word.startswith("begin") or (word == "case" and depth):
            depth += 1
        elif word == "end" and depth:
            depth -= 1
    return found


def blank(opaque: re.Match[str]) -> str:
    """Hide what is no keyword: a quoted name stays a word, the rest becomes space."""
    return re.sub(r"[^\n]", "x" if opaque[0].startswith('"') else " ", opaque[0])


def preflight(tree: Tree, pending: Iterable[str] = ()) -> None:
    """Refuse files that break a rule; the ``pending`` ones are also split as yoyo splits them."""
    problems = [
        f"sql/{name}: not a name that migrate.py knows; use NNNN_name.sql, "
        "functions/<schema>/<name>.sql or policies/<table>.sql"
        for name in tree.strays
    ]
    numbers: dict[int, str] = {}
    for file in tree.versioned.values():
        problems += [f"sql/{file.path}{problem}" for problem in versioned_problems(tree, file)]
        if (other := numbers.setdefault(file.number, file.path)) != file.path:
            problems.append(f"sql/{file.path}: has the number of sql/{other}; give it the next one")
    problems += [
        f"sql/{file.path}: rolls back a file that does not exist"
        for name, file in tree.rollbacks.items()
        if name not in tree.versioned
    ]
    for file in tree.managed.values():
        problems += [f"sql/{file.path}{problem}" for problem in managed_problems(file)]
    problems += [problem for name in pending for problem in split_problems(tree, name)]
    refuse("files break a rule", problems, BAD_FILES)


def versioned_problems(tree: Tree, file: SqlFile) -> Iterator[str]:
    """Say what yoyo would silently get wrong, and what belongs into a managed file."""
    yield from header_problems(tree, file)
    rollback = tree.rollbacks.get(file.id)
    heads = statements(file.text)
    if not heads:
        yield ": holds no statement"
    if "irreversible" in file.directives:
        if rollback:
            yield f": says irreversible, but sql/{rollback.path} exists; keep one of the two"
    elif not rollback or not statements(rollback.text):
        yield (
            f": sql/{file.id}.rollback.sql is missing or empty; write it, "
            "or say '-- irreversible: why' in the header"
        )
    for start, head in heads:
        where = f":{line_of(file.text, start)}"
        if match := MANAGED_KIND.match(head):
            yield f"{where}: '{match[0].strip()}' belongs under sql/functions or sql/policies"
        if match := UNQUALIFIED.match(head):
            yield f"{where}: '{match[0]}' names no schema, so it would land in migrate"
    yield from transaction_problems(file)
    if rollback:
        yield from (f" (rollback{problem})" for problem in transaction_problems(rollback))
    if any(CONCURRENT.match(head) for _, head in heads):
        yield from concurrent_problems(file, [head for _, head in heads])


def header_problems(tree: Tree, file: SqlFile) -> Iterator[str]:
    """Check the directives, which yoyo reads only in lower case and only in leading -- lines."""
    end = body_start(file.text)
    if file.has_bom:
        yield ": starts with a byte order mark, which yoyo takes for SQL; save it as plain UTF-8"
    if file.text.startswith("/*", end):
        yield ": starts with /*, after which yoyo reads no directives; use -- lines"
    seen: set[str] = set()
    for match in DIRECTIVE.finditer(file.text):
        name, value = match[1], match[2].strip()
        where = f":{line_of(file.text, match.start(1))}"
        if name != name.lower():
            yield f"{where}: write '{name.lower()}:' in lower case; yoyo ignores '{name}:'"
        elif match.start() >= end:
            yield f"{where}: '{name}:' must stand above the first statement"
        elif name in seen:
            yield f"{where}: '{name}:' stands twice"
        elif name == "transactional" and value not in ("true", "false"):
            yield f"{where}: 'transactional: {value}' must be true or false"
        elif name == "depends" and (unknown := set(value.split()) - tree.versioned.keys()):
            yield f"{where}: 'depends:' names no file of sql/: {', '.join(sorted(unknown))}"
        elif name in ("irreversible", "allow-edit") and not value:
            yield f"{where}: '{name}:' needs a reason"
        seen.add(name)


def transaction_problems(file: SqlFile) -> Iterator[str]:
    """Say where a file would end the transaction that it runs in."""
    for start, head in statements(file.text):
        if TRANSACTION.match(head):
            where = f":{line_of(file.text, start)}"
            yield f"{where}: '{head.strip()}' would end the transaction the file runs in"


def concurrent_problems(file: SqlFile, heads: list[str]) -> Iterator[str]:
    """Check that a concurrent statement runs outside a transaction, and can be run again."""
    if file.is_transactional:
        yield ": has a concurrent statement; say '-- transactional: false' in the header"
    if heads[0].startswith("create"):
        yield ": start with 'drop index concurrently if exists': a failed build leaves the index"
    if heads[0].startswith("drop index concurrently if exists ") and len(heads) > 1:
        heads = heads[1:]
    if len(heads) > 1:
        yield ": a concurrent statement must be alone in its file"


def managed_problems(file: SqlFile) -> Iterator[str]:
    """Say what a file that is stated again and again must not hold."""
    heads = statements(file.text)
    if file.has_bom:
        yield ": starts with a byte order mark; save it as plain UTF-8"
    if not heads:
        yield ": holds no statement; delete the file to drop what it created"
    for start, head in heads:
        if match := VERSIONED_KIND.match(head):
            where = f":{line_of(file.text, start)}"
            yield f"{where}: '{match[0].strip()}' belongs into a versioned file, sql/NNNN_name.sql"
    yield from transaction_problems(file)


def split_problems(tree: Tree, name: str) -> Iterator[str]:
    """Compare yoyo's statements with ours; glued ones matter only outside a transaction."""
    from yoyo.migrations import read_sql_migration

    for file in filter(None, (tree.versioned.get(name), tree.rollbacks.get(name))):
        theirs = len(read_sql_migration(str(tree.root / file.path))[2])
        ours = len(statements(file.text))
        if theirs > ours or (theirs < ours and not tree.versioned[name].is_transactional):
            yield f"sql/{file.path}: yoyo sees {theirs} statements, there are {ours}; reword it"


# --- the session --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """Where to work and how long to wait: PostgreSQL intervals such as '5s' or '500ms'."""

    url: str
    root: Path
    lock_timeout: str
    wait: str
    as_json: bool


def conninfo(settings: Settings) -> dict[str, Any]:
    """Give libpq's parameters: the caller's own, with our name and time limits added."""
    try:
        given = conninfo_to_dict(settings.url)
    except psycopg.ProgrammingError as error:
        raise Failure(f"--database-url: {str(error).strip()}", USAGE) from error
    limits = (
        f"-c lock_timeout={settings.lock_timeout} -c statement_timeout=0 "
        "-c idle_in_transaction_session_timeout=0 -c client_connection_check_interval=2s"
    )
    defaults = {"connect_timeout": "10", "application_name": "migrate"}
    options = f"{given.get('options') or ''} {limits}".strip()
    return {**defaults, **given, "options": options, "client_encoding": "UTF8"}


@contextlib.contextmanager
def connect(settings: Settings) -> Iterator[Connection]:
    """Open an autocommit session on a server that is new enough; names come back qualified."""
    parameters = conninfo(settings)
    try:
        conn = psycopg.connect(make_conninfo(**parameters), autocommit=True)
    except psycopg.OperationalError as error:
        raise Failure(f"cannot connect: {str(error).strip()}", UNAVAILABLE) from error
    with contextlib.closing(conn):
        conn.add_notice_handler(show_warning)
        conn.execute("set search_path to ''")
        check_floor(conn)
        yield conn


def show_warning(notice: psycopg.errors.Diagnostic) -> None:
    """Pass on what the server warns of; notices such as 'does not exist, skipping' are left out."""
    if notice.severity_nonlocalized == "WARNING":
        click.echo(f"warning: {notice.message_primary}", err=True)


def check_floor(conn: Connection) -> None:
    """Stop on a server that is too old, before anything is read or written."""
    vector = scalar(
        conn,
        "select coalesce(installed_version, default_version) from pg_available_extensions"
        " where name = 'vector'",
    )
    if problem := floor_problem(conn.info.server_version, vector):
        raise Failure(problem, UNAVAILABLE)


def floor_problem(server: int, vector: str | None) -> str | None:
    """Say why a server is too old; ``server`` as in server_version_num."""
    floor = ".".join(map(str, OLDEST_VECTOR))
    if server < OLDEST_SERVER * 10000:
        version = f"{server // 10000}.{server % 10000}"
        return f"PostgreSQL {version} is too old: {OLDEST_SERVER} is the floor"
    if vector is None:
        return f"pgvector is not installed on this server: install {floor} or newer"
    if tuple(map(int, re.findall(r"\d+", vector)[:2])) < OLDEST_VECTOR:
        mend = "install it, then: alter extension vector update"
        return f"pgvector {vector} is too old: {floor} is the floor; {mend}"
    return None


LOCK_KEY = "hashtextextended('zava-mcp:migrate', 0)"
LOCK_HOLDER = f"""
select a.pid, a.application_name, coalesce(a.client_addr::text, 'this machine'), a.backend_start
from pg_locks as l join pg_stat_activity as a using (pid)
where l.locktype = 'advisory' and l.granted and l.objsubid = 1
and l.database = (select oid from pg_database where datname = current_database())
and (l.classid::bigint << 32 | l.objid::bigint) = {LOCK_KEY}
"""  # noqa: S608 - no value is in the text


@contextlib.contextmanager
def exclusive(settings: Settings, writes: bool = True) -> Iterator[Connection]:
    """Connect and hold this database's lock, which ends with the process, however that ends."""
    with connect(settings) as conn:
        if not scalar(conn, f"select pg_try_advisory_lock({LOCK_KEY})"):
            wait_for_lock(conn, settings)
        if writes:
            ensure_ledger(conn)
        yield conn


def wait_for_lock(conn: Connection, settings: Settings) -> None:
    """Wait for another run to end, at most ``settings.wait``."""
    holder = conn.execute(LOCK_HOLDER.encode()).fetchone()
    who = "pid {} ({}, from {}, since {:%H:%M:%S})".format(*holder) if holder else "another session"
    busy = Failure(f"{who} is migrating this database; waited {settings.wait}, see --wait", BUSY)
    if re.fullmatch(r"0\D*", settings.wait):
        raise busy
    click.echo(f"waiting up to {settings.wait} for {who} to end", err=True)
    try:
        with conn.transaction():
            conn.execute("select set_config('lock_timeout', %s, true)", [settings.wait])
            conn.execute(f"select pg_advisory_lock({LOCK_KEY})".encode())
    except psycopg.errors.LockNotAvailable:
        raise busy from None


def ensure_ledger(conn: Connection) -> None:
    """Create schema migrate and its tables where they are missing."""
    if scalar(conn, "select to_regclass('migrate.log')"):
        return
    with conn.transaction():
        if not scalar(conn, "select to_regnamespace('migrate')"):
            conn.execute("create schema migrate")
            conn.execute("comment on schema migrate is 'Ledger of migrate.py and of yoyo.'")
        conn.execute(LEDGER.encode())


def scalar(conn: Connection, query: str, parameters: Sequence[Any] | None = None) -> Any:
    """Give the first column of the first row, or None without a row."""
    row = conn.execute(query.encode(), parameters).fetchone()
    return row[0] if row else None


# --- the state: files beside the ledger -----------------------------------------------------------


@dataclass
class State:
    """What the ledger remembers, and what that makes of each file."""

    has_ledger: bool = False
    versions: dict[str, str] = field(default_factory=dict)  # id: sha256
    files: dict[str, str] = field(default_factory=dict)  # path: sha256
    owners: dict[Object, str] = field(default_factory=dict)  # object: path
    digests: dict[Object, str] = field(default_factory=dict)  # object: sha256 of its definition
    marked: set[str] | None = None  # ids in yoyo's table, when there is one
    undone: set[str] = field(default_factory=set)  # ids whose last run was a rollback
    is_stale: bool = False  # versioned files ran after the managed ones
    versioned: dict[str, str] = field(default_factory=dict)  # id: state
    managed: dict[str, str] = field(default_factory=dict)  # path: state

    def of(self, *states: str) -> list[str]:
        """Name the versioned files in one of these states, in order."""
        return [name for name, state in self.versioned.items() if state in states]

    def to_run(self) -> list[str]:
        """Name the managed files that apply would state."""
        wanted = {"new", "changed", "to be stated again"}
        return [path for path, state in self.managed.items() if state in wanted]

    def removed(self) -> list[str]:
        """Name the managed files that the ledger alone has."""
        return [path for path, state in self.managed.items() if state == "removed"]

    def exit_code(self) -> int:
        """Say it in one number: 0 clean, 1 pending, 2 the history differs, 3 both."""
        pending = self.of("pending", "edit allowed") or self.to_run() or self.removed()
        differs = self.of("edited", "missing", "out of order", "unrecorded")
        return FAILED * bool(pending) + REFUSED * bool(differs)


def read_state(conn: Connection, tree: Tree, allow_out_of_order: bool = False) -> State:
    """Read the ledger, with plain SELECTs, and compare it with the files."""
    state = State()
    state.has_ledger = bool(scalar(conn, "select to_regclass('migrate.log')"))
    if state.has_ledger:
        read_ledger(conn, state)
    newest = max((int(name[:4]) for name in state.versions), default=0)
    found = dict.fromkeys(state.versions.keys() - tree.versioned.keys(), "missing")
    for name, file in tree.versioned.items():
        found[name] = version_state(state, file)
        if found[name] == "pending" and file.number < newest and not allow_out_of_order:
            found[name] = "out of order"
    state.versioned = dict(sorted(found.items()))
    same = "to be stated again" if state.is_stale else "same"
    for path, file in tree.managed.items():
        known = state.files.get(path)
        state.managed[path] = "new" if not known else same if known == file.sha256 else "changed"
    gone = sorted(state.files.keys() - tree.managed.keys())
    state.managed |= dict.fromkeys(gone, "removed")
    return state


def version_state(state: State, file: SqlFile) -> str:
    """Say what a versioned file is, order aside."""
    known = state.versions.get(file.id)
    if known == file.sha256:
        return "applied"
    if known:
        return "edit allowed" if file.directives.get("allow-edit") else "edited"
    return "unrecorded" if file.id in (state.marked or set()) - state.undone else "pending"


def read_ledger(conn: Connection, state: State) -> None:
    """Fill in what the tables of schema migrate say."""
    state.versions = dict(conn.execute("select id, sha256 from migrate.version").fetchall())
    state.files = dict(conn.execute("select path, sha256 from migrate.file").fetchall())
    objects = "select kind, identity, path, definition_sha256 from migrate.object"
    for kind, identity, path, digest in conn.execute(objects.encode()).fetchall():
        state.owners[Object(kind, identity)] = path
        state.digests[Object(kind, identity)] = digest
    if scalar(conn, "select to_regclass('migrate._yoyo_migration')"):
        marks = conn.execute("select migration_id from migrate._yoyo_migration").fetchall()
        state.marked = {name for (name,) in marks}
    last = conn.execute(
        "select distinct on (subject) subject, operation from migrate.log"
        " where operation in ('apply', 'rollback', 'mark') order by subject, log_id desc"
    ).fetchall()
    state.undone = {name for name, operation in last if operation == "rollback"}
    state.is_stale = scalar(
        conn,
        "select coalesce(max(log_id) filter (where operation in ('apply', 'rollback')), 0)"
        " > coalesce(max(log_id) filter (where operation = 'state'), 0) from migrate.log",
    )


def check_history(tree: Tree, state: State) -> None:
    """Refuse to go on from a history that the files do not tell."""
    names = state.of("edited", "missing", "out of order", "unrecorded")
    problems = [f"sql/{name}.sql: {history_problem(tree, state, name)}" for name in names]
    refuse("the history differs", problems, REFUSED)


def history_problem(tree: Tree, state: State, name: str) -> str:
    """Say what is wrong with an applied file, with both hashes, and what to do."""
    kind = state.versioned[name]
    if kind == "out of order":
        newest = max(state.versions)
        return f"new, but {newest} is applied already; renumber it, or say --allow-out-of-order"
    if kind == "unrecorded":
        return f"yoyo says it was applied, the ledger does not; look, then: migrate.py mark {name}"
    now = tree.versioned[name].sha256 if kind == "edited" else "none"
    what = "edited after it was applied" if kind == "edited" else "applied, but missing"
    mend = "put it back" + (", or say '-- allow-edit: why' in it" if kind == "edited" else "")
    return f"{what}\n    applied {state.versions[name]}\n    file    {now}\n    {mend}"


def log(conn: Connection, operation: str, subject: str, sha256: str | None = None) -> None:
    """Add a row to migrate.log."""
    conn.execute(
        "insert into migrate.log (operation, subject, sha256) values (%s, %s, %s)",
        [operation, subject, sha256],
    )


# --- versioned files ------------------------------------------------------------------------------


def run_versioned(
    settings: Settings, tree: Tree, names: Sequence[str], direction: str
) -> Iterator[str]:
    """Run versioned files through yoyo, in the order given; name each one that is done."""
    if not names:
        return
    from yoyo import internalmigrations, read_migrations
    from yoyo.connections import get_backend

    uri = "postgresql+psycopg:///?" + urlencode({**conninfo(settings), "schema": "migrate"})
    migrations = {migration.id: migration for migration in read_migrations(str(tree.root))}
    with get_backend(uri) as backend:
        if internalmigrations.needs_upgrading(backend):
            internalmigrations.upgrade(backend)  # in one transaction, without yoyo's own lock
        run = backend.apply_one if direction == "apply" else backend.rollback_one
        for name in names:
            add_ledger_step(migrations[name], tree.versioned[name])
            # yoyo prints the rows of every SELECT
            with contextlib.redirect_stdout(sys.stderr), failing_statement(tree, name, direction):
                run(migrations[name])
            yield name


def add_ledger_step(migration: Any, file: SqlFile) -> None:
    """Make the ledger row one more step of the file, so that both are done or neither.

    yoyo marks the file on another connection, later; see reconcile_yoyo.
    """
    from yoyo.migrations import MigrationStep, Transactionless, TransactionWrapper

    def record(conn: Connection) -> None:
        conn.execute("insert into migrate.version values (%s, %s)", [file.id, file.sha256])
        log(conn, "apply", file.id, file.sha256)

    def forget(conn: Connection) -> None:
        conn.execute("delete from migrate.version where id = %s", [file.id])
        log(conn, "rollback", file.id, file.sha256)

    migration.load()
    wrap = TransactionWrapper if migration.use_transactions else Transactionless
    migration.steps.append(wrap(MigrationStep(len(migration.steps), record, forget)))


@contextlib.contextmanager
def failing_statement(tree: Tree, name: str, direction: str) -> Iterator[None]:
    """Make an SQL error a failure that names file and line; yoyo tells the step only to its log."""
    from yoyo.migrations import read_sql_migration

    step, doing = 0, "applying step" if direction == "apply" else "rolling back step"

    def note_step(record: logging.LogRecord) -> bool:
        nonlocal step
        if doing in str(record.msg) and isinstance(record.args, tuple):
            step = int(str(record.args[0]))
        return record.levelno >= logging.WARNING

    logger = logging.getLogger("yoyo.migrations")
    logger.setLevel(logging.INFO)
    logger.addFilter(note_step)
    try:
        yield
    except psycopg.Error as error:
        source = tree.versioned[name] if direction == "apply" else tree.rollbacks[name]
        parts = read_sql_migration(str(tree.root / source.path))[2]
        parts = parts if direction == "apply" else parts[::-1]
        start = source.text.find(parts[step]) if step < len(parts) else 0
        kept = (
            "" if tree.versioned[name].is_transactional else "; earlier statements may have stayed"
        )
        problem = describe(error, f"sql/{source.path}", source.text, max(start, 0))
        raise sql_failure(f"{direction} stopped{kept}", [problem]) from error
    finally:
        logger.removeFilter(note_step)


def reconcile_yoyo(conn: Connection, state: State) -> None:
    """Bring yoyo's marks in line with the ledger, which a killed run leaves one file ahead."""
    if state.marked is None:
        return
    for name in state.versions.keys() - state.marked:
        mark_in_yoyo(conn, name)
    for name in state.marked - state.versions.keys():
        conn.execute("delete from migrate._yoyo_migration where migration_id = %s", [name])


def mark_in_yoyo(conn: Connection, name: str) -> None:
    """Tell yoyo that a file was applied."""
    conn.execute(
        "insert into migrate._yoyo_migration (migration_hash, migration_id, applied_at_utc)"
        " values (%s, %s, now() at time zone 'utc')",
        [hashlib.sha256(name.encode()).hexdigest(), name],
    )


def mark_applied(conn: Connection, state: State, file: SqlFile) -> None:
    """Record a versioned file as applied without running it."""
    with conn.transaction():
        conn.execute("insert into migrate.version values (%s, %s)", [file.id, file.sha256])
        log(conn, "mark", file.id, file.sha256)
        if state.marked is not None and file.id not in state.marked:
            mark_in_yoyo(conn, file.id)


def accept_edits(conn: Connection, tree: Tree, state: State) -> list[str]:
    """Record the new text of the files whose header allows the edit."""
    names = state.of("edit allowed")
    for name in names:
        sha256 = tree.versioned[name].sha256
        with conn.transaction():
            conn.execute("update migrate.version set sha256 = %s where id = %s", [sha256, name])
            log(conn, "edit", name, sha256)
    return names


# --- managed files --------------------------------------------------------------------------------

# what a file needs may come from a file that has not run yet
NOT_YET = {"42883", "42P01", "42704", "42703", "3F000", "42725"}
# what the file made before is in the way: another result or column, no "or replace", dependants
IN_THE_WAY = {"42P13", "42P16", "42710", "42723", "2BP01"}
# nothing depends on these, so they are dropped first
LEAVES = ("event trigger", "trigger", "policy")
NO_FILE = ""  # owns what stands in a managed schema without a file


@dataclass
class Managed:
    """One run of the managed files, in an open transaction: who owned what, who makes what now."""

    conn: Connection
    tree: Tree
    owners: dict[Object, str]
    claims: dict[str, set[Object]] = field(default_factory=dict)
    dropped: set[Object] = field(default_factory=set)
    left_out: list[Problem] = field(default_factory=list)

    def claimed(self) -> set[Object]:
        """Give all objects of the files that ran."""
        return set[Object]().union(*self.claims.values())

    def gone(self) -> list[Object]:
        """Give what was dropped and not made again."""
        return sorted(self.dropped - self.claimed())


def apply_managed(run: Managed, state: State, every: bool, checks: bool = True) -> None:
    """State what changed, in a transaction of its own; without a change nothing is touched.

    ``every`` states all files, and drops what stands in a managed schema without a file.
    """
    paths, removed = state.to_run(), state.removed()
    if every:
        paths, removed = list(run.tree.managed), [*removed, NO_FILE]
        strays = [item for kind, item, _ in find_drift(run.conn, run.tree, state) if kind == STRAY]
        run.owners |= dict.fromkeys(strays, NO_FILE)
    if paths or removed or state.is_stale:
        with run.conn.transaction():
            state_managed(run, paths, removed)
            if checks:
                check_catalogue(run.conn)


def state_managed(
    run: Managed, paths: Iterable[str], removed: Sequence[str], lenient: bool = False
) -> None:
    """State the files at ``paths``, drop what they and ``removed`` files do not make any more.

    Files wait for each other: rounds go on while one succeeds. ``lenient`` leaves out the files
    that use what does not exist, instead of failing. After a Failure the transaction must end.
    """
    hand_over(run.conn, True)
    waiting = sorted(paths)
    while True:
        errors, revived = state_round(run, waiting)
        moved = drop_ghosts(run, removed) or len(errors) < len(waiting)
        if not errors or not moved:
            revived |= drop_stubborn_ghosts(run, removed)
        if is_hopeless(errors) or (errors and not moved and not revived):
            run.left_out = explain(run, errors)
            if not lenient or any(problem["sqlstate"] not in NOT_YET for problem in run.left_out):
                raise sql_failure("managed files failed, nothing of them was kept", run.left_out)
            break
        waiting = sorted(errors.keys() | revived)
        if not waiting:
            break
    check_owners(run, removed)
    write_ownership(run, [*removed, *errors])
    refresh_catalogue(run.conn, lenient)
    hand_over(run.conn, False)


def state_round(run: Managed, waiting: Sequence[str]) -> tuple[dict[str, psycopg.Error], set[str]]:
    """Run each file once; give the errors, and the files whose objects had to be dropped for it."""
    errors: dict[str, psycopg.Error] = {}
    revived: set[str] = set()
    for path in waiting:
        try:
            revived |= state_file(run, run.tree.managed[path])
        except psycopg.Error as error:
            errors[path] = error
    return errors, revived


def state_file(run: Managed, file: SqlFile) -> set[str]:
    """Run a file in a savepoint; if its old objects are in the way, drop them and run it again."""
    try:
        with run.conn.transaction():
            execute(run, file)
    except psycopg.Error as error:
        former = {item for item, path in run.owners.items() if path == file.path}
        if error.sqlstate not in IN_THE_WAY or not former:
            raise
        with run.conn.transaction():
            dropped = drop_objects(run, former)
            execute(run, file)
        return forget(run, dropped, file.path)
    return set()


def execute(run: Managed, file: SqlFile) -> None:
    """Send the whole text as one simple query, and see by xmin which objects it wrote."""
    run.conn.execute(file.text.encode())
    xid = scalar(
        run.conn,
        "insert into migrate.file as f (path, sha256) values (%s, %s)"
        " on conflict (path) do update set sha256 = excluded.sha256, applied_at = default,"
        " server_version_num = default returning f.xmin::text",
        [file.path, file.sha256],
    )
    query = f"select kind, identity from ({OBJECTS}) as o where xid = %s::xid"  # noqa: S608
    written = {Object(*row) for row in run.conn.execute(query.encode(), [xid]).fetchall()}
    for other, claimed in run.claims.items():
        if other != file.path and (both := claimed & written):
            raise double_owner(both, file.path, other)
    run.claims[file.path] = written


def double_owner(both: Iterable[Object], *paths: str) -> Failure:
    """Say that two files want the same object."""
    files = " and ".join(f"sql/{path}" for path in sorted(paths))
    names = ", ".join(map(str, sorted(both)))
    return Failure(f"{files} both define or alter {names}: one object, one file")


def check_owners(run: Managed, removed: Sequence[str]) -> None:
    """Refuse when a file took an object of another one that was not run."""
    for path, claimed in run.claims.items():
        for item in claimed:
            owner = run.owners.get(item, path)
            if owner != path and owner not in run.claims and owner not in removed:
                raise double_owner([item], path, owner)


def forget(run: Managed, dropped: set[Object], maker: str = NO_FILE) -> set[str]:
    """Note objects as dropped; give the files, but ``maker``, that must make them again."""
    paths = {run.owners.get(item) for item in dropped}
    paths |= {path for path, claimed in run.claims.items() if claimed & dropped}
    revived = {path for path in paths if path in run.tree.managed and path != maker}
    for path in revived:
        run.claims.pop(path, None)
    run.owners = {item: path for item, path in run.owners.items() if item not in dropped}
    run.dropped |= dropped
    return revived


def ghosts(run: Managed, removed: Sequence[str]) -> set[Object]:
    """Find what a file owned before and, having run or gone, does not make any more."""
    finished = run.claims.keys() | set(removed)
    return {item for item, path in run.owners.items() if path in finished} - run.claimed()


def drop_ghosts(run: Managed, removed: Sequence[str]) -> bool:
    """Drop the ghosts that nothing depends on; an old overload makes its callers ambiguous."""
    dropped = {item for item in ghosts(run, removed) if drop(run.conn, [item])}
    forget(run, dropped)
    return bool(dropped)


def drop_stubborn_ghosts(run: Managed, removed: Sequence[str]) -> set[str]:
    """Drop the other ghosts after the managed objects that use them; give the files of those."""
    left = ghosts(run, removed)
    if not left:
        return set()
    try:
        return forget(run, drop_objects(run, left))
    except psycopg.Error as error:
        names = ", ".join(f"{item} (of sql/{run.owners[item]})" for item in sorted(left))
        outcome = f"no file makes {names} any more, but it is in use"
        raise sql_failure(outcome, [describe(error)]) from error


def drop_objects(run: Managed, wanted: set[Object]) -> set[Object]:
    """Drop objects after the managed ones that depend on them; give all that was dropped.

    Never CASCADE: raises psycopg.Error when something that no file owns depends on them.
    """
    kinds, identities = [item.kind for item in wanted], [item.identity for item in wanted]
    rows = run.conn.execute(DEPENDANTS.encode(), [kinds, identities]).fetchall()
    doomed = {Object(*row) for row in rows} & (run.owners.keys() | run.claimed() | wanted)
    left = sorted(doomed, key=lambda item: (item.kind not in LEAVES, item))
    while left:
        stayed = [item for item in left if not drop(run.conn, [item])]
        if stayed == left:  # functions that call each other go together, or the server says why not
            together = [item for item in left if item.kind == left[0].kind]
            drop(run.conn, together, must=True)
            stayed = [item for item in left if item not in together]
        left = stayed
    return doomed


def drop(conn: Connection, items: Sequence[Object], must: bool = False) -> bool:
    """Drop objects of one kind; False when others depend on them, unless it ``must`` be."""
    names = ", ".join(item.identity for item in items)
    try:
        with conn.transaction():
            conn.execute(f"drop {items[0].kind} if exists {names}".encode())
    except psycopg.errors.DependentObjectsStillExist:
        if must:
            raise
        return False
    return True


def is_hopeless(errors: dict[str, psycopg.Error]) -> bool:
    """Whether an error is of a kind that no other file can mend."""
    return any(error.sqlstate not in NOT_YET | IN_THE_WAY for error in errors.values())


def explain(run: Managed, errors: dict[str, psycopg.Error]) -> list[Problem]:
    """Describe the errors with their lines; what may be a consequence only if nothing else is."""
    causes = {path: error for path, error in errors.items() if is_hopeless({path: error})} or errors
    return [
        describe(error, f"sql/{path}", text, pinpoint(run.conn, text, error))
        for path, error in causes.items()
        for text in [run.tree.managed[path].text]
    ]


def pinpoint(conn: Connection, text: str, error: psycopg.Error) -> int:
    """Find where the failing statement starts; without a position, by running one by one."""
    if error.diag.statement_position:
        return 0
    starts = [start for start, _ in statements(text)]
    with contextlib.suppress(psycopg.Error), conn.transaction(force_rollback=True):
        for start, end in pairwise(starts):
            conn.execute(text[start:end].encode())
        start = starts[-1]
    return start


def write_ownership(run: Managed, gone: Iterable[str]) -> None:
    """Write which file owns what, with the definitions as the server gives them now."""
    claims = [(*item, path) for path, claimed in run.claims.items() for item in claimed]
    run.conn.execute("delete from migrate.file where path = any(%s)", [list(gone)])
    run.conn.execute("delete from migrate.object where path = any(%s)", [list(run.claims)])
    query = f"""
    insert into migrate.object (kind, identity, path, definition_sha256)
    select kind, identity, given.path, {DIGEST}
    from ({OBJECTS}) as o
    join unnest(%s::text[], %s::text[], %s::text[]) as given (kind, identity, path)
    using (kind, identity)
    """  # noqa: S608 - no value is in the text
    run.conn.execute(query.encode(), [[claim[i] for claim in claims] for i in range(3)])
    log(run.conn, "state", f"{len(run.claims)} files")


def refresh_catalogue(conn: Connection, lenient: bool) -> None:
    """Let the application rebuild its tool catalogue; a function it refuses fails the run."""
    if lenient:
        with contextlib.suppress(psycopg.Error), conn.transaction():
            call_if_there(conn, "mcp.refresh_catalog()")
    elif call_if_there(conn, "mcp.refresh_catalog()"):
        query = "select function, reason from mcp.catalog_refusal order by 1, 2"
        rows = conn.execute(query.encode()).fetchall()
        problems = [{"function": function, "reason": reason} for function, reason in rows]
        lines = "\n".join(f"{function}: {reason}" for function, reason in rows)
        if rows:
            raise Failure(f"not fit to be tools, nothing was kept:\n{lines}", FAILED, problems)


def hand_over(conn: Connection, is_open: bool) -> None:
    """Let the owner roles receive objects, or end that; the function is of a versioned file."""
    if scalar(conn, "select to_regprocedure('migrate.hand_over(boolean)')"):
        conn.execute("select migrate.hand_over(%s)", [is_open])


def call_if_there(conn: Connection, function: str) -> bool:
    """Call a function without arguments where the database has it."""
    if not scalar(conn, "select to_regprocedure(%s)", [function]):
        return False
    conn.execute(f"select {function}".encode())
    return True


def withdraw_managed(conn: Connection, tree: Tree, state: State) -> list[Object]:
    """Drop every managed object, so that the tables under them can change."""
    with conn.transaction():
        run = Managed(conn, tree, state.owners)
        hand_over(conn, True)
        dropped = drop_objects(run, set(state.owners))
        conn.execute("delete from migrate.file")
        log(conn, "withdraw", f"{len(dropped)} objects")
        hand_over(conn, False)
    return sorted(dropped)


# --- drift and checks -----------------------------------------------------------------------------

STRAY = "unmanaged"


def find_drift(conn: Connection, tree: Tree, state: State) -> list[tuple[str, Object, str]]:
    """Compare each object with what the ledger remembers of it: (what, object, file)."""
    query = f"""
    select kind, identity, schema, {DIGEST}, exists (
        select from pg_depend as d
        where d.classid = o.classid and d.objid = o.objid and d.deptype = 'e'
    )
    from ({OBJECTS}) as o
    """  # noqa: S608 - no value is in the text
    rows = conn.execute(query.encode()).fetchall()
    live = {Object(kind, identity): digest for kind, identity, _, digest, _ in rows}
    schemas = {path.split("/")[1] for path in tree.managed if path.startswith("functions/")}
    schemas |= {schema for kind, identity, schema, *_ in rows if (kind, identity) in state.owners}
    schemas.discard("migrate")  # where versioned files may create functions
    found = [
        (STRAY, Object(kind, identity), NO_FILE)
        for kind, identity, schema, _, is_extension in rows
        if schema in schemas and not is_extension and (kind, identity) not in state.owners
    ]
    for item, path in state.owners.items():
        if live.get(item) != state.digests[item]:
            found.append(("modified" if item in live else "missing", item, path))
    return sorted(found)


def definitions(conn: Connection) -> dict[Object, tuple[str, str]]:
    """Read every object's definition, and its owner, grants and comment, as the server has them."""
    query = f"select kind, identity, definition, grants from ({OBJECTS}) as o"  # noqa: S608
    rows = conn.execute(query.encode()).fetchall()
    return {Object(kind, identity): (text, grants) for kind, identity, text, grants in rows}


class Change(NamedTuple):
    """What a run did to an object: created, replaced, re-granted or dropped it."""

    change: str
    kind: str
    identity: str
    path: str
    diff: str


def changes(
    before: dict[Object, tuple[str, str]],
    after: dict[Object, tuple[str, str]],
    paths: dict[Object, str],
) -> list[Change]:
    """Compare two readings of ``definitions``."""
    found = []
    for item in sorted(item for item in before.keys() | after.keys()):
        old, new = before.get(item, ()), after.get(item, ())
        if old == new:
            continue
        replaced = "replaced" if old[:1] != new[:1] else "re-granted"
        change = "created" if not old else "dropped" if not new else replaced
        texts = ["\n".join(version).splitlines() for version in (old, new)]
        names = (f"database: {item}", f"files: {item}")
        diff = "\n".join(difflib.unified_diff(texts[0], texts[1], *names, lineterm=""))
        found.append(Change(change, *item, paths.get(item, NO_FILE), diff))
    return found


def check_catalogue(conn: Connection) -> None:
    """Fail when a view migrate.check_* has a row."""
    found = findings(conn, check_views(conn))
    fields = ("check", "object", "problem")
    if found:
        problems = [dict(zip(fields, finding, strict=True)) for finding in found]
        lines = "\n".join(": ".join(finding) for finding in found)
        raise Failure(f"checks failed, nothing was kept:\n{lines}", FAILED, problems)


def check_views(conn: Connection) -> list[str]:
    """Name the views that are checks."""
    rows = conn.execute(
        "select relname from pg_class where relnamespace = to_regnamespace('migrate')::oid"
        " and relkind = 'v' and relname ~ '^check_[a-z0-9_]+$' order by relname"
    ).fetchall()
    return [name for (name,) in rows]


def findings(conn: Connection, checks: Sequence[str]) -> list[tuple[str, str, str]]:
    """Give what the checks found: (check, object, problem)."""
    found = []
    for name in checks:
        query = f"select object, problem from migrate.{name} order by 1, 2"  # noqa: S608
        rows = conn.execute(query.encode()).fetchall()
        found += [(name.removeprefix("check_"), item, problem) for item, problem in rows]
    return found


# --- the command line -----------------------------------------------------------------------------


@click.group(
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def cli() -> None:
    """Apply sql/ to a PostgreSQL database, and say what differs.

    The database is that of --database-url or DATABASE_URL. Try: python migrate.py status
    """


def interval(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Check a time as PostgreSQL writes it."""
    if not re.fullmatch(r"\d+(ms|s|min)?", value):
        raise click.BadParameter(f"{value!r} is not a time such as 500ms, 5s or 2min")
    return value


def number(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """Read a versioned file's number, from 3, 0003 or 0003_name."""
    if value is None:
        return None
    if not (match := re.match(r"\d+", value)):
        raise click.BadParameter(f"{value!r} does not start with a file's number")
    return int(match[0])


Decorator = Callable[[Callable[..., None]], Any]
SQL_DIR = click.option(
    "--sql-dir",
    type=click.Path(path_type=Path),
    default=Path(__file__).resolve().parent / "sql",
    help="Directory of the SQL files [default: sql/ beside migrate.py].",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
COMMON_OPTIONS: list[Decorator] = [
    click.option(
        "--database-url",
        envvar="DATABASE_URL",
        required=True,
        show_envvar=True,
        help="libpq URI of the migration login; a direct connection, not a transaction pooler.",
    ),
    SQL_DIR,
    click.option(
        "--lock-timeout",
        default="5s",
        show_default=True,
        callback=interval,
        help="How long a statement waits for a table lock; 0 for ever.",
    ),
    click.option(
        "--wait",
        default="60s",
        show_default=True,
        callback=interval,
        help="How long to wait for another run to end; 0 not at all.",
    ),
    AS_JSON,
]
TO = functools.partial(click.option, "--to", "target", metavar="NNNN", callback=number)
ALL = click.option(
    "--all",
    "every",
    is_flag=True,
    help="State every managed file, and drop what stands in their schemas without a file.",
)
OUT_OF_ORDER = click.option(
    "--allow-out-of-order", is_flag=True, help="Apply a new file although a later one ran already."
)


def subcommand(name: str) -> Decorator:
    """Make a subcommand whose help is the docstring, its example kept as it is written."""

    def decorate(function: Callable[..., None]) -> Any:
        text = (function.__doc__ or "").replace("    Example:", "    \b\n    Example:")
        return cli.command(name, help=text, epilog=EXIT_CODES)(function)

    return decorate


def command(name: str) -> Decorator:
    """Make a subcommand with the options that all have, which arrive as ``settings``."""

    def decorate(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def run(
            database_url: str,
            sql_dir: Path,
            lock_timeout: str,
            wait: str,
            as_json: bool,
            **options: Any,
        ) -> None:
            settings = Settings(database_url, sql_dir, lock_timeout, wait, as_json)
            try:
                function(settings, **options)
            except psycopg.Error as error:
                raise reported(
                    settings, sql_failure(f"{name} failed", [describe(error)])
                ) from error
            except Failure as failure:
                raise reported(settings, failure) from failure

        decorators = [subcommand(name), *COMMON_OPTIONS]
        return functools.reduce(
            lambda command, decorate: decorate(command), reversed(decorators), run
        )

    return decorate


def reported(settings: Settings, failure: Failure) -> Failure:
    """Print a failure as JSON too, where that was asked for."""
    if settings.as_json:
        report = {"error": failure.message, "problems": failure.problems, "exit": failure.code}
        click.echo(json.dumps(report, indent=2))
    return failure


class Table(NamedTuple):
    """Rows to print, with what stands above them on a terminal."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


def answer(settings: Settings, report: dict[str, Any], *parts: str | Table) -> None:
    """Print a command's result, as one JSON object or as text; end with its exit code."""
    if settings.as_json:
        click.echo(json.dumps(report, indent=2))
    for part in () if settings.as_json else parts:
        if isinstance(part, str):
            click.echo(part)
        elif not sys.stdout.isatty():
            click.echo("".join("\t".join(row) + "\n" for row in part.rows), nl=False)
        elif part.rows:
            print_table(part)
    if report.get("exit"):
        raise SystemExit(report["exit"])


def print_table(table: Table) -> None:
    """Draw a table on a terminal."""
    from rich.console import Console
    from rich.table import Table as RichTable

    drawn = RichTable(*table.columns, title=table.title, title_justify="left")
    for row in table.rows:
        drawn.add_row(*row)
    Console().print(drawn)


@command("status")
def status(settings: Settings) -> None:
    """Say which files are applied, pending, edited or missing. Reads only.

    Example:
      python migrate.py status --json
    """
    tree = read_tree(settings.root)
    with connect(settings) as conn:
        state = read_state(conn, tree)
    report = {
        "versioned": [{"id": name, "state": kind} for name, kind in state.versioned.items()],
        "managed": [{"path": path, "state": kind} for path, kind in state.managed.items()],
        "exit": state.exit_code(),
    }
    versioned = Table("Versioned files", ("file", "state"), list(state.versioned.items()))
    managed = Table("Managed files", ("file", "state"), list(state.managed.items()))
    answer(settings, report, versioned, managed)


@command("plan")
@click.option("--sql", "show_sql", is_flag=True, help="Show how each definition changes.")
@ALL
@OUT_OF_ORDER
def plan(settings: Settings, show_sql: bool, every: bool, allow_out_of_order: bool) -> None:
    """Say what apply would do. Managed files really run, in a transaction that is rolled back.

    Versioned files are only listed and, while one is pending, so are the managed ones. It takes the
    locks that apply takes. Exit code as status.

    Example:
      python migrate.py plan --sql
    """
    tree = read_tree(settings.root)
    with exclusive(settings, writes=False) as conn:
        state = read_state(conn, tree, allow_out_of_order)
        check_history(tree, state)
        pending = state.of("pending", "edit allowed")
        preflight(tree, pending)
        runs = state.has_ledger and not pending
        found = planned(Managed(conn, tree, dict(state.owners)), state, every) if runs else []
    report = {
        "versioned": pending,
        "managed": state.to_run(),
        "removed": state.removed(),
        "changes": [change._asdict() for change in found],
        "exit": state.exit_code() | (FAILED if found else 0),
    }
    listed = [("state", path) for path in state.to_run() if not runs]
    listed += [("remove", path) for path in state.removed()]
    answer(
        settings,
        report,
        Table("Versioned files", ("change", "file"), [("apply", name) for name in pending]),
        Table("Managed files", ("change", "file"), listed),
        Table("Objects", ("change", "kind", "object", "file"), [change[:4] for change in found]),
        *(change.diff for change in found if show_sql),
        *(() if report["exit"] else ("nothing to do",)),
    )


def planned(run: Managed, state: State, every: bool) -> list[Change]:
    """Run the managed files, compare the definitions before and after, and roll back."""
    with run.conn.transaction(force_rollback=True):
        before = definitions(run.conn)
        apply_managed(run, state, every)
        after = definitions(run.conn)
    paths = {item: path for path, claimed in run.claims.items() for item in claimed}
    return changes(before, after, state.owners | paths)


@command("apply")
@TO(help="Apply versioned files up to this number only; managed files then wait.")
@ALL
@OUT_OF_ORDER
@click.option("--no-verify", is_flag=True, help="Do not run the checks of verify at the end.")
def apply(
    settings: Settings, target: int | None, every: bool, allow_out_of_order: bool, no_verify: bool
) -> None:
    """Apply pending versioned files, then state changed managed files in one transaction.

    Example:
      python migrate.py apply --database-url postgresql://dba@db.example.com/zava --wait 2min
    """
    started = time.monotonic()
    say = functools.partial(click.echo, err=settings.as_json)
    tree = read_tree(settings.root)
    preflight(tree)
    with exclusive(settings) as conn:
        state = read_state(conn, tree, allow_out_of_order)
        check_history(tree, state)
        pending = [
            name
            for name in state.of("pending")
            if target is None or tree.versioned[name].number <= target
        ]
        preflight(tree, pending)
        reconcile_yoyo(conn, state)
        edits = accept_edits(conn, tree, state)
        for name in run_versioned(settings, tree, pending, "apply"):
            say(f"applied sql/{name}.sql")
        state = read_state(conn, tree, allow_out_of_order)
        run = Managed(conn, tree, dict(state.owners))
        waiting = state.of("pending")
        if not waiting:
            apply_managed(run, state, every, not no_verify)
    report = {
        "applied": pending,
        "edits": edits,
        "stated": sorted(run.claims),
        "dropped": [str(item) for item in run.gone()],
        "waiting": waiting,
        "seconds": round(time.monotonic() - started, 3),
    }
    answer(
        settings,
        report,
        *(f"accepted the edit of sql/{name}.sql" for name in edits),
        *(f"stated sql/{path}" for path in sorted(run.claims)),
        *(f"dropped {item}" for item in run.gone()),
        *(f"sql/{name}.sql waits, and with it the managed files" for name in waiting),
        f"{len(pending)} versioned files applied, {len(run.claims)} managed files stated"
        f" in {report['seconds']} s",
    )


@command("rollback")
@TO(required=True, help="The number to go back to; 0 undoes everything.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rollback(settings: Settings, target: int, yes: bool) -> None:
    """Undo versioned files above a number, newest first.

    Managed objects are dropped first and stated again after, without those that use what is gone.

    Example:
      python migrate.py rollback --to 0004
    """
    say = functools.partial(click.echo, err=settings.as_json)
    tree = read_tree(settings.root)
    preflight(tree)
    with exclusive(settings) as conn:
        state = read_state(conn, tree)
        check_history(tree, state)
        names = [name for name in state.versions if int(name[:4]) > target]
        names.sort(reverse=True)
        check_reversible(tree, names)
        preflight(tree, names)
        run, dropped = Managed(conn, tree, {}), list[Object]()
        if names:
            ask(names, yes)
            reconcile_yoyo(conn, state)
            dropped = withdraw_managed(conn, tree, state)
            say(f"dropped {len(dropped)} managed objects; the next apply makes them again")
        for name in run_versioned(settings, tree, names, "rollback"):
            say(f"rolled back sql/{name}.sql")
        if 0 < len(names) < len(state.versions):
            with conn.transaction():
                state_managed(run, tree.managed, [], lenient=True)
    report = {
        "rolled_back": names,
        "dropped": [str(item) for item in dropped],
        "stated": sorted(run.claims),
        "left_out": run.left_out,
    }
    answer(
        settings,
        report,
        *(f"left out {sentence(problem)}" for problem in run.left_out),
        f"{len(names)} versioned files rolled back, {len(run.claims)} managed files stated",
    )


def check_reversible(tree: Tree, names: Sequence[str]) -> None:
    """Refuse to roll back what says that it cannot be."""
    problems = [
        f"sql/{name}.sql: irreversible: {tree.versioned[name].directives.get('irreversible')}"
        for name in names
        if name not in tree.rollbacks
    ]
    refuse("cannot roll back", problems, FAILED)


def ask(names: Sequence[str], yes: bool) -> None:
    """Have the operator confirm; without a terminal only --yes does."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure("there is no terminal to ask on: say --yes", USAGE)
    click.confirm(f"Roll back {', '.join(names)}, with the data in them?", abort=True)


@command("verify")
def verify(settings: Settings) -> None:
    """Run the checks of the catalogue, which are the views migrate.check_*. Reads only.

    Each row of such a view is a finding: object, problem. Exit code 1 when there is one.

    Example:
      python migrate.py verify && psql -c 'table migrate.check_foreign_keys'
    """
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            checks = check_views(conn)
            found = findings(conn, checks)
    if not checks:
        raise Failure(
            "this database has no view migrate.check_*: apply sql/functions/migrate first"
        )
    fields = ("check", "object", "problem")
    report = {
        "checks": checks,
        "findings": [dict(zip(fields, finding, strict=True)) for finding in found],
        "exit": FAILED if found else 0,
    }
    total = f"{len(checks)} checks, {len(found)} findings"
    answer(settings, report, Table("Findings", fields, found), total)


@command("drift")
def drift(settings: Settings) -> None:
    """Say what was done by hand: modified, missing, unmanaged objects. Reads only, no locks.

    Exit code 1 when something differs. Objects of extensions do not count.

    Example:
      python migrate.py drift --json
    """
    tree = read_tree(settings.root)
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            state = read_state(conn, tree)
            found = find_drift(conn, tree, state)
            warn_of_other_server(conn, state)
    rows = [(kind, str(item), path) for kind, item, path in found]
    fields = ("state", "object", "file")
    report = {
        "drift": [dict(zip(fields, row, strict=True)) for row in rows],
        "exit": FAILED if found else 0,
    }
    total = f"{len(state.owners)} objects in the ledger, {len(found)} differ"
    answer(settings, report, Table("Drift", fields, rows), total)


def warn_of_other_server(conn: Connection, state: State) -> None:
    """Warn when another major version wrote the ledger: it may print definitions differently."""
    major = conn.info.server_version // 10000
    query = "select count(*) from migrate.file where server_version_num / 10000 <> %s"
    if state.files and (count := scalar(conn, query, [major])):
        message = (
            f"warning: {count} files were stated on another PostgreSQL: apply --all renews them"
        )
        click.echo(message, err=True)


@command("mark")
@click.argument("name", metavar="ID")
def mark(settings: Settings, name: str) -> None:
    """Record a versioned file as applied, without running it: after a crash or a change by hand.

    Example:
      python migrate.py mark 0007_order_index
    """
    file = read_tree(settings.root).versioned.get(Path(name).name.removesuffix(".sql"))
    if file is None:
        raise Failure(f"{name}: no such file in {settings.root}; give its id, as in status", USAGE)
    with exclusive(settings) as conn:
        state = read_state(conn, read_tree(settings.root))
        if file.id in state.versions:
            raise Failure(f"{file.id} is applied already")
        mark_applied(conn, state, file)
    answer(settings, {"marked": [file.id]}, f"marked {file.id} as applied")


@command("adopt")
@TO(required=True, help="The newest versioned file whose effect the database already has.")
def adopt(settings: Settings, target: int) -> None:
    """Take a database that was built without migrate.py, or lost its ledger, into the ledger.

    Versioned files are marked, not run. Managed files run and must change nothing: otherwise what
    differs is shown and nothing is kept.

    Example:
      python migrate.py adopt --to 0009
    """
    tree = read_tree(settings.root)
    preflight(tree)
    with exclusive(settings) as conn, conn.transaction():
        state = read_state(conn, tree)
        check_history(tree, state)
        names = [name for name in state.of("pending") if tree.versioned[name].number <= target]
        before = definitions(conn)
        for name in names:
            mark_applied(conn, state, tree.versioned[name])
        run = Managed(conn, tree, dict(state.owners))
        state_managed(run, tree.managed, state.removed())
        if found := changes(before, definitions(conn), {}):
            diffs = "\n".join(change.diff for change in found)
            raise Failure(f"the database differs from the files, nothing was kept:\n{diffs}")
        log(conn, "adopt", f"{len(names)} versioned, {len(run.claims)} managed files")
    answer(
        settings,
        {"marked": names, "stated": sorted(run.claims)},
        f"adopted {len(names)} versioned and {len(run.claims)} managed files",
    )


@subcommand("new")
@click.argument("kind", type=click.Choice(["migration", "tool", "policy"]))
@click.argument("name")
@SQL_DIR
@AS_JSON
def new(kind: str, name: str, sql_dir: Path, as_json: bool) -> None:
    """Write the files of a new migration, tool or policy and of its test, ready to fill in.

    NAME is a migration's or a tool's name, or a policy's table with its schema.

    Example:
      python migrate.py new migration order_notes
      python migrate.py new tool list_notes
      python migrate.py new policy retail.notes
    """
    tree = read_tree(sql_dir)
    if not re.fullmatch(r"[a-z]\w*\.[a-z]\w*" if kind == "policy" else r"[a-z][a-z0-9_]*", name):
        form = "schema.table" if kind == "policy" else "lower_case_words"
        raise Failure(f"{name!r} is not a name for a {kind}: write {form}", USAGE)
    values = {
        "name": name,
        "table": name.rpartition(".")[2],
        "title": name.replace("_", " ").capitalize(),
        "id": f"{max((file.number for file in tree.versioned.values()), default=0) + 1:04}_{name}",
    }
    texts = {path.format(**values): text.format(**values) for path, text in SKELETONS[kind].items()}
    refuse("already there", [f"sql/{path}" for path in texts if (sql_dir / path).exists()], USAGE)
    for path, text in texts.items():
        (sql_dir / path).parent.mkdir(parents=True, exist_ok=True)
        (sql_dir / path).write_text(text)
    settings = Settings("", sql_dir, "", "", as_json)
    answer(settings, {"written": list(texts)}, *(f"wrote sql/{path}" for path in texts))


SKELETONS = {
    "migration": {
        "{id}.sql": "-- {title}: what changes, and why.\n",
        "{id}.rollback.sql": "-- Mirrors {id} backwards.\n",
    },
    "tool": {
        "functions/api/{name}.sql": """\
create or replace function api.{name}(max_results integer default 10)
returns table (result integer)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select i as result
    from generate_series(1, {name}.max_results) as i
    order by i;
end;

comment on function api.{name}(integer) is $comment$
{title}.

@param max_results  How many results, 1 to 100.
@returns One row a result, smallest first.
@tool title="{title}"
$comment$;

alter function api.{name}(integer) owner to zava_tools;
revoke all on function api.{name}(integer) from public;
-- and to the audiences that may call it
grant execute on function api.{name}(integer) to zava_auth;
""",
        "tests/test_api_{name}.sql": """\
-- api.{name}: what each caller gets.
begin;
set local search_path = tests, ext, public;
select plan(1);
select tests.load_fixture();

select is(
    tests.call('manager_a', '{name}', '{{"max_results": 2}}') -> 'rows',
    '[{{"result": 1}}, {{"result": 2}}]',
    'manager_a: as many results as asked for'
);

select finish();
rollback;
""",
    },
    "policy": {
        "policies/{name}.sql": """\
-- {name}: which rows a caller sees.
alter table {name} enable row level security;
alter table {name} force row level security;

drop policy if exists {table}_select on {name};
create policy {table}_select on {name}
for select to zava_tools, zava_sandbox
using (false);
comment on policy {table}_select on {name} is 'Nobody yet.';
""",
        "tests/test_policies_{table}.sql": """\
-- {name}: who sees which rows.
begin;
set local search_path = tests, ext, public;
select plan(1);
select tests.load_fixture();

select is_empty(
    $$ select * from tests.rows_as(tests.credential('manager_a'), 'select from {name}') $$,
    'manager_a: nothing yet'
);

select finish();
rollback;
""",
    },
}


@command("embed")
@click.option("--batch", default=64, show_default=True, type=click.IntRange(1, 1000))
@click.option(
    "--embedder",
    envvar="ZAVA_EMBEDDER",
    default="local",
    show_default=True,
    show_envvar=True,
    type=click.Choice(["local", "openai"]),
    help="What turns a text into a vector; see embeddings.py for its settings.",
)
def embed(settings: Settings, batch: int, embedder: str) -> None:
    """Embed the texts that have no vector of this model yet, then build the index.

    Each batch is kept as it is stored, so a run that was stopped goes on where it was.

    Example:
      python migrate.py embed --embedder local
    """
    from embeddings import EmbeddingError, load_embedder

    try:
        model = load_embedder(embedder)
        if model is None:
            raise Failure(f"--embedder {embedder}: there is nothing to embed with", USAGE)
        with connect(settings) as conn:
            stored = sum(embed_batches(conn, model, batch))
            index = scalar(conn, "select mcp.finish_embeddings(%s)", [model.model])
    except EmbeddingError as error:
        raise Failure(f"embedding failed: {error}") from error
    report = {"model": model.model, "stored": stored, "index": index}
    answer(settings, report, f"{stored} texts embedded with {model.model}")


def embed_batches(conn: Connection, model: Any, batch: int) -> Iterator[int]:
    """Embed and store until nothing is pending; give the count of each batch."""
    from rich.console import Console
    from rich.progress import Progress

    def pending() -> Any:
        return scalar(conn, "select mcp.pending_embeddings(%s, %s)", [model.model, batch])

    work = pending()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("embedding", total=work["total"])
        while items := work.get("items"):
            vectors = model.embed([item["text"] for item in items])
            rows = [
                {"id": item["id"], "embedding": vector, "source": item["text"]}
                for item, vector in zip(items, vectors, strict=True)
            ]
            parameters = [model.model, json.dumps(rows)]
            stored = scalar(conn, "select mcp.store_embeddings(%s, %s::jsonb)", parameters)
            if not stored:
                raise Failure("mcp.store_embeddings stored nothing of a batch that is pending")
            progress.advance(task, stored)
            yield stored
            work = pending()


def main() -> None:
    """Run the command line; click's own code for misuse, 2, means something else here."""
    os.environ.setdefault("LOGNAME", "migrate")  # yoyo asks for a user name; a uid may have none
    try:
        sys.exit(cli.main(standalone_mode=False))
    except Failure as failure:
        click.echo(f"migrate: {failure.message}", err=True)
        sys.exit(failure.code)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except click.Abort:
        click.echo("migrate: stopped", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
