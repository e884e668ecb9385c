"""server.py and shim/ decide nothing: no table, no tool, no SQL but the entry points."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import psycopg

import server
from shim import audit, handlers, health, lists, prompts, upkeep
from shim import database as shim_database

FILES = [Path(server.__file__), *sorted(Path(handlers.__file__).parent.glob("*.py"))]
SOURCE = "\n".join(path.read_text() for path in FILES)
ENTRY_POINTS = {
    "select mcp.call_tool($1, $2, $3::jsonb, $4::jsonb)",
    "select mcp.get_prompt($1, $2, $3::jsonb, $4::jsonb)",
    "select mcp.read_resource($1, $2, $3::jsonb)",
    "select mcp.complete($1, $2::jsonb, $3::jsonb, $4::jsonb)",
    "select mcp.list_tools($1, $2)",
    "select mcp.list_resources($1, $2)",
    "select mcp.list_resource_templates($1, $2)",
    "select mcp.list_prompts($1, $2)",
    "select mcp.authenticate($1)",
    "select mcp.shim_catalog()",
    "select mcp.check_login()",
    "select mcp.wal_position()",
    "select mcp.record_calls($1::jsonb)",
    "select mcp.health()",
    "select mcp.maintain()",
}
UPKEEP = {"mcp.create_call_log_partitions", "mcp.seal_call_log"}  # for who runs it hourly
SQL = re.compile(r"(select|insert|update|delete|merge|call|do|set|begin|listen)\s", re.IGNORECASE)


def words() -> set[str]:
    """Every word of the source, docstrings and comments included."""
    return set(re.findall(r"[a-z_][a-z0-9_]*", SOURCE.lower()))


def texts() -> set[str]:
    """The string literals of the source that are not docstrings."""
    nodes = [node for path in FILES for node in ast.walk(ast.parse(path.read_text()))]
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {ast.get_docstring(n, clean=False) for n in nodes if isinstance(n, documented)}
    literals = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return literals - {doc for doc in docs if doc}


def test_it_names_no_tool(database: str) -> None:
    with psycopg.connect(database) as connection:
        tools = {name for (name,) in connection.execute("select name from mcp.tools")}
    assert len(tools) >= 6
    assert tools & words() == set()


def test_it_names_no_table_of_the_application(database: str) -> None:
    """A table may share its name with a common word; its qualified name and its SQL would not."""
    with psycopg.connect(database) as connection:
        tables = list(
            connection.execute(
                "select n.nspname, c.relname from pg_class as c"
                " join pg_namespace as n on n.oid = c.relnamespace"
                " where c.relkind in ('r', 'p', 'v', 'm')"
                " and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'tests')"
            )
        )
    assert {"retail", "auth", "mcp"} <= {schema for schema, _ in tables}
    for schema, table in tables:
        assert f"{schema}.{table}" not in SOURCE
        if "_" in table or schema == "retail":
            assert table not in words(), f"{schema}.{table}"
    assert {"retail", "api", "auth"} & words() <= {"api"}  # "API key", the word


def test_its_sql_is_the_entry_points_alone() -> None:
    assert {text for text in texts() if SQL.match(text.strip())} == ENTRY_POINTS
    constants = {
        handlers.CALL_TOOL,
        handlers.GET_PROMPT,
        handlers.READ_RESOURCE,
        prompts.COMPLETE,
        lists.LIST_TOOLS,
        lists.LIST_RESOURCES,
        lists.LIST_RESOURCE_TEMPLATES,
        lists.LIST_PROMPTS,
        handlers.AUTHENTICATE,
        handlers.CATALOG,
        shim_database.CHECK_LOGIN,
        shim_database.WAL_POSITION,
        audit.RECORD_CALLS,
        health.HEALTH,
        upkeep.MAINTAIN,
    }
    assert constants == ENTRY_POINTS


def test_the_login_may_execute_the_entry_points_and_no_other_function_of_ours(
    database: str,
) -> None:
    with psycopg.connect(database) as connection:
        allowed = {
            name
            for (name,) in connection.execute(
                "select p.pronamespace::regnamespace || '.' || p.proname from pg_proc as p"
                " where p.pronamespace in (select oid from pg_namespace"
                " where nspname in ('mcp', 'auth', 'api', 'tool', 'retail', 'tests'))"
                " and has_schema_privilege('zava_mcp', p.pronamespace, 'usage')"
                " and has_function_privilege('zava_mcp', p.oid, 'execute')"
            )
        }
    named = {re.findall(r"mcp\.\w+", statement)[0] for statement in ENTRY_POINTS}
    assert allowed == named | UPKEEP
