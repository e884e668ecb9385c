"""The commands that bring a database to the files: status, plan, apply, rollback, mark, adopt."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import click
import psycopg
from psycopg.types.json import Jsonb

from zava_mcp.config import CORE, Accepted, Claims
from zava_mcp.counts import some
from zava_mcp.migrate import yoyo
from zava_mcp.migrate.checks import Finding, counted
from zava_mcp.migrate.console import (
    ALL,
    DOWNGRADE,
    OUT_OF_ORDER,
    VERBOSE,
    Table,
    answer,
    command,
    confirm,
)
from zava_mcp.migrate.facts import look, refuse_unfit
from zava_mcp.migrate.files import SqlFile, Tree, read_trees, rule_problems
from zava_mcp.migrate.ledger import (
    BAD_FILES,
    FAILED,
    REFUSED,
    USAGE,
    Connection,
    Failure,
    Object,
    State,
    check_history,
    check_package,
    describe,
    ensure_ledger,
    log,
    note_schema,
    read_state,
    refuse,
    scalar,
    sentence,
    sql_failure,
)
from zava_mcp.migrate.objects import (
    Change,
    Managed,
    apply_managed,
    call_if_there,
    changes,
    definitions,
    keep_lockdown,
    refresh_catalogue,
    run_managed,
    withdraw_managed,
)
from zava_mcp.migrate.session import (
    Settings,
    applied_tree,
    connect,
    exclusive,
    location,
    on_server,
)

TARGET = re.compile(r"(?:([a-z][a-z0-9_]*)/)?(\d{1,4})(?:_[a-z0-9_]+)?(?:\.sql)?")


@dataclass(frozen=True)
class Target:
    """A versioned file's number, in a tree; without a name in the project's."""

    tree: str
    number: int


def target(_context: click.Context, _option: click.Parameter, value: str | None) -> Target | None:
    """Read a versioned file's number: 3, 0003, 0003_name or core/0003."""
    if value is None:
        return None
    if not (match := TARGET.fullmatch(value)):
        raise click.BadParameter(f"{value!r} is not a file's number such as 0003 or core/0003")
    return Target(match[1] or "", int(match[2]))


TO = functools.partial(click.option, "--to", "goal", metavar="NNNN", callback=target)


@command("status")
def status(settings: Settings) -> None:
    """Show which files are applied, pending, edited or missing. Only reads.

    Example:
      zava-mcp migrate status --json
    """
    tree = applied_tree(settings)
    with connect(settings) as conn:
        state = read_state(conn, tree)
    problems = rule_problems(tree)
    report = {
        "versioned": [{"id": key, "state": kind} for key, kind in state.versioned.items()],
        "managed": [{"path": key, "state": kind} for key, kind in state.managed.items()],
        "newer": state.newer,
        "problems": problems,
        "exit": BAD_FILES if problems else state.exit_code(),
    }
    versioned = Table("Versioned files", ("file", "state"), list(state.versioned.items()))
    managed = Table("Managed files", ("file", "state"), list(state.managed.items()))
    newer = [state.older_package()] if state.newer else []
    broken = [f"files break a rule, apply refuses: {problem}" for problem in problems]
    answer(settings, report, versioned, managed, *newer, *broken)


@command("plan")
@click.option("--sql", "show_sql", is_flag=True, help="Show how each definition changes.")
@ALL
@OUT_OF_ORDER
@DOWNGRADE
def plan(
    settings: Settings,
    show_sql: bool,
    every: bool,
    allow_out_of_order: bool,
    allow_downgrade: bool,
) -> None:
    """Show what apply would do. Managed files run in a transaction that is rolled back.

    Versioned files are only listed. While one is pending, managed files are only listed too. It
    takes the same locks as apply. Exit codes are those of status.

    Example:
      zava-mcp migrate plan --sql
    """
    tree = applied_tree(settings)
    with exclusive(settings) as conn:
        state = read_state(conn, tree, allow_out_of_order, allow_downgrade)
        check_history(tree, state)
        check_package(state)
        pending = state.of("pending", "edit allowed")
        preflight(tree)
        runs = state.has_ledger and not pending
        trial = Managed(conn, tree, dict(state.owners))
        found = planned(trial, state, every, settings.project.accepted) if runs else []
    report = {
        "versioned": pending,
        "managed": state.to_run(),
        "removed": state.removed(),
        "changes": [change._asdict() for change in found],
        "exit": state.exit_code() | (FAILED if found else 0),
    }
    listed = [("apply", key) for key in state.to_run() if not runs]
    listed += [("remove", key) for key in state.removed()]
    answer(
        settings,
        report,
        Table("Versioned files", ("change", "file"), [("apply", key) for key in pending]),
        Table("Managed files", ("change", "file"), listed),
        Table("Objects", ("change", "kind", "object", "file"), [change[:4] for change in found]),
        *(change.diff for change in found if show_sql),
        *(() if report["exit"] else ("nothing to do",)),
    )


def planned(run: Managed, state: State, every: bool, accepted: Sequence[Accepted]) -> list[Change]:
    """Run the managed files, compare the definitions before and after, and roll back."""
    with run.conn.transaction(force_rollback=True):
        ensure_ledger(run.conn)
        before = definitions(run.conn)
        apply_managed(run, state, every, accepted=accepted)
        after = definitions(run.conn)
    keys = {item: key for key, claimed in run.claims.items() for item in claimed}
    return changes(before, after, state.owners | keys)


def preflight(tree: Tree) -> None:
    """Refuse files that break a rule. Raises Failure."""
    refuse("files break a rule", rule_problems(tree), BAD_FILES)


@dataclass
class Applied:
    """What a run of apply did."""

    versioned: list[str] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    managed: set[str] = field(default_factory=set)
    dropped: list[Object] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    seconds: float = 0

    def take(self, run: Managed) -> None:
        """Add what a run of managed files did."""
        self.managed |= run.claims.keys()
        self.dropped = sorted({*self.dropped, *run.dropped} - run.claimed())
        self.found = run.found

    def report(self) -> dict[str, Any]:
        """Return the counts and names of the run, for --json."""
        return {
            "applied": self.versioned,
            "edits": self.edits,
            "managed": sorted(self.managed),
            "dropped": [str(item) for item in self.dropped],
            "waiting": self.waiting,
            "findings": [finding.as_data() for finding in self.found],
            "seconds": self.seconds,
        }

    def summary(self) -> str:
        """Return it in one line."""
        return (
            f"{len(self.versioned)} versioned and {some(len(self.managed), 'managed file')} applied"
            f" in {self.seconds} s"
        )


@command("apply")
@TO(help="Apply versioned files up to this number, and no managed files.")
@ALL
@OUT_OF_ORDER
@DOWNGRADE
@click.option("--no-verify", is_flag=True, help="Do not run the checks of verify at the end.")
@click.option(
    "--no-lockdown",
    is_flag=True,
    help="Do not lock down, not even a database of the embedded server.",
)
@click.option("--yes", is_flag=True, help="Do not ask before --all drops something.")
@VERBOSE
def apply(
    settings: Settings,
    goal: Target | None,
    every: bool,
    allow_out_of_order: bool,
    allow_downgrade: bool,
    no_verify: bool,
    yes: bool,
) -> None:
    """Apply pending versioned files, then changed managed files in one transaction.

    The core goes first. A project's versioned files may use the core's functions: those are applied
    before them. Only objects that files made, as the ledger says, are dropped; --all lists them
    first, and asks.

    Example:
      zava-mcp migrate apply --database-url postgresql://dba@db.example.com/shop --wait 2min
    """
    tree = applied_tree(settings)
    done = run_apply(
        settings,
        tree,
        goal,
        every,
        allow_out_of_order,
        not no_verify,
        yes=yes,
        allow_downgrade=allow_downgrade,
    )
    answer(
        settings,
        done.report(),
        *(f"accepted the edit of {tree.shown(key)}" for key in done.edits),
        *(f"applied {tree.shown(key)}" for key in sorted(done.managed) if settings.verbose),
        *(f"distributed {name}" for name in done.placed),
        *(f"dropped {item}" for item in done.dropped),
        *(f"{tree.shown(key)} waits, and with it the managed files" for key in done.waiting),
        *([f"{counted(done.found)}: zava-mcp migrate verify"] if done.found else []),
        done.summary(),
    )


def run_apply(
    settings: Settings,
    tree: Tree,
    goal: Target | None = None,
    every: bool = False,
    allow_out_of_order: bool = False,
    checks: bool = True,
    quiet: bool = False,
    yes: bool = False,
    is_temporary: bool = False,
    allow_downgrade: bool = False,
) -> Applied:
    """Apply the files of ``tree``. Raises Failure.

    Before ``every`` file is applied and something dropped, the operator is asked, unless ``yes``.
    Of a database that ``is_temporary`` a failure names nothing that was kept.
    """
    started, done, agreed = time.monotonic(), Applied(), set[str]()
    preflight(tree)
    goal = in_project(settings, tree, goal) if goal else None
    with connect(settings) as conn:
        refuse_unfit(look(conn, settings.project, tree))
    with exclusive(settings) as conn:
        state = read_state(conn, tree, allow_out_of_order, allow_downgrade)
        check_history(tree, state)
        check_package(state)
        pending = [key for key in state.of("pending") if is_wanted(tree, key, goal)]
        ensure_ledger(conn)
        yoyo.reconcile(conn, state)
        done.edits = accept_edits(conn, tree, state)

        def manage(session: Connection) -> None:
            """Apply the managed files, once no versioned file waits."""
            now = read_state(session, tree, allow_out_of_order)
            done.waiting = now.of("pending")
            if not done.waiting:
                if every and not yes:
                    trial = Managed(session, tree, dict(now.owners))
                    refuse_drops(planned(trial, now, every, settings.project.accepted), agreed)
                run = Managed(session, tree, dict(now.owners))
                apply_managed(run, now, every, checks, settings.project.accepted)
                apply_claims(session, settings.project.claims)
                done.take(run)

        closing = {} if tree.is_citus else in_last_file(tree, state, pending, manage)

        def run_files() -> None:
            """Run the versioned files that are left, and the managed ones."""
            left = [key for key in pending if key not in done.versioned]
            for part in in_steps(left):
                if part and not part[0].startswith(f"{CORE}/"):
                    apply_core_functions(conn, tree, done)
                for key in yoyo.run_versioned(conn, settings, tree, part, "apply", closing):
                    done.versioned.append(key)
                    if not quiet:
                        click.echo(f"applied {tree.shown(key)}", err=settings.as_json)
            if tree.is_citus:
                place(conn, settings, done)
            if not closing:
                manage(conn)

        try:
            while True:
                try:
                    run_files()
                    break
                except UnconfirmedError as question:  # rolled back: nobody waits for the answer
                    ask_drops(conn, question.names)
                    agreed |= question.names
        except (Failure, psycopg.Error) as error:
            raise with_kept(error, tree, () if is_temporary else done.versioned) from error
    done.seconds = round(time.monotonic() - started, 3)
    return done


def place(conn: Connection, settings: Settings, done: Applied) -> None:
    """Distribute new tables, between the files that create them and those that use them."""
    from zava_mcp.migrate.citus.distribution import distribute

    done.placed = distribute(conn, settings.project.placements or ())


def apply_claims(conn: Connection, claims: Claims | None) -> None:
    """Store the table [claims] of zava.toml. Without it change nothing."""
    if claims is None:
        return
    for name, value in {"kept_claims": list(claims.keep), "jwt_claims": claims.jwt}.items():
        conn.execute(
            "update mcp_catalog.settings set value = %(value)s"
            " where name = %(name)s and value <> %(value)s",
            {"name": name, "value": Jsonb(value)},
        )


class UnconfirmedError(Exception):
    """A run would drop what the operator has not confirmed; its transaction ends."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names


def refuse_drops(found: Sequence[Change], agreed: set[str]) -> None:
    """Raise UnconfirmedError if something would be dropped that is not among ``agreed``."""
    dropped = {f"{change.kind} {change.identity}" for change in found if change.change == "dropped"}
    if names := dropped - agreed:
        raise UnconfirmedError(names)


def ask_drops(conn: Connection, names: set[str]) -> None:
    """Ask the operator to confirm what would be dropped. Raises Failure or click.Abort."""
    listed = "\n".join(f"would drop {name}" for name in sorted(names))
    confirm(f"Drop them from {location(conn)}?", listed, sorted(names))


def in_last_file(
    tree: Tree, state: State, pending: Sequence[str], manage: yoyo.Step
) -> dict[str, yoyo.Step]:
    """Run the last pending file and the managed files in one transaction, if possible.

    So a new versioned file is not kept where the checks fail that follow it.
    """
    is_all = bool(pending) and len(pending) == len(state.of("pending"))
    if is_all and tree.versioned[pending[-1]].is_transactional:
        return {pending[-1]: manage}
    return {}


def with_kept(error: Failure | psycopg.Error, tree: Tree, kept: Sequence[str]) -> Exception:
    """Return the failure with the versioned files that were applied before it, and stay."""
    if not kept:
        return error
    failure = (
        sql_failure("apply failed", [describe(error)])
        if isinstance(error, psycopg.Error)
        else error
    )
    names = ", ".join(map(tree.shown, kept))
    last = tree.versioned[kept[-1]]
    message = f"{failure.message}\napplied before that, and kept: {names}"
    if last.tree != CORE:
        undo = f"zava-mcp migrate rollback --to {last.tree}/{last.number - 1:04}"
        message += f"\nto change the last of them: {undo}, edit it, and apply again"
    return Failure(message, failure.code, failure.problems)


def in_project(settings: Settings, tree: Tree, goal: Target) -> Target:
    """Return a target with its tree, by default the project's. Raises Failure if there is none."""
    goal = goal if goal.tree else replace(goal, tree=settings.project.name)
    names = [source.name for source in tree.sources]
    if goal.tree not in names:
        raise Failure(f"--to: there is no tree {goal.tree}; there are {', '.join(names)}", USAGE)
    last = max(
        (file.number for file in tree.versioned.values() if file.tree == goal.tree), default=0
    )
    if goal.number > last:
        raise Failure(
            f"--to: {goal.tree} has no file {goal.number:04}; the last is {last:04}", USAGE
        )
    return goal


def is_wanted(tree: Tree, key: str, goal: Target | None) -> bool:
    """Return whether a pending file is one up to ``goal``; those of later trees are not."""
    if goal is None:
        return True
    file = tree.versioned[key]
    if file.tree == goal.tree:
        return file.number <= goal.number
    names = [source.name for source in tree.sources]
    return names.index(file.tree) < names.index(goal.tree)


def in_steps(pending: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the core's files from the others."""
    core = [key for key in pending if key.startswith(f"{CORE}/")]
    return core, [key for key in pending if key not in core]


def apply_core_functions(conn: Connection, tree: Tree, done: Applied) -> None:
    """Apply the core's managed files first, if versioned files of a project may need them.

    A function of the project that uses a function that changed may need a pending file besides: it
    is left out, and applied with the project's managed files. The checks wait for those too.
    """
    core = read_trees(source for source in tree.sources if source.name == CORE)
    state = read_state(conn, core)
    if state.to_run() and not state.of("pending"):
        run = Managed(conn, tree, dict(read_state(conn, tree).owners))
        with conn.transaction():
            run_managed(run, state.to_run(), state.removed(), lenient=True)
            keep_lockdown(conn)
            refresh_catalogue(conn, lenient=True)
        done.managed |= run.claims.keys()
        done.dropped = run.gone()


def accept_edits(conn: Connection, tree: Tree, state: State) -> list[str]:
    """Record the new text of the files whose header allows the edit."""
    keys = state.of("edit allowed")
    for key in keys:
        file = tree.versioned[key]
        with conn.transaction():
            conn.execute(
                "update mcp_migrate.version set sha256 = %s where tree = %s and id = %s",
                [file.sha256, file.tree, file.id],
            )
            log(conn, "edit", key, file.sha256)
    return keys


@command("rollback")
@TO(required=True, help="The last file that stays; 0 undoes the project, core/0 everything.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rollback(settings: Settings, goal: Target, yes: bool) -> None:
    """Undo versioned files above a number, newest first.

    A demo stands on the project: its files are undone first, with its rows and users.
    dev and demo load it again. Managed objects are dropped first and applied again afterwards,
    except those that use a dropped table. To undo files of the core, undo the demo and the project
    first. The core cannot be rolled back while another project of the database uses it.

    Example:
      zava-mcp migrate rollback --to 0004
    """
    # what stands on the project goes first
    tree = on_server(settings, replace(settings, with_demo=True).tree())
    preflight(tree)
    goal = in_project(settings, tree, goal)
    names = [source.name for source in tree.sources]
    touched = names[names.index(goal.tree) :]
    with exclusive(settings) as conn:
        state = read_state(conn, tree)
        check_history(tree, state)
        if goal.tree == CORE and goal.number:
            check_package(state)
        if goal.tree == CORE and state.others:
            others = ", ".join(state.others)
            raise Failure(f"the core is in use by {others}: roll that back first, to 0", REFUSED)
        undone = {
            name: [
                key
                for key in sorted(state.versions, reverse=True)
                if key.startswith(f"{name}/")
                and (name != goal.tree or tree.versioned[key].number > goal.number)
            ]
            for name in reversed(touched)
        }
        if goal.number and not undone[goal.tree]:
            undone = {name: list[str]() for name in undone}  # what stands on it may stay too
        keys = [key for part in undone.values() for key in part]
        check_reversible(tree, keys)
        is_left = any(key.startswith(f"{goal.tree}/") for key in state.versions.keys() - set(keys))
        dropped = list[Object]()
        if keys:
            demo = f"{settings.project.name}_demo"
            ask(conn, tree, keys, yes, goal.tree != demo and bool(undone.get(demo)))
            ensure_ledger(conn)
            yoyo.reconcile(conn, state)
            was_locked = bool(undone.get(CORE)) and lift_lockdown(conn)
            # tree by tree: a project's rollbacks may call functions of the core
            for name, part in undone.items():
                if part or name != goal.tree:
                    gone = undo(conn, settings, tree, name, part, goal == Target(CORE, 0))
                    dropped += gone
                    when = "; the next apply creates them again"
                    if name == goal.tree and is_left:
                        when = ", to apply them again"
                    if gone:
                        click.echo(
                            f"dropped {some(len(gone), 'managed object')} of {name}{when}",
                            err=settings.as_json,
                        )
            if was_locked and scalar(conn, "select to_regclass('mcp_catalog.settings')"):
                # the next apply locks again
                conn.execute(
                    "update mcp_catalog.settings set value = 'true' where name = 'lockdown'"
                )
        run = Managed(conn, tree, read_state(conn, tree).owners)
        if undone[goal.tree] and is_left:
            again = [key for key, file in tree.managed.items() if file.tree == goal.tree]
            with conn.transaction():
                run_managed(run, again, [], lenient=True)
                refresh_catalogue(conn, lenient=True)
    report = {
        "rolled_back": keys,
        "dropped": [str(item) for item in dropped],
        "managed": sorted(run.claims),
        "left_out": run.left_out,
    }
    answer(
        settings,
        report,
        *(f"left out {sentence(problem)}" for problem in run.left_out),
        f"{some(len(keys), 'versioned file')} rolled back,"
        f" {some(len(run.claims), 'managed file')} applied again",
    )


def undo(
    conn: Connection,
    settings: Settings,
    tree: Tree,
    name: str,
    keys: Sequence[str],
    core_goes: bool = False,
) -> list[Object]:
    """Drop the managed objects of a tree, and roll back files of it, newest first."""
    dropped = withdraw_managed(conn, tree, read_state(conn, tree), name, core_goes)
    for key in yoyo.run_versioned(conn, settings, tree, keys, "rollback"):
        click.echo(f"rolled back {tree.shown(key)}", err=settings.as_json)
    return dropped


def lift_lockdown(conn: Connection) -> bool:
    """Lift the lock-down, before its record is dropped; return whether it was on."""
    if not scalar(conn, "select to_regclass('mcp_migrate.locked')"):
        return False
    setting = "select value = 'true' from mcp_catalog.settings where name = 'lockdown'"
    is_on = bool(scalar(conn, setting))
    with conn.transaction():
        call_if_there(conn, "mcp_migrate.lift_lockdown()")
    return is_on


def check_reversible(tree: Tree, keys: Sequence[str]) -> None:
    """Refuse to roll back a file whose header says irreversible."""
    problems = [
        f"{tree.shown(key)}: irreversible: {tree.versioned[key].directives.get('irreversible')}"
        for key in keys
        if key not in tree.rollbacks
    ]
    refuse("cannot roll back", problems, FAILED)


def ask(
    conn: Connection, tree: Tree, keys: Sequence[str], yes: bool, with_demo: bool = False
) -> None:
    """Ask the operator to confirm. Without a terminal only --yes confirms."""
    if not yes:
        files = ", ".join(map(tree.shown, keys))
        what = "the data in them, the demo's too" if with_demo else "the data in them"
        confirm(f"{location(conn)}: roll back {files}, with {what}?")


@command("mark")
@click.argument("name", metavar="ID")
def mark(settings: Settings, name: str) -> None:
    """Record a versioned file as applied, without running it: after a crash or a change by hand.

    ID is a key as status shows it; without a tree it is a file of the project.

    Example:
      zava-mcp migrate mark 0007_order_index
    """
    tree = applied_tree(settings)
    bare = name.removesuffix(".sql")
    file = tree.versioned.get(bare) or tree.versioned.get(
        f"{settings.project.name}/{bare.rpartition('/')[2]}"
    )
    if file is None:
        raise Failure(f"{name}: no such versioned file; give its id, as in status", USAGE)
    with exclusive(settings) as conn:
        state = read_state(conn, tree)
        if file.key in state.versions:
            raise Failure(f"{file.key} is applied already")
        ensure_ledger(conn)
        mark_applied(conn, state, file)
    answer(settings, {"marked": [file.key]}, f"marked {file.key} as applied")


def mark_applied(conn: Connection, state: State, file: SqlFile) -> None:
    """Record a versioned file as applied without running it."""
    with conn.transaction():
        row = [file.tree, file.id, file.sha256]
        conn.execute("insert into mcp_migrate.version values (%s, %s, %s)", row)
        for schema in file.schemas():
            note_schema(conn, schema, True, file)
        log(conn, "mark", file.key, file.sha256)
        if state.marked is not None and file.key not in state.marked:
            yoyo.mark(conn, file.key)


@command("adopt")
@TO(required=True, help="The newest versioned file whose effect the database already has.")
def adopt(settings: Settings, goal: Target) -> None:
    """Record a database that lost its ledger, or was built by hand from these files, in the ledger.

    Versioned files are marked, not run. Managed files run and must change nothing. Otherwise the
    difference is shown and everything is rolled back.

    Example:
      zava-mcp migrate adopt --to 0009
    """
    tree = applied_tree(settings)
    preflight(tree)
    goal = in_project(settings, tree, goal)
    with exclusive(settings) as conn, conn.transaction():
        state = read_state(conn, tree)
        check_history(tree, state)
        check_package(state)
        keys = [key for key in state.of("pending") if is_wanted(tree, key, goal)]
        ensure_ledger(conn)
        before = definitions(conn)
        for key in keys:
            mark_applied(conn, state, tree.versioned[key])
        run = Managed(conn, tree, dict(state.owners))
        run_managed(run, tree.managed, state.removed(), adopts=True)
        refresh_catalogue(conn)
        if found := changes(before, definitions(conn), {}):
            diffs = "\n".join(change.diff for change in found)
            raise Failure(f"the database differs from the files, nothing was kept:\n{diffs}")
        files = some(len(run.claims), "managed file")
        log(conn, "adopt", f"{len(keys)} versioned, {files}")
    answer(
        settings,
        {"marked": keys, "managed": sorted(run.claims)},
        f"adopted {len(keys)} versioned and {files}",
    )
