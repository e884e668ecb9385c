"""The list of built-ins that run away is that of this PostgreSQL, and none is the sandbox's."""

from __future__ import annotations

import psycopg
from runaway import candidates, read


def test_every_function_with_a_long_argument_was_tried(database: str) -> None:
    """A new PostgreSQL brings new ones: run tests/security/runaway.py."""
    with psycopg.connect(database) as connection:
        found = {tried.function for tried in candidates(connection)}
    assert found
    assert found - read().keys() == set()


def test_nothing_that_runs_away_is_left_to_the_sandbox(database: str) -> None:
    deaf = [name for name, finding in read().items() if finding.runs_away]
    assert len(deaf) > 20
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "select f from unnest(%s::text[]) as f"
            " where has_function_privilege('mcp_sandbox', f::regprocedure, 'execute')",
            [deaf],
        ).fetchall()
    assert rows == []
