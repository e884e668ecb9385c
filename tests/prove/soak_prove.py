"""Prove at length: every seeded leak, ten seeds without one, and Zava with one seed or more."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
from leaking import SMALL, leaking, shop
from leaks import leaks

from benchmarks import zava
from zava_mcp.local import cluster
from zava_mcp.migrate.prove.run import Options, prove


def main() -> int:
    """Print what was found and missed; return 1 when a leak was missed or an alarm was false."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zava-seeds", type=int, default=1, help="how many seeds on Zava")
    seeds = parser.parse_args().zava_seeds
    bad = 0
    with tempfile.TemporaryDirectory(prefix="zava-prove-") as folder, ExitStack() as stack:
        uri = stack.enter_context(cluster.server(Path(folder), cluster.THROW_AWAY))
        with shop(uri) as own, psycopg.connect(own, autocommit=True) as conn:
            bad += seeded(conn) + clean(conn, "shop", range(10), SMALL)
        zava.prepare(uri, 2000, "local")
        with psycopg.connect(uri, autocommit=True) as conn:
            bad += clean(conn, "Zava", range(seeds), Options())
    return int(bad > 0)


def seeded(conn: psycopg.Connection[object]) -> int:
    """Prove with each leak; return how many were missed."""
    rows = defaultdict[str, list[float]](lambda: [0, 0, 0.0])
    for leak in leaks():
        started = time.monotonic()
        found = bool(leaking(conn, leak).findings)
        row = rows[leak.kind]
        row[0 if found else 1] += 1
        row[2] += time.monotonic() - started
        if not found:
            print(f"missed: {leak.kind}, {leak.about}")
    print(f"{'kind':34} {'found':>6} {'missed':>6} {'seconds':>8}")
    for kind, row in rows.items():
        print(f"{kind:34} {row[0]:6} {row[1]:6} {row[2]:8.1f}")
    total = [sum(column) for column in zip(*rows.values(), strict=True)]
    print(f"{'all':34} {total[0]:6} {total[1]:6} {total[2]:8.1f}")
    return int(total[1])


def clean(conn: psycopg.Connection[object], name: str, seeds: range, options: Options) -> int:
    """Prove without a leak; return how many findings there were."""
    alarms = 0
    for seed in seeds:
        report = prove(conn, replace(options, seed=seed))
        alarms += len(report.findings)
        print(
            f"{name}, seed {seed}: {len(report.callers)} callers, {report.asked} questions,"
            f" {len(report.findings)} findings, {report.seconds:.1f} s"
        )
        for finding in report.findings:
            print(f"    {finding.caller}: {finding.question} depends on {finding.change}")
    return alarms


if __name__ == "__main__":
    raise SystemExit(main())
