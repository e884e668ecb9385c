"""prove: it finds the leaks that are seeded, nothing without one, and leaves no row."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import psycopg
import pytest
from leaking import SMALL, leaking, owned_shop, shop
from leaks import Leak, leaks, masked, tool
from scratch import Project, name_of, on_database

from zava_mcp.config import ConfigError, Interference, Proof, read_project
from zava_mcp.migrate.ledger import Failure
from zava_mcp.migrate.prove.answers import Answer, differences, differs
from zava_mcp.migrate.prove.command import MADE_HERE
from zava_mcp.migrate.prove.mutants import Mutant, mutants, try_mutants
from zava_mcp.migrate.prove.run import Options, prove
from zava_mcp.migrate.prove.shrink import smallest

LEAKS = list(leaks())
ONE_OF_A_KIND = {leak.kind: leak for leak in reversed(LEAKS)}
TABLES = """
select c.oid::regclass::text
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where c.relkind = 'r' and n.nspname in ('shop', 'mcp_auth', 'mcp_log', 'mcp_tool')
order by 1
"""
COPIES = "select d.datname from pg_database as d where d.datname like 'prove\\_%'"
USED = "exists (select from pg_stat_activity as a where a.datid = d.oid)"


def rows(conn: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Return the rows of the tables that a call may write."""
    tables = [name for (name,) in conn.execute(TABLES).fetchall()]
    query = "select t::text from {} as t order by 1"
    return {
        name: [row for (row,) in conn.execute(query.format(name).encode()).fetchall()]
        for name in tables
    }


@pytest.fixture(scope="module")
def uri(server: str) -> Iterator[str]:
    """The shop, which leaks nothing."""
    with shop(server) as found:
        yield found


@pytest.fixture
def conn(uri: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the shop, as migrate opens it."""
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("set search_path to ''")
        yield connection


@pytest.fixture
def project(uri: str, tmp_path: Path) -> Project:
    """A project whose database is the shop."""
    (tmp_path / "zava.toml").write_text('[project]\nname = "shop"\ntools = "shop_api"\n')
    return Project(uri, tmp_path)


def test_there_are_leaks_of_every_kind() -> None:
    assert len(LEAKS) == 129
    assert len({(leak.kind, leak.about) for leak in LEAKS}) == len(LEAKS)
    assert len(ONE_OF_A_KIND) == 19


@pytest.mark.parametrize("leak", ONE_OF_A_KIND.values(), ids=ONE_OF_A_KIND)
def test_a_seeded_leak_is_found(conn: psycopg.Connection[Any], leak: Leak) -> None:
    report = leaking(conn, leak, replace(SMALL, first=True))
    assert report.findings, f"{leak.kind} of {leak.about} was missed"
    assert all(finding.causes for finding in report.findings)
    assert report.unfinished == []


@pytest.mark.parametrize("seed", [0, 1])
def test_without_a_leak_there_is_no_finding_and_no_row_stays(
    conn: psycopg.Connection[Any], seed: int
) -> None:
    before = rows(conn)
    report = prove(conn, Options(seed=seed, per_call=8))
    assert report.findings == []
    assert report.tenants == ("tenant_id",)
    assert report.callers == [f"shop_staff, scope {kind}" for kind in ("all", "none", "one")]
    everything = {"update", "insert", "move", "delete"}
    assert report.changed == {
        f"shop.{name}": everything for name in ("assets", "members", "orders")
    }
    assert report.volatile == {
        "tool add_member: result.rows.0.added_at",
        "tool add_member: result.rows.0.new_id",
    }
    assert report.asked > 400
    assert rows(conn) == before
    assert len(before["shop.orders"]) == 8


def test_a_masked_value_tells_nothing_through_its_view(conn: psycopg.Connection[Any]) -> None:
    report = leaking(conn, Leak("", "", masked("members")))
    assert report.findings == []
    assert report.changed["shop.members"] == {"update", "insert", "move", "delete", "mask"}
    assert ("shop_staff, scope one", "table shop.members_masked") in report.calls
    leak = next(each for each in LEAKS if each.about == "members of a row")
    found = leaking(conn, leak).findings
    assert {each.call for each in found} == {"tool pins"}
    assert found[0].change == "mask shop.members (pin), rows that the caller sees"
    assert found[0].causes == ("it reads the column around its mask",)
    named = leak.sql.replace("@mask null", "@mask null clear=shop_staff")
    assert leaking(conn, Leak("", "", named)).findings == []


def test_a_finding_is_shrunk_to_a_row_and_a_column(conn: psycopg.Connection[Any]) -> None:
    loose = "tenant_id = any((select mcp_auth.scope_uuid())::uuid[]) or name = 'order a1'"
    leak = Leak("", "", f"alter policy orders_all on shop.orders using ({loose})")
    report = leaking(conn, leak)
    first = next(each for each in report.findings if each.call == "table shop.orders")
    assert first.caller == "shop_staff, scope none"
    assert first.change == "update shop.orders (credit), 1 hidden row"
    assert "'order a1', '10')" in first.before
    assert "'order a1', '10')" not in first.after
    assert first.causes[0].startswith("policy orders_all of shop.orders may be too wide")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("timestamptz", "infinity"),
        ("timestamp", "-infinity"),
        ("date", "0044-03-15 BC"),
        ("date", "infinity"),
        ("numeric", "NaN"),
        ("float8", "-Infinity"),
    ],
)
def test_values_that_python_does_not_have_are_compared(
    conn: psycopg.Connection[Any], kind: str, value: str
) -> None:
    """And a hidden one is changed, and no finding."""
    held = (
        f"alter table shop.orders add held {kind} not null default '{value}';"
        " grant select (held) on shop.orders to mcp_sandbox;"
        + tool(
            f"held_on(held {kind})",
            "bigint",
            "begin return (select count(*) from shop.orders as o where o.held = held_on.held); end",
        )
    )
    report = leaking(conn, Leak("", "", held))
    assert (report.findings, report.unfinished) == ([], [])
    assert "update" in report.changed["shop.orders"]
    assert report.calls["shop_staff, scope one", "table shop.orders"] == 1
    leak = Leak("", "", f"{held} alter table shop.orders disable row level security")
    first = next(each for each in leaking(conn, leak).findings if each.call == "table shop.orders")
    assert f"'{value}')" in first.before


COMPUTED = {
    "bump(n integer, inv integer)": ("integer", "bump.n + 1"),
    "ov(a numeric, b numeric)": ("numeric", "ov.a + ov.b"),
    "ov_id(order_id bigint)": ("text", "format('%s: %s', ov_id.order_id * 2, ov_id.order_id % 2)"),
    "size(order_id bigint)": (
        "text",
        "case when size.order_id > 1000 then 'large' else 'small' end",
    ),
    "half(order_id uuid)": ("text", "left(half.order_id::text, 3)"),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_from_an_id_tells_nothing_about_it(
    conn: psycopg.Connection[Any], name: str
) -> None:
    returns, value = COMPUTED[name]
    report = leaking(conn, Leak("", "", tool(name, returns, f"begin return {value}; end")))
    assert report.findings == []
    called = f"tool {name.partition('(')[0]}"
    assert report.calls["shop_staff, scope one", called] > 1


@pytest.mark.parametrize("about", ["members", "orders"])
def test_an_id_that_is_told_from_none_beside_what_is_computed_is_found(
    conn: psycopg.Connection[Any], about: str
) -> None:
    key, kind = ("order_id", "bigint") if about == "orders" else ("member_id", "uuid")
    leak = (
        f"create function shop.is_there(wanted {kind}) returns boolean language sql stable security"
        f" definer as $i$ select exists (select from shop.{about} where {key} = wanted) $i$;"
        + tool(
            f"seen({key} {kind})",
            "table (digest text, is_there boolean)",
            f"begin return query select md5(seen.{key}::text), shop.is_there(seen.{key}); end",
        )
    )
    found = leaking(conn, Leak("", "", leak)).findings
    told = [each for each in found if each.change == f"{key} is an id that does not exist"]
    assert {each.call for each in told} == {"tool seen"}
    assert {each.causes for each in told} == {
        ("the answer tells an id outside the scope from none",)
    }
    assert {each.caller for each in told} == {
        f"shop_staff, scope {kind}" for kind in ("none", "one")
    }
    assert all('"is_there": true' in each.after for each in told)
    assert all('"is_there": false' in each.before for each in told)


def test_without_a_tenant_column_policies_alone_say_what_is_hidden(
    conn: psycopg.Connection[Any],
) -> None:
    leak = next(each for each in LEAKS if each.kind == "policy dropped")
    with conn.transaction(force_rollback=True):
        conn.execute(leak.sql.encode())
        quick = replace(SMALL, first=True)
        assert prove(conn, quick).findings
        for table in ("members", "orders", "assets"):
            conn.execute(f"drop policy {table}_all on shop.{table}".encode())
        blind = prove(conn, quick)
        assert (blind.tenants, blind.findings, blind.is_blind) == ((), [], False)
        named = prove(conn, replace(quick, tenants=("tenant_id",)))
        assert (named.tenants, len(named.findings)) == (("tenant_id",), 1)


def test_a_key_of_tenants_is_no_key_of_other_tables(conn: psycopg.Connection[Any]) -> None:
    """Only what refers to it, or is no key itself, is a tenant column too."""
    scope = "any((select mcp_auth.scope_uuid())::uuid[])"
    policed = "create table shop.tenants (id uuid primary key, name text); " + "".join(
        f"create table shop.{name} (id uuid {more}, name text);"
        f" grant select on shop.{name} to mcp_tools, mcp_sandbox;"
        for name, more in {
            "colors": "primary key",
            "sizes": "default gen_random_uuid()",
            "profiles": "primary key references shop.tenants (id)",
            "notes": "",
        }.items()
    )
    policed += (
        "insert into shop.tenants select distinct o.tenant_id, 'a' from shop.orders as o;"
        + "".join(
            f"insert into shop.{name} select t.* from shop.tenants as t;"
            for name in ("colors", "sizes", "profiles", "notes")
        )
        + "alter table shop.tenants enable row level security;"
        " create policy tenants_all on shop.tenants to mcp_tools, mcp_sandbox"
        f" using (id = {scope}); grant select on shop.tenants to mcp_tools, mcp_sandbox"
    )
    report = leaking(conn, Leak("", "", policed))
    assert report.tenants == ("tenant_id", "id")
    leaked = {"table shop.profiles", "table shop.notes"}
    assert {each.call for each in report.findings} == leaked
    named = leaking(conn, Leak("", "", policed), replace(SMALL, tenants=("id",)))
    assert named.tenants == ("id",)
    assert {each.call for each in named.findings} == {
        *leaked,
        "table shop.colors",
        "table shop.sizes",
    }


def test_policies_that_hide_nothing_from_anybody_prove_nothing(
    project: Project, conn: psycopg.Connection[Any]
) -> None:
    policies = conn.execute(
        "select format('alter policy %I on %s using (%%s) with check (%%s)', p.polname,"
        " p.polrelid::regclass), pg_get_expr(p.polqual, p.polrelid) from pg_policy as p"
        " where p.polrelid::regclass::text ~ '^shop[.]'"
    ).fetchall()
    here = ("prove", "--yes-change-and-roll-back", "--tool", "find_member")
    names = ("assets", "kinds", "members", "orders")
    try:
        for statement, _ in policies:
            conn.execute(statement.replace("%s", "tenant_id is not null").encode())
        report = project.json(*here, code=1)
        assert (report["findings"], report["tenants"]) == ([], [])
        assert report["without_tenant"] == [f"shop.{name}" for name in names]
        lines = project.run(*here, code=1).splitlines()
        assert lines[:4] == [f"nothing of it was hidden: shop.{name}" for name in names]
        assert lines[4] == (
            "nothing was proved: no policy compares a column with the scope of the caller; name the"
            ' tenant columns in zava.toml: [prove] tenants = ["tenant_id"]'
        )
        assert lines[5].endswith("; 4 tables have no known tenant and no hidden row")
    finally:
        for statement, text in policies:
            conn.execute(statement.replace("%s", text).encode())
    assert project.json(*here)["without_tenant"] == ["shop.kinds"]


def test_prove_works_only_where_it_is_told_to(project: Project) -> None:
    said = project.run("prove", code=64)
    assert "--template or --yes-change-and-roll-back" in said
    assert "--budget" in project.run("prove", "--template", "--budget", "0", code=64)
    missing = project.run("prove", "--yes-change-and-roll-back", "--audience", "x", code=1)
    assert "no audience" in missing


def test_prove_on_a_copy(project: Project, conn: psycopg.Connection[Any]) -> None:
    conn.close()
    report = project.json("prove", "--template", "--tool", "find_member")
    assert report["findings"] == []
    assert report["exit"] == 0
    names = project.value("select count(*) from pg_database where datname like 'prove\\_%'")
    assert names == 0


def copying(project: Project) -> tuple[subprocess.Popen[str], str]:
    """Start prove on a copy; return it, and the name of the copy as soon as it is worked on."""
    process = project.start("prove", "--template")
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        if names := project.rows(f"{COPIES} and {USED}"):
            return process, names[0][0]
    process.kill()
    raise AssertionError("".join(process.communicate()))


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_drops_the_copy(
    project: Project, conn: psycopg.Connection[Any], sign: signal.Signals
) -> None:
    conn.close()
    process, _ = copying(project)
    process.send_signal(sign)
    said = "".join(process.communicate(timeout=60))
    assert process.returncode == 130, said
    assert project.rows(COPIES) == []


def test_the_next_run_drops_the_copy_of_a_killed_run(
    project: Project, conn: psycopg.Connection[Any]
) -> None:
    """And no database of others: one without the mark, or of another source."""
    conn.close()
    others = ["prove_other", "prove_own"]
    for name in others:
        project.rows(f"create database {name}")
    project.rows(f"comment on database prove_other is '{MADE_HERE.format('another')}'")
    try:
        process, copy = copying(project)
        process.kill()
        process.communicate()
        until = time.monotonic() + 60
        while project.rows(f"{COPIES} and {USED}") and time.monotonic() < until:
            pass
        assert {name for (name,) in project.rows(COPIES)} == {copy, *others}
        process = project.start("prove", "--template", "--tool", "find_member")
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        assert f"dropped database {copy}, which a killed run had left\n" in err
        assert {name for (name,) in project.rows(COPIES)} == set(others)
    finally:
        for name in others:
            project.rows(f"drop database {name}")


def test_progress_and_messages_of_another_caller_are_no_finding(
    conn: psycopg.Connection[Any],
) -> None:
    body = (
        "begin perform mcp_tool.progress(1, 2, 'counting');"
        " perform mcp_tool.log('info', 'counted'); return 1; end"
    )
    talks = Leak("", "", tool("count_up(step integer)", "integer", body, how="volatile"))
    report = leaking(conn, talks)
    assert report.findings == []
    assert ("shop_staff, scope one", "tool count_up") in report.calls


def test_a_budget_that_asks_nothing_is_no_proof(conn: psycopg.Connection[Any]) -> None:
    report = prove(conn, replace(SMALL, budget=0.001))
    assert (report.asked, report.findings) == (0, [])
    assert report.silent == report.callers
    assert prove(conn, SMALL).silent == []


def test_a_question_without_end_takes_a_part_of_the_budget(
    conn: psycopg.Connection[Any],
) -> None:
    """The tool that waits is listed, and another one, which leaks, is found all the same."""
    endless = tool("wait()", "void", "begin loop null; end loop; end")
    leak = ONE_OF_A_KIND["definer function"]
    both = Leak("both", "", f"{endless} {leak.sql}")
    report = leaking(conn, both, replace(SMALL, budget=30))
    late = [each for each in report.unfinished if "wait" in each]
    assert len(late) == len(report.callers)
    assert all(": longer than " in each for each in late)
    assert {each.call for each in report.findings} == {"tool tell"}


def test_a_finding_ends_with_code_1_until_it_is_accepted(
    project: Project, conn: psycopg.Connection[Any]
) -> None:
    here = ("prove", "--yes-change-and-roll-back", "--tool", "tell")
    leak = ONE_OF_A_KIND["definer function"]
    conn.execute(leak.sql.encode())
    try:
        report = project.json(*here, "--junit", str(project.root / "prove.xml"), code=1)
        assert {each["call"] for each in report["findings"]} == {"tool tell"}
        [table] = {each["table"] for each in report["findings"]}
        assert table == f"shop.{leak.about.split()[0]}"
        assert "runs as" in report["findings"][0]["causes"][0] or "reads" in str(report["findings"])
        suite = Xml.parse(project.root / "prove.xml").getroot()  # noqa: S314
        assert int(suite.get("failures", "0")) == len(
            {each["caller"] for each in report["findings"]}
        )

        accept = f'{{ call = "tool tell", change = "{table}", reason = "A total of the house." }}'
        with (project.root / "zava.toml").open("a") as file:
            file.write(f"[prove]\naccept = [{accept}]\n")
        report = project.json(*here)
        assert report["findings"] == []
        assert {each["reason"] for each in report["accepted"]} == {"A total of the house."}
    finally:
        conn.execute("drop function shop_api.tell()")
        conn.execute("drop function shop.peek()")


def test_mutants_are_noticed_by_a_test_or_by_prove(
    project: Project, conn: psycopg.Connection[Any]
) -> None:
    listed = {str(mutant): mutant for mutant in mutants(conn)}
    assert {mutant.kind for mutant in listed.values()} == {
        "row-level security off", "not forced", "policy dropped", "using (true)",
        "with check (true)", "or null", "for everybody", "grant of select", "grant of insert",
        "grant of update", "grant of delete", "grant of truncate", "runs as a superuser",
    }  # fmt: skip
    some = [
        listed[name]
        for name in (
            "using (true): shop.members members_all",
            "runs as a superuser: shop_api.top_orders(integer)",
            "policy dropped: shop.orders orders_all",
        )
    ]
    scope = "tenant_id = any((select mcp_auth.scope_uuid())::uuid[])"
    looser = f"alter policy members_all on shop.members using ({scope} or credit > 20)"
    some.append(Mutant("looser", "shop.members", "members", looser))
    test = """begin;
    select '1..1';
    select case when exists (
        select from pg_policies where schemaname = 'shop' and tablename = 'orders'
    ) then 'ok 1 - orders has a policy' else 'not ok 1 - orders has no policy' end;
    rollback;"""
    verdicts = list(try_mutants(conn, some, {"test_orders.sql": test}, SMALL))
    assert [verdict.noticed.partition(":")[0] for verdict in verdicts] == [
        "verify ZM112", "catalogue", "test_orders.sql", "prove",
    ]  # fmt: skip


def test_a_test_that_fails_without_a_mutant_notices_none(conn: psycopg.Connection[Any]) -> None:
    some = [each for each in mutants(conn) if each.object == "shop.members"][:1]
    red = {"test_members.sql": "begin;\nselect '1..1';\nselect 'not ok 1 - members';\nrollback;"}
    with pytest.raises(Failure, match=r"test_members\.sql fails without a mutant too"):
        list(try_mutants(conn, some, red, None))


def test_prove_refuses_a_login_that_applies_nothing(conn: psycopg.Connection[Any]) -> None:
    conn.execute("set role shop_server")
    with pytest.raises(Failure, match="as the login that applies the migrations, or as a super"):
        prove(conn, SMALL)


def test_an_owner_who_is_no_superuser_proves_what_it_sees(server: str, tmp_path: Path) -> None:
    with owned_shop(server, tmp_path) as uri, psycopg.connect(uri, autocommit=True) as conn:
        conn.execute("set search_path to ''")
        with pytest.raises(Failure) as refused:
            prove(conn, SMALL)
        assert str(refused.value) == (
            "prove changes rows that row-level security hides, and shop_owner does not own, or see"
            " every row of, shop.assets, shop.members, shop.orders: run it as a superuser, or as an"
            " owner whom a policy admits to every row"
        )
        for table in ("assets", "members", "orders"):
            conn.execute(
                f"create policy {table}_owner on shop.{table} to shop_owner"
                " using (true) with check (true)".encode()
            )
        clean = prove(conn, SMALL)
        assert clean.findings == []
        assert clean.changed["shop.members"] == {"update", "insert", "move", "delete"}
        with pytest.raises(Failure, match="it takes a superuser"):
            list(try_mutants(conn, [], {}, None))
        for kind in ("predicate loosened", "view of a superuser", "unique oracle"):
            assert leaking(conn, ONE_OF_A_KIND[kind]).findings, kind


def test_tables_of_others_that_no_tool_reaches_are_left_alone(server: str, tmp_path: Path) -> None:
    with owned_shop(server, tmp_path) as uri, psycopg.connect(uri, autocommit=True) as conn:
        conn.execute("set search_path to ''")
        with psycopg.connect(on_database(server, name_of(uri)), autocommit=True) as admin:
            admin.execute(
                "create schema wiki; create table wiki.pages (tenant_id uuid, name text);"
                " alter table wiki.pages enable row level security;"
                " create materialized view wiki.counts as select count(*) from wiki.pages;"
            )
        with pytest.raises(Failure) as refused:
            prove(conn, SMALL)
        assert "every row of, shop.assets, shop.members, shop.orders: run" in str(refused.value)
        for table in ("assets", "members", "orders"):
            conn.execute(f"alter table shop.{table} no force row level security".encode())
        report = prove(conn, SMALL)
        assert (report.findings, report.foreign) == ([], ["wiki.counts", "wiki.pages"])
        assert report.changed.keys() == {"shop.assets", "shop.members", "shop.orders"}


def test_a_name_that_is_no_tool_is_refused(project: Project) -> None:
    here = ("prove", "--yes-change-and-roll-back")
    said = project.run(*here, "--tool", "find_membr", code=1)
    assert said == "zava-mcp: --tool: there is no tool, resource or prompt find_membr\n"


def test_tables_without_a_hidden_row_are_listed(
    project: Project, conn: psycopg.Connection[Any]
) -> None:
    here = ("prove", "--yes-change-and-roll-back", "--tool", "find_member")
    with conn.transaction(force_rollback=True):
        conn.execute("delete from shop.assets")
        report = prove(conn, SMALL)
        assert (report.unhidden, report.is_blind) == (["shop.assets"], False)
        conn.execute("delete from shop.members; delete from shop.orders")
        report = prove(conn, SMALL)
        assert report.unhidden == ["shop.assets", "shop.members", "shop.orders"]
        assert (report.changed, report.unchanged, report.is_blind) == ({}, set(), True)
    for name in ("assets", "members", "orders"):
        conn.execute(f"create table shop.{name}_kept as table shop.{name}".encode())
        conn.execute(f"delete from shop.{name}".encode())
    try:
        lines = project.run(*here, code=1).splitlines()
        assert lines[:4] == [
            f"nothing of it was hidden: shop.{name}"
            for name in ("assets", "kinds", "members", "orders")
        ]
        assert lines[4] == "nothing was proved: load rows of at least two tenants"
    finally:
        for name in ("assets", "members", "orders"):
            conn.execute(
                f"insert into shop.{name} overriding system value table shop.{name}_kept".encode()
            )
            conn.execute(f"drop table shop.{name}_kept".encode())


def test_what_is_accepted_names_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "zava.toml"
    head = '[project]\nname = "shop"\n[prove]\n'
    file.write_text(
        f'{head}tenants = ["tenant_id"]\n'
        'accept = [{ call = "tool a", change = "shop.members", reason = "Names are unique." }]\n'
    )
    accepted = (Interference("tool a", "shop.members", "Names are unique."),)
    assert read_project(file).proof == Proof(("tenant_id",), accepted)
    file.write_text(f'{head}accept = [{{ call = "tool a", change = "shop.members" }}]\n')
    with pytest.raises(ConfigError, match=r"prove\.accept\.reason must be a string"):
        read_project(file)


def test_answers_are_compared_byte_for_byte() -> None:
    one = Answer(json.loads('{"rows": [{"a": "1.0", "at": "x"}], "notices": []}'))
    other = Answer(json.loads('{"rows": [{"a": "1.00", "at": "y"}], "notices": []}'))
    assert set(differences(one.content, other.content)) == {("rows", 0, "a"), ("rows", 0, "at")}
    assert differs(one, other, frozenset({("rows", 0, "at")}))
    assert not differs(one, other, frozenset({("rows", 0)}))
    assert list(differences([1, 2], [1, 2, 3])) == [()]


def test_the_smallest_part_is_found() -> None:
    assert smallest(range(100), lambda part: 42 in part) == [42]
    assert set(smallest(range(8), lambda part: {1, 6} <= set(part))) == set(range(8))
