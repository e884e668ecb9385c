"""A fault in a function of a tool: whole for those who write tools, a request id for others."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import psycopg
import pytest
from test_server import Keys, extra_tool, until

from benchmarks import zava

BODY = "begin\n    return (1 / 0)::text;\nend"


def called(url: str, key: str) -> Any:
    """What a caller reads of a call of the tool that fails."""
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    params = {"name": "test_fault", "arguments": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    result = httpx2.post(url, json=message, headers=headers).json()["result"]
    assert result["isError"] is True
    return json.loads(result["content"][0]["text"])


@pytest.fixture
def developers(database: str) -> Any:
    """Head office writes the tools, for the while of a test."""
    statement = "select mcp_auth.add_audience(audience, description, %s) from mcp_auth.audiences"
    with psycopg.connect(database, autocommit=True) as owner:
        where = " where audience = 'head_office'"
        owner.execute(statement + where, [True])
        yield
        owner.execute(statement + where, [False])


def test_a_fault_is_whole_for_those_who_write_tools(
    http_server: str, database: str, keys: Keys, developers: None
) -> None:
    with extra_tool(database, "test_fault", BODY):
        # a key counts as it did for a second after it was seen
        until(lambda: "sqlstate" in called(http_server, keys["head_office"]))
        seen = called(http_server, keys["head_office"])
        assert (seen["code"], seen["sqlstate"]) == ("MCP_ERROR", "22012")
        assert seen["message"] == "division by zero"
        assert "function api.test_fault() line 2 at RETURN" in seen["context"]
        assert seen["request_id"]

        others = called(http_server, next(iter(keys["stores"].values())))
        assert others.keys() == {"code", "message", "request_id"}
        assert others["message"] == f"Internal error, quote request id {others['request_id']}."


def test_a_fault_in_a_file_is_told_with_its_line(
    http_server: str, database: str, keys: Keys, developers: None
) -> None:
    """The tool has no file; the function that it calls has one, and fails for so early a day."""
    body = """begin
        return (retail.period_bounds('last_90_days', date '4713-01-01 BC')).from_date::text;
    end"""
    path = "functions/retail/sales/period_bounds.sql"
    lines = (zava.ROOT / "sql" / path).read_text().splitlines()
    [line] = [number for number, text in enumerate(lines, 1) if "from_date := case" in text]
    with extra_tool(database, "test_fault", body):
        until(lambda: "place" in called(http_server, keys["head_office"]))
        seen = called(http_server, keys["head_office"])
        assert seen["message"] == "date out of range"
        assert seen["place"] == f"zava/{path}:{line}"
        assert "place" not in called(http_server, next(iter(keys["stores"].values())))
