"""Apply sql/ to a PostgreSQL database: the command of the DBA and of the CI pipeline.

Versioned files, sql/NNNN_name.sql, run once and in order, through yoyo. Managed files, sql/functions
and sql/policies, hold one object each and are stated again when their text changes: all of them in one
transaction, a savepoint a file. The ledger in schema migrate says what ran, with which text, and which
file owns which object. docs/migrations.md explains the whole.
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
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

Connection = psycopg.Connection[Any]

OLDEST_SERVER = 18
OLDEST_VECTOR = (0, 8)

FAILED, REFUSED = 1, 2  # 3 is both, as in status
USAGE, BAD_FILES, UNAVAILABLE, BUSY = 64, 65, 69, 75  # the names of sysexits.h, clear of the bitmap

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
        return f"{self.kind} {self.identity}"


# --- failures -----------------------------------------------------------------------------------


class Failure(click.ClickException):
    """The command ends: ``message`` says what is wrong and how to mend it."""

    def __init__(self, message: str, exit_code: int = FAILED, problems: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]
        self.problems = list(problems)

    def show(self, file: Any = None) -> None:
        """Print to standard error."""
        click.echo(f"migrate: {self.message}", file=file, err=True)


def describe(
    error: psycopg.Error, name: str = "", text: str = "", offset: int = 0
) -> dict[str, Any]:
    """Put what PostgreSQL said into fields; ``offset`` is where the statement starts in ``text``."""
    diag = error.diag
    at = offset + int(diag.statement_position or 1) - 1
    fields = {
        "file": name,
        "line": text.count("\n", 0, at) + 1 if text else None,
        "sqlstate": error.sqlstate,
        "message": diag.message_primary or str(error).strip(),
        "detail": diag.message_detail,
        "context": diag.context,
        "hint": diag.message_hint,
    }
    return {key: value for key, value in fields.items() if value}


def sentence(problem: dict[str, Any]) -> str:
    """Write what ``describe`` found: file:line: SQLSTATE message, then detail, context and hint."""
    place = ":".join(str(problem[key]) for key in ("file", "line") if key in problem)
    head = " ".join(problem[key] for key in ("sqlstate", "message") if key in problem)
    lines = [f"{place}: {head}" if place else head]
    lines += [
        f"    {key}: {problem[key]}" for key in ("detail", "context", "hint") if key in problem
    ]
    return "\n".join(lines)


def sql_failure(problems: Sequence[dict[str, Any]], outcome: str) -> Failure:
    """Make one failure of SQL errors; a lock that was not free is worth another try."""
    busy = all(problem.get("sqlstate") == "55P03" for problem in problems)
    advice = (
        "\n    another session holds a lock: try again, or raise --lock-timeout" if busy else ""
    )
    text = "\n".join(map(sentence, problems))
    return Failure(f"{outcome}\n{text}{advice}", BUSY if busy else FAILED, problems)


# --- files --------------------------------------------------------------------------------------

DIRECTIVES = ("transactional", "depends", "irreversible", "allow-edit")
DIRECTIVE = re.compile(rf"^\s*--\s*({'|'.join(DIRECTIVES)})\s*:[ \t]*(.*)$", re.I | re.M)
OPAQUE = re.compile(
    r"--[^\n]*|/\*.*?\*/|\be'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    r"|(?<!\w)(\$(?:[a-z_]\w*)?\$).*?\1",
    re.I | re.S,
)
TOKEN = re.compile(r";|\bbegin\s+atomic\b|\bcase\b|\bend\b", re.I)

CODE = r"(?:function|procedure|aggregate|routine|view|recursive view)"
MANAGED_KIND = re.compile(
    rf"create (?:or replace )?{CODE} (?!migrate\.|pg_temp\.)|comment on {CODE} (?!migrate\.|pg_temp\.)"
    r"|create (?:or replace )?(?:constraint |event )?trigger |(?:create|alter|comment on) policy "
)
VERSIONED_KIND = re.compile(
    r"(?:create|drop) (?:(?:global|local|temp|temporary|unlogged|unique|foreign|materialized) )*"
    r"(?:table|index|type|domain|sequence|schema|extension|role|user|database|materialized view) "
    r"|create (?:or replace )?temp(?:orary)? view "
    r"|alter (?:type|domain|sequence|schema|extension|role|user|database|index) "
    r"|alter table (?:if exists )?(?:only )?\S+ (?:add|drop|rename|alter|set|attach|detach) "
)
TRANSACTION = re.compile(
    r"(?:begin|start transaction|commit|rollback|abort|end|savepoint|release|prepare transaction)\b"
)
UNQUALIFIED = re.compile(
    r"create (?:unlogged )?(?:table|type|domain|sequence|materialized view) (?:if not exists )?"
    r"[^\s.(;]+(?:[\s(;]|$)"
)
CONCURRENT = re.compile(
    r"(?:create (?:unique )?index|drop index|reindex .*|refresh .*) concurrently\b"
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
        """The number a versioned file starts with."""
        return int(self.path[:4])

    @property
    def directives(self) -> dict[str, str]:
        """The directives of the header, by their names in lower case."""
        header = self.text[: len(self.text) - len(body(self.text))]
        return {name.lower(): value.strip() for name, value in DIRECTIVE.findall(header)}

    @property
    def is_transactional(self) -> bool:
        """Whether the whole file runs in one transaction."""
        return self.directives.get("transactional", "true") == "true"


@dataclass(frozen=True)
class Tree:
    """The files under sql/, in the order in which they are applied."""

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
    numbered = re.compile(r"\d{4}_[a-z0-9_]+(?:\.rollback)?\.sql")
    files = {path.name: read_file(root, path) for path in top if numbered.fullmatch(path.name)}
    code = [
        path for kind in ("functions", "policies") for path in sorted(root.glob(f"{kind}/**/*.sql"))
    ]
    placed = re.compile(r"functions/[a-z0-9_]+/[^/]+\.sql|policies/[^/]+\.sql")
    managed = [read_file(root, path) for path in code]
    return Tree(
        root,
        {file.id: file for name, file in files.items() if not name.endswith(".rollback.sql")},
        {name[:-13]: file for name, file in files.items() if name.endswith(".rollback.sql")},
        {file.path: file for file in managed if placed.fullmatch(file.path)},
        [path.name for path in top if path.name not in files]
        + [file.path for file in managed if not placed.fullmatch(file.path)],
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


def body(text: str) -> str:
    """Cut the leading blank and ``--`` lines, where yoyo looks for directives."""
    return re.sub(r"\A(?:[ \t]*(?:--[^\n]*)?\n)*", "", text)


def mask(text: str) -> str:
    """Blank out comments, strings and dollar-quoted bodies, so that only keywords and names stay."""

    def blank(match: re.Match[str]) -> str:
        filler = "x" if match[0][0] == '"' else " "
        return re.sub(r"[^\n]", filler, match[0])

    return OPAQUE.sub(blank, text)


def statements(text: str) -> list[tuple[int, str]]:
    """Find where each statement starts, and its keywords and names in lower case, single spaces.

    Good enough to name a line and to see what a statement creates; nothing is executed by it.
    """
    masked = mask(text)
    found, start, depth = [], 0, 0
    for token in [*TOKEN.finditer(masked), None]:
        word = token[0].lower() if token else ";"
        if word == ";" and (depth == 0 or token is None):
            end = token.start() if token else len(masked)
            span = masked[start:end]
            if span.strip():
                found.append((end - len(span.lstrip()), " ".join(span.lower().split()) + " "))
            start = end + 1
        elif word.startswith("begin") or (word == "case" and depth):
            depth += 1
        elif word == "end" and depth:
            depth -= 1
    return found


def preflight(tree: Tree, pending: Iterable[str] = ()) -> None:
    """Refuse files that break a rule before anything runs; ``pending`` ids are also split by yoyo."""
    problems = [
        f"sql/{name}: not a name migrate.py knows; use NNNN_name.sql, functions/<schema>/<name>.sql "
        "or policies/<table>.sql"
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
    if problems:
        raise Failure(
            "files break a rule, nothing was run:\n" + "\n".join(problems), BAD_FILES, problems
        )


def versioned_problems(tree: Tree, file: SqlFile) -> Iterator[str]:
    """Say what yoyo would silently get wrong, and what belongs into a managed file."""
    yield from header_problems(tree, file)
    rollback = tree.rollbacks.get(file.id)
    heads = statements(file.text)
    if "irreversible" in file.directives:
        if rollback:
            yield f": says irreversible, but sql/{rollback.path} exists; keep one of the two"
    elif not rollback or not statements(rollback.text):
        yield (
            f": sql/{file.id}.rollback.sql is missing or empty; write it, "
            "or say '-- irreversible: why' in the header"
        )
    for start, head in heads + (statements(rollback.text) if rollback else []):
        where = (
            f":{line_of(file.text, start)}"
            if (start, head) in heads
            else f" ({file.id}.rollback.sql)"
        )
        if match := MANAGED_KIND.match(head):
            yield f"{where}: '{match[0].strip()}' belongs under sql/functions or sql/policies"
        if TRANSACTION.match(head):
            yield f"{where}: '{head.strip()}' would end the transaction the file runs in"
        if match := UNQUALIFIED.match(head):
            yield f"{where}: '{match[0].strip(' (;')}' names no schema, so it would land in migrate"
    if any(CONCURRENT.match(head) for _, head in heads):
        yield from concurrent_problems(file, [head for _, head in heads])


def header_problems(tree: Tree, file: SqlFile) -> Iterator[str]:
    """Check the directives, which yoyo reads only in lower case and only in leading -- lines."""
    if file.has_bom:
        yield ": starts with a byte order mark, which yoyo takes for SQL; save it as plain UTF-8"
    rest = body(file.text)
    if rest.startswith("/*"):
        yield ": starts with /*, after which yoyo reads no directives; use -- lines"
    header = len(file.text) - len(rest)
    seen: set[str] = set()
    for match in DIRECTIVE.finditer(file.text):
        name, value = match[1], match[2].strip()
        where = f":{line_of(file.text, match.start(1))}"
        if name != name.lower():
            yield f"{where}: write '{name.lower()}:' in lower case; yoyo ignores '{name}:'"
        elif match.start() >= header:
            yield f"{where}: '{name}:' must stand above the first statement"
        elif name in seen:
            yield f"{where}: '{name}:' stands twice"
        elif name == "transactional" and value not in ("true", "false"):
            yield f"{where}: 'transactional: {value}' must be true or false"
        elif name == "depends" and (unknown := set(value.split()) - set(tree.versioned)):
            yield f"{where}: 'depends:' names no file of sql/: {', '.join(sorted(unknown))}"
        elif name in ("irreversible", "allow-edit") and not value:
            yield f"{where}: '{name}:' needs a reason"
        seen.add(name)


def concurrent_problems(file: SqlFile, heads: list[str]) -> Iterator[str]:
    """A concurrent statement cannot be in a transaction, and leaves an invalid index when it fails."""
    if file.is_transactional:
        yield ": has a concurrent statement; say '-- transactional: false' in the header"
    if heads[0].startswith("drop index concurrently if exists ") and len(heads) > 1:
        heads = heads[1:]
    elif heads[0].startswith("create"):
        yield ": put 'drop index concurrently if exists' first, so that it can run again after a failure"
    if len(heads) > 1:
        yield ": a concurrent statement must be alone in its file"


def managed_problems(file: SqlFile) -> Iterator[str]:
    """Say what a file that is stated again and again must not hold."""
    if file.has_bom:
        yield ": starts with a byte order mark; save it as plain UTF-8"
    heads = statements(file.text)
    if not heads:
        yield ": holds no statement; delete the file to drop what it created"
    for start, head in heads:
        where = f":{line_of(file.text, start)}"
        if match := VERSIONED_KIND.match(head):
            yield f"{where}: '{match[0].strip()}' belongs into a versioned file, sql/NNNN_name.sql"
        if TRANSACTION.match(head):
            yield f"{where}: '{head.strip()}' would end the transaction the file runs in"


def split_problems(tree: Tree, name: str) -> Iterator[str]:
    """Compare yoyo's split into statements with ours: it glues some together, unnoticed."""
    from yoyo.migrations import read_sql_migration

    for file in filter(None, (tree.versioned.get(name), tree.rollbacks.get(name))):
        theirs, ours = (
            len(read_sql_migration(str(tree.root / file.path))[2]),
            len(statements(file.text)),
        )
        if theirs > ours or (theirs < ours and not tree.versioned[name].is_transactional):
            yield f"sql/{file.path}: yoyo splits it into {theirs} statements, it has {ours}; reword it"


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


# --- the session --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """Where to work and how long to wait: PostgreSQL intervals such as '5s' or '500ms'."""

    url: str
    root: Path
    lock_timeout: str = "5s"
    wait: str = "60s"
    as_json: bool = False


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
    row = conn.execute(
        "select coalesce(installed_version, default_version) from pg_available_extensions"
        " where name = 'vector'"
    ).fetchone()
    if problem := floor_problem(conn.info.server_version, row[0] if row else None):
        raise Failure(problem, UNAVAILABLE)


def floor_problem(server: int, vector: str | None) -> str | None:
    """Say why a server is too old; ``server`` as in server_version_num."""
    if server < OLDEST_SERVER * 10000:
        return f"PostgreSQL {server // 10000}.{server % 10000} is too old: {OLDEST_SERVER} is the floor"
    floor = ".".join(map(str, OLDEST_VECTOR))
    if vector is None:
        return f"pgvector is not installed on this server: install {floor} or newer"
    if tuple(map(int, re.findall(r"\d+", vector)[:2])) < OLDEST_VECTOR:
        return (
            f"pgvector {vector} is too old: {floor} is the floor; "
            "install it, then: alter extension vector update"
        )
    return None


LOCK_KEY = "hashtextextended('zava-mcp:migrate', 0)"
LOCK_HOLDER = f"""
select a.pid, a.application_name, coalesce(a.client_addr::text, 'this machine'), a.backend_start
from pg_locks as l join pg_stat_activity as a using (pid)
where l.locktype = 'advisory' and l.granted
and l.database = (select oid from pg_database where datname = current_database())
and (l.classid::bigint << 32 | l.objid::bigint) = {LOCK_KEY} and l.objsubid = 1
"""  # noqa: S608 - no value is in the text


@contextlib.contextmanager
def exclusive(settings: Settings, writes: bool = True) -> Iterator[Connection]:
    """Connect and hold the lock of this database, which ends with the process, however it ends."""
    with connect(settings) as conn:
        free = scalar(conn, f"select pg_try_advisory_lock({LOCK_KEY})")
        if not free:
            wait_for_lock(conn, settings)
        if writes:
            ensure_ledger(conn)
        yield conn


def wait_for_lock(conn: Connection, settings: Settings) -> None:
    """Wait for another run to end, at most ``settings.wait``."""
    holder = conn.execute(LOCK_HOLDER).fetchone()
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


def scalar(conn: Connection, query: str, parameters: Sequence[Any] = ()) -> Any:
    """Give the first column of the only row."""
    row = conn.execute(query.encode(), parameters or None).fetchone()
    return row[0] if row else None


# --- what is, against what should be --------------------------------------------------------------


@dataclass
class State:
    """The ledger beside the files. ``versioned`` and ``managed`` give each file's state."""

    versions: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    owners: dict[Object, str] = field(default_factory=dict)
    digests: dict[Object, str] = field(default_factory=dict)
    marked: set[str] | None = None
    rolled_back: set[str] = field(default_factory=set)
    is_stale: bool = False
    versioned: dict[str, str] = field(default_factory=dict)
    managed: dict[str, str] = field(default_factory=dict)

    def of(self, *states: str) -> list[str]:
        """Name the versioned files in one of these states."""
        return [name for name, state in self.versioned.items() if state in states]

    @property
    def to_state(self) -> list[str]:
        """Name the managed files that apply would run."""
        wanted = {"same", "new", "changed"} if self.is_stale else {"new", "changed"}
        return [path for path, state in self.managed.items() if state in wanted]

    @property
    def removed(self) -> list[str]:
        """Name the managed files that are in the ledger alone."""
        return [path for path, state in self.managed.items() if state == "removed"]

    @property
    def exit_code(self) -> int:
        """Say it in one number: 0 clean, 1 pending, 2 history differs, 3 both."""
        pending = bool(self.of("pending", "edit allowed") or self.to_state or self.removed)
        return pending + 2 * bool(self.of("edited", "missing", "out of order", "unrecorded"))


def read_state(conn: Connection, tree: Tree, allow_out_of_order: bool = False) -> State:
    """Read the ledger, with plain SELECTs, and compare it with the files."""
    state = State()
    if scalar(conn, "select to_regclass('migrate.log')"):
        read_ledger(conn, state)
    applied = [int(name[:4]) for name in state.versions]
    for name, file in tree.versioned.items():
        state.versioned[name] = version_state(
            state, file, max(applied, default=0), allow_out_of_order
        )
    state.versioned |= {name: "missing" for name in state.versions if name not in tree.versioned}
    state.versioned = dict(sorted(state.versioned.items()))
    for path, file in tree.managed.items():
        known = state.files.get(path)
        state.managed[path] = (
            "new" if known is None else "same" if known == file.sha256 else "changed"
        )
    state.managed |= {path: "removed" for path in state.files if path not in tree.managed}
    return state


def read_ledger(conn: Connection, state: State) -> None:
    state.versions = dict(conn.execute("select id, sha256 from migrate.version").fetchall())
    state.files = dict(conn.execute("select path, sha256 from migrate.file").fetchall())
    rows = conn.execute(
        "select kind, identity, path, definition_sha256 from migrate.object"
    ).fetchall()
    state.owners = {Object(kind, identity): path for kind, identity, path, _ in rows}
    state.digests = {Object(kind, identity): digest for kind, identity, _, digest in rows}
    if scalar(conn, "select to_regclass('migrate._yoyo_migration')"):
        rows = conn.execute("select migration_id from migrate._yoyo_migration").fetchall()
        state.marked = {name for (name,) in rows}
    rows = conn.execute(
        "select distinct on (subject) subject, operation from migrate.log"
        " where operation in ('apply', 'rollback', 'mark') order by subject, log_id desc"
    ).fetchall()
    state.rolled_back = {name for name, operation in rows if operation == "rollback"}
    state.is_stale = scalar(
        conn,
        "select coalesce(max(log_id) filter (where operation in ('apply', 'rollback')), 0)"
        " > coalesce(max(log_id) filter (where operation in ('state', 'adopt')), 0) from migrate.log",
    )


def version_state(state: State, file: SqlFile, newest: int, allow_out_of_order: bool) -> str:
    known = state.versions.get(file.id)
    if known == file.sha256:
        return "applied"
    if known is not None:
        return "edit allowed" if file.directives.get("allow-edit") else "edited"
    if file.id in (state.marked or set()) - state.rolled_back:
        return "unrecorded"
    return "out of order" if file.number < newest and not allow_out_of_order else "pending"


def check_history(tree: Tree, state: State) -> None:
    """Refuse to go on from a history that the files do not tell."""
    names = state.of("edited", "missing", "out of order", "unrecorded")
    problems = [f"sql/{name}.sql: {history_problem(tree, state, name)}" for name in names]
    if problems:
        raise Failure(
            "the history differs, nothing was run:\n" + "\n".join(problems), REFUSED, problems
        )


def history_problem(tree: Tree, state: State, name: str) -> str:
    kind, hashes = state.versioned[name], f"\n    applied {state.versions.get(name)}\n    file    "
    if kind == "edited":
        hashes += tree.versioned[name].sha256
        return f"edited after it was applied{hashes}\n    put it back, or say '-- allow-edit: why' in it"
    if kind == "missing":
        return f"applied, but the file is missing{hashes}none\n    put it back"
    if kind == "out of order":
        newest = max(state.versions)
        return f"new, but {newest} is applied already; renumber it, or say --allow-out-of-order"
    return f"yoyo says it was applied, the ledger does not; look, then: migrate.py mark {name}"


# --- versioned files ------------------------------------------------------------------------------


def run_versioned(
    settings: Settings, tree: Tree, names: Sequence[str], direction: str
) -> Iterator[str]:
    """Run versioned files through yoyo, in the order given; name each one that is done.

    The ledger row is one more step of the file, so it is written in the file's own transaction.
    """
    from yoyo import internalmigrations, read_migrations
    from yoyo.connections import get_backend

    parameters = conninfo(settings)
    uri = "postgresql+psycopg:///?" + urlencode({**parameters, "schema": "migrate"})
    migrations = {migration.id: migration for migration in read_migrations(str(tree.root))}
    with get_backend(uri) as backend:
        if internalmigrations.needs_upgrading(backend):
            internalmigrations.upgrade(backend)  # in one transaction, without yoyo's own lock
        for name in names:
            migration, file = migrations[name], tree.versioned[name]
            migration.load()
            add_ledger_step(migration, file)
            # yoyo prints the rows of every SELECT
            with contextlib.redirect_stdout(sys.stderr), failing_statement(tree, file, direction):
                run = backend.apply_one if direction == "apply" else backend.rollback_one
                run(migration)
            yield name


def add_ledger_step(migration: Any, file: SqlFile) -> None:
    """Let the ledger change with the objects: both or neither, whenever the process is killed."""
    from yoyo.migrations import MigrationStep, Transactionless, TransactionWrapper

    def log(conn: Connection, operation: str) -> None:
        conn.execute(
            "insert into migrate.log (operation, subject, sha256) values (%s, %s, %s)",
            [operation, file.id, file.sha256],
        )

    def record(conn: Connection) -> None:
        conn.execute("insert into migrate.version values (%s, %s)", [file.id, file.sha256])
        log(conn, "apply")

    def forget(conn: Connection) -> None:
        conn.execute("delete from migrate.version where id = %s", [file.id])
        log(conn, "rollback")

    wrap = TransactionWrapper if migration.use_transactions else Transactionless
    migration.steps.append(wrap(MigrationStep(len(migration.steps), record, forget)))


@contextlib.contextmanager
def failing_statement(tree: Tree, file: SqlFile, direction: str) -> Iterator[None]:
    """Turn an SQL error into a failure that names file and line; yoyo tells the step only by logging."""
    from yoyo.migrations import read_sql_migration

    step = 0

    def note_step(record: logging.LogRecord) -> bool:
        nonlocal step
        if "step %d" in str(record.msg) and isinstance(record.args, tuple):
            step = int(str(record.args[0]))
        return record.levelno >= logging.WARNING

    logger = logging.getLogger("yoyo.migrations")
    logger.setLevel(logging.INFO)
    logger.addFilter(note_step)
    try:
        yield
    except psycopg.Error as error:
        source = file if direction == "apply" else tree.rollbacks[file.id]
        parts = read_sql_migration(str(tree.root / source.path))[2]
        parts = parts if direction == "apply" else parts[::-1]
        start = source.text.find(parts[step]) if step < len(parts) else 0
        problem = describe(error, f"sql/{source.path}", source.text, start)
        kept = "" if file.is_transactional else "; statements before it may have stayed"
        raise sql_failure([problem], f"{direction} stopped{kept}") from error
    finally:
        logger.removeFilter(note_step)


def reconcile_yoyo(conn: Connection, state: State) -> None:
    """Bring yoyo's marks in line with the ledger, which a killed run leaves one step ahead."""
    if state.marked is None:
        return
    for name in state.versions.keys() - state.marked:
        mark_in_yoyo(conn, name)
    for name in state.marked - state.versions.keys():
        conn.execute("delete from migrate._yoyo_migration where migration_id = %s", [name])


def mark_in_yoyo(conn: Connection, name: str) -> None:
    conn.execute(
        "insert into migrate._yoyo_migration (migration_hash, migration_id, applied_at_utc)"
        " values (%s, %s, now() at time zone 'utc')",
        [hashlib.sha256(name.encode()).hexdigest(), name],
    )


def accept_edits(conn: Connection, tree: Tree, state: State) -> list[str]:
    """Record the new text of files whose header allows the edit."""
    names = state.of("edit allowed")
    for name in names:
        sha256 = tree.versioned[name].sha256
        with conn.transaction():
            conn.execute("update migrate.version set sha256 = %s where id = %s", [sha256, name])
            log(conn, "edit", name, sha256)
    return names


def log(conn: Connection, operation: str, subject: str, sha256: str | None = None) -> None:
    conn.execute(
        "insert into migrate.log (operation, subject, sha256) values (%s, %s, %s)",
        [operation, subject, sha256],
    )


# --- managed files --------------------------------------------------------------------------------

# what a file needs may come from a file that has not run yet
NOT_YET = {"42883", "42P01", "42704", "42703", "3F000", "42725"}
# what the file made before is in the way: another result, other columns, no "or replace", dependants
IN_THE_WAY = {"42P13", "42P16", "42710", "42723", "2BP01"}
NO_FILE = ""  # owns what stands in a managed schema without a file
# nothing depends on these, so they are dropped first
LEAVES = ("event trigger", "trigger", "policy")


@dataclass
class Managed:
    """One run of the managed files, in the open transaction: who owns what, and what came of it."""

    conn: Connection
    tree: Tree
    owners: dict[Object, str]
    claims: dict[str, set[Object]] = field(default_factory=dict)
    dropped: set[Object] = field(default_factory=set)
    skipped: list[dict[str, Any]] = field(default_factory=list)


def state_managed(
    run: Managed, paths: Iterable[str], removed: Sequence[str], lenient: bool = False
) -> None:
    """State the files at ``paths``, drop what they and ``removed`` files no longer create.

    Files wait for each other: rounds go on while one succeeds. ``lenient`` leaves out files that use
    what does not exist, instead of failing. Raises Failure; the caller's transaction then ends.
    """
    call_if_there(run.conn, "migrate.open_handover()")
    waiting, errors = sorted(paths), dict[str, psycopg.Error]()
    while True:
        errors, revived = state_round(run, waiting)
        stuck = bool(errors) and not drop_ghosts(run, removed) and len(errors) == len(waiting)
        if stuck or not errors:
            revived |= drop_stubborn_ghosts(run, removed)
        if is_hopeless(errors) or (stuck and not revived):
            run.skipped = explain(run, errors)
            if not lenient or any(problem["sqlstate"] not in NOT_YET for problem in run.skipped):
                raise sql_failure(run.skipped, "managed files failed; nothing of them was kept")
            break
        waiting = sorted(errors.keys() | revived)
        if not waiting:
            break
    check_owners(run, removed)
    write_ownership(run, [*removed, *errors])
    refresh_catalog(run, lenient)
    call_if_there(run.conn, "migrate.close_handover()")


def state_round(run: Managed, waiting: Sequence[str]) -> tuple[dict[str, psycopg.Error], set[str]]:
    """Run each file once; give the errors, and the files whose objects had to be dropped meanwhile."""
    errors: dict[str, psycopg.Error] = {}
    revived: set[str] = set()
    for path in waiting:
        try:
            revived |= state_file(run, run.tree.managed[path])
        except psycopg.Error as error:
            errors[path] = error
    return errors, revived - errors.keys()


def state_file(run: Managed, file: SqlFile) -> set[str]:
    """Run one file in a savepoint; when its old objects are in the way, drop them and run it again."""
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
    names = ", ".join(sorted(map(str, both)))
    files = " and ".join(f"sql/{path}" for path in sorted(paths))
    return Failure(f"{files} both define or alter {names}: one object, one file")


def check_owners(run: Managed, removed: Sequence[str]) -> None:
    """Refuse when a file took an object of another one that was not run."""
    for path, claimed in run.claims.items():
        for item in claimed:
            owner = run.owners.get(item, path)
            if owner != path and owner not in run.claims and owner not in removed:
                raise double_owner([item], path, owner)


def forget(run: Managed, dropped: set[Object], maker: str = "") -> set[str]:
    """Note objects as dropped; give the files, but ``maker``, that must create them again."""
    paths = {run.owners.get(item) for item in dropped} | {
        path for path, claimed in run.claims.items() if claimed & dropped
    }
    revived = {path for path in paths if path in run.tree.managed and path != maker}
    for path in revived:
        run.claims.pop(path, None)
    run.owners = {item: path for item, path in run.owners.items() if item not in dropped}
    run.dropped |= dropped
    return revived


def ghosts(run: Managed, removed: Sequence[str]) -> set[Object]:
    """Find what a file owned before and, having run or gone, does not create any more."""
    claimed = set[Object]().union(*run.claims.values())
    finished = run.claims.keys() | set(removed)
    return {item for item, path in run.owners.items() if path in finished} - claimed


def drop_ghosts(run: Managed, removed: Sequence[str]) -> bool:
    """Drop the ghosts that nothing depends on; an old overload makes its callers ambiguous."""
    dropped = {item for item in ghosts(run, removed) if drop(run.conn, [item])}
    forget(run, dropped)
    return bool(dropped)


def drop_stubborn_ghosts(run: Managed, removed: Sequence[str]) -> set[str]:
    """Drop the other ghosts with the managed objects that use them; give the files of those."""
    left = ghosts(run, removed)
    if not left:
        return set()
    try:
        return forget(run, drop_objects(run, left))
    except psycopg.Error as error:
        names = ", ".join(sorted(f"{item} (was in sql/{run.owners[item]})" for item in left))
        raise sql_failure([describe(error)], f"no file creates {names} any more, but it is in use")


def drop_objects(run: Managed, wanted: set[Object]) -> set[Object]:
    """Drop objects after the managed ones that depend on them; never CASCADE.

    Gives all that was dropped. Raises psycopg.Error when something unmanaged depends on them.
    """
    kinds, identities = [item.kind for item in wanted], [item.identity for item in wanted]
    rows = run.conn.execute(DEPENDANTS.encode(), [kinds, identities]).fetchall()
    owned = run.owners.keys() | set[Object]().union(*run.claims.values())
    doomed = sorted(
        {Object(*row) for row in rows} & (owned | wanted),
        key=lambda item: (item.kind not in LEAVES, item),
    )
    left = doomed
    while left:
        stayed = [item for item in left if not drop(run.conn, [item])]
        if stayed == left:  # functions that call each other go together, or the server says why not
            drop(run.conn, [item for item in left if item.kind == left[0].kind], must=True)
            stayed = [item for item in left if item.kind != left[0].kind]
        left = stayed
    return set(doomed)


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


def explain(run: Managed, errors: dict[str, psycopg.Error]) -> list[dict[str, Any]]:
    """Describe the errors with their lines; those that may only be a consequence when no other is."""
    causes = {path: error for path, error in errors.items() if is_hopeless({path: error})} or errors
    problems = []
    for path, error in causes.items():
        text = run.tree.managed[path].text
        start, found = (
            (0, error) if error.diag.statement_position else pinpoint(run.conn, text, error)
        )
        problems.append(describe(found, f"sql/{path}", text, start))
    return problems


def pinpoint(conn: Connection, text: str, error: psycopg.Error) -> tuple[int, psycopg.Error]:
    """Find the statement that fails, by running them one by one; PostgreSQL gave no position."""
    starts = [start for start, _ in statements(text)]
    start = 0
    try:
        with conn.transaction(force_rollback=True):
            for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
                conn.execute(text[start:end].encode())
    except psycopg.Error as found:
        return start, found
    return 0, error


def write_ownership(run: Managed, gone: Iterable[str]) -> None:
    """Write which file owns what, with the definitions as the server gives them now."""
    conn, claims = run.conn, [(item, path) for path, items in run.claims.items() for item in items]
    conn.execute("delete from migrate.file where path = any(%s)", [list(gone)])
    conn.execute("delete from migrate.object where path = any(%s)", [list(run.claims)])
    conn.execute(
        f"""
        insert into migrate.object (kind, identity, path, definition_sha256)
        select kind, identity, given.path, {DIGEST}
        from ({OBJECTS}) as o
        join unnest(%s::text[], %s::text[], %s::text[]) as given (kind, identity, path)
        using (kind, identity)
        """.encode(),  # noqa: S608 - no value is in the text
        [
            [i.kind for i, _ in claims],
            [i.identity for i, _ in claims],
            [path for _, path in claims],
        ],
    )
    log(conn, "state", f"{len(run.claims)} files")


def refresh_catalog(run: Managed, lenient: bool) -> None:
    """Let the application rebuild its tool catalogue; a function it refuses fails the run."""
    refresh = "mcp.refresh_catalog()"
    if lenient:
        with contextlib.suppress(psycopg.Error), run.conn.transaction():
            call_if_there(run.conn, refresh)
        return
    if not call_if_there(run.conn, refresh):
        return
    query = "select function, reason from mcp.catalog_refusal order by 1, 2"
    if rows := run.conn.execute(query).fetchall():
        problems = [{"function": function, "reason": reason} for function, reason in rows]
        lines = "\n".join(f"{function}: {reason}" for function, reason in rows)
        raise Failure(
            f"the catalogue refuses functions, nothing was kept:\n{lines}", FAILED, problems
        )


def call_if_there(conn: Connection, function: str) -> bool:
    """Call a function without arguments where the database has it."""
    if not scalar(conn, "select to_regprocedure(%s)", [function]):
        return False
    conn.execute(f"select {function}".encode())
    return True


def withdraw_managed(conn: Connection, tree: Tree, state: State) -> set[Object]:
    """Drop every managed object, so that the tables under them can change."""
    with conn.transaction():
        run = Managed(conn, tree, dict(state.owners))
        call_if_there(conn, "migrate.open_handover()")
        dropped = drop_objects(run, set(state.owners))
        conn.execute("delete from migrate.file")
        log(conn, "withdraw", f"{len(dropped)} objects")
    return dropped


# --- the command line -----------------------------------------------------------------------------


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Apply sql/ to a PostgreSQL database and say what differs.

    \b
    Example:
      export DATABASE_URL=postgresql://dba@db.example.com/zava
      python migrate.py status
      python migrate.py apply
    """


def command(name: str, **attributes: Any) -> Callable[[Callable[..., None]], click.Command]:
    """Make a subcommand with the options that all have, which arrive as ``settings``."""

    def decorate(function: Callable[..., None]) -> click.Command:
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
                report_failure(settings, sql_failure([describe(error)], f"{name} failed"))
            except Failure as failure:
                report_failure(settings, failure)

        for option in reversed(COMMON_OPTIONS):
            run = option(run)
        return cli.command(name, epilog=EXIT_CODES, **attributes)(run)

    return decorate


def report_failure(settings: Settings, failure: Failure) -> None:
    if settings.as_json:
        report = {"error": failure.message, "problems": failure.problems, "exit": failure.exit_code}
        click.echo(json.dumps(report, indent=2))
    raise failure


def interval(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"\d+(ms|s|min)?", value):
        raise click.BadParameter(f"{value!r} is not a time such as 500ms, 5s or 2min")
    return value


COMMON_OPTIONS: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
    click.option(
        "--database-url",
        envvar="DATABASE_URL",
        required=True,
        show_envvar=True,
        help="libpq URI of the migration login; a direct connection, not a transaction pooler.",
    ),
    click.option(
        "--sql-dir",
        type=click.Path(path_type=Path),
        default=Path(__file__).resolve().parent / "sql",
        help="Directory of the SQL files [default: sql/ beside migrate.py].",
    ),
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
    click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object on standard output."
    ),
]


def number(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """Read a versioned file's number, from 3, 0003 or 0003_name."""
    if value is None:
        return None
    if not (match := re.match(r"\d+", value)):
        raise click.BadParameter(f"{value!r} does not start with a file's number")
    return int(match[0])


to_option = functools.partial(click.option, "--to", "target", metavar="NNNN", callback=number)
all_option = click.option(
    "--all",
    "every",
    is_flag=True,
    help="State every managed file, and drop what stands in their schemas without a file.",
)
order_option = click.option(
    "--allow-out-of-order", is_flag=True, help="Apply a new file although a later one ran already."
)


@command("status")
def status(settings: Settings) -> None:
    """Say which files are applied, pending, edited or missing; reads only."""
    tree = read_tree(settings.root)
    with connect(settings) as conn:
        state = read_state(conn, tree)
    managed = {path: managed_state(state, path) for path in state.managed}
    report = {
        "versioned": [{"id": name, "state": kind} for name, kind in state.versioned.items()],
        "managed": [{"path": path, "state": kind} for path, kind in managed.items()],
        "exit": state.exit_code,
    }
    if settings.as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        table("Versioned files", ("file", "state"), list(state.versioned.items()))
        table("Managed files", ("file", "state"), list(managed.items()))
    raise SystemExit(state.exit_code)


def managed_state(state: State, path: str) -> str:
    kind = state.managed[path]
    return "to be stated again" if kind == "same" and state.is_stale else kind


@command("apply")
@to_option(help="Apply versioned files up to this number only; managed files then wait.")
@all_option
@order_option
def apply(settings: Settings, target: int | None, every: bool, allow_out_of_order: bool) -> None:
    """Apply pending versioned files, then state changed managed files in one transaction.

    \b
    Example:
      python migrate.py apply --database-url postgresql://dba@db.example.com/zava --wait 2min
    """
    started = time.monotonic()
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
        edited = accept_edits(conn, tree, state)
        progress = functools.partial(click.echo, err=settings.as_json)
        for name in edited:
            progress(f"accepted the edit of sql/{name}.sql")
        for name in run_versioned(settings, tree, pending, "apply") if pending else ():
            progress(f"applied sql/{name}.sql")
        state = read_state(conn, tree, allow_out_of_order)
        run = Managed(conn, tree, dict(state.owners))
        waiting = state.of("pending")
        if not waiting:
            apply_managed(run, state, every)
    report = {
        "applied": pending,
        "edits": edited,
        "stated": sorted(run.claims),
        "dropped": sorted(map(str, run.dropped)),
        "waiting": waiting,
        "seconds": round(time.monotonic() - started, 3),
    }
    if settings.as_json:
        click.echo(json.dumps(report, indent=2))
        return
    for path in sorted(run.claims):
        click.echo(f"stated sql/{path}")
    for item in sorted(run.dropped - set[Object]().union(*run.claims.values())):
        click.echo(f"dropped {item}")
    if waiting:
        click.echo(f"{len(waiting)} versioned files wait, so managed files were not stated")
    click.echo(
        f"{len(pending)} versioned files applied, {len(run.claims)} managed files stated "
        f"in {report['seconds']} s"
    )


def apply_managed(run: Managed, state: State, every: bool) -> None:
    """State what changed, in a transaction of its own; without a change nothing is touched.

    ``every`` states all files and drops what stands in a managed schema without a file.
    """
    paths, removed = state.to_state, state.removed
    if every:
        paths, removed = list(run.tree.managed), [*removed, NO_FILE]
        strays = [
            item for kind, item, _ in read_drift(run.conn, run.tree, state) if kind == "unmanaged"
        ]
        run.owners |= dict.fromkeys(strays, NO_FILE)
    if paths or removed or state.is_stale:
        with run.conn.transaction():
            state_managed(run, paths, removed)


@command("plan")
@click.option("--sql", "show_sql", is_flag=True, help="Show how each definition changes.")
@all_option
@order_option
def plan(settings: Settings, show_sql: bool, every: bool, allow_out_of_order: bool) -> None:
    r"""Say what apply would do. Managed files really run, in a transaction that is rolled back.

    Versioned files are only listed, and while some are pending, so are the managed ones. It takes the
    locks that apply takes. Exit code as status.

    \b
    Example:
      python migrate.py plan --sql
    """
    tree = read_tree(settings.root)
    with exclusive(settings, writes=False) as conn:
        state = read_state(conn, tree, allow_out_of_order)
        check_history(tree, state)
        pending = state.of("pending", "edit allowed")
        preflight(tree, pending)
        run = Managed(conn, tree, dict(state.owners))
        changes = [] if pending else planned_changes(run, state, every)
    code = state.exit_code | (FAILED if changes else 0)
    if settings.as_json:
        fields = ("change", "kind", "identity", "path", "diff")
        report = {
            "versioned": pending,
            "managed": state.to_state,
            "removed": state.removed,
            "changes": [dict(zip(fields, change, strict=True)) for change in changes],
            "exit": code,
        }
        click.echo(json.dumps(report, indent=2))
    else:
        table("Versioned files", ("change", "file"), [("apply", name) for name in pending])
        listed = [("state", path) for path in state.to_state if pending]
        table(
            "Managed files", ("change", "file"), listed + [("drop", path) for path in state.removed]
        )
        table("Objects", ("change", "kind", "object", "file"), [change[:4] for change in changes])
        for change in changes if show_sql else ():
            click.echo(change.diff, nl=False)
        if not code:
            click.echo("nothing to do")
    raise SystemExit(code)


class Change(NamedTuple):
    """What a plan would do to an object: created, replaced, re-granted or dropped."""

    change: str
    kind: str
    identity: str
    path: str
    diff: str


def planned_changes(run: Managed, state: State, every: bool) -> list[Change]:
    """Run the managed files, compare the definitions before and after, and roll back."""
    with run.conn.transaction(force_rollback=True):
        before = definitions(run.conn)
        apply_managed(run, state, every)
        after = definitions(run.conn)
    paths = {item: path for path, items in run.claims.items() for item in items}
    changes = []
    for item in sorted(before.keys() | after.keys()):
        old, new = before.get(item), after.get(item)
        if old != new:
            change = (
                "created"
                if old is None
                else "dropped"
                if new is None
                else "replaced"
                if old[0] != new[0]
                else "re-granted"
            )
            path = paths.get(item) or state.owners.get(item, "")
            changes.append(Change(change, *item, path, definition_diff(item, old, new)))
    return changes


def definitions(conn: Connection) -> dict[Object, tuple[str, str]]:
    """Read every object's definition, and its owner, grants and comment, as the server prints them."""
    rows = conn.execute(f"select kind, identity, definition, grants from ({OBJECTS}) as o".encode())
    return {Object(kind, identity): (text, grants) for kind, identity, text, grants in rows}


def definition_diff(item: Object, old: tuple[str, str] | None, new: tuple[str, str] | None) -> str:
    lines = [
        "\n".join(version).splitlines(keepends=True) if version else [] for version in (old, new)
    ]
    diff = difflib.unified_diff(lines[0], lines[1], f"database: {item}", f"files: {item}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in diff)


@command("drift")
def drift(settings: Settings) -> None:
    r"""Say what was changed by hand: modified, missing and unmanaged objects. Reads only, locks nothing.

    Exit code 1 when something differs. Objects of extensions do not count.

    \b
    Example:
      python migrate.py drift --json
    """
    tree = read_tree(settings.root)
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            state = read_state(conn, tree)
            found = read_drift(conn, tree, state)
            servers = drifted_server(conn, state)
    if settings.as_json:
        rows = [{"state": kind, "object": str(item), "path": path} for kind, item, path in found]
        click.echo(json.dumps({"drift": rows, "exit": int(bool(found))}, indent=2))
    else:
        table(
            "Drift", ("state", "object", "file"), [(kind, str(o), path) for kind, o, path in found]
        )
        if servers:
            click.echo(servers, err=True)
        if not found:
            click.echo(f"{len(state.owners)} objects are as their files made them")
    raise SystemExit(int(bool(found)))


def read_drift(conn: Connection, tree: Tree, state: State) -> list[tuple[str, Object, str]]:
    """Compare each object with what the ledger remembers of it."""
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
    found = [
        ("unmanaged", Object(kind, identity), NO_FILE)
        for kind, identity, schema, _, is_extension in rows
        if schema in schemas and not is_extension and (kind, identity) not in state.owners
    ]
    for item, path in state.owners.items():
        if live.get(item) != state.digests[item]:
            found.append(("modified" if item in live else "missing", item, path))
    return sorted(found)


def drifted_server(conn: Connection, state: State) -> str:
    """Warn when another major version stored the definitions: it may print them differently."""
    query = (
        "select count(*) from migrate.file"
        " where server_version_num / 10000 <> current_setting('server_version_num')::integer / 10000"
    )
    count = scalar(conn, query) if state.files else 0
    return (
        f"{count} files were stated on another PostgreSQL; apply --all renews them" if count else ""
    )


@command("verify")
def verify(settings: Settings) -> None:
    r"""Run the checks of the catalogue, which are the views migrate.check_*. Reads only.

    Each row of such a view is a finding: object, problem. Exit code 1 when there is one.

    \b
    Example:
      python migrate.py verify && psql -c 'select * from migrate.check_foreign_keys'
    """
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            checks = check_views(conn)
            found = findings(conn, checks)
    if settings.as_json:
        fields = ("check", "object", "problem")
        rows = [dict(zip(fields, finding, strict=True)) for finding in found]
        click.echo(
            json.dumps({"checks": checks, "findings": rows, "exit": int(bool(found))}, indent=2)
        )
    else:
        table("Findings", ("check", "object", "problem"), found)
        click.echo(f"{len(checks)} checks, {len(found)} findings")
    raise SystemExit(int(bool(found)))


def check_views(conn: Connection) -> list[str]:
    rows = conn.execute(
        "select relname from pg_class where relnamespace = to_regnamespace('migrate')::oid"
        " and relkind = 'v' and relname ~ '^check_[a-z0-9_]+$' order by relname"
    ).fetchall()
    if not rows:
        raise Failure("this database has no checks: apply sql/functions/migrate/check_*.sql first")
    return [name for (name,) in rows]


def findings(conn: Connection, checks: Sequence[str]) -> list[tuple[str, str, str]]:
    return [
        (name.removeprefix("check_"), *row)
        for name in checks
        for row in conn.execute(
            f"select object, problem from migrate.{name} order by 1, 2".encode()
        )
    ]


@command("mark")
@click.argument("name", metavar="ID")
def mark(settings: Settings, name: str) -> None:
    r"""Record a versioned file as applied, without running it: after a crash or a change by hand.

    \b
    Example:
      python migrate.py mark 0007_order_index
    """
    tree = read_tree(settings.root)
    file = tree.versioned.get(Path(name).name.removesuffix(".sql"))
    if file is None:
        raise Failure(
            f"{name}: no such file in {settings.root}; give its name, like 0007_name", USAGE
        )
    with exclusive(settings) as conn:
        state = read_state(conn, tree)
        if file.id in state.versions:
            raise Failure(f"{file.id} is applied already")
        mark_applied(conn, state, file)
    if settings.as_json:
        click.echo(json.dumps({"marked": [file.id]}))
    else:
        click.echo(f"marked {file.id} as applied")


def mark_applied(conn: Connection, state: State, file: SqlFile) -> None:
    """Write the ledger row of a versioned file; yoyo's follows with the next apply."""
    with conn.transaction():
        conn.execute("insert into migrate.version values (%s, %s)", [file.id, file.sha256])
        log(conn, "mark", file.id, file.sha256)
        if state.marked is not None and file.id not in state.marked:
            mark_in_yoyo(conn, file.id)


@command("adopt")
@to_option(required=True, help="The newest versioned file whose effect the database already has.")
def adopt(settings: Settings, target: int) -> None:
    r"""Take a database that was built without migrate.py, or lost its ledger, into the ledger.

    Versioned files are marked, not run. Managed files run, and must change nothing: otherwise what
    differs is listed and nothing is kept.

    \b
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
        state_managed(run, tree.managed, state.removed)
        after = definitions(conn)
        differ = sorted(i for i in before.keys() | after.keys() if before.get(i) != after.get(i))
        if differ:
            lines = "\n".join(definition_diff(i, before.get(i), after.get(i)) for i in differ)
            raise Failure(
                f"the database differs from the files, nothing was kept:\n{lines}", FAILED
            )
        log(conn, "adopt", f"{len(names)} versioned, {len(run.claims)} managed files")
    if settings.as_json:
        click.echo(json.dumps({"marked": names, "stated": sorted(run.claims)}, indent=2))
    else:
        click.echo(f"adopted {len(names)} versioned and {len(run.claims)} managed files")


@command("rollback")
@to_option(required=True, help="The number to go back to; 0 undoes everything.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rollback(settings: Settings, target: int, yes: bool) -> None:
    """Undo versioned files above a number, newest first.

    Managed objects are dropped first and stated again after, those left out that use what is gone.

    \b
    Example:
      python migrate.py rollback --to 0004
    """
    tree = read_tree(settings.root)
    preflight(tree)
    with exclusive(settings) as conn:
        state = read_state(conn, tree)
        check_history(tree, state)
        names = [name for name in state.of("applied", "edit allowed") if int(name[:4]) > target][
            ::-1
        ]
        check_reversible(tree, names)
        preflight(tree, names)
        if not names:
            click.echo(f"nothing above {target:04} is applied", err=settings.as_json)
            return
        ask(names, yes)
        reconcile_yoyo(conn, state)
        dropped = withdraw_managed(conn, tree, state)
        progress = functools.partial(click.echo, err=settings.as_json)
        progress(f"dropped {len(dropped)} managed objects")
        for name in run_versioned(settings, tree, names, "rollback"):
            progress(f"rolled back sql/{name}.sql")
        run = Managed(conn, tree, {})
        if len(names) < len(state.versions):
            with conn.transaction():
                state_managed(run, tree.managed, [], lenient=True)
    report = {
        "rolled_back": names,
        "dropped": sorted(map(str, dropped)),
        "stated": sorted(run.claims),
        "left_out": run.skipped,
    }
    if settings.as_json:
        click.echo(json.dumps(report, indent=2))
        return
    for problem in run.skipped:
        click.echo(f"left out {sentence(problem)}")
    click.echo(f"{len(names)} versioned files rolled back, {len(run.claims)} managed files stated")


def check_reversible(tree: Tree, names: Sequence[str]) -> None:
    problems = [
        f"sql/{name}.sql: irreversible: {tree.versioned[name].directives.get('irreversible')}"
        for name in names
        if name not in tree.rollbacks
    ]
    if problems:
        raise Failure(
            "cannot roll back, nothing was run:\n" + "\n".join(problems), FAILED, problems
        )


def ask(names: Sequence[str], yes: bool) -> None:
    """Have the operator confirm; without a terminal only --yes does."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure("there is no terminal to ask on: say --yes", USAGE)
    click.confirm(
        f"Roll back {', '.join(names)}? The data in what they created is lost.", abort=True
    )


@command("embed")
@click.option("--batch", default=64, show_default=True, type=click.IntRange(1, 1000))
@click.option(
    "--embedder",
    envvar="ZAVA_EMBEDDER",
    default="local",
    show_default=True,
    show_envvar=True,
    type=click.Choice(["local", "openai", "none"]),
)
def embed(settings: Settings, batch: int, embedder: str) -> None:
    """Embed the texts that have no vector of this model yet, then build the index.

    Each batch is kept as it is stored, so a run that was stopped goes on where it was.
    """
    from embeddings import EmbeddingError, load_embedder

    try:
        model = load_embedder(embedder)
        if model is None:
            raise Failure("--embedder none: there is nothing to embed with", USAGE)
        with connect(settings) as conn:
            stored = sum(embed_batches(conn, model, batch))
            finished = scalar(conn, "select mcp.finish_embeddings(%s)", [model.model])
    except EmbeddingError as error:
        raise Failure(f"embedding failed: {error}") from error
    if settings.as_json:
        click.echo(
            json.dumps({"model": model.model, "stored": stored, "index": finished}, indent=2)
        )
    else:
        click.echo(f"{stored} texts embedded with {model.model}")


def embed_batches(conn: Connection, model: Any, batch: int) -> Iterator[int]:
    """Embed and store until nothing is pending; give the count of each batch."""
    from rich.console import Console
    from rich.progress import Progress

    pending = "select mcp.pending_embeddings(%s, %s)"
    work = scalar(conn, pending, [model.model, batch])
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("embedding", total=work["total"])
        while items := work.get("items"):
            vectors = model.embed([item["text"] for item in items])
            rows = [
                {"id": item["id"], "embedding": vector, "source": item["text"]}
                for item, vector in zip(items, vectors, strict=True)
            ]
            stored = scalar(
                conn, "select mcp.store_embeddings(%s, %s::jsonb)", [model.model, json.dumps(rows)]
            )
            if not stored:
                raise Failure("mcp.store_embeddings stored nothing of a batch that is pending")
            progress.advance(task, stored)
            yield stored
            work = scalar(conn, pending, [model.model, batch])


def table(title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows: a table on a terminal, tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    view = Table(*headers, title=title, title_justify="left")
    for row in rows:
        view.add_row(*row)
    Console().print(view)


def main() -> None:
    """Run the command line; click's own code for misuse, 2, means something else here."""
    os.environ.setdefault(
        "LOGNAME", "migrate"
    )  # yoyo asks for a user name, which a uid may not have
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.UsageError as error:
        error.show()
        sys.exit(USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("migrate: stopped", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
