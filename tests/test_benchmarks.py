"""The benchmarks run, print what programs can read, and leave nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import LiteralString

from test_server import ask

import localdb


def test_the_cost_of_the_context_is_measured(database: str) -> None:
    """How large it is, is not for a test to say: other programs run beside it."""
    options = ("--rounds", "1", "--calls", "5", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.in_database", *options],
        env={**os.environ, "DATABASE_URL": database},
        cwd=localdb.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["rounds"], said["calls"], said["target_us"]) == (1, 5, 100)
    assert len(said["results"]) == 3
    for result in said["results"]:
        assert result["plain_us"] > 0
        assert result["signed_us"] > 0
    left: LiteralString = "select count(*) from pg_database where datname like 'zava_bench_%%'"
    assert ask(database, left) == 0
