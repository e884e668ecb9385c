"""The soak of identities in small, and the proof that it sees what it looks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from soak_identities import soak
from world import REAL, World, at, build


@pytest.fixture
def world(database: str, shim_url: str) -> Iterator[World]:
    """Databases of the test's own."""
    with build(database, shim_url) as made:
        yield made


def test_nobody_gets_a_row_of_somebody_else(world: World, tmp_path: Path) -> None:
    result = soak(world, tmp_path, calls=2000, identities=20, seed=1, done=lambda: None)
    assert result["wrong"] == []
    assert result["foreign_rows"] == 0
    assert result["contexts_left"] == 0
    assert result["contexts_looked_for"] > 1500
    kinds = {name.partition(":")[0] for name in result["outcomes"]}
    assert {"orders", "failing query", "unknown key", "timeout", "client hangs up"} <= kinds


def test_it_sees_rows_of_others_and_a_context_that_stays(world: World, tmp_path: Path) -> None:
    """Policies let everything through; the context is set for the session and never cleared."""
    with psycopg.connect(at(world.owner, REAL), autocommit=True) as connection:
        connection.execute("alter policy orders_select on retail.orders using (true)")
        connection.execute(
            "select attack.weaken('mcp_auth.set_context(mcp_auth.identity)',"
            " $$v_payload), true);$$, $$v_payload), false);$$)"
        )
        connection.execute(
            "select attack.weaken('mcp.call_tool(text, text, jsonb, jsonb, text)',"
            " $$v_done := set_config('app.current_rls_user_id', '', true);$$, '')"
        )
    result = soak(world, tmp_path, calls=60, identities=20, seed=1, done=lambda: None)
    assert result["foreign_rows"] > 0
    assert result["wrong"]
    assert result["contexts_left"] > 0
