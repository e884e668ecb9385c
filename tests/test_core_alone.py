"""The core without the example: everything of retail is taken away, a clinic takes its place."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from scratch import SQL, migrate, name_of, new_database, on_database

import localdb

CORE_FUNCTIONS = ("auth", "mcp", "migrate", "sandbox", "tool")
AUDIENCE = "receptionists"
NORTH = "00000000-0000-7000-8000-00000000000a"
SOUTH = "00000000-0000-7000-8000-00000000000b"

CLINIC = {
    "0100_clinic.sql": """\
-- The appointments of some practices, and the audience that may ask for them.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'receptionists') then
        create role receptionists nologin;
    end if;
end
$$;
insert into auth.audiences (audience, description)
values ('receptionists', 'They see the practices they were granted.');

create schema clinic;
comment on schema clinic is 'Practices and their appointments.';
grant usage on schema clinic to zava_owner, zava_auth, zava_tools;

create table clinic.appointments (
    practice_id uuid not null,
    appointment_id uuid not null default uuidv7(),
    patient text not null,
    starts_at timestamptz not null,
    constraint appointments_pkey primary key (practice_id, appointment_id)
);
comment on table clinic.appointments is 'One row an appointment.';
comment on column clinic.appointments.practice_id is 'Practice.';
comment on column clinic.appointments.appointment_id is 'Key within the practice.';
comment on column clinic.appointments.patient is 'Who comes.';
comment on column clinic.appointments.starts_at is 'When.';

grant create on schema clinic to zava_owner;
alter table clinic.appointments owner to zava_owner;
revoke create on schema clinic from zava_owner;
""",
    "0100_clinic.rollback.sql": """\
-- Mirrors 0100 backwards.
drop table clinic.appointments;
drop schema clinic;
delete from auth.audiences where audience = 'receptionists';
""",
    "policies/clinic.appointments.sql": """\
alter table clinic.appointments enable row level security;
alter table clinic.appointments force row level security;
drop policy if exists appointments_select on clinic.appointments;
create policy appointments_select on clinic.appointments
for select to zava_tools
using (practice_id = any((select auth.current_scope())::uuid[]));
comment on policy appointments_select on clinic.appointments is 'The practices of the caller.';
revoke all on clinic.appointments from public;
grant select on clinic.appointments to zava_tools;
""",
    "functions/api/list_appointments.sql": """\
create or replace function api.list_appointments(max_results integer default 10)
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
comment on function api.list_appointments(integer) is $comment$
The next appointments of the practices you may see.

@param max_results  How many.
@returns One row an appointment, soonest first.
@tool title="Appointments"
$comment$;
alter function api.list_appointments(integer) owner to zava_tools;
revoke all on function api.list_appointments(integer) from public;
grant execute on function api.list_appointments(integer) to zava_auth, receptionists;
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

# Which objects of some schemas need something in retail; a name starts with its schema.
EDGES = """
select
    pg_describe_object(d.classid, d.objid, d.objsubid),
    pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
from pg_depend as d
cross join lateral pg_identify_object_as_address(d.classid, d.objid, d.objsubid) as user_of
cross join lateral pg_identify_object_as_address(d.refclassid, d.refobjid, d.refobjsubid) as used
where d.deptype <> 'i' -- a trigger on auth.users is part of the foreign key in retail that made it
and split_part(user_of.object_names[1], '.', 1) = any(%s)
and split_part(used.object_names[1], '.', 1) = 'retail'
order by 1, 2
"""


class Clinic(NamedTuple):
    """The core with a foreign application: its database, and a server.py in front of it."""

    uri: str
    url: str


@pytest.fixture(scope="module")
def clinic(
    database: str, shim_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clinic]:
    sql_dir = tmp_path_factory.mktemp("clinic") / "sql"
    take_application_away(sql_dir)
    for name, text in CLINIC.items():
        (sql_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (sql_dir / name).write_text(text)
    with ExitStack() as stack:
        stack.callback(execute, database, f"drop role if exists {AUDIENCE}")
        uri = stack.enter_context(new_database(database))
        migrate(uri, "apply", sql_dir=sql_dir)
        assert migrate(uri, "verify", sql_dir=sql_dir).endswith(" 0 findings\n")
        assert migrate(uri, "drift", sql_dir=sql_dir).endswith(" 0 differ\n")
        execute(uri, APPOINTMENTS, {"north": NORTH, "south": SOUTH})
        port = free_port()
        own_shim_url = on_database(shim_url, name_of(uri))
        stack.enter_context(localdb.shim(own_shim_url, "127.0.0.1", port, ZAVA_EMBEDDER="none"))
        yield Clinic(uri, f"http://127.0.0.1:{port}/mcp")


def take_application_away(sql_dir: Path) -> None:
    """Copy sql/ without all that names retail, without its data and its tests."""
    shutil.copytree(SQL, sql_dir)
    for folder in ("functions/retail", "functions/api", "policies", "data", "tests"):
        shutil.rmtree(sql_dir / folder)
    for path in versioned(sql_dir):
        if "retail" in path.read_text():
            path.unlink()
            path.with_suffix(".rollback.sql").unlink()
    assert [path.name[:4] for path in versioned(sql_dir)][:3] == ["0001", "0002", "0003"]


def versioned(sql_dir: Path) -> list[Path]:
    """Name the versioned files, without their rollbacks."""
    return sorted(path for path in sql_dir.glob("[0-9]*.sql") if "." not in path.stem)


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
    call = "select auth.create_api_key(auth.add_user(%s, %s, %s::uuid[]))"
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
        "update auth.users set scope = array[%s::uuid] where name = 'Mover'",
        [SOUTH],
    )

    assert ask(clinic.url, key, {})[1]["rows"] == [BELA]
    assert execute(clinic.uri, "select hook from mcp.hooks") == []


def test_nothing_is_left_of_the_example(clinic: Clinic) -> None:
    roles = "select audience::text from auth.audiences"
    assert execute(clinic.uri, roles) == [(AUDIENCE,)]
    assert execute(clinic.uri, "select to_regnamespace('retail')") == [(None,)]
    answer = execute(clinic.uri, "select mcp.pending_embeddings('any', 1) ->> 'total'")
    assert answer == [("0",)], "without embeddings of its own it has none to make"


def test_no_object_of_the_core_depends_on_retail(database: str) -> None:
    assert execute(database, EDGES, [["api"]]), "the query finds such edges where there are some"
    assert execute(database, EDGES, [list(CORE_FUNCTIONS)]) == []


def test_no_source_of_the_core_names_retail() -> None:
    core = [*SQL.glob("000[123]_*.sql")]
    for schema in CORE_FUNCTIONS:
        core += SQL.glob(f"functions/{schema}/*.sql")
    assert len(core) > 60
    assert [path.name for path in core if "retail" in path.read_text().lower()] == []
