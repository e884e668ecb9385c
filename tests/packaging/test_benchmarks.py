"""The benchmarks run, print what programs can read, and leave nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import LiteralString

import pytest
from test_server import ask

from benchmarks import growth, in_database, zava
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
    assert in_database.call_table(said["by_tool"], 5).row_count == 2
    assert in_database.table(said["results"], 1, 5).row_count == 3
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


def test_what_more_stores_take_is_a_straight_line() -> None:
    nothing = dict.fromkeys(growth.UNITS, 0)
    measured = growth.Size(
        units={"line": 1_000, "logged line": 10, "store": 2, "store and day": 20},
        rows={**nothing, "orders": 500, "daily_totals": 20, "inventory": 40},
        bytes={**nothing, "orders": 50_000, "daily_totals": 2_000, "inventory": 400},
        tools=dict.fromkeys(growth.ASKED, (1.0, 3.0)),
        sale=20.0,
    )
    found = growth.estimate(measured, 100)
    days = 365 * growth.YEARS
    # half an order a line of 100 bytes, a row a store and day of 100, twenty a store of ten
    assert found.gigabytes["orders"] == pytest.approx(100 * 1_000 * days * 0.5 * 100 / 1e9)
    assert found.gigabytes["daily_totals"] == pytest.approx(100 * days * 100 / 1e9)
    assert found.gigabytes["inventory"] == pytest.approx(100 * 20 * 10 / 1e9)
    assert found.gigabytes["change_log"] == 0
    # all their sales within the busy hours, and a call of head office 2 ms longer for each store
    assert found.sales_a_second == pytest.approx(100 * 1_000 * 0.5 / (growth.BUSY_HOURS * 3600))
    assert found.sale_cpus == pytest.approx(found.sales_a_second * 0.02)
    assert found.calls_a_second == pytest.approx(100 * 50 / (growth.BUSY_HOURS * 3600))
    assert found.call_cpus == pytest.approx(found.calls_a_second * 0.001)
    assert found.head_office == dict.fromkeys(growth.ASKED, 1 + 2 * 99)
    # where all stores took no longer than one, ten thousand do not take less than nothing
    noise = measured._replace(tools=dict.fromkeys(growth.ASKED, (3.0, 1.0)))
    assert growth.estimate(noise, 10_000).head_office == dict.fromkeys(growth.ASKED, 3.0)
