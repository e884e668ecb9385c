"""``zava-mcp surface``: what clients of each audience rely on, as files; what a change breaks."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from zava_mcp.migrate.console import DATABASE, FILE_OPTIONS, answer, command
from zava_mcp.migrate.files import files_in
from zava_mcp.migrate.ledger import FAILED, USAGE, Connection, Failure
from zava_mcp.migrate.session import Settings, connect
from zava_mcp.project.test import new_database

WIDTH = 100  # characters of a line of a snapshot
# of a snapshot, as mcp_catalog.surface has them
PARTS = {"tools", "resources", "prompts", "skills"}


class Change(NamedTuple):
    """What is different for clients of an audience that know its snapshot."""

    audience: str
    name: str
    change: str
    is_breaking: bool

    def __str__(self) -> str:
        """Return the line that people read."""
        level = "breaking" if self.is_breaking else "compatible"
        return f"{level}: {self.audience}: {self.name}: {self.change}"


@command(
    "surface",
    options=[
        DATABASE(help="Read this database. Default: a new one with this project."),
        *FILE_OPTIONS,
    ],
    group=None,
)
@click.argument(
    "into",
    metavar="[FOLDER]",
    required=False,
    default="docs/surface",
    type=click.Path(file_okay=False, path_type=Path),
)
@click.option("--check", is_flag=True, help="Write nothing; fail where a change breaks clients.")
def surface(settings: Settings, into: Path, check: bool) -> None:
    """Write FOLDER/AUDIENCE.json for each audience: what its clients may rely on.

    The default FOLDER is docs/surface. A file has the names of tools, resources and prompts, the
    schemas of their arguments and results, and whether a tool writes. Review its changes. With
    --check the files are compared with the database, and each difference is printed as breaking or
    compatible. Exit code 1: one is breaking. To accept it, run zava-mcp surface and commit the
    files. It removes the snapshots of audiences that are gone, names them, and leaves other files.

    Example:
      zava-mcp surface --check
    """
    if check and not into.is_dir():
        text = f"there is no folder {into}: name that of the snapshots, or write them by"
        raise Failure(f"{text} zava-mcp surface", USAGE)
    with database(settings) as conn:
        now = surfaces(conn)
        if check and not any(is_ours(path, now) for path in files_in(into, ".json", deep=False)):
            raise Failure(
                f"{into} has no snapshot: name their folder, or write them by zava-mcp surface",
                USAGE,
            )
        changes = compare(conn, into, now)
    report = {"changes": [each._asdict() for each in changes]}
    lines = [str(each) for each in changes]
    if not check:
        removed = remove(into, now)
        written = write(into, now)
        lines += [f"removed {path}" for path in removed] + [f"wrote {path}" for path in written]
        answer(settings, report | {"removed": removed, "written": written}, *lines)
        return
    breaking = sum(each.is_breaking for each in changes)
    if breaking:
        lines.append(f"{breaking} would break clients; to accept that: zava-mcp surface {into}")
    answer(settings, report | {"exit": FAILED if breaking else 0}, *lines or ["no change"])


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Connection]:
    """Open the database that is named, or a new one with this project."""
    with contextlib.ExitStack() as stack:
        is_named = settings.url is not None
        here = settings if is_named else stack.enter_context(new_database(settings))
        yield stack.enter_context(connect(here))


def surfaces(conn: Connection) -> dict[str, Any]:
    """Return what clients of each audience may rely on."""
    rows = conn.execute(
        "select a.audience, mcp_catalog.surface(a.audience) from mcp_auth.audiences as a order by 1"
    ).fetchall()
    return dict(rows)


def compare(conn: Connection, folder: Path, now: dict[str, Any]) -> list[Change]:
    """Return what is different from the snapshots of a folder, breaking changes first.

    An audience without a snapshot is new to its clients, whatever it has.
    """
    before = {
        path.stem: read(path)
        for path in files_in(folder, ".json", deep=False)
        if is_ours(path, now)
    }
    found = [
        Change(audience, "audience", "it is gone", True)
        for audience in sorted(before.keys() - now.keys())
    ]
    for audience, offered in now.items():
        if audience not in before:
            found.append(Change(audience, "audience", "it has no snapshot", False))
            continue
        rows = conn.execute(
            "select * from mcp_catalog.surface_changes(%s, %s)",
            [before[audience], json.dumps(offered)],
        ).fetchall()
        found += [Change(audience, *row) for row in rows]
    return sorted(found, key=lambda each: not each.is_breaking)


def read(path: Path) -> str:
    """Return a snapshot as it stands. Raises Failure where it is not JSON."""
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
    except ValueError as error:
        raise Failure(f"{path} is not JSON ({error}): remove it, and run surface", USAGE) from None
    return text


def is_ours(path: Path, now: Collection[str]) -> bool:
    """Return whether a file is a snapshot: of an audience that is there, or by what it holds."""
    if path.stem in now:
        return True
    with contextlib.suppress(ValueError, OSError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return (
            isinstance(found, dict)
            and found.keys() == PARTS
            and all(isinstance(part, dict) for part in found.values())
        )
    return False


def remove(folder: Path, now: Collection[str]) -> list[str]:
    """Remove the snapshots of audiences that are gone; return their paths."""
    gone = [path for path in files_in(folder, ".json", deep=False) if path.stem not in now]
    gone = [path for path in gone if is_ours(path, now)]
    for path in gone:
        path.unlink()
    return [str(path) for path in gone]


def write(folder: Path, now: dict[str, Any]) -> list[str]:
    """Write the snapshots; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {folder / f"{audience}.json": offered for audience, offered in now.items()}
    for path, offered in paths.items():
        path.write_text(f"{shown(offered)}\n", encoding="utf-8")
    return [str(path) for path in paths]


def shown(value: Any, depth: int = 0) -> str:
    """Return JSON whose objects are on one line each where they fit."""
    line = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if not isinstance(value, dict) or len(line) + 2 * depth <= WIDTH:
        return line
    inside = ",\n".join(
        f"{'  ' * (depth + 1)}{json.dumps(key)}: {shown(each, depth + 1)}"
        for key, each in sorted(value.items())
    )
    return f"{{\n{inside}\n{'  ' * depth}}}"
