"""Prove non-interference: ask, change what the caller may not see, ask again, compare."""

from __future__ import annotations

import contextlib
import json
import random
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from zava_mcp.config import Interference
from zava_mcp.migrate.ledger import Connection, Failure, scalar
from zava_mcp.migrate.prove import answers
from zava_mcp.migrate.prove.answers import (
    ABSENT_TOOL,
    Answer,
    Asker,
    TooLongError,
    differences,
    differs,
)
from zava_mcp.migrate.prove.questions import (
    ABSENT_NUMBER,
    OTHER_UUIDS,
    Column,
    Question,
    Values,
    choose,
)
from zava_mcp.migrate.prove.shrink import smallest

SQL = Path(__file__).resolve().parent / "sql"
# what is done to hidden rows, and what is done at once
MASK = "mask"
ROUNDS = (("update",), ("insert", "move"), ("delete",), (MASK,))
AROUND = "it reads the column around its mask"
FEW = 5
SHARE = 0.25  # of the time left for a caller that one question may take
MAY_PROVE = """
select case when to_regnamespace('mcp_migrate') is not null then
    has_schema_privilege('mcp_migrate', 'usage') and pg_has_role('mcp_core', 'usage')
    and pg_has_role('mcp_tools', 'set') and pg_has_role('mcp_sandbox', 'set')
end
"""
MASKED = """
select distinct m.relation::regclass::text, m.relation
from pg_temp.prove_masked as m
where current_setting('prove.audience') <> all(m.audiences)
"""
OPEN = """
select r.name
from pg_temp.prove_relations as r
where r.kind in ('r', 'p') and r.tenant is null and r.readers <> '{}' and not r.is_rule
"""
POLICED = """
select r.name
from pg_temp.prove_relations as r
where
    r.kind in ('r', 'p') and (r.tenant is not null or r.is_guarded) and r.readers <> '{}'
    and not r.is_rule
"""
IS_OFFERED = """
select %s in (
    select t.name from mcp_catalog.tools as t
    union all select r.name from mcp_catalog.resources as r
    union all select p.name from mcp_catalog.prompts as p
)
"""
# the refusal of the other caller says nothing
OTHERS = """
select format(
    'do %%L; ', format('begin execute %%L; exception when others then null; end', %s::text)
)
"""


@dataclass(frozen=True)
class Options:
    """What is asked: ``budget`` in seconds, ``rows`` and ``per_call`` at most of each."""

    budget: float = 300
    seed: int = 0
    tool: str = ""
    audience: str = ""
    rows: int = 60
    per_call: int = 12
    tenants: tuple[str, ...] = ()
    accepted: tuple[Interference, ...] = ()
    tables_only: bool = False
    first: bool = False  # stop at the first finding


@dataclass(frozen=True)
class Caller:
    """The caller of a question. ``kind`` is the size of the scope: none, one, several or all."""

    audience: str
    kind: str
    scope: list[str]
    claims: dict[str, Any]
    user_id: Any

    def __str__(self) -> str:
        """Return it as a report names it."""
        return f"{self.audience}, scope {self.kind}"


@dataclass(frozen=True)
class Change:
    """A change of hidden rows of a table: of all columns and rows by default."""

    relation: int
    table: str
    action: str
    columns: tuple[str, ...] | None = None
    numbers: tuple[int, ...] | None = None

    def __str__(self) -> str:
        """Return it as a report names it."""
        what = f"{self.action} {self.table}"
        if self.columns:
            what += f" ({', '.join(self.columns)})"
        if self.action == MASK:
            return f"{what}, rows that the caller sees"
        if self.numbers is None:
            return f"{what}, hidden rows"
        return f"{what}, {len(self.numbers)} hidden row{'s' if len(self.numbers) != 1 else ''}"


class Enough(Exception):  # noqa: N818
    """There is a finding, and one is enough."""


@dataclass(frozen=True)
class Finding:
    """An answer that depends on what its caller may not see."""

    caller: str
    call: str
    question: str
    change: str
    table: str
    before: str
    after: str
    causes: tuple[str, ...]
    others: int = 0
    accepted: str = ""


@dataclass
class Report:
    """The questions and findings of a run."""

    findings: list[Finding] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    calls: dict[tuple[str, str], int] = field(default_factory=dict)  # questions by caller and call
    volatile: set[str] = field(default_factory=set)
    changed: dict[str, set[str]] = field(default_factory=dict)  # actions by table
    unchanged: set[str] = field(default_factory=set)  # tables with hidden rows that took no change
    tenants: tuple[str, ...] = ()
    open: set[str] = field(default_factory=set)  # tables that tools read, without a known tenant
    policed: set[str] = field(
        default_factory=set
    )  # tables that tools read, with a tenant or policy
    foreign: list[str] = field(default_factory=list)  # tables of others that no tool reaches
    unfinished: list[str] = field(default_factory=list)
    slow: set[tuple[int, str]] = field(default_factory=set)  # changes of few rows alone
    asked: int = 0
    seconds: float = 0

    @property
    def left(self) -> list[Finding]:
        """Return the findings that zava.toml does not accept."""
        return [finding for finding in self.findings if not finding.accepted]

    @property
    def silent(self) -> list[str]:
        """Return the callers for whom the budget was spent before the first question."""
        heard = {caller for caller, _ in self.calls}
        late = {
            caller
            for caller in self.callers
            for line in self.unfinished
            if line.startswith(f"{caller}: ")
        }
        return sorted(late - heard)

    @property
    def bare(self) -> list[str]:
        """Return the tables without a known tenant of which no row was hidden from anybody."""
        return sorted(self.open - self.unchanged - self.changed.keys())

    @property
    def unhidden(self) -> list[str]:
        """Return the tables with a tenant or policy of which no row was hidden from anybody."""
        return sorted(self.policed - self.unchanged - self.changed.keys())

    @property
    def is_blind(self) -> bool:
        """Return whether nothing was proved: of no table that tools read a row was hidden."""
        read = self.open | self.policed
        return bool(read) and read.isdisjoint(self.unchanged | self.changed.keys())


Progress = Callable[[str, float], None]


def prove(
    conn: Connection, options: Options, progress: Progress = lambda _what, _share: None
) -> Report:
    """Ask everything that callers may ask. All changes are rolled back.

    Raises Failure where the login cannot change what row-level security hides.
    """
    started = time.monotonic()
    report = Report()
    try:
        may = scalar(conn, MAY_PROVE)
    except psycopg.errors.InsufficientPrivilege:  # where PostgreSQL's own functions are locked
        may = False
    if may is None:
        raise Failure("this database has no core: apply it first")
    if not may:
        raise Failure("prove runs as the login that applies the migrations, or as a superuser")
    with conn.transaction(force_rollback=True):
        conn.execute("set constraints all immediate")
        conn.execute("set local max_parallel_workers_per_gather = 0")
        conn.execute("set local lock_timeout = '60s'")
        conn.execute("set local work_mem = '256MB'")
        report.tenants = tenants(conn)
        if options.tenants:  # these names count wherever they stand
            report.tenants = options.tenants
            conn.execute("truncate pg_temp.prove_policed")
        for name, value in {
            "tenants": ",".join(report.tenants),
            "seed": str(options.seed),
            "rows": str(options.rows),
        }.items():
            conn.execute("select set_config(%s, %s, true)", [f"prove.{name}", value])
        run(conn, "session")
        others = run(conn, "barred")
        report.foreign = [name for name, is_judged in others if not is_judged]
        if barred := [name for name, is_judged in others if is_judged]:
            raise Failure(
                f"prove changes rows that row-level security hides, and {conn.info.user} does not"
                f" own, or see every row of, {', '.join(barred)}: run it as a superuser, or as an"
                " owner whom a policy admits to every row"
            )
        if options.tool and not scalar(conn, IS_OFFERED, [options.tool]):
            raise Failure(f"--tool: there is no tool, resource or prompt {options.tool}")
        run(conn, "tenant_values")
        conn.execute("select pg_temp.prove_refresh()")
        report.policed = {name for (name,) in conn.execute(POLICED.encode()).fetchall()}
        report.open = {name for (name,) in conn.execute(OPEN.encode()).fetchall()}
        callers = [
            Caller(*row[:5])
            for row in run(conn, "callers")
            if not options.audience or row[0] == options.audience
        ]
        if not callers:
            raise Failure("nobody may call: there is no audience, or none of that name")
        report.callers = [str(caller) for caller in callers]
        for number, caller in enumerate(callers):
            if options.first and report.left:
                break
            left = options.budget - (time.monotonic() - started)
            deadline = time.monotonic() + left / (len(callers) - number)
            progress(str(caller), number / len(callers))
            with contextlib.suppress(Enough), conn.transaction(force_rollback=True):
                prove_caller(conn, options, caller, report, deadline)
    report.seconds = time.monotonic() - started
    report.unchanged -= report.changed.keys()
    return report


def run(conn: Connection, name: str) -> list[Any]:
    """Run a file of this folder, and return the rows of its last query."""
    cursor = conn.execute((SQL / f"{name}.sql").read_bytes())
    rows = list[Any]()
    while True:
        if cursor.description:
            rows = cursor.fetchall()
        if not cursor.nextset():
            return rows


def run_as_dicts(conn: Connection, name: str) -> list[dict[str, Any]]:
    """Run a file that is one query, and return its rows by column."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute((SQL / f"{name}.sql").read_bytes()).fetchall()


def tenants(conn: Connection) -> tuple[str, ...]:
    """Name the columns that policies compare with the scope of the caller."""
    return tuple(name for name, _ in run(conn, "tenants"))


@dataclass
class Session:
    """One caller of a run."""

    conn: Connection
    options: Options
    caller: Caller
    credential: str
    asker: Asker
    report: Report
    deadline: float
    hidden: dict[str, tuple[int, int]]  # relation and number of hidden rows by table

    def ask(self, question: Question, before: str = "") -> Answer | None:
        """Ask a question as this caller; None where it takes SHARE of the time that is left."""
        self.report.asked += 1
        seconds = max(1.0, (self.deadline - time.monotonic()) * SHARE)
        self.asker.seconds = seconds
        try:
            return self.asker.ask(question, self.credential, before)
        except TooLongError:
            self.report.unfinished.append(f"{self.caller}: {question}: longer than {seconds:.0f} s")
            return None

    def change(self, change: Change) -> list[str]:
        """Make one change, of few rows if all take too long, and return it."""
        few = change.numbers[:FEW] if change.numbers else tuple(range(1, FEW + 1))
        slow = (change.relation, change.action) in self.report.slow
        for numbers in (few,) if slow else (change.numbers, few):
            parameters = [
                change.relation,
                change.action,
                list(change.columns) if change.columns else None,
                list(numbers) if numbers else None,
            ]
            try:
                with self.conn.transaction():
                    self.conn.execute("set local statement_timeout = '2s'")
                    done: list[str] = scalar(
                        self.conn,
                        "select pg_temp.prove_change(%s::bigint::oid, %s, %s, %s)",
                        parameters,
                    )
                    self.conn.execute("set local statement_timeout = 0")
                return done
            except psycopg.errors.QueryCanceled:
                self.report.slow.add((change.relation, change.action))
        return []

    def unused(self, number: str) -> list[str]:
        """Return the two whole numbers nearest to one that no row has; none if that takes long."""
        try:
            with self.conn.transaction():
                self.conn.execute("set local statement_timeout = '2s'")
                query = "select pg_temp.prove_unused(%s::numeric)"
                found: list[str] = scalar(self.conn, query, [number])
                self.conn.execute("set local statement_timeout = 0")
            return found
        except psycopg.Error:
            return []

    def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Change hidden rows; return the changes that could be made, with their columns."""
        done = dict[tuple[int, str], Change]()
        waiting = list(changes)
        # a row that others refer to goes after them
        for _ in range(3 if any(change.action == "delete" for change in changes) else 1):
            for change in waiting:
                made = self.change(change)
                if made:
                    columns = change.columns
                    if change.action in ("update", "move", MASK):
                        columns = tuple(made)
                    done.setdefault(
                        (change.relation, change.action), replace(change, columns=columns)
                    )
        if done:
            self.conn.execute("select pg_temp.prove_refresh()")
        return list(done.values())


def prove_caller(
    conn: Connection, options: Options, caller: Caller, report: Report, deadline: float
) -> None:
    """Ask all questions of one caller before and after each kind of change."""
    credential = begin(conn, caller)
    hidden = {
        table: (relation, count)
        for table, count, relation in conn.execute(
            "select h.relation, h.hidden, h.relation::regclass::oid from pg_temp.prove_hide() as h"
        ).fetchall()
    }
    hiding = {table: relation for table, (relation, _) in hidden.items()}
    masked_tables = dict(conn.execute(MASKED.encode()).fetchall())
    session = Session(conn, options, caller, credential, Asker(conn), report, deadline, hidden)
    questions = chosen(session)
    first, volatile = ask_twice(session, questions)
    questions = [question for question in questions if question in first]
    prove_absent(session, first, volatile)
    prove_others(session, first, volatile)
    for actions in ROUNDS:
        planned = [
            Change(relation, table, action)
            for action in actions
            for table, relation in (masked_tables if action == MASK else hiding).items()
        ]
        with conn.transaction(force_rollback=True):
            made = session.apply(planned)
            for change in made:
                report.changed.setdefault(change.table, set()).add(change.action)
            report.unchanged |= {change.table for change in planned}
            found = dict[str, list[tuple[Question, Answer]]]()
            for question in questions if made else ():
                if time.monotonic() > deadline:
                    report.unfinished.append(f"{caller}: after {', '.join(actions)}")
                    break
                answer = session.ask(question)
                if answer and differs(first[question], answer, volatile[question]):
                    found.setdefault(question.call, []).append((question, answer))
        for some in found.values():
            question, answer = some[0]
            least = shrunk(session, question, made, first[question], volatile[question])
            note(
                session,
                question,
                str(least or "all changes"),
                least.table if least else "",
                first[question].text,
                answer.text,
                len(some) - 1,
                (AROUND,) if least and least.action == MASK else (),
            )


def begin(conn: Connection, caller: Caller) -> str:
    """Create a key for a caller, store the caller, and return the key."""
    conn.execute("select set_config('prove.audience', %s, true)", [caller.audience])
    credential: str = scalar(
        conn,
        "select pg_temp.prove_begin(%s, %s::text[], %s, %s)",
        [caller.audience, caller.scope, Jsonb(caller.claims), caller.user_id],
    )
    return credential


def chosen(session: Session) -> list[Question]:
    """Return the questions of a caller."""
    conn, options = session.conn, session.options
    columns = [
        Column(relation, table, name, kind, is_own)
        for relation, table, name, kind, is_own in run(conn, "columns")
    ]
    offered = [
        each
        for each in run_as_dicts(conn, "offered")
        if not options.tables_only and options.tool in ("", each["name"])
    ]
    readable = run_as_dicts(conn, "readable")
    # the order of choices is the seed's alone
    pick = random.Random(options.seed)  # noqa: S311
    questions = choose(offered, readable, Values(conn, columns), pick, options.per_call)
    if options.tool:
        questions = [each for each in questions if each.name.split(".")[0] == options.tool]
    if options.tables_only:
        questions = [each for each in questions if each.kind == "table"]
    return questions


def ask_twice(
    session: Session, questions: Iterable[Question]
) -> tuple[dict[Question, Answer], dict[Question, frozenset[answers.Path]]]:
    """Ask twice without a change, and record differences: times, random values, new ids."""
    first, volatile = dict[Question, Answer](), dict[Question, frozenset[answers.Path]]()
    reported = set[tuple[str, str]]()
    for question in questions:
        if time.monotonic() > session.deadline:
            session.report.unfinished.append(f"{session.caller}: {question}")
            break
        one = session.ask(question)
        other = session.ask(question) if one else None
        if one is None or other is None:
            continue
        first[question] = one
        volatile[question] = frozenset(answers.differences(one.content, other.content))
        for path in volatile[question]:
            place = ".".join(str(step) for step in path)
            session.report.volatile.add(f"{question.call}: {place or 'the whole answer'}")
        key = (str(session.caller), question.call)
        session.report.calls[key] = session.report.calls.get(key, 0) + 1
        for table, written in one.written.items():
            digest = scalar(session.conn, "select pg_temp.prove_digest(%s::regclass)", [table])
            if written != digest and (question.call, table) not in reported:
                reported.add((question.call, table))
                note(
                    session,
                    question,
                    f"it writes rows of other tenants in {table}",
                    table,
                    digest,
                    written,
                    0,
                    ("a trigger or a definer function writes them",),
                )
    return first, volatile


def prove_absent(
    session: Session,
    first: dict[Question, Answer],
    volatile: dict[Question, frozenset[answers.Path]],
) -> None:
    """Compare forbidden tools and ids outside the scope with unknown ones."""
    for question, answer in first.items():
        if question.kind == "hidden tool":
            none = session.ask(replace(question, name=ABSENT_TOOL))
            if none and answer.text.replace(question.name, ABSENT_TOOL) != none.text:
                note(
                    session,
                    question,
                    "the tool does not exist",
                    "",
                    none.text,
                    answer.text,
                    0,
                    ("the answer tells a tool of others from none",),
                )
    absent = {(each.call, each.probed): each for each in first if each.is_absent}
    reported = set[tuple[str, str]]()
    for question, answer in first.items():
        key = (question.call, question.probed)
        other = absent.get(key)
        if not question.probe or question.is_absent or other is None or key in reported:
            continue
        one, two = masked(answer, question.probe), masked(first[other], other.probe)
        left_out = volatile[question] | volatile[other]
        if not differs(one, two, left_out):
            continue
        # what two ids that do not exist differ in is computed from the id
        nearer = [
            masked(each, value)
            for value in unknown(session, question.probe)
            if (each := session.ask(about(other, value)))
        ]
        if len(nearer) > 1:
            two = nearer[0]
            left_out |= set(differences(two.content, nearer[1].content))
        if differs(one, two, left_out):
            reported.add(key)
            note(
                session,
                question,
                f"{question.probed} is an id that does not exist",
                "",
                two.text,
                one.text,
                0,
                ("the answer tells an id outside the scope from none",),
            )


def masked(answer: Answer, value: str) -> Answer:
    """Return an answer without a value that the caller has sent, where it stands alone."""
    sent = re.compile(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])")

    def hide(part: Any) -> Any:
        if isinstance(part, dict):
            return {hide(key): hide(each) for key, each in part.items()}
        if isinstance(part, list):
            return [hide(each) for each in part]
        return sent.sub("?", part) if isinstance(part, str) else part

    return Answer(hide(answer.content))


def unknown(session: Session, probe: str) -> list[str]:
    """Return two ids that do not exist, near an id outside the scope if that is a whole number.

    What only tells small numbers from large ones answers these three alike.
    """
    if not re.fullmatch(r"-?\d+(\.\d+)?", probe):
        return OTHER_UUIDS
    return session.unused(probe) or [str(ABSENT_NUMBER + 1), str(ABSENT_NUMBER + 2)]


def about(absent: Question, value: str) -> Question:
    """Return a question about another unknown id."""
    arguments = json.dumps(absent.arguments).replace(absent.probe, value)
    return replace(absent, arguments=tuple(json.loads(arguments)), probe=value)


def prove_others(
    session: Session,
    first: dict[Question, Answer],
    volatile: dict[Question, frozenset[answers.Path]],
) -> None:
    """Ask the same as a caller with a disjoint scope first, and compare."""
    conn, caller = session.conn, session.caller
    writing = [question for question in first if question.writes]
    mine = set(scalar(conn, "select scope from pg_temp.prove_caller"))
    other = next(
        (
            row
            for row in run(conn, "callers")
            if row[5] and not mine.intersection(row[5]) and row[0] == caller.audience
        ),
        None,
    ) or disjoint(conn, caller, mine)
    if not writing or other is None:
        return
    with conn.transaction(force_rollback=True):
        key = scalar(
            conn,
            "select mcp_auth.create_api_key(mcp_auth.add_user('Prove other', %s, %s::text[]))",
            [other[0], other[2]],
        )
        found = dict[str, list[tuple[Question, Answer]]]()
        for question in writing:
            if time.monotonic() > session.deadline:
                break
            before = scalar(conn, OTHERS, [answers.as_sql(conn, question, key)])
            answer = session.ask(question, before)
            if answer and differs(first[question], answer, volatile[question]):
                found.setdefault(question.call, []).append((question, answer))
    for some in found.values():
        question, answer = some[0]
        note(
            session,
            question,
            f"{other[0]} of another scope asked the same before",
            "",
            first[question].text,
            answer.text,
            len(some) - 1,
            ("callers share a cache or a key without the scope",),
        )


def disjoint(conn: Connection, caller: Caller, mine: set[str]) -> tuple[Any, ...] | None:
    """Return a caller of the same audience with one tenant of which nothing is in scope."""
    rows = conn.execute(
        "select distinct tenant from pg_temp.prove_tenant_values"
        " where tenant <> all(%s::text[]) order by 1 limit 1",
        [list(mine)],
    ).fetchall()
    return (caller.audience, "one", [rows[0][0]]) if rows else None


def shrunk(
    session: Session,
    question: Question,
    changes: Sequence[Change],
    first: Answer,
    volatile: frozenset[answers.Path],
) -> Change | None:
    """Return the smallest change that makes the answer differ: table, then columns, then rows."""

    def holds(some: Sequence[Change]) -> bool:
        with session.conn.transaction(force_rollback=True):
            answer = session.ask(question) if session.apply(some) else None
            return answer is not None and differs(first, answer, volatile)

    some = smallest(changes, holds)
    if len(some) != 1:
        return some[0] if some else None
    [change] = some
    if change.action in ("update", MASK) and change.columns:
        columns = smallest(
            change.columns, lambda part: holds([replace(change, columns=tuple(part))])
        )
        change = replace(change, columns=tuple(columns))
    if change.action == MASK:
        return change
    numbers = list(range(1, session.hidden[change.table][1] + 1))
    if not holds([replace(change, numbers=tuple(numbers))]):
        return change
    rows = smallest(numbers, lambda part: holds([replace(change, numbers=tuple(part))]))
    return replace(change, numbers=tuple(rows))


def note(
    session: Session,
    question: Question,
    change: str,
    table: str,
    before: str,
    after: str,
    others: int,
    causes: tuple[str, ...] = (),
) -> None:
    """Add a finding with its likely causes, and whether zava.toml accepts it."""
    found = Finding(
        caller=str(session.caller),
        call=question.call,
        question=str(question),
        change=change,
        table=table,
        before=before,
        after=after,
        causes=causes or likely(session.conn, question, table, before, after),
        others=others,
    )
    reason = next(
        (
            each.reason
            for each in session.options.accepted
            if each.call == found.call and each.change in (found.table, "*")
        ),
        "",
    )
    session.report.findings.append(replace(found, accepted=reason))
    if session.options.first and not reason:
        raise Enough


def likely(
    conn: Connection, question: Question, table: str, before: str, after: str
) -> tuple[str, ...]:
    """Name the likely causes, the likeliest first."""
    found = list[str]()
    both = before + after
    if '"23505"' in both or '"23P01"' in both:
        found.append(f"a unique or exclusion constraint of {table} counts hidden rows")
    if '"23503"' in both or '"23001"' in both:
        found.append(f"a foreign key finds hidden rows of {table}")
    if (
        before.partition('"notices": ')[2].partition("]")[0]
        != after.partition('"notices": ')[2].partition("]")[0]
    ):
        found.append("a NOTICE tells")
    if sorted(before) == sorted(after):
        found.append("the order tells: it is sorted by something hidden")
    for name, value in {
        "function": str(question.function),
        "asked": question.name if question.kind == "table" else "",
        "changed": table,
    }.items():
        conn.execute("select set_config(%s, %s, true)", [f"prove.{name}", value])
    found += [cause for (cause,) in run(conn, "cause")]
    return tuple(found)
