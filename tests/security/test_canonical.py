"""The text that assertions and the call log hash is the text that PostgreSQL prints."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zava_mcp.shim.assertions import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=30,
)


@pytest.fixture(scope="module")
def connection(database: str) -> Any:
    """A session of the database."""
    with psycopg.connect(database, autocommit=True) as opened:
        yield opened


def printed(connection: Any, text: str) -> tuple[str, str]:
    """How PostgreSQL prints a JSON text, and the digest that it takes of it."""
    query = (
        "select v::text, encode(sha256(convert_to(v::text, 'UTF8')), 'hex')"
        " from (select %s::jsonb) as q (v)"
    )
    row: tuple[str, str] = connection.execute(query, [text]).fetchone()
    return row


@given(VALUES)
@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_is_what_postgresql_prints(connection: Any, value: Any) -> None:
    text = canonical(value)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert printed(connection, text) == (text, digest)
    assert printed(connection, json.dumps(value)) == (text, digest)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        -0.0,
        0.1 + 0.2,
        1e16,
        1e22,
        1.5e300,
        5e-324,
        1.7976931348623157e308,
        -1e-7,
        10**400,
        True,
        {"b": 1, "aa": 2, "é": 3, "z": 4, "": 5, "B": 6},
        {"🛒": 1, "zzz": 2, "éé": 3},
        '\x01\x1f\x7f\u2028\u202e"\\/\b\f\n\r\t',
        [[], {}, [{}], {"a": []}],
    ],
    ids=repr,
)
def test_these_too(connection: Any, value: Any) -> None:
    assert printed(connection, json.dumps(value))[0] == canonical(value)


def test_nothing_else_is_taken_for_a_number() -> None:
    assert canonical(math.pi) == "3.141592653589793"
    assert canonical([1, 1.0, True]) == "[1, 1.0, true]"
