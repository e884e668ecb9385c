"""Try the mutants of Zava's tables on its pgTAP files, and print those that nothing notices."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, nullcontext
from pathlib import Path

import psycopg

from benchmarks import zava
from zava_mcp.config import CORE, CORE_ROOT, Source
from zava_mcp.local import cluster
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.files import read_trees
from zava_mcp.migrate.pgtap import helpers
from zava_mcp.migrate.prove.mutants import mutants, try_mutants
from zava_mcp.migrate.session import Settings

TESTS = zava.PROJECT.sql / "tests"


def main() -> int:
    """Print how many mutants of each kind are noticed; return 1 when one survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=Path, default=TESTS, help="a folder of pgTAP files")
    parser.add_argument("--tables", action="store_true", help="leave out the mutants of tools")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zava-mutants-") as folder, ExitStack() as stack:
        uri = stack.enter_context(cluster.server(Path(folder), cluster.THROW_AWAY))
        sources = [Source(CORE, CORE_ROOT), *zava.PROJECT.sources()[1:]]
        run_apply(Settings(url=uri), read_trees(sources), quiet=True)
        conn = stack.enter_context(psycopg.connect(uri, autocommit=True))
        stack.enter_context(helpers(conn, TESTS / "helpers", nullcontext(), nullcontext()))
        conn.execute("set search_path to ''")
        files = {str(path): path.read_text() for path in arguments.tests.rglob("test_*.sql")}
        some = [
            each
            for each in mutants(conn)
            if not arguments.tables or not each.object.startswith("api.")
        ]
        all_of, seen, started = Counter[str](), Counter[str](), time.monotonic()
        for verdict in try_mutants(conn, some, files, None):
            all_of[verdict.mutant.kind] += 1
            seen[verdict.mutant.kind] += bool(verdict.noticed)
            if not verdict.noticed:
                print(f"survives: {verdict.mutant}", flush=True)
    for kind, count in all_of.items():
        print(f"{kind:26} {seen[kind]:4} of {count:4}")
    survivors = all_of.total() - seen.total()
    print(f"{seen.total()} of {all_of.total()} noticed, {time.monotonic() - started:.0f} s")
    return int(survivors > 0)


if __name__ == "__main__":
    raise SystemExit(main())
