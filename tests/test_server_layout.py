"""The folders of zava_mcp: who imports whom, what is Zava's alone, and what the shim asks."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import psycopg

from benchmarks import zava
from zava_mcp.shim.call import calls, exports, tasks, upkeep
from zava_mcp.shim.call import database as shim_database
from zava_mcp.shim.identify import credentials
from zava_mcp.shim.observe import audit, operators

PACKAGE = zava.ROOT / "zava_mcp"
FILES = sorted((PACKAGE / "shim").rglob("*.py"))
SOURCE = "\n".join(path.read_text() for path in FILES)
ENTRY_POINTS = {
    "select mcp.handle($1, $2, $3, $4::jsonb)",
    "select mcp.authenticate($1)",
    "select mcp.shim_catalog()",
    "select mcp.check_login()",
    "select mcp.fault_place($1)",
    "select mcp.wal_position()",
    "select mcp.record_calls($1::jsonb)",
    "select mcp.health()",
    "select mcp.maintain()",
    "select mcp.claim_task()",
    "select mcp.prepare_task($1, $2)",
    "select mcp.run_task($1, $2)",
    "select mcp.renew_task($1, $2, $3)",
    "select mcp.fail_task($1, $2, $3::jsonb)",
    "select mcp.release_task($1, $2)",
    "select mcp.end_export($1, $2, $3, $4)",
    "select mcp.lost_exports($1)",
}
PSQL = {  # what mcp.handle asks, for people in psql
    *("mcp.call_tool", "mcp.list_tools", "mcp.get_prompt", "mcp.list_prompts", "mcp.complete"),
    *("mcp.read_resource", "mcp.list_resources", "mcp.list_resource_templates"),
    *("mcp.start_task", "mcp.get_task", "mcp.cancel_task", "mcp.update_task", "mcp.list_tasks"),
    *("mcp.task_result", "mcp.list_skills", "mcp.get_skill", "mcp.get_export"),
}
COPIED = {"mcp.export_step", "mcp.export_rows", "mcp.export_query_rows"}  # by mcp.handle's COPY
ROOMS = ["settings", "answer", "observe", "identify", "call", "receive", "server"]  # upwards
# whether a pooler resets its sessions shows in a session alone
PROBES = {shim_database.LEAVE_PROBE, shim_database.FIND_PROBE}
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
        tools = {name for (name,) in connection.execute("select name from mcp_catalog.tools")}
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
    assert {"retail", "mcp_auth", "mcp_catalog"} <= {schema for schema, _ in tables}
    for schema, table in tables:
        assert f"{schema}.{table}" not in SOURCE
        if "_" in table or schema == "retail":
            assert table not in words(), f"{schema}.{table}"
    assert "retail" not in words()


def test_its_sql_is_the_entry_points_alone() -> None:
    assert {text for text in texts() if SQL.match(text.strip())} == ENTRY_POINTS | PROBES
    constants = {
        calls.HANDLE,
        calls.CATALOG,
        calls.PLACE,
        credentials.AUTHENTICATE,
        shim_database.CHECK_LOGIN,
        shim_database.WAL_POSITION,
        audit.RECORD_CALLS,
        operators.HEALTH,
        upkeep.MAINTAIN,
        tasks.CLAIM,
        tasks.PREPARE,
        tasks.RUN,
        tasks.RENEW,
        tasks.FAIL,
        tasks.RELEASE,
        exports.END,
        exports.LOST,
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
                " where nspname ~ '^mcp' or nspname in ('api', 'retail', 'retail_demo', 'tests'))"
                " and has_schema_privilege('zava_mcp', p.pronamespace, 'usage')"
                " and has_function_privilege('zava_mcp', p.oid, 'execute')"
            )
        }
    named = {re.findall(r"mcp\.\w+", statement)[0] for statement in ENTRY_POINTS}
    assert allowed == named | PSQL | COPIED


# The package --------------------------------------------------------------------------------------


def folder_of(module: str) -> str:
    """The folder of a module of the package; a module at the top stands for itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    """The modules that a file imports, inside functions too."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found |= {name.name for name in names}
            case ast.ImportFrom(module=str(module), names=names):
                found |= {module, *(f"{module}.{name.name}" for name in names)}
    return found


def test_no_folder_imports_in_a_circle() -> None:
    """The command line alone reaches everything, by name."""
    graph = TopologicalSorter[str]()
    for path in PACKAGE.rglob("*.py"):
        here = folder_of(".".join(path.relative_to(zava.ROOT).with_suffix("").parts))
        names = {name for name in imports(path) if name.startswith("zava_mcp.")}
        graph.add(here, *({folder_of(name) for name in names} - {here}))
    order = list(graph.static_order())
    assert {"shim", "migrate", "project", "local", "config"} <= set(order)
    assert order.index("shim") < order.index("project")


def test_no_room_of_the_shim_imports_upwards() -> None:
    """The rooms are the way of a request, and no two files import each other."""
    graph = TopologicalSorter[str]()
    for path in FILES:
        parts = path.relative_to(PACKAGE / "shim").with_suffix("").parts
        if parts == ("__init__",):
            continue
        for name in imports(path):
            other = name.split(".")[2:]
            if not name.startswith("zava_mcp.shim.") or other[0] not in ROOMS:
                continue
            assert ROOMS.index(other[0]) <= ROOMS.index(parts[0]), f"{path}: {name}"
            target = PACKAGE.joinpath("shim", *other).with_suffix(".py")
            if target.is_file():
                graph.add(".".join(parts), ".".join(other))
        assert "TYPE_CHECKING" not in path.read_text(), path
    graph.prepare()


def test_the_package_imports_nothing_of_this_repository() -> None:
    foreign = {
        name.partition(".")[0]
        for path in PACKAGE.rglob("*.py")
        for name in imports(path)
        if (zava.ROOT / name.partition(".")[0]).is_dir()
        or (zava.ROOT / f"{name.partition('.')[0]}.py").is_file()
    }
    assert foreign == {"zava_mcp"}


def test_the_package_names_nothing_of_zava_retail(database: str) -> None:
    """No table, no tool and no audience, in no file that is installed, templates included."""
    with psycopg.connect(database) as connection:
        names = {
            name
            for (name,) in connection.execute(
                "(select name from mcp_catalog.tools"
                # some have the name of the helper that they pass on
                " except select proname from pg_proc where pronamespace = 'mcp_tool'::regnamespace)"
                " union select relname::text from pg_class"
                " where relnamespace = 'retail'::regnamespace and relkind in ('r', 'p')"
                " and relname like '%\\_%'"
                " union select audience::text from mcp_auth.audiences"
                " union select 'retail'"
            )
        }
    assert {"get_store_performance", "order_items", "store_managers", "retail"} <= names
    for path in PACKAGE.rglob("*"):
        if path.suffix in {".py", ".sql", ".toml", ".md", ".yml", ".cfg"}:
            found = set(re.findall(r"[a-z_][a-z0-9_]*", path.read_text().lower()))
            assert names & found == set(), path
