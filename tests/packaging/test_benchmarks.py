"""The benchmarks run, print what programs can read, and leave nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import LiteralString

from test_server import ask

from benchmarks import zava
from zava_mcp.local.cluster import exclusive


def test_the_cost_of_the_context_is_measured(database: str) -> None:
    """How large it is, is not for a test to say: other programs run beside it."""
    options = ("--rounds", "1", "--calls", "5", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.in_database", *options],
        env={**os.environ, "DATABASE_URL": database},
        cwd=zava.ROOT,
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
    assert [found["tool"] for found in said["by_tool"]] == ["trivial", "analytic"]
    for found in said["by_tool"]:
        for way in ("bare", "loop", "one", "verified", "unsigned"):
            assert found[f"{way}_us"] > 0
    left: LiteralString = "select count(*) from pg_database where datname like 'zava_bench_%%'"
    assert ask(database, left) == 0


def test_a_call_is_measured_over_the_wire(tmp_path: Path) -> None:
    """Without the peers, which would have to be fetched; every call is answered, and logged.

    A `zava-mcp dev` holds the data folder meanwhile.
    """
    file = tmp_path / "said.json"
    options = ("--rounds", "1", "--seconds", "0.1", "--orders", "100", "--peer", "none")
    held = tmp_path / "held"
    with exclusive(held):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.tool_call", *options, "--json", file],
            env={**os.environ, "ZAVA_DATA_DIR": str(held)},
            cwd=zava.ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert [left.name for left in held.iterdir()] == ["lock"]
    said = json.loads(file.read_text())
    servers = {result["server"] for result in said["results"]}
    assert {"zava-mcp", "zava-mcp, 2 workers", "zava-mcp, cache", "asyncpg"} <= servers
    assert {r["tool"] for r in said["results"] if r["server"] == "zava-mcp, cache"} == {
        "get_category_performance"
    }
    [target] = said["targets"]  # without the peers, stdio against HTTP is compared alone
    assert (target["over"], target["ratio"]) == ("stdio", "p50_of_http")
    assert target["met"] == (target["measured"] <= 1.2)
    ways = {(r["over"], r["clients"]) for r in said["results"] if r["server"] == "zava-mcp"}
    assert ways == {("HTTP", 1), ("HTTP", 8), ("HTTP", 32), ("stdio", 1)}
    assert {result["failures"] for result in said["results"]} == {0}
    assert said["call_log"]["rows"] == said["call_log"]["answers"] > 0
