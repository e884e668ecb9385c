"""Small versions of the programs that show what the server withstands; make soak runs them long."""

from __future__ import annotations

import tempfile
from pathlib import Path

import chaos
import load
import psycopg
import pytest
import soak_pooler
from needs import path_of
from test_server import Keys


@pytest.mark.needs("redis-server")
def test_nothing_is_wrong_lost_or_twice_while_all_else_fails() -> None:
    with tempfile.TemporaryDirectory(prefix="zava-test-") as name:
        result = chaos.run(Path(name), 8, 1, path_of("redis-server"))
    assert result["wrong"] == []
    assert result["server_runs"]
    assert result["calls"] > 100
    done = result["done_to_it"]
    assert done.pop("sessions killed") > 5
    assert done == {"redis stopped": 1, "restart": 1, "crash": 1, "redis started": 1}


def test_many_more_callers_than_connections(
    database: str, shim_url: str, keys: Keys, tmp_path: Path
) -> None:
    """Nothing comes but results and "busy"."""
    callers = [keys["head_office"], keys["regional_manager"], *keys["stores"].values()]
    with psycopg.connect(database, autocommit=True) as connection:
        before = connection.execute("select concurrent_calls from mcp_auth.limits").fetchone()
        connection.execute(load.FREE)
        try:
            result = load.run(shim_url, callers, tmp_path, 1500, 300, lambda: None)
        finally:
            connection.execute("update mcp_auth.limits set concurrent_calls = %s", before)
    assert result["outcomes"].keys() <= {"OK", "BUSY"}
    assert result["outcomes"]["OK"] > 500


@pytest.mark.needs("pgbouncer")
def test_nobody_gets_a_row_of_somebody_else_through_a_pooler() -> None:
    with tempfile.TemporaryDirectory(prefix="zava-test-") as name:
        result = soak_pooler.run(Path(name), 800, 60, lambda: None)
    assert result["wrong"] == []
    assert result["foreign_rows"] == 0
    assert result["contexts_left"] == 0
    assert result["calls"] == 800
    assert result["contexts_looked_for"] > 600
