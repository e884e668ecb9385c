"""The commands that show that a database is as it should be: verify, drift, test, lint."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from psycopg.conninfo import make_conninfo

from zava_mcp.config import CORE, Source
from zava_mcp.counts import some
from zava_mcp.migrate.checks import (
    FIELDS,
    NOTE,
    Finding,
    check_views,
    counted,
    data_checks,
    findings,
    set_placements,
    unused,
)
from zava_mcp.migrate.console import (
    DATABASE,
    FILE_OPTIONS,
    Table,
    answer,
    command,
)
from zava_mcp.migrate.files import (
    files_in,
    needs_superuser,
    public_problems,
    read_file,
    read_trees,
    rule_problems,
    test_problems,
)
from zava_mcp.migrate.ledger import (
    BAD_FILES,
    FAILED,
    NOT_INSTALLED,
    USAGE,
    Connection,
    Failure,
    State,
    read_state,
    refuse,
    scalar,
)
from zava_mcp.migrate.objects import find_drift
from zava_mcp.migrate.session import (
    Settings,
    applied_tree,
    connect,
    conninfo,
    exclusive,
    no_migration,
)


@command("verify")
@click.option(
    "--accepted", "show_accepted", is_flag=True, help="Also show what zava.toml accepts, and why."
)
def verify(settings: Settings, show_accepted: bool) -> None:
    """Run the checks: the views mcp_migrate.check_*, and the application's check_*. Only reads.

    They only check what the files made and what tools reach. The views of mcp_migrate check the
    catalogue, and apply runs them too. The views of the application check its data. A finding is an
    error (apply rolls back), a warning or a note. The page of its number in docs/checks says how to
    fix it, and how to accept it in zava.toml. Exit code 1: there is an error or a warning.

    Example:
      zava-mcp migrate verify && psql -c 'table mcp_migrate.check_foreign_keys'
    """
    checks, found = run_checks(settings)
    left = [finding for finding in found if not finding.accepted]
    accepted = [finding for finding in found if finding.accepted]
    stale = unused(found, settings.project.accepted)
    report = {
        "checks": checks,
        "findings": [finding.as_data() for finding in left],
        "accepted": [finding.as_data() for finding in accepted],
        "unused": [[each.check, each.object] for each in stale],
        "exit": FAILED if any(finding.level != NOTE for finding in left) else 0,
    }
    total = f"{some(len(checks), 'check')}, {some(len(left), 'finding')}"
    total += f": {counted(left)}" if left else ""
    total += f"; {len(accepted)} accepted" if accepted else ""
    shown = [(*finding.row(), finding.accepted) for finding in accepted if show_accepted]
    answer(
        settings,
        report,
        Table("Findings", FIELDS, [finding.row() for finding in left]),
        Table("Accepted", (*FIELDS, "reason"), shown),
        *(f"zava.toml accepts {each.check} of {each.object}, which is not found" for each in stale),
        total,
    )


def run_checks(settings: Settings) -> tuple[list[str], list[Finding]]:
    """Return the findings of the checks."""
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            checks = check_views(conn)
            if not checks:
                raise Failure("this database has no view mcp_migrate.check_*: apply the core first")
            checks += data_checks(conn)
            set_placements(conn, settings.project)
            found = findings(conn, checks, settings.project.accepted)
    return checks, found


@command("drift")
def drift(settings: Settings) -> None:
    """List changes by hand: modified, missing and unmanaged objects. Only reads, without locks.

    Exit code 1: something differs. Objects of extensions do not count.

    Example:
      zava-mcp migrate drift --json
    """
    tree = applied_tree(settings)
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            state = read_state(conn, tree)
            if not state.files:
                raise Failure(NOT_INSTALLED)
            found = find_drift(conn, tree, state)
            warn_of_other_server(conn, state)
            if state.newer:
                click.echo(f"warning: {state.older_package()}: use the newer one", err=True)
    rows = [(kind, str(item), path) for kind, item, path in found]
    fields = ("state", "object", "file")
    report = {
        "drift": [dict(zip(fields, row, strict=True)) for row in rows],
        "exit": FAILED if found else 0,
    }
    differ = some(len(found), "differs", "differ")
    total = f"{some(len(state.owners), 'object')} in the ledger, {differ}"
    answer(settings, report, Table("Drift", fields, rows), total)


def warn_of_other_server(conn: Connection, state: State) -> None:
    """Warn when another major version wrote the ledger: it may print definitions differently."""
    major = conn.info.server_version // 10000
    query = "select count(*) from mcp_migrate.file where server_version_num / 10000 <> %s"
    if state.files and (count := scalar(conn, query, [major])):
        files = some(count, "file was", "files were")
        message = f"warning: {files} applied on another PostgreSQL: use apply --all"
        click.echo(message, err=True)


JUNIT = click.option(
    "--junit",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write the results to FILE as JUnit XML too.",
)


@command("test")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@JUNIT
@click.option(
    "--tree",
    "name",
    help="The tree of the tests: core, or the project's name. Default: the project.",
)
def test(settings: Settings, files: tuple[Path, ...], junit: Path | None, name: str | None) -> None:
    """Run the pgTAP FILES, by default all of the project, and print TAP.

    The database does not change: each file rolls back, and the helpers are removed at the end. A
    failed file does not stop the others. Exit code 1: a file failed.

    A terminal shows the running file, and one line per file that passed. A second test run waits
    for the first; other commands only wait while the helpers are created and removed. A file may
    fail if apply changes a function that it calls: run that file again. When all files ran, the
    tools that no file names are listed.

    Example:
      zava-mcp migrate test --junit report.xml sql/tests/policies/*.sql
    """
    run_tests(settings, files, junit, name)


def run_tests(
    settings: Settings, files: Sequence[Path], junit: Path | None, name: str | None = None
) -> None:
    """Run pgTAP files of a tree and print the result; end with its exit code."""
    from zava_mcp.migrate import pgtap

    project = settings.project
    source = next(
        (each for each in project.sources(with_demo=True) if each.name == (name or project.name)),
        None,
    )
    if source is None:
        raise Failure(f"--tree: there is no tree {name}", USAGE)
    folder = source.root / "tests"
    # the tests of the demo use the helpers of its project
    shared = (source.root if source.name == CORE else project.sql) / "tests" / "helpers"
    paths = sorted(files or (path for path in files_in(folder) if path.name.startswith("test_")))
    if not paths:
        raise Failure(f"{folder}: no file test_*.sql, so nothing would be proved", USAGE)
    sources = {
        os.path.relpath(path): read_file(Source(source.name, path.parent), path) for path in paths
    }
    problems = [
        f"{path}{problem}" for path, file in sources.items() for problem in test_problems(file)
    ]
    refuse("test files break a rule", problems, BAD_FILES)
    results = list[pgtap.TestFile]()
    # with --wait 0 it may not begin beside a migration, but must not leave its helpers either
    last_wait = "60s" if re.fullmatch(r"0\D*", settings.wait) else settings.wait
    with (
        exclusive(settings, purpose="test") as conn,
        pgtap.helpers(
            conn,
            shared,
            no_migration(conn, settings.wait),
            no_migration(conn, last_wait),
        ),
        pgtap.display(len(sources), sys.stderr if settings.as_json else sys.stdout) as display,
    ):
        is_superuser = scalar(conn, "select current_setting('is_superuser')::boolean")
        for path, file in sources.items():
            display.started(path)
            if needs_superuser(file) and not is_superuser:
                result = pgtap.TestFile(path, skipped="needs a superuser")
            else:
                result = pgtap.run_file(make_conninfo(**conninfo(settings)), path, file.text)
            results.append(result)
            display.ended(result)
        missed = [] if files else untested(conn, source.name, [f.text for f in sources.values()])
    if junit:
        junit.write_text(pgtap.junit(results))
    failed = sum(1 for result in results if not result.is_ok)
    assertions = sum(len(result.assertions) for result in results)
    seconds = sum(result.seconds for result in results)
    report = {
        "files": [pgtap.as_data(result) for result in results],
        "assertions": assertions,
        "failed": failed,
        "untested": missed,
        "exit": FAILED if failed else 0,
    }
    skipped = sum(1 for result in results if result.skipped)
    total = (
        f"{some(len(results), 'file')}, {some(assertions, 'assertion')},"
        f" {some(failed, 'file')} failed, {seconds:.1f} s"
    )
    total += f", {some(skipped, 'file')} skipped" if skipped else ""
    named = [f"# no test names the tools {', '.join(missed)}"] if missed else []
    answer(settings, report, *named, f"# {total}")


def untested(conn: Connection, tree: str, texts: Sequence[str]) -> list[str]:
    """Return the tools of a tree that no test file names, by themselves or by their function."""
    query = """
    select t.name, p.proname::text
    from mcp_catalog.tools as t
    join pg_catalog.pg_proc as p on p.oid = to_regprocedure(t.function)
    join mcp_migrate.object as o on o.kind = 'routine' and o.oid = p.oid
    where o.tree = %s
    order by 1
    """
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    tools = conn.execute(query.encode(), [tree]).fetchall()
    return [tool for tool, function in tools if words.isdisjoint((tool, function))]


@command(
    "lint",
    options=[DATABASE(help="A database on which to run the checks of verify too."), *FILE_OPTIONS],
)
def lint(settings: Settings) -> None:
    """Check the project's files: the rules of apply, sqlfluff for all, squawk for versioned files.

    Released files must not change: those of landed.sha256, and those of the newest release if git
    has its tag. With a database, the checks of verify run too. The linters use the settings of
    pyproject.toml and .squawk.toml, if the project has any. Exit code 1: something was found.

    Example:
      zava-mcp migrate lint --json
    """
    from zava_mcp.migrate.landed import landed
    from zava_mcp.migrate.lint import Finding as Fault
    from zava_mcp.migrate.lint import sqlfluff, squawk

    project = settings.project
    tree = read_trees(project.sources(with_demo=True))
    roots = [project.sql, *([project.core] if project.core.is_relative_to(project.root) else [])]
    problems = rule_problems(tree)
    for file in tree.managed.values():
        problems += [f"{file.shown}{problem}" for problem in public_problems(file)]
    found = [Fault.of_rule(problem) for problem in problems]
    found += [*landed(tree), *sqlfluff(project.root, roots), *squawk(project.root, tree, roots)]
    checks, rows = run_checks(settings) if settings.url is not None else ([], [])
    found += [
        Fault(each.object, 0, f"{each.level} {each.check}", each.problem)
        for each in rows
        if each.level != NOTE and not each.accepted
    ]
    report = {
        "findings": [finding._asdict() for finding in found],
        "checks": checks,
        "exit": FAILED if found else 0,
    }
    listed = [(finding.place(), finding.rule, finding.message) for finding in found]
    checked = f", {some(len(checks), 'check')} of the database" if checks else ""
    count = sum(len(files_in(root)) for root in roots)
    total = f"{some(count, 'file')}{checked}, {some(len(found), 'finding')}"
    answer(settings, report, Table("Findings", ("place", "rule", "message"), listed), total)


@command("land", options=FILE_OPTIONS)
@click.option(
    "--tree",
    "name",
    help="The tree of the files: core, or the project's name. Default: the project.",
)
def land(settings: Settings, name: str | None) -> None:
    """Record the versioned files in landed.sha256. Each release does this before its tag.

    From then on, lint fails if one of them is edited or missing. While lint fails, land refuses.

    Example:
      zava-mcp migrate land
    """
    from zava_mcp.migrate.landed import edits, write_list

    tree = settings.tree()
    wanted = name or settings.project.name
    source = next((each for each in tree.sources if each.name == wanted), None)
    if source is None:
        raise Failure(f"--tree: there is no tree {wanted}", USAGE)
    problems = [f"{finding.place()}: {finding.message}" for finding in edits(tree, source)]
    refuse("files that have landed differ", problems, FAILED)
    refuse("files break a rule", rule_problems(tree), BAD_FILES)
    new = write_list(tree, source)
    answer(settings, {"landed": new}, *new, f"{some(len(new), 'file')} landed")
