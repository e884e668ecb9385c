"""How a command takes its options, prints its result and ends."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import psycopg

from zava_mcp.config import FILE, ConfigError
from zava_mcp.migrate.ledger import USAGE, Failure, describe, file_failure, sql_failure
from zava_mcp.migrate.session import Settings
from zava_mcp.typed import as_typed

STOPPED = 130
EXIT_CODES = """
\b
Exit codes:
  0   done, or nothing to do
  1   something is pending or differs, or the command refuses
  2   an applied file was edited, is missing, or a new one is out of order
  3   both 1 and 2
  64  the command line is wrong
  65  a SQL file breaks a rule, nothing was run; or a file cannot be read or written
  69  the server cannot be reached, refuses the login or is too old; or a program is missing
  70  a statement or a check failed; nothing of it was kept
  75  another run or session holds a lock; try again
  130, 143: stopped by Ctrl-C or SIGTERM; the transaction is rolled back
"""

SHORT_EXIT_CODES = """
\b
Exit codes:
  0   done
  1   the command refuses
  64  the command line is wrong
  69  the server cannot be reached, refuses the login or is too old; or a program is missing
  70  a statement failed; nothing of it was kept
"""


@click.group(epilog=EXIT_CODES)
def migrate() -> None:
    """Apply the SQL files of the core and of this project to a database, and show differences.

    The database is that of --database-url or DATABASE_URL. The default is the embedded server of
    this project, if it runs. Try: zava-mcp migrate status
    """


def interval(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Check a time as PostgreSQL writes it."""
    if not re.fullmatch(r"\d+(ms|s|min)?", value):
        raise click.BadParameter(f"{value!r} is not a time such as 500ms, 5s or 2min")
    return value


def duration(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Check how long something lasts: hours, days, weeks or years, as PostgreSQL reads them."""
    if value is not None and not re.fullmatch(r"[1-9]\d{0,3}[hdwy]", value):
        raise click.BadParameter(f"{value!r} is not a time such as 12h, 90d, 8w or 1y")
    return value


Decorator = Callable[[Callable[..., None]], Any]
DATABASE = functools.partial(
    click.option, "--database-url", "url", envvar="DATABASE_URL", show_envvar=True
)
JSON: Decorator = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
FILE_OPTIONS: list[Decorator] = [
    click.option(
        "--project",
        "folder",
        type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
        help="The folder of zava.toml. Default: this folder, or one above.",
    ),
    JSON,
]
LOCK_OPTIONS: list[Decorator] = [
    click.option(
        "--lock-timeout",
        default="5s",
        show_default=True,
        callback=interval,
        help="How long a statement waits for a table lock; 0: for ever.",
    ),
    click.option(
        "--wait",
        default="60s",
        show_default=True,
        callback=interval,
        help="How long to wait for another run to end; 0: not at all.",
    ),
]
ALL_OPTIONS: list[Decorator] = [
    DATABASE(
        help="libpq URI of the owner's login: a direct connection, not a transaction pooler."
        " Default: the embedded server of this project, if it runs.",
    ),
    *LOCK_OPTIONS,
    *FILE_OPTIONS,
]
ALL = click.option(
    "--all",
    "every",
    is_flag=True,
    help="Apply every managed file, whether it changed or not.",
)
OUT_OF_ORDER = click.option(
    "--allow-out-of-order",
    is_flag=True,
    help="Apply a new file although a later one was applied already.",
)
DOWNGRADE = click.option(
    "--allow-downgrade",
    is_flag=True,
    help="Apply the core of this package although a newer zava-mcp applied its own.",
)
VERBOSE = click.option(
    "-v", "--verbose", is_flag=True, help="Name every managed file that was applied."
)


def command(
    name: str,
    options: Sequence[Decorator] = ALL_OPTIONS,
    group: click.Group | None = migrate,
    epilog: str = EXIT_CODES,
) -> Decorator:
    """Define a subcommand. Its help is the docstring; it gets ``options`` as ``settings``."""

    def decorate(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def run(folder: Path | None = None, **given: Any) -> None:
            fields = Settings.__dataclass_fields__.keys() & given.keys()
            settings = Settings(**{field: given.pop(field) for field in fields})
            try:
                if folder:
                    enter(folder)
                function(settings, **given)
            except psycopg.Error as error:
                failure = sql_failure(f"{name} failed", [describe(error)])
                raise reported(settings, failure) from error
            except Failure as failure:
                raise reported(settings, failure) from failure
            except ConfigError as error:
                raise reported(settings, Failure(error.message, error.exit_code)) from error
            except (KeyboardInterrupt, click.Abort):
                reported(settings, Failure("stopped", STOPPED))
                raise
            except OSError as error:
                named = file_failure(error)
                if named is None or error.filename is None:  # without a name it is the output
                    raise
                raise reported(settings, named) from error

        text = (function.__doc__ or "").replace("    Example:", "    \b\n    Example:")
        made: Any = run
        for add in (
            *reversed(options),
            (group or click).command(name, help=text, epilog=epilog),
        ):
            made = add(made)
        return made

    return decorate


def enter(folder: Path) -> None:
    """Go to a folder that was named; one above it is another project. Raises ConfigError."""
    if not (folder / FILE).is_file():
        raise ConfigError(f"no {FILE} in {folder}")
    os.chdir(folder)


def reported(settings: Settings, failure: Failure) -> Failure:
    """Print a failure as JSON too, where that was asked for."""
    if settings.as_json:
        report = {"error": failure.message, "problems": failure.problems, "exit": failure.code}
        click.echo(json.dumps(report, indent=2))
    return failure


class Table(NamedTuple):
    """Rows to print, with their headings on a terminal."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


def answer(settings: Settings, report: dict[str, Any], *parts: str | Table) -> None:
    """Print a command's result, as one JSON object or as text; end with its exit code."""
    if settings.as_json:
        click.echo(json.dumps({"exit": 0, **report}, indent=2))
    for part in () if settings.as_json else parts:
        if isinstance(part, str):
            click.echo(as_typed(part))
        elif not sys.stdout.isatty():
            click.echo("".join("\t".join(row) + "\n" for row in part.rows), nl=False)
        elif part.rows:
            print_table(part)
    if report.get("exit"):
        raise SystemExit(report["exit"])


def confirm(question: str, listed: str = "", problems: Sequence[str] = ()) -> None:
    """Show what a question is about, and ask it. Raises Failure without a terminal, click.Abort."""
    if not sys.stdin.isatty():
        text = "there is no terminal to ask on: use --yes"
        raise Failure(f"{listed}\n{text}" if listed else text, USAGE, problems)
    if listed:
        click.echo(listed, err=True)
    click.confirm(question, abort=True, err=True)


def print_table(table: Table) -> None:
    """Draw a table on a terminal."""
    from rich.console import Console
    from rich.table import Table as RichTable

    drawn = RichTable(title=table.title, title_justify="left")
    for column in table.columns:
        drawn.add_column(column, overflow="fold")  # an id that is cut is of no use
    for row in table.rows:
        drawn.add_row(*row)
    Console(markup=False, emoji=False).print(drawn)
