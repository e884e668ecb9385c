"""The soak of tests/security through a pgbouncer: 20 identities, and fewer sessions than calls.

``python tests/operations/soak_pooler.py`` calls for five minutes. Exit code 1 when anybody got what
is not theirs, or a context was left in a session.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from servers import pooler
from soak_identities import show, soak
from world import REAL, Json, at, build

from benchmarks import zava
from zava_mcp.local import cluster


def run(folder: Path, calls: int, seconds: float, done: Callable[[], None]) -> Json:
    """Make a number of calls, or as many as fit into some seconds; return what was seen."""
    with (
        cluster.server(folder, cluster.THROW_AWAY) as uri,
        build(uri, cluster.uri(folder, zava.LOGIN)) as world,
        pooler(at(world.shim, REAL)) as through,
    ):
        pooled = dataclasses.replace(world, shim=through)
        direct: Json = {"ZAVA_DIRECT_URL": at(world.shim, REAL)}
        return soak(pooled, folder, calls, 20, 1, done, seconds=seconds, **direct)


@click.command(help=__doc__.partition("\n")[0])
@click.option("--seconds", default=300.0, show_default=True, type=click.FloatRange(1))
def main(seconds: float) -> None:
    """Soak a server of its own."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="zava-soak-") as name:
        result = run(Path(name), sys.maxsize, seconds, lambda: None)
    show(result, console)
    for line in result["wrong"][:20]:
        console.print(line, style="red", markup=False)
    console.print_json(json.dumps({name: result[name] for name in ("calls", "seconds")}))
    sys.exit(1 if result["wrong"] or result["contexts_left"] else 0)


if __name__ == "__main__":
    main()
