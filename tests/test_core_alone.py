"""The core alone: it knows nothing of any application, and a small clinic works on it."""

from __future__ import annotations

import ast
import asyncio
import re
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from scratch import (
    CORE,
    ROOT,
    as_login,
    command_line,
    migrate,
    name_of,
    new_database,
    write,
)
from test_server import until

from benchmarks import zava

AUDIENCE = "receptionists"
LOGIN = "clinic_mcp"
NORTH = "00000000-0000-7000-8000-00000000000a"
SOUTH = "00000000-0000-7000-8000-00000000000b"

CLINIC = {
    "zava.toml": """\
[project]
name = "clinic"
audiences = ["receptionists"]
""",
    "sql/0001_clinic.sql": """\
-- The appointments of some practices, who may ask for them, and the role that the server is.
-- depends: core/0006
select mcp_auth.add_server_login('clinic_mcp');
select mcp_auth.add_audience('receptionists', 'They see the practices they were granted.');

create schema clinic;
comment on schema clinic is 'Practices and their appointments.';
grant usage on schema clinic to mcp_tools;

create schema clinic_api;
comment on schema clinic_api is 'The tools.';
select mcp_catalog.expose_schema('clinic_api');

create table clinic.appointments (
    practice_id uuid not null,
    appointment_id uuid not null default mcp_tool.uuidv7(),
    patient text not null,
    starts_at timestamptz not null,
    constraint appointments_pkey primary key (practice_id, appointment_id)
);
comment on table clinic.appointments is 'One row an appointment.';
comment on column clinic.appointments.practice_id is 'Practice.';
comment on column clinic.appointments.appointment_id is 'Key within the practice.';
comment on column clinic.appointments.patient is 'Who comes.';
comment on column clinic.appointments.starts_at is 'When.';
""",
    "sql/0001_clinic.rollback.sql": """\
-- Mirrors 0001 backwards.
drop table clinic.appointments;
select mcp_catalog.hide_schema('clinic_api');
drop schema clinic_api;
drop schema clinic;
select mcp_auth.remove_audience('receptionists');
select mcp_auth.remove_server_login('clinic_mcp');
""",
    "sql/policies/clinic.appointments.sql": """\
alter table clinic.appointments enable row level security;
drop policy if exists appointments_select on clinic.appointments;
create policy appointments_select on clinic.appointments
for select to mcp_tools
using (practice_id = any((select mcp_auth.scope_uuid())::uuid[]));
comment on policy appointments_select on clinic.appointments is 'The practices of the caller.';
revoke all on clinic.appointments from public;
grant select on clinic.appointments to mcp_tools;
""",
    "sql/functions/clinic_api/list_appointments.sql": """\
create or replace function clinic_api.list_appointments(max_results integer default 10)
returns table (practice_id uuid, patient text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        a.practice_id,
        a.patient
    from clinic.appointments as a
    order by a.starts_at
    limit list_appointments.max_results;
end;
comment on function clinic_api.list_appointments(integer) is $comment$
The next appointments of the practices you may see.

@param max_results  How many.
@returns One row an appointment, soonest first.
@tool title="Appointments"
$comment$;
alter function clinic_api.list_appointments(integer) owner to mcp_tools;
revoke all on function clinic_api.list_appointments(integer) from public;
grant execute on function clinic_api.list_appointments(integer) to mcp_core, receptionists;
""",
}

APPOINTMENTS = """
insert into clinic.appointments (practice_id, patient, starts_at) values
(%(north)s, 'Ada', '2026-03-01 09:00+00'),
(%(south)s, 'Bela', '2026-03-01 10:00+00'),
(%(north)s, 'Chen', '2026-03-01 11:00+00')
"""
ADA, BELA, CHEN = (
    {"practice_id": practice, "patient": patient}
    for practice, patient in ((NORTH, "Ada"), (SOUTH, "Bela"), (NORTH, "Chen"))
)


class Clinic(NamedTuple):
    """The core with an application: its database, a server in front of it, and its folder."""

    uri: str
    url: str
    project: Path


@pytest.fixture(scope="module")
def clinic(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    project = tmp_path_factory.mktemp("clinic")
    write(project, CLINIC)
    with ExitStack() as stack:
        for role in (LOGIN, AUDIENCE):
            stack.callback(execute, server, f"drop role if exists {role}")
        uri = stack.enter_context(new_database(server))
        migrate(uri, "apply", project=project)
        assert migrate(uri, "verify", project=project).endswith(" 0 findings\n")
        assert migrate(uri, "drift", project=project).endswith(" 0 differ\n")
        execute(uri, APPOINTMENTS, {"north": NORTH, "south": SOUTH})
        port = free_port()
        serving = zava.serving(as_login(uri, LOGIN), "127.0.0.1", port, ZAVA_EMBEDDER="none")
        stack.enter_context(serving)
        yield Clinic(uri, f"http://127.0.0.1:{port}/mcp", project)


def free_port() -> int:
    """Find a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def execute(uri: str, statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """Run one statement as the owner of the database; give its rows."""
    with psycopg.connect(uri, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def new_key(uri: str, name: str, scope: list[str]) -> str:
    """Add a receptionist who was granted some practices; give an API key."""
    call = "select mcp_auth.create_api_key(mcp_auth.add_user(%s, %s, %s::text[]))"
    [(key,)] = execute(uri, call, [name, AUDIENCE, scope])
    return str(key)


def ask(url: str, key: str, arguments: dict[str, Any]) -> tuple[list[str], Any]:
    """Name the tools that the owner of a key has, and call list_appointments."""

    async def talk() -> tuple[list[str], Any]:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            asyncio.timeout(60),
            create_mcp_http_client(headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            tools = [tool.name for tool in (await client.list_tools()).tools]
            result = await client.call_tool("list_appointments", arguments)
            assert not result.is_error, result.content
            return tools, result.structured_content

    return asyncio.run(talk())


@pytest.mark.parametrize(
    ("scope", "rows"),
    [([NORTH], [ADA, CHEN]), ([SOUTH], [BELA]), ([SOUTH, NORTH], [ADA, BELA, CHEN]), ([], [])],
    ids=["north", "south", "both", "none"],
)
def test_receptionist_gets_the_rows_of_the_practices_granted(
    clinic: Clinic, scope: list[str], rows: list[dict[str, str]]
) -> None:
    key = new_key(clinic.uri, f"Receptionist {scope}", scope)

    tools, answer = ask(clinic.url, key, {"max_results": 5})

    assert tools == ["list_appointments"]
    assert answer == {"rows": rows, "row_count": len(rows), "truncated": False}
    there = execute(clinic.uri, "select count(*) from clinic.appointments")
    assert there == [(3,)], "the other practices' rows exist, and were not seen"


def test_scope_is_what_the_user_was_granted_since_nobody_registered_a_hook(clinic: Clinic) -> None:
    key = new_key(clinic.uri, "Mover", [NORTH])
    assert ask(clinic.url, key, {})[1]["rows"] == [ADA, CHEN]

    execute(
        clinic.uri,
        "update mcp_auth.users set scope = array[%s::uuid] where name = 'Mover'",
        [SOUTH],
    )

    # reads carry a ticket of the scope before it for a second
    until(lambda: ask(clinic.url, key, {})[1]["rows"] == [BELA])
    assert execute(clinic.uri, "select hook from mcp_catalog.hooks") == []


def test_the_core_holds_what_the_project_brought_and_nothing_else(clinic: Clinic) -> None:
    roles = "select audience::text from mcp_auth.audiences"
    assert execute(clinic.uri, roles) == [(AUDIENCE,)]
    exposed = "select schema::text from mcp_catalog.exposed_schemas"
    assert execute(clinic.uri, exposed) == [("clinic_api",)]
    schemas = "select nspname from pg_namespace where nspname !~ '^(pg_|mcp)' order by 1"
    assert execute(clinic.uri, schemas) == [
        ("clinic",),
        ("clinic_api",),
        ("information_schema",),
        ("public",),
    ]
    answer = execute(clinic.uri, "select mcp.pending_embeddings('any', 1) ->> 'total'")
    assert answer == [("0",)], "without embeddings of its own it has none to make"


def test_the_project_goes_and_comes_back_and_the_core_stays(clinic: Clinic, server: str) -> None:
    with new_database(server) as uri:
        migrate(uri, "apply", project=clinic.project)
        migrate(uri, "rollback", "--to", "0", "--yes", project=clinic.project)
        assert execute(uri, "select count(*) from mcp_auth.audiences") == [(0,)]
        assert migrate(uri, "verify", project=clinic.project).endswith(" 0 findings\n")
        migrate(uri, "apply", project=clinic.project)
        assert migrate(uri, "drift", project=clinic.project).endswith(" 0 differ\n")
        migrate(uri, "rollback", "--to", "core/0", "--yes", project=clinic.project)
        left = "select nspname from pg_namespace where nspname ~ '^(mcp|clinic)'"
        assert execute(uri, left) == [("mcp_migrate",)]


ODD = {
    "array_nulls": "off",
    "bytea_output": "escape",
    "check_function_bodies": "off",
    "datestyle": "'German, DMY'",
    "default_transaction_isolation": "serializable",
    "extra_float_digits": "-15",
    "intervalstyle": "sql_standard",
    "quote_all_identifiers": "on",
    "row_security": "off",
    "standard_conforming_strings": "off",
    "transform_null_equals": "on",
    "xmlbinary": "hex",
}


def test_settings_of_a_database_change_nothing(server: str, tmp_path: Path, clinic: Clinic) -> None:
    """Neither what apply makes, nor what drift reads, nor what a caller is answered."""
    with new_database(server) as uri:
        name = name_of(uri)
        for setting, value in ODD.items():
            execute(server, f"alter database {name} set {setting} = {value}")
        migrate(uri, "apply", project=clinic.project)
        assert migrate(uri, "verify", project=clinic.project).endswith(" 0 findings\n")
        assert migrate(uri, "drift", project=clinic.project).endswith(" 0 differ\n")
        assert "dropped" not in migrate(uri, "apply", "--all", "--yes", project=clinic.project)
        command = command_line("init", "--from", uri, "--into", str(tmp_path / "guest"))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        execute(uri, APPOINTMENTS, {"north": NORTH, "south": SOUTH})
        key, port = new_key(uri, "Receptionist", [NORTH]), free_port()
        with zava.serving(as_login(uri, LOGIN), "127.0.0.1", port, ZAVA_EMBEDDER="none"):
            assert ask(f"http://127.0.0.1:{port}/mcp", key, {})[1]["rows"] == [ADA, CHEN]
        execute(server, f"alter database {name} reset all")
        assert migrate(uri, "drift", project=clinic.project).endswith(" 0 differ\n")


PRIVILEGES = """
with objects as (
    select oid::regnamespace::text as name, nspname, nspacl as acl from pg_namespace
    union all
    select c.oid::regclass::text, n.nspname, c.relacl
    from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
    union all
    select p.oid::regprocedure::text, n.nspname, p.proacl
    from pg_proc as p inner join pg_namespace as n on n.oid = p.pronamespace
    union all
    select t.oid::regtype::text, n.nspname, t.typacl
    from pg_type as t inner join pg_namespace as n on n.oid = t.typnamespace
)

select o.name, string_agg(a.privilege_type, ', ' order by a.privilege_type)
from objects as o cross join aclexplode(o.acl) as a
where a.grantee = %s::regrole and o.nspname ~ '^(mcp|clinic)'
group by o.name
order by 1
"""
GIVEN = {
    "tables": "select, insert, update",
    "sequences": "usage",
    "functions": "execute",
    "types": "usage",
    "schemas": "usage",
}


def test_default_privileges_open_nothing_that_the_files_do_not_grant(
    server: str, tmp_path: Path, clinic: Clinic
) -> None:
    """Only the tables, the types and the schemas of the project's versioned files have them."""
    login = f"app_{uuid.uuid4().hex[:8]}"
    granted = f"grant execute on function clinic.now_here() to {login};\n"
    changed = CLINIC["sql/functions/clinic_api/list_appointments.sql"].replace("integer", "bigint")
    helper = (
        "create or replace function clinic.now_here() returns integer language sql stable\n"
        "set search_path = pg_catalog, pg_temp begin atomic select 1; end;\n"
        "comment on function clinic.now_here() is 'One.';\n"
        "revoke all on function clinic.now_here() from public;\n"
    )
    project = tmp_path / "clinic"
    write(project, {**CLINIC, "sql/functions/clinic/now_here.sql": helper + granted})
    with ExitStack() as stack:
        # the other roles are those of the clinic, which is there
        assert clinic.uri
        stack.callback(execute, server, f"drop role if exists {login}")
        execute(server, f"create role {login} login")
        uri = stack.enter_context(new_database(server))
        for kind, privileges in GIVEN.items():
            execute(uri, f"alter default privileges grant {privileges} on {kind} to {login}")
        defaults = execute(uri, "select defaclobjtype::text, defaclacl::text from pg_default_acl")

        migrate(uri, "apply", project=project)

        expected = [
            ("clinic", "USAGE"),
            ("clinic.appointments", "INSERT, SELECT, UPDATE"),
            ("clinic.now_here()", "EXECUTE"),
            ("clinic_api", "USAGE"),
        ]
        assert execute(uri, PRIVILEGES, [login]) == expected
        assert defaults == execute(
            uri, "select defaclobjtype::text, defaclacl::text from pg_default_acl"
        )
        assert migrate(uri, "drift", project=project).endswith(" 0 differ\n")

        # what a DBA grants by hand stays, when the files run again and one makes a new function
        execute(uri, f"grant select on mcp_log.call_log to {login}")
        write(project, {"sql/functions/clinic_api/list_appointments.sql": changed})
        migrate(uri, "apply", project=project)
        assert execute(uri, PRIVILEGES, [login]) == [*expected, ("mcp_log.call_log", "SELECT")]


# --- what the sources name ------------------------------------------------------------------------

# of Zava Retail: its schemas, roles and audiences, and its tenant
EXAMPLE = re.compile(
    r"\b(retail(_demo)?|zava_(mcp|owner|tools|auth|sandbox)|store_id|stores"
    r"|store_managers|regional_managers|head_office)\b(?!\.)"
)


def test_no_file_of_the_core_names_the_example() -> None:
    files = sorted(CORE.rglob("*.sql"))
    assert len(files) > 200
    found = {
        str(path.relative_to(CORE)): match[0]
        for path in files
        if (match := EXAMPLE.search(path.read_text(encoding="utf-8").lower()))
    }
    assert found == {}


def test_the_example_is_found_where_it_is() -> None:
    files = [*(ROOT / "sql").rglob("*.sql")]
    named = [path for path in files if EXAMPLE.search(path.read_text(encoding="utf-8").lower())]
    assert len(named) > len(files) / 2


def test_no_module_of_the_package_imports_the_repository() -> None:
    here = {path.stem for folder in (ROOT, ROOT / "tests") for path in folder.glob("*.py")}
    here |= {"benchmarks", "tests"}
    imported = {
        (str(path.relative_to(ROOT)), name)
        for path in sorted((ROOT / "zava_mcp").rglob("*.py"))
        for name in imports(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert len(imported) > 100
    assert [each for each in imported if each[1].partition(".")[0] in here] == []


def imports(tree: ast.Module) -> Iterator[str]:
    """Name what a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_other_file_of_the_package_names_the_example() -> None:
    names = re.compile(r"\b(retail(_demo)?|zava_owner|store_id|store_managers|head_office)\b")
    package = ROOT / "zava_mcp"
    files = [path for kind in ("py", "toml", "sql", "md") for path in package.rglob(f"*.{kind}")]
    assert len(files) > 300
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in files
        if not path.is_relative_to(CORE)
        if (match := names.search(path.read_text(encoding="utf-8").lower()))
    }
    assert found == {}
