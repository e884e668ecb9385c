"""While ``zava-mcp dev`` runs: a function or policy is applied when its file is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click
import psycopg
from rich.markup import escape
from watchfiles import watch

from zava_mcp.config import CORE, Project, Source
from zava_mcp.migrate.apply import Target, run_apply
from zava_mcp.migrate.files import MANAGED, NUMBERED, read_trees
from zava_mcp.migrate.ledger import describe, file_failure, sql_failure
from zava_mcp.migrate.session import Settings
from zava_mcp.project.demo import console

LOOK_MS = 500  # between two looks whether to go on


def apply_saved(project: Project, uri: str, goes_on: Callable[[], bool]) -> None:
    """Apply managed files as they are saved, while it ``goes_on``.

    Versioned files are left to migrate apply, since what has run cannot be edited any more.
    """
    sources = project.sources(with_demo=True)
    roots = [source.root for source in sources if source.name != CORE]
    changes = watch(
        *roots,
        watch_filter=lambda _, path: is_applied(Path(path), roots),
        rust_timeout=LOOK_MS,
        yield_on_timeout=True,
    )
    for saved in changes:
        if not goes_on():
            return
        if saved:
            apply_once(Settings(url=uri, with_demo=True), sources)


def is_applied(path: Path, roots: Iterable[Path]) -> bool:
    """Return whether a path is that of a managed or versioned file of one of the folders."""
    names = [path.relative_to(root).as_posix() for root in roots if path.is_relative_to(root)]
    return any(MANAGED.fullmatch(name) or NUMBERED.fullmatch(name) for name in names)


def apply_once(settings: Settings, sources: Sequence[Source]) -> None:
    """Apply what changed, and print it, or why nothing was applied."""
    began = time.monotonic()
    try:
        tree = read_trees(sources)
        # up to none of its versioned files
        done = run_apply(settings, tree, Target(settings.project.name, 0), quiet=True)
    except psycopg.Error as error:
        tell("[red]✗[/]", sql_failure("not applied", [describe(error)]).message)
    except click.ClickException as error:
        tell("[red]✗[/]", error.message)
    except OSError as error:  # a file that an editor is about to replace
        failure = file_failure(error)
        tell("[red]✗[/]", failure.message if failure else str(error))
    else:
        if done.waiting:
            files = ", ".join(map(tree.shown, done.waiting))
            remedy = "is not applied, and all else waits: zava-mcp migrate apply"
            tell("[yellow]![/]", f"{files} {remedy}")
        names = [tree.shown(key) for key in sorted(done.managed)]
        names += [f"dropped {item}" for item in done.dropped]
        for name in names:
            tell("[green]✓[/]", f"{name} {time.monotonic() - began:.1f} s")


def tell(mark: str, text: str) -> None:
    """Print a line or more; what files and the database say is no markup."""
    console.print(mark, escape(text), soft_wrap=True)
