"""``zava-mcp new policy TABLE --tenant COLUMN``: policies for tables that an application uses."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from scratch import Project, as_login, name_of, new_database

# Who may do what with the application's schemas, tables and columns.
ACCESS = """
select n.nspname, c.relname, a.attname, g.grantee::regrole::text, g.privilege_type
from pg_namespace as n
left join pg_class as c on c.relnamespace = n.oid
left join pg_attribute as a on a.attrelid = c.oid and a.attacl is not null
cross join lateral (
    select * from aclexplode(n.nspacl)
    union all
    select * from aclexplode(c.relacl)
    union all
    select * from aclexplode(a.attacl)
) as g
where n.nspname in ('crm', 'public')
and g.grantee is distinct from c.relowner
order by 1, 2, 3, 4, 5
"""
# An application that no one here wrote: its owner, its login and a report, with the privileges
# that they have; APP stands before the names of the roles, which belong to the whole server.
SCHEMA = """
create role APP_owner login;
create role APP_login login;
create role APP_group nologin;
create role APP_report login in role APP_group;
create role APP_analyst login;
grant pg_read_all_data to APP_analyst;
create role APP_stranger login;
grant usage on schema public to APP_owner, APP_login, APP_group, APP_stranger;
create schema crm authorization APP_owner;
grant usage on schema crm to APP_login, APP_group;

create table crm.invoices (
    tenant_id integer not null, month date not null, amount numeric not null,
    primary key (tenant_id, month)
) partition by range (month);
create table crm.invoices_1 partition of crm.invoices
for values from ('2026-01-01') to ('2026-02-01');
create table crm.invoices_2 partition of crm.invoices
for values from ('2026-02-01') to ('2026-03-01');
insert into crm.invoices values
(1, '2026-01-10', 10), (1, '2026-02-10', 20), (2, '2026-01-11', 30), (3, '2026-02-12', 40);

create table public."Customer" (
    "Id" bigint primary key, "companyId" varchar(20), "order" text, unique ("companyId", "Id")
);
insert into public."Customer" values
(1, 'acme', 'a'), (2, 'Acme', 'b'), (3, 'acme', 'c'), (4, 'o''neill | co', 'd'), (5, null, 'e');
create table public.customer (id bigint primary key, company_id uuid not null);
insert into public.customer values
(1, '00000000-0000-7000-8000-00000000000a'), (2, '00000000-0000-7000-8000-00000000000b');
create table crm."Customer" (like public."Customer" including all);
create view public.customer_list as select "Id", "companyId" from public."Customer";
create materialized view public.customer_count as
select "companyId", count(*) as customers from public."Customer" group by 1;

create table crm.assets (tenant_id bigint not null, name text not null);
create table crm.cars (wheels integer) inherits (crm.assets);
insert into crm.assets values (1, 'desk'), (2, 'chair');
insert into crm.cars values (1, 'van', 4), (2, 'bike', 2);
create table crm.odd (tenant_id numeric);

alter table crm.invoices owner to APP_owner;
alter table crm.invoices_1 owner to APP_owner;
alter table crm.invoices_2 owner to APP_owner;
alter table public."Customer" owner to APP_owner;
alter table public.customer owner to APP_owner;
alter table crm."Customer" owner to APP_owner;
alter table crm.assets owner to APP_owner;
alter table crm.cars owner to APP_owner;
grant select, insert, update, delete on all tables in schema crm, public to APP_login;
grant select on crm.invoices, public."Customer" to APP_group;
grant select (tenant_id) on crm.assets to APP_group;
grant select on crm.assets to public;
"""
SECURED = "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass"
QUERIES = {
    "invoices": "select tenant_id, month, amount from crm.invoices order by 1, 2",
    "customers": 'select "Id", "companyId" from public."Customer" order by 1',
    "list": 'select "Id", "companyId" from public.customer_list order by 1',
    "assets": "select tenant_id from crm.assets order by 1",
    "cars": "select tenant_id, wheels from crm.cars order by 1",
}
WRITES = {
    "invoices": "insert into crm.invoices values (9, '2026-01-30', 90) returning amount",
    "moved": "update crm.invoices set tenant_id = 8 where tenant_id = 1 returning month",
    "customers": """update public."Customer" set "companyId" = 'other' returning "Id" """,
    "gone": 'delete from public."Customer" returning "Id"',
    "assets": "update crm.assets set tenant_id = tenant_id + 1 returning name",
}
LOGINS = ("owner", "login", "report", "analyst", "stranger")


@dataclass
class Guest(Project):
    """A project in the database of an application, whose roles have a prefix.

    Its commands run as the application's owner, who is no superuser; ``admin`` sees all.
    """

    admin: Project
    app: str

    def ask(self, login: str, query: str) -> Any:
        """Return the rows that a login of the application gets, or the SQLSTATE; roll back."""
        with psycopg.connect(as_login(self.uri, f"{self.app}_{login}")) as conn:
            try:
                found = conn.execute(query.encode()).fetchall()
            except psycopg.Error as error:
                found = [(error.sqlstate,)]
            conn.rollback()
        return found

    def seen(self) -> dict[str, Any]:
        """Return what each login reads and writes."""
        asked = {**QUERIES, **{f"write {name}": query for name, query in WRITES.items()}}
        return {
            f"{login} {name}": self.ask(login, query)
            for login in LOGINS
            for name, query in asked.items()
        }

    def rows_of(self, query: str, *scope: str, role: str = "mcp_tools") -> Any:
        """Return the rows of a query as a tool of a caller with this scope; roll back."""
        with psycopg.connect(self.admin.uri) as conn:
            name = uuid.uuid4().hex
            conn.execute(
                "select mcp_auth.begin_request(mcp_auth.create_api_key("
                "mcp_auth.add_user(%s, 'crm_clerks', %s::text[])))",
                [name, list(scope)],
            )
            conn.execute(f"set local role {role}".encode())
            try:
                found = conn.execute(query.encode()).fetchall()
            except psycopg.Error as error:
                found = [(error.sqlstate,)]
            conn.rollback()
        return found


@pytest.fixture
def guest(server: str, tmp_path: Path) -> Iterator[Guest]:
    """A database of an application with the core in it, and a project without files."""
    app = f"app_{uuid.uuid4().hex[:8]}"
    with new_database(server) as uri:
        admin = Project(uri, tmp_path)
        owner = f"{app}_owner"
        project = Guest(as_login(uri, owner), tmp_path, admin, app)
        (tmp_path / "sql").mkdir()
        (tmp_path / "zava.toml").write_text(
            '[project]\nname = "crm_mcp"\naudiences = ["crm_clerks"]\nscope = "bigint"\n'
        )
        for statement in SCHEMA.replace("APP", app).split(";\n"):
            admin.rows(statement)
        named = ("--login", owner, "--database", name_of(uri))
        admin.rows(admin.run("bootstrap", "--print", *named))
        project.run("apply", "--no-lockdown", "--no-verify")
        project.run("audience", "add", "crm_clerks")
        try:
            yield project
        finally:
            with psycopg.connect(uri, autocommit=True) as conn:
                for role in ("owner", "login", "group", "report", "analyst", "stranger"):
                    conn.execute(f"drop owned by {app}_{role} cascade".encode())
                    conn.execute(f"drop role {app}_{role}".encode())


def test_the_application_sees_what_it_saw_and_tools_their_tenants(guest: Guest) -> None:
    """Integers in a partitioned table, texts with names in mixed case, and a table of PUBLIC."""
    before = guest.seen()
    assert before["login invoices"] != [("42501",)] != before["analyst customers"]
    assert before["stranger invoices"] == [("42501",)]
    assert len(before["stranger assets"]) in (1, 4)
    report = guest.json("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    assert report == {
        "exit": 0,
        "written": ["policies/crm.invoices.sql", "tests/policies/test_crm.invoices.sql"],
        "type": "bigint",
        "as_before": [f"{guest.app}_group", f"{guest.app}_login", "pg_read_all_data"],
        "notes": [
            f"row-level security comes on, and PostgreSQL refuses to {guest.app}_group,"
            f" {guest.app}_login, pg_read_all_data: COPY FROM (INSERT goes on), and pg_dump without"
            " --enable-row-security",
            f"for {guest.app}_group, {guest.app}_login, pg_read_all_data PostgreSQL plans without"
            " the statistics of columns in conditions that are not leakproof, such as LIKE, @> and"
            " numbers of type numeric: look at slow queries",
        ],
    }
    said = guest.run("new", "policy", 'public."Customer"', "--tenant", "companyId")
    assert f"as before: {guest.app}_group, {guest.app}_login, pg_read_all_data\n" in said
    assert "note: materialized view public.customer_count has rows of all tenants" in said
    assert "alter view public.customer_list set (security_invoker = true)" in said
    assert 'a row whose "companyId" is null is of no tenant' in said
    assert guest.json("new", "policy", "crm.assets", "--tenant", "tenant_id")["as_before"] == [
        f"{guest.app}_group",
        f"{guest.app}_login",
        "pg_read_all_data",
        "public",
    ]
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert guest.seen() == before

    assert guest.rows_of(QUERIES["invoices"], "1") == before["owner invoices"][:2]
    assert guest.rows_of(QUERIES["invoices"], "2", "3", "acme") == before["owner invoices"][2:]
    assert guest.rows_of(QUERIES["invoices"], "acme") == []
    assert guest.rows_of(QUERIES["customers"], "acme") == [(1, "acme"), (3, "acme")]
    assert guest.rows_of(QUERIES["customers"], "o'neill | co") == [(4, "o'neill | co")]
    assert guest.rows_of(QUERIES["customers"], "ACME") == []
    assert guest.rows_of(QUERIES["assets"], "2") == [(2,), (2,)]
    assert guest.rows_of(QUERIES["assets"]) == []
    for partition in ("crm.invoices_1", "crm.cars", "public.customer"):
        assert guest.rows_of(f"select from {partition}", "1") == [("42501",)]
    tested = guest.json("test", "--tree", "crm_mcp")["files"]
    assert [(file["file"], file["ok"]) for file in tested] == [
        ("sql/tests/policies/test_crm.assets.sql", True),
        ("sql/tests/policies/test_crm.invoices.sql", True),
        ("sql/tests/policies/test_public.Customer.sql", True),
    ]
    assert [file["assertions"] for file in tested] == [11, 11, 11]
    linted = guest.start("lint", "--json").communicate(timeout=120)[0]
    rules = {(each["file"], each["rule"]) for each in json.loads(linted)["findings"]}
    assert {(file, rule) for file, rule in rules if file.startswith("sql/tests/")} == set()
    checked = guest.rows("select object, problem from mcp_migrate.check_policies")
    assert checked == []


def test_force_binds_the_owner_who_sees_what_it_saw(guest: Guest) -> None:
    before = guest.seen()
    options = ("--tenant", "tenant_id", "--force")
    report = guest.json("new", "policy", "crm.invoices", *options)
    assert f"{guest.app}_owner" in report["as_before"]
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert guest.seen() == before
    assert guest.value("select relforcerowsecurity from pg_class where relname = 'invoices'")
    assert guest.rows_of(QUERIES["invoices"], "2") == before["owner invoices"][2:3]


def test_an_owner_whom_policies_bind_sees_what_it_saw(guest: Guest) -> None:
    """It applies, so it is a member of the tools, and what binds them is for members too.

    The application's own policy admits tenant 1 to everybody: not to tools of tenant 2.
    """
    for statement in (
        "create table crm.parcels (tenant_id bigint not null, name text)",
        "insert into crm.parcels values (1, 'crate'), (2, 'box'), (3, 'sack')",
        "alter table crm.parcels enable row level security",
        "alter table crm.parcels force row level security",
        "create policy parcels_app on crm.parcels using (tenant_id = 1)",
        f"grant select on crm.parcels to {guest.app}_login",
        "create view crm.parcel_list as select name from crm.parcels",
        f"grant select on crm.parcel_list to {guest.app}_login",
    ):
        guest.rows(statement)
    names = "select name from crm.parcels order by 1"
    asked = [
        (login, query)
        for login in ("owner", "login")
        for query in (names, "select name from crm.parcel_list order by 1")
    ]
    assert [guest.ask(*each) for each in asked] == [[("crate",)]] * 4
    said = guest.run("new", "policy", "crm.parcels", "--tenant", "tenant_id", code=64)
    assert "who reads view crm.parcel_list would need their functions" in said
    guest.rows("alter view crm.parcel_list set (security_invoker = true)")
    guest.run("new", "policy", "crm.parcels", "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert [guest.ask(*each) for each in asked] == [[("crate",)]] * 4
    for role in ("mcp_tools", "mcp_sandbox"):
        query = "select tenant_id, name from crm.parcels order by 1"
        assert guest.rows_of(query, "2", role=role) == [(2, "box")]
        assert guest.rows_of(query, role=role) == []


def test_uninstall_gives_row_level_security_back(guest: Guest) -> None:
    """Also to a table whose name looks like the end of a policy's."""
    guest.rows('create table crm."work on hand" as select * from crm.assets')
    guest.rows(f'grant select on crm."work on hand" to {guest.app}_login')
    work = 'select tenant_id from crm."work on hand" order by 1'
    assert guest.ask("login", work) == [(1,), (1,), (2,), (2,)]
    before = guest.seen()
    access = guest.rows(ACCESS)
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id", "--force")
    guest.run("new", "policy", 'crm."work on hand"', "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert guest.rows(SECURED, "crm.invoices") == [(True, True)]
    assert guest.rows_of(work, "2") == [(2,), (2,)]
    guest.run("uninstall", "--yes")
    assert guest.rows(SECURED, "crm.invoices") == [(False, False)]
    assert guest.rows(SECURED, 'crm."work on hand"') == [(False, False)]
    assert guest.ask("login", work) == [(1,), (1,), (2,), (2,)]
    assert guest.seen() == before
    assert guest.rows(ACCESS) == access


def test_uninstall_is_refused_where_a_policy_of_others_would_hide_all_rows(guest: Guest) -> None:
    """The application wrote it after ours had enabled row-level security; its rows are there."""
    before, access = guest.seen(), guest.rows(ACCESS)
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown", "--no-verify")
    mine = f"create policy mine on crm.invoices for select to {guest.app}_group using (true)"
    guest.admin.rows(mine)
    said = guest.run("uninstall", "--yes", code=1)
    assert (
        f"crm.invoices: {guest.app}_login, pg_read_all_data would see no row: row-level security,"
        " which our file enabled, stays on for policy mine;"
        " write a policy for them first, or drop mine"
    ) in said
    assert guest.seen() == before
    others = f"{guest.app}_login, pg_read_all_data"
    guest.admin.rows(f"create policy theirs on crm.invoices to {others} using (true)")
    guest.run("uninstall", "--yes")
    assert guest.rows(SECURED, "crm.invoices") == [(True, False)]
    assert guest.seen() == before
    guest.admin.rows("drop policy mine on crm.invoices")
    guest.admin.rows("drop policy theirs on crm.invoices")
    guest.admin.rows("alter table crm.invoices disable row level security")
    assert guest.rows(ACCESS) == access


def test_uninstall_after_a_restore_gives_back_what_was_ours(guest: Guest) -> None:
    """A dump keeps names, not numbers: those of the ledger are of other objects afterwards."""
    guest.rows("create table crm.closed (id bigint primary key)")
    guest.rows("alter table crm.closed enable row level security")
    before, access = guest.seen(), guest.rows(ACCESS)
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id", "--force")
    guest.run("apply", "--no-lockdown", "--no-verify")
    numbers = {
        "row security": "'crm.closed'::regclass",
        "forced row security": "'crm.closed_pkey'::regclass",
        "role": f"'{guest.app}_stranger'::regrole",
    }
    guest.admin.rows(
        "update mcp_migrate.made set oid = (oid::bigint + 1000000)::oid where kind <> 'schema'"
    )
    guest.admin.rows("insert into mcp_migrate.made values ('role', 'gone', 1, 'crm_mcp', '0001')")
    for kind, number in numbers.items():
        guest.admin.rows(f"update mcp_migrate.made set oid = {number} where kind = '{kind}'")
    swapped = (
        "with a as (delete from mcp_migrate.made where kind = 'schema' and name in"
        " ('mcp_auth', 'mcp_catalog') returning *)"
        " insert into mcp_migrate.made select a.kind, a.name, b.oid, a.tree, a.id from a"
        " inner join a as b on b.name <> a.name returning name"
    )
    assert len(guest.admin.rows(swapped)) == 2
    report = guest.json("uninstall", "--yes")
    assert report["objects"] > 100
    assert "row security crm.invoices" in report["made"]
    assert {"schema mcp_auth", "schema mcp_catalog"} <= set(report["made"])
    assert f"{guest.app}_stranger" not in report["roles"]
    assert guest.rows(SECURED, "crm.invoices") == [(False, False)]
    assert guest.rows(SECURED, "crm.closed") == [(True, False)]
    assert guest.seen() == before
    assert guest.rows(ACCESS) == access


def test_without_its_file_a_table_is_open_to_the_application_and_closed_to_tools(
    guest: Guest,
) -> None:
    """The rows of tenant 2 are there: a caller with this scope, or with none, loses the table."""
    before = guest.seen()
    written = {
        table: guest.json("new", "policy", table, "--tenant", "tenant_id", "--force")["written"]
        for table in ("crm.invoices", "crm.assets")
    }
    guest.run("apply", "--no-lockdown", "--no-verify")
    for role in ("mcp_tools", "mcp_sandbox"):
        assert guest.rows_of(QUERIES["invoices"], "2", role=role) == before["owner invoices"][2:3]

    for name in written["crm.invoices"]:
        (guest.sql / name).unlink()
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert guest.rows(SECURED, "crm.invoices") == [(False, False)]
    assert guest.seen() == before
    for role in ("mcp_tools", "mcp_sandbox"):
        assert guest.rows_of(QUERIES["invoices"], "2", role=role) == [("42501",)]
        assert guest.rows_of(QUERIES["assets"], "2", role=role) == [(2,), (2,)]

    # PUBLIC reads the other one, and so would every caller of a tool
    for name in written["crm.assets"]:
        (guest.sql / name).unlink()
    said = guest.run("apply", "--no-lockdown", "--no-verify", code=70)
    assert "every caller of a tool would read rows of others in crm.assets: keep the file" in said
    assert guest.rows_of(QUERIES["assets"], "2") == [(2,), (2,)]
    guest.admin.rows("revoke select on crm.assets from public")
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert guest.rows(SECURED, "crm.assets") == [(False, False)]
    assert len(guest.ask("login", QUERIES["assets"])) == 4
    assert guest.rows_of(QUERIES["assets"], "2", role="mcp_sandbox") == [("42501",)]


def test_tools_of_another_project_do_not_read_what_an_uninstall_opens(
    guest: Guest, tmp_path: Path
) -> None:
    """Neither after it, nor where a rollback file fails; policies of the other project stay."""
    before, access = guest.seen(), guest.rows(ACCESS)
    guest.write(
        {
            "0001_tools.sql": "create schema crm_mcp_api;",
            "0001_tools.rollback.sql": "drop schema crm_mcp_api_;",
        }
    )
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.run("new", "policy", 'public."Customer"', "--tenant", "companyId")
    guest.run("apply", "--no-lockdown", "--no-verify")
    audit = Project(guest.uri, tmp_path / "audit")
    (audit.root / "sql").mkdir(parents=True)
    (audit.root / "zava.toml").write_text('[project]\nname = "audit_mcp"\n')
    policy = 'create policy audit on public."Customer" for select to mcp_tools using ("Id" = 2);'
    audit.write({"policies/public.Customer.sql": policy})
    audit.run("apply", "--no-lockdown", "--no-verify")

    # the policy of the other project would keep row-level security on, for the application too
    said = guest.run("uninstall", "--yes", code=1)
    assert "would see no row: row-level security, which our file enabled, stays on" in said
    others = f"{guest.app}_group, {guest.app}_login, pg_read_all_data"
    policy += f'\ncreate policy others on public."Customer" to {others} using (true);'
    audit.write({"policies/public.Customer.sql": policy})
    audit.run("apply", "--no-lockdown", "--no-verify")
    failed = guest.run("uninstall", "--yes", code=70)
    assert 'schema "crm_mcp_api_" does not exist' in failed
    assert guest.rows(SECURED, "crm.invoices") == [(False, False)]
    assert guest.rows(SECURED, 'public."Customer"') == [(True, False)]
    for role in ("mcp_tools", "mcp_sandbox"):
        assert guest.rows_of(QUERIES["invoices"], "2", role=role) == [("42501",)]
    assert guest.rows_of(QUERIES["customers"], "acme") == [(2, "Acme")]
    guest.write({"0001_tools.rollback.sql": "drop schema crm_mcp_api;"})
    assert "the core stays for audit_mcp" in guest.run("uninstall", "--yes")
    assert guest.rows_of(QUERIES["customers"], "acme") == [(2, "Acme")]

    (audit.sql / "policies" / "public.Customer.sql").unlink()
    audit.run("apply", "--no-lockdown", "--no-verify")
    assert guest.seen() == before
    assert guest.rows_of(QUERIES["customers"], "acme") == [("42501",)]
    tools = {"mcp_tools", "mcp_sandbox"}
    left = [row for row in guest.rows(ACCESS) if row[3] not in tools]
    assert left == access


def test_masked_columns_are_in_a_view_that_goes_with_the_guest(guest: Guest) -> None:
    guest.rows('comment on column public."Customer"."order" is E\'Wish.\\n@mask email\'')
    before, access = guest.seen(), guest.rows(ACCESS)
    guest.write(
        {
            "0001_tools.sql": "create schema crm_mcp_api;",
            "0001_tools.rollback.sql": "drop schema crm_mcp_api;",
        }
    )
    report = guest.json("new", "policy", 'public."Customer"', "--tenant", "companyId")
    text = (guest.sql / report["written"][0]).read_text()
    assert 'grant select (\n    "Id", "companyId"\n) on' in text
    assert '-- masked: "order"; free queries read the view' in text
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert guest.seen() == before
    view = 'select "Id", "order" from crm_mcp_api."Customer" order by 1'
    assert guest.rows_of(view, "acme") == [(1, "***"), (3, "***")]
    guest.run("uninstall", "--yes")
    assert guest.seen() == before
    assert guest.rows(ACCESS) == access


def test_free_queries_do_not_read_what_looks_like_a_secret(guest: Guest) -> None:
    guest.rows(
        "create table crm.members (id bigint primary key, tenant_id bigint not null,"
        ' username text, password text, "apiKey" text)'
    )
    guest.rows("insert into crm.members values (1, 1, 'ada', 'pw', 'k'), (2, 2, 'bea', 'pw', 'k')")
    report = guest.json("new", "policy", "crm.members", "--tenant", "tenant_id")
    notes = [
        f"the column {name} looks like a secret: mcp_sandbox gets no grant on it"
        for name in ("password", "apiKey")
    ]
    assert report["notes"][:2] == notes
    text = (guest.sql / report["written"][0]).read_text()
    assert all(f"-- Note: {note}.\n" in text for note in notes)
    assert "grant select (\n    id, tenant_id, username\n) on crm.members to mcp_sandbox;" in text
    guest.run("apply", "--no-lockdown", "--no-verify")
    query = "select username from crm.members"
    assert guest.rows_of(query, "1", role="mcp_sandbox") == [("ada",)]
    query = "select password from crm.members"
    assert guest.rows_of(query, "1", role="mcp_sandbox") == [("42501",)]
    assert guest.rows_of(query, "1") == [("pw",)]


def test_policies_that_stand_stay_and_open_nothing_to_tools(guest: Guest) -> None:
    """One of the application's is open to PUBLIC, and so to the tools: the tenant holds besides."""
    guest.rows('alter table public."Customer" enable row level security')
    guest.rows('create policy everybody on public."Customer" using ("Id" < 4)')
    before = guest.seen()
    report = guest.json("new", "policy", 'public."Customer"', "--tenant", "companyId")
    assert report["as_before"] == []
    assert "row-level security is on already" in report["notes"][-2]
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert guest.seen() == before
    assert guest.rows_of(QUERIES["customers"], "Acme") == [(2, "Acme")]
    assert guest.rows_of(QUERIES["customers"], "o'neill | co") == [(4, "o'neill | co")]
    assert guest.rows_of(QUERIES["customers"]) == []


@pytest.mark.parametrize("goes", ["file", "project"])
def test_without_its_file_a_policy_of_others_opens_nothing_to_tools(
    guest: Guest, tmp_path: Path, goes: str
) -> None:
    """The application's policy of PUBLIC admits the rows of every tenant, and stays as it is."""
    guest.rows('alter table public."Customer" enable row level security')
    guest.rows('create policy everybody on public."Customer" using ("Id" < 4)')
    before, access = guest.seen(), guest.rows(ACCESS)
    written = guest.json("new", "policy", 'public."Customer"', "--tenant", "companyId")["written"]
    guest.run("apply", "--no-lockdown", "--no-verify")
    for role in ("mcp_tools", "mcp_sandbox"):
        assert guest.rows_of(QUERIES["customers"], "Acme", role=role) == [(2, "Acme")]

    if goes == "file":
        for name in written:
            (guest.sql / name).unlink()
        guest.run("apply", "--no-lockdown", "--no-verify")
    else:  # the core stays for another project, whose tools have the same roles
        audit = Project(guest.uri, tmp_path / "audit")
        (audit.root / "sql").mkdir(parents=True)
        (audit.root / "zava.toml").write_text('[project]\nname = "audit_mcp"\n')
        policy = "create policy audit on crm.invoices to mcp_tools using (tenant_id = 2);"
        audit.write({"policies/crm.invoices.sql": policy})
        audit.run("apply", "--no-lockdown", "--no-verify")
        guest.run("uninstall", "--yes")
    for role in ("mcp_tools", "mcp_sandbox"):
        assert guest.rows_of(QUERIES["customers"], "Acme", role=role) == [("42501",)]
    assert guest.rows(SECURED, 'public."Customer"') == [(True, False)]
    assert guest.seen() == before
    tools = {"mcp_tools", "mcp_sandbox"}
    assert [row for row in guest.rows(ACCESS) if row[3] not in tools] == access


def test_a_role_of_which_tools_are_members_opens_nothing_to_them(guest: Guest) -> None:
    guest.admin.rows(f"grant {guest.app}_group to mcp_tools")
    before = guest.seen()
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown", "--no-verify")
    assert guest.seen() == before
    assert guest.rows_of(QUERIES["invoices"], "2") == before["owner invoices"][2:3]
    guest.admin.rows(f"revoke {guest.app}_group from mcp_tools")


def test_drift_sees_a_policy_of_tools_that_no_file_made(guest: Guest) -> None:
    """Those for other roles are the application's."""
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown", "--no-verify")
    create = "create policy {} on crm.invoices for select to {} using (true)"
    guest.rows(create.format("theirs", f"{guest.app}_report"))
    assert guest.run("drift").endswith(" 0 differ\n")
    guest.rows(create.format("by_hand", f"{guest.app}_report, mcp_sandbox"))
    assert guest.json("drift", code=1)["drift"] == [
        {"state": "unmanaged", "object": "policy by_hand on crm.invoices", "file": ""}
    ]
    guest.rows("drop policy by_hand on crm.invoices")
    assert guest.run("drift").endswith(" 0 differ\n")


@pytest.mark.parametrize(
    "change",
    [
        "revoke select on crm.invoices from mcp_tools",
        "revoke select (month) on crm.invoices from mcp_sandbox",
        "grant insert on crm.invoices to mcp_tools",
    ],
)
def test_drift_sees_a_privilege_of_tools_that_somebody_changed(guest: Guest, change: str) -> None:
    """What others may do with the table is the application's."""
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown", "--no-verify")
    guest.rows(f"grant truncate on crm.invoices to {guest.app}_report")
    assert guest.run("drift").endswith(" 0 differ\n")
    guest.rows(change)
    drift = guest.json("drift", code=1)["drift"]
    assert [(each["state"], each["file"]) for each in drift] == [
        ("modified", "crm_mcp/policies/crm.invoices.sql")
    ] * len(drift)
    assert drift
    guest.run("apply", "--all", "--no-lockdown", "--no-verify", "--yes")
    assert guest.run("drift").endswith(" 0 differ\n")
    if change.startswith("revoke"):
        assert guest.rows_of(QUERIES["invoices"], "1")[0][0] == 1
        month = "select month from crm.invoices"
        assert len(guest.rows_of(month, "1", role="mcp_sandbox")) == 2


def test_ids_of_two_types_ask_for_a_scope_of_texts(guest: Guest) -> None:
    file = guest.root / "zava.toml"

    def notes(scope: str, table: str, column: str) -> list[str]:
        file.write_text(file.read_text().rpartition("scope = ")[0] + f'scope = "{scope}"\n')
        for path in guest.sql.rglob(f"*{table}.sql"):
            path.unlink()
        found = guest.json("new", "policy", table, "--tenant", column)["notes"]
        return [note for note in found if note.startswith("project.scope")]

    narrow = 'project.scope in zava.toml is text: with scope = "{}" zava-mcp user add refuses'
    other = "project.scope in zava.toml is {}: zava-mcp user add takes no id of these rows but with"
    [said] = notes("text", "crm.invoices", "tenant_id")
    assert said.startswith(narrow.format("bigint"))
    assert notes("bigint", "crm.invoices", "tenant_id") == []
    assert notes("uuid", "crm.invoices", "tenant_id") == [
        f'{other.format("uuid")} scope = "bigint"'
    ]
    [said] = notes("bigint", "public.customer", "company_id")
    assert said == f'{other.format("bigint")} scope = "text"'
    assert notes("text", "public.customer", "company_id") == []
    assert notes("text", "crm.invoices", "tenant_id") == []


def test_tables_of_one_name_have_files_of_their_own(guest: Guest) -> None:
    written = [
        guest.json("new", "policy", table, "--tenant", column)["written"][0]
        for table, column in (
            ('public."Customer"', "companyId"),
            ("public.customer", "company_id"),
            ('crm."Customer"', "companyId"),
        )
    ]
    assert written == [
        "policies/public.Customer.sql",
        "policies/public.customer.sql",
        "policies/crm.Customer.sql",
    ]
    said = guest.run("new", "policy", "crm.Customer", "--tenant", "companyId", code=64)
    assert "write schema.table, or 'schema.\"Table\"' in quotes" in said


def test_a_policy_to_fill_in_takes_quoted_names(guest: Guest) -> None:
    """And its files apply: nobody sees a row of a table whose name is in quotes."""
    guest.rows('create table crm."Order ""Line""" (id bigint primary key)')
    guest.rows('insert into crm."Order ""Line""" values (1)')
    guest.rows(f'alter table crm."Order ""Line""" owner to {guest.app}_owner')
    written = guest.json("new", "policy", 'crm."Order ""Line"""')["written"]
    assert written == [
        "policies/crm.Order~20~22Line~22.sql",
        "tests/policies/test_crm.Order~20~22Line~22.sql",
    ]
    guest.write({"tests/helpers/fixture.sql": "select 1;"})
    guest.run("apply", "--no-lockdown", "--no-verify")
    query = 'select id from crm."Order ""Line"""'
    guest.admin.rows("grant usage on schema crm to mcp_tools")
    assert guest.rows(query) == [(1,)]
    assert guest.rows_of(query) == []
    assert [file["ok"] for file in guest.json("test", "--tree", "crm_mcp")["files"]] == [True]
    for name in ("crm.Orders", "orders", 'crm."Orders'):
        said = guest.run("new", "policy", name, code=64)
        assert "is not a name for a policy: write schema.table, or 'schema.\"Table\"' in" in said


def test_the_documented_policy_of_a_table_whose_parent_has_the_tenant(guest: Guest) -> None:
    for statement in (
        "create schema shop",
        "create table shop.orders (order_id bigint primary key, tenant_id bigint not null)",
        "create table shop.order_lines (line_id bigint primary key,"
        " order_id bigint not null references shop.orders, product text not null)",
        "insert into shop.orders values (1, 1), (2, 2)",
        "insert into shop.order_lines values (10, 1, 'a'), (20, 2, 'b'), (21, 2, 'c')",
        f"grant usage on schema shop to {guest.app}_login",
        f"grant select, insert on shop.orders, shop.order_lines to {guest.app}_login",
    ):
        guest.rows(statement)
    documented = Path("docs/project.md").read_text().partition("shop.order_lines.sql`")[2]
    text = documented.partition("```sql\n")[2].partition("```")[0]
    guest.run("new", "policy", "shop.orders", "--tenant", "tenant_id")
    guest.write({"policies/shop.order_lines.sql": text.replace("shop_login", f"{guest.app}_login")})
    guest.run("apply", "--no-lockdown", "--no-verify")
    lines = "select line_id from shop.order_lines order by 1"
    for role in ("mcp_tools", "mcp_sandbox"):
        assert guest.rows_of(lines, "2", role=role) == [(20,), (21,)]
        assert guest.rows_of(lines, "1", role=role) == [(10,)]
        assert guest.rows_of(lines, role=role) == []
    assert guest.ask("login", lines) == [(10,), (20,), (21,)]
    insert = "insert into shop.order_lines values (11, 1, 'd') returning line_id"
    assert guest.ask("login", insert) == [(11,)]
    assert guest.rows_of(insert, "1") == [("42501",)]


def test_what_cannot_be_done_is_said(guest: Guest) -> None:
    for arguments, said in (
        (
            ("crm.invoices", "--tenant", "tenant_id", "--type", "uuid"),
            "--type: tenant_id is of type integer, which asks for bigint",
        ),
        (
            ("crm.invoices", "--tenant", "tenant"),
            "--tenant: crm.invoices has no column tenant: tenant_id, month, amount",
        ),
        (("crm.odd", "--tenant", "tenant_id"), "--tenant: tenant_id is of type numeric"),
        (("crm.invoices_1", "--tenant", "tenant_id"), "write the policy of crm.invoices"),
        (
            ("public.customer_list", "--tenant", "companyId"),
            "after alter view public.customer_list set (security_invoker = true)",
        ),
        (("public.customer_count", "--tenant", "companyId"), "is a materialized view"),
        (("crm.nothing", "--tenant", "x"), "there is no table crm.nothing"),
        (('crm."Invoices"', "--tenant", "x"), 'there is no table crm."Invoices"; there is crm.in'),
        (("crm.invoices; drop", "--tenant", "x"), "write schema.table"),
        (
            ("Order Mgmt.Orders", "--tenant", "x"),
            "Order Mgmt.Orders is no table: write schema.table",
        ),
        (("crm.invoices", "--force"), "--type and --force go with --tenant"),
    ):
        assert said in guest.run("new", "policy", *arguments, code=64)
        assert not list(guest.sql.iterdir())


def test_a_role_that_the_file_does_not_name_keeps_apply_from_hiding_its_rows(guest: Guest) -> None:
    """It got its rights after the file was written, or has another name in this database."""
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.rows(f"grant select on crm.invoices to {guest.app}_stranger")
    guest.rows(f"grant usage on schema crm to {guest.app}_stranger")
    before = guest.seen()
    assert before["stranger invoices"] == before["owner invoices"] != []
    said = guest.run("apply", "--no-lockdown", code=70)
    assert f"ZM115 crm.invoices: {guest.app}_stranger may use it, and no policy admits" in said
    assert guest.seen() == before

    for folder in ("policies", "tests/policies"):
        for path in (guest.root / "sql" / folder).iterdir():
            path.unlink()
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown")
    assert guest.seen() == before
    assert guest.rows_of(QUERIES["invoices"], "2") == before["owner invoices"][2:3]
    # who gets rights later is found by verify
    assert guest.rows("select object from mcp_migrate.check_hidden_rows") == []
    guest.rows(f"grant select on crm.invoices_1, crm.invoices to {guest.app}_report")
    assert guest.rows("select object from mcp_migrate.check_hidden_rows") == []


def test_a_policy_file_that_is_written_again_is_the_same(guest: Guest) -> None:
    """Row-level security is on by it, and its policies are there: that is no reason for others."""
    before = guest.seen()
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown")
    files = [
        guest.root / "sql/policies/crm.invoices.sql",
        guest.root / "sql/tests/policies/test_crm.invoices.sql",
    ]
    texts = [file.read_text() for file in files]
    for file in files:
        file.unlink()
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    assert [file.read_text() for file in files] == texts
    guest.run("apply", "--no-lockdown")
    assert guest.seen() == before


def test_uninstall_gives_back_a_table_that_was_renamed_before_a_restore(guest: Guest) -> None:
    guest.run("new", "policy", "crm.invoices", "--tenant", "tenant_id")
    guest.run("apply", "--no-lockdown")
    guest.rows("alter table crm.invoices rename to bills")
    query = QUERIES["invoices"].replace("invoices", "bills")
    rows = guest.ask("login", query)
    assert rows not in ([], [("42P01",)])
    for folder, name in (("policies", ""), ("tests/policies", "test_")):
        path = guest.root / "sql" / folder / f"{name}crm.invoices.sql"
        path.write_text(path.read_text().replace("crm.invoices", "crm.bills"))
        path.rename(path.with_name(f"{name}crm.bills.sql"))
    guest.run("apply", "--no-lockdown")
    # as a restore leaves it: names stay, numbers do not
    guest.admin.rows(
        "update mcp_migrate.made set oid = (oid::bigint + 1000000)::oid where kind <> 'schema'"
    )
    swapped = (
        "with a as (delete from mcp_migrate.made where kind = 'schema' and name in"
        " ('mcp_auth', 'mcp_catalog') returning *)"
        " insert into mcp_migrate.made select a.kind, a.name, b.oid, a.tree, a.id from a"
        " inner join a as b on b.name <> a.name returning name"
    )
    assert len(guest.admin.rows(swapped)) == 2
    guest.run("uninstall", "--yes")
    assert guest.rows(SECURED, "crm.bills") == [(False, False)]
    assert guest.ask("login", query) == rows
