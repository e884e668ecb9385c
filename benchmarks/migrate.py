"""What zava-mcp migrate costs with 300 functions, beside what cannot be had for less.

    python -m benchmarks.migrate [--rounds N] [--json]

apply with nothing to do, status and drift stand beside the start of the command (--help); apply
that applies all 300 functions again beside the same 300 statements sent by psycopg, one connection
and one transaction. Rounds alternate, so that what else the machine does meets both; medians. The
database is on a PostgreSQL of this command's own.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import psycopg
from rich.console import Console
from rich.progress import track
from rich.table import Table

from zava_mcp.local import cluster

FUNCTIONS = 300
FUNCTION = """create or replace function shop.f{number:03}(a integer default 1)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select count(*) + {result} from shop.item where i = a);
end
$$;

comment on function shop.f{number:03}(integer) is 'Count.';
revoke all on function shop.f{number:03}(integer) from public;
"""
FILES = {
    "zava.toml": '[project]\nname = "shop"\ncore = "core"\n',  # a core without files
    "sql/0001_shop.sql": "create schema shop;\ncreate table shop.item (i integer);\n",
    "sql/0001_shop.rollback.sql": "drop table shop.item;\ndrop schema shop;\n",
}
START, PLAIN = "zava-mcp migrate --help", f"{FUNCTIONS} functions by psycopg"
BESIDE = {
    "apply, nothing to do": START,
    "status": START,
    "drift": START,
    f"apply, {FUNCTIONS} functions again": PLAIN,
}


def write_functions(root: Path, result: int) -> None:
    """Write the files of the functions, which return so much."""
    folder = root / "sql" / "functions" / "shop"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(FUNCTIONS):
        text = FUNCTION.format(number=number, result=result)
        (folder / f"f{number:03}.sql").write_text(text)


def migrate(uri: str, root: Path, *arguments: str) -> None:
    """Run zava-mcp migrate in the project."""
    where = ("--database-url", uri) if "--help" not in arguments else ()
    command = [sys.executable, "-m", "zava_mcp", "migrate", *arguments, *where]
    subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def plain(uri: str, root: Path) -> None:
    """Send the files as they are."""
    with psycopg.connect(uri) as connection:
        for file in sorted((root / "sql" / "functions" / "shop").iterdir()):
            connection.execute(file.read_bytes())


def timed(work: Callable[[], None]) -> float:
    """Return the milliseconds that something takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def measure(uri: str, root: Path, rounds: int) -> dict[str, float]:
    """Return the median milliseconds of everything."""
    command = partial(partial, migrate, uri, root)
    taken: dict[str, list[float]] = {}
    migrate(uri, root, "apply")
    for number in track(range(rounds), "measuring", console=Console(stderr=True)):
        write_functions(root, 2 + number)
        work: dict[str, Callable[[], None]] = {
            f"apply, {FUNCTIONS} functions again": command("apply"),
            "apply, nothing to do": command("apply"),
            "status": command("status"),
            "drift": command("drift"),
            START: command("--help"),
            PLAIN: partial(plain, uri, root),
        }
        for name, each in work.items():
            taken.setdefault(name, []).append(timed(each))
    return {name: statistics.median(values) for name, values in taken.items()}


@click.command(help=__doc__.partition("\n")[0])
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(rounds: int, as_json: bool) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as name:
        root = Path(name)
        write_functions(root, 1)
        (root / "core").mkdir()
        for file, text in FILES.items():
            (root / file).write_text(text)
        with cluster.server(Path(name) / "data", cluster.THROW_AWAY) as uri:
            found = measure(uri, root, rounds)
    ratios = {name: found[name] / found[other] for name, other in BESIDE.items()}
    if as_json:
        click.echo(json.dumps({"rounds": rounds, "milliseconds": found, "ratios": ratios}))
        return
    table = Table(
        "", "ms", "beside", "ms", "times", title=f"zava-mcp migrate, {FUNCTIONS} functions"
    )
    for name, other in BESIDE.items():
        cells = (f"{found[name]:.0f}", other, f"{found[other]:.0f}", f"{ratios[name]:.2f}")
        table.add_row(name, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
