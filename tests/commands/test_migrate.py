"""zava-mcp migrate on real databases: each command, each refusal, what a killed run leaves."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from scratch import (
    ROOT,
    Project,
    as_login,
    command_line,
    name_of,
    new_database,
    write,
    write_project,
)

from zava_mcp.config import read_project
from zava_mcp.local import cluster
from zava_mcp.migrate.files import read_trees, rule_problems
from zava_mcp.migrate.session import floor_problem, lock_key

GATE = 4711  # an advisory lock that a file waits for, so that a test decides when it goes on

TABLE = """\
-- One schema and one table.
create schema shop;
create table shop.item (item_id integer primary key, price numeric not null);
"""
TABLE_DOWN = "drop table shop.item;\ndrop schema shop;\n"
TOTAL = """\
create or replace function shop.total(low integer) returns numeric
language sql stable set search_path = pg_catalog
begin atomic
    select sum(price) from shop.item where item_id >= low;
end;
comment on function shop.total(integer) is 'Sum of the prices.';
revoke all on function shop.total(integer) from public;
"""
POLICY = """\
alter table shop.item enable row level security;
alter table shop.item force row level security;
drop policy if exists item_select on shop.item;
create policy item_select on shop.item for select to public using (shop.total(0) > 0);
comment on policy item_select on shop.item is 'Callers who may see a total.';
"""
SHOP = {
    "0001_shop.sql": TABLE,
    "0001_shop.rollback.sql": TABLE_DOWN,
    "functions/shop/total.sql": TOTAL,
    "policies/shop.item.sql": POLICY,
}


@pytest.fixture
def project(server: str, tmp_path: Path) -> Iterator[Project]:
    with new_database(server) as uri:
        yield Project(uri, write_project(tmp_path / "project", {}))


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with one versioned file, a function and a policy that uses it, applied."""
    project.write(SHOP)
    project.run("apply")
    return project


@pytest.fixture
def gate(project: Project) -> Iterator[psycopg.Connection[Any]]:
    """Hold the gate shut until the test opens it with ``gate.execute(OPEN)``."""
    with psycopg.connect(project.uri, autocommit=True) as conn:
        conn.execute(b"select pg_advisory_lock(%d)" % GATE)
        yield conn


OPEN = b"select pg_advisory_unlock(%d)" % GATE
WAIT = f"select pg_advisory_xact_lock({GATE});\n"


def wait_at_gate(project: Project) -> None:
    """Return when a session waits for the gate; fail after 20 s."""
    query = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    query += f" and objid = {GATE}"
    deadline = time.monotonic() + 20
    while not project.value(query):
        assert time.monotonic() < deadline, "nobody came to the gate"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def snapshot(project: Project) -> list[Any]:
    """What the project made, as the catalogue has it, without oids."""
    return project.rows(
        """
        select 'table', c.oid::regclass::text, c.relkind::text, c.relacl::text,
            c.relrowsecurity::text || c.relforcerowsecurity::text,
            (
                select string_agg(format('%s %s', a.attname, a.atttypid::regtype), ', '
                    order by a.attnum)
                from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0
            )
        from pg_class as c where c.relnamespace::regnamespace::text in ('shop', 'mcp_catalog')
        union all
        select 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid), p.proacl::text,
            obj_description(p.oid, 'pg_proc'), p.proowner::regrole::text
        from pg_proc as p where p.pronamespace::regnamespace::text in ('shop', 'mcp_catalog')
        union all
        select 'policy', polname, polrelid::regclass::text, pg_get_expr(polqual, polrelid),
            obj_description(oid, 'pg_policy'), null
        from pg_policy where polrelid::regclass::text like 'shop.%'
        order by 1, 2
        """
    )


# --- apply and status -----------------------------------------------------------------------------


def test_apply_runs_everything_once(project: Project) -> None:
    project.write(SHOP)
    first = project.json("apply")
    assert first["applied"] == ["shop/0001_shop"]
    assert first["managed"] == [
        "shop/functions/shop/total.sql",
        "shop/policies/shop.item.sql",
    ]
    assert project.rows(
        "select tree, id, sha256, server_version_num / 10000 from mcp_migrate.version"
    ) == [("shop", "0001_shop", sha256(TABLE), 18)]
    assert project.rows("select path, sha256 from mcp_migrate.file order by path") == [
        ("functions/shop/total.sql", sha256(TOTAL)),
        ("policies/shop.item.sql", sha256(POLICY)),
    ]
    assert project.rows("select kind, identity, path from mcp_migrate.object order by path") == [
        ("routine", "shop.total(integer)", "functions/shop/total.sql"),
        ("policy", "item_select on shop.item", "policies/shop.item.sql"),
    ]
    assert project.rows("select operation, subject from mcp_migrate.log order by log_id") == [
        ("apply", "shop/0001_shop"),
        ("manage", "shop/2 files"),
    ]
    assert project.rows("select migration_id from mcp_migrate._yoyo_migration") == [
        ("shop/0001_shop",)
    ]


def test_apply_lists_versioned_files_and_what_it_drops_and_the_rest_when_asked(
    project: Project,
) -> None:
    project.write(SHOP)
    first = project.run("apply").splitlines()
    assert first[:-1] == ["applied sql/0001_shop.sql"]
    assert first[-1].startswith("1 versioned and 2 managed files applied in ")

    project.write({"policies/shop.item.sql": POLICY.replace("total(0)", "total(0, 9)")})
    arguments = "low integer, high integer default 9"
    project.write({"functions/shop/total.sql": function("total", "select 1", "int", arguments)})
    second = project.run("apply").splitlines()
    assert second[:-1] == ["dropped routine shop.total(integer)"]

    project.write({"functions/shop/total.sql": function("total", "select 2", "int", arguments)})
    third = project.run("apply", "--verbose").splitlines()
    assert third[:-1] == ["applied sql/functions/shop/total.sql"]
    assert third[-1].startswith("0 versioned and 1 managed file applied in ")


def test_second_apply_changes_nothing(shop: Project) -> None:
    rows = "select xmin::text, * from mcp_migrate.{}"
    before = [shop.rows(rows.format(name)) for name in ("version", "file", "object", "log")]
    again = shop.json("apply")
    assert (again["applied"], again["managed"], again["dropped"]) == ([], [], [])
    assert before == [shop.rows(rows.format(name)) for name in ("version", "file", "object", "log")]


def test_every_table_and_column_of_the_ledger_has_a_comment(shop: Project) -> None:
    assert shop.value("select count(*) from mcp_migrate.object") == 2
    assert not shop.rows(
        """
        select c.relname, a.attname from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'mcp_migrate'::regnamespace and c.relkind = 'r'
        and c.relname in ('version', 'file', 'object', 'log')
        and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)
        """
    )


def test_status_tells_pending_and_edited_apart(project: Project) -> None:
    project.write(SHOP)
    fresh = project.json("status", code=1)
    assert fresh["versioned"] == [{"id": "shop/0001_shop", "state": "pending"}]
    assert fresh["managed"] == [
        {"path": "shop/functions/shop/total.sql", "state": "new"},
        {"path": "shop/policies/shop.item.sql", "state": "new"},
    ]
    assert project.value("select to_regnamespace('mcp_migrate')") is None  # status wrote nothing
    project.run("apply")
    assert project.run("status") == (
        "shop/0001_shop\tapplied\n"
        "shop/functions/shop/total.sql\tsame\nshop/policies/shop.item.sql\tsame\n"
    )
    project.write({"0002-no-name.sql": "select 1;"})
    broken = project.json("status", code=65)
    assert broken["problems"] == [
        "sql/0002-no-name.sql: not a name that apply knows; use NNNN_name.sql,"
        " functions/<schema>/<name>.sql or policies/<table>.sql"
    ]
    said = project.run("status", code=65)
    assert "files break a rule, apply refuses: sql/0002-no-name.sql: not a name" in said
    (project.sql / "0002-no-name.sql").unlink()
    project.write({"functions/shop/total.sql": TOTAL + "-- more\n"})
    assert project.json("status", code=1)["managed"][0]["state"] == "changed"
    project.write({"0001_shop.sql": TABLE + "-- more\n"})
    assert project.json("status", code=3)["versioned"] == [
        {"id": "shop/0001_shop", "state": "edited"}
    ]
    project.write({"functions/shop/total.sql": TOTAL})
    assert project.json("status", code=2)["exit"] == 2
    (project.sql / "policies/shop.item.sql").unlink()
    assert project.json("status", code=3)["managed"][1] == {
        "path": "shop/policies/shop.item.sql",
        "state": "removed",
    }


def test_line_ends_and_blank_lines_at_the_end_are_no_edit(shop: Project) -> None:
    shop.write({"0001_shop.sql": TABLE.replace("\n", "\r\n") + "\r\n\r\n"})
    assert shop.run("status").startswith("shop/0001_shop\tapplied\n")


def test_apply_to_a_number_leaves_the_rest(project: Project) -> None:
    project.write(SHOP)
    project.write({"0002_more.sql": "create table shop.more (i integer);\n"})
    project.write({"0002_more.rollback.sql": "drop table shop.more;\n"})
    report = project.json("apply", "--to", "0001")
    assert (report["applied"], report["waiting"], report["managed"]) == (
        ["shop/0001_shop"],
        ["shop/0002_more"],
        [],
    )
    report = project.json("apply")
    assert (report["applied"], len(report["managed"])) == (["shop/0002_more"], 2)


def test_two_databases_of_one_server(project: Project, server: str) -> None:
    project.write(SHOP)
    lock = f"select pg_advisory_lock({lock_key('migrate')})"
    with new_database(server) as uri, psycopg.connect(project.uri, autocommit=True) as busy:
        busy.execute(lock.encode())
        other = Project(uri, project.root)
        assert other.json("apply", "--wait", "0")["applied"] == ["shop/0001_shop"]
        assert project.json("apply", "--wait", "0", code=75)["exit"] == 75


# --- history --------------------------------------------------------------------------------------


def test_edited_file_is_refused_with_both_hashes(shop: Project) -> None:
    edited = TABLE + "create table shop.more (i integer);\n"
    shop.write({"0001_shop.sql": edited})
    shop.write({"functions/shop/total.sql": TOTAL.replace("Sum of", "All")})
    said = shop.run("apply", code=2)
    assert "sql/0001_shop.sql: edited after it was applied" in said
    assert f"applied {sha256(TABLE)}" in said
    assert f"file    {sha256(edited)}" in said
    assert said.endswith(
        "\n    put it back, or add '-- allow-edit: why' to it"
        "\n    to change it in development: put it back, zava-mcp migrate rollback --to shop/0000,"
        " edit it, and apply\n"
    )
    assert shop.value("select obj_description('shop.total'::regproc)") == "Sum of the prices."


def test_what_an_edited_file_is_told_works(shop: Project) -> None:
    edited = TABLE + "create table shop.more (i integer);\n"
    shop.run("rollback", "--to", "shop/0000", "--yes")
    shop.write({"0001_shop.sql": edited})
    shop.run("apply")
    assert shop.value("select to_regclass('shop.more')::text") == "shop.more"
    assert shop.rows("select sha256 from mcp_migrate.version") == [(sha256(edited),)]


def test_edit_that_the_header_allows_is_recorded_and_not_run(shop: Project) -> None:
    edited = "-- allow-edit: a comment was wrong\n" + TABLE
    shop.write({"0001_shop.sql": edited})
    assert shop.json("status", code=1)["versioned"][0]["state"] == "edit allowed"
    assert shop.json("apply")["edits"] == ["shop/0001_shop"]
    assert shop.rows("select sha256 from mcp_migrate.version") == [(sha256(edited),)]
    assert shop.run("status").startswith("shop/0001_shop\tapplied\n")


def test_missing_file_is_refused(shop: Project) -> None:
    for name in ("0001_shop.sql", "0001_shop.rollback.sql"):
        (shop.sql / name).unlink()
    said = shop.run("apply", code=2)
    assert "sql/0001_shop.sql: applied, but missing" in said
    assert f"applied {sha256(TABLE)}" in said


def test_out_of_order_file_is_refused_unless_allowed(project: Project) -> None:
    late = {
        "0001_late.sql": "create schema late;\n",
        "0001_late.rollback.sql": "drop schema late;\n",
    }
    project.write({name.replace("0001", "0002"): text for name, text in SHOP.items()})
    project.run("apply")
    project.write(late)
    said = project.run("apply", code=2)
    assert "sql/0001_late.sql: new, but shop/0002_shop is applied already" in said
    assert project.value("select to_regnamespace('late')") is None
    assert project.json("apply", "--allow-out-of-order")["applied"] == ["shop/0001_late"]


def test_mark_of_bare_yoyo_is_refused_until_marked(shop: Project) -> None:
    shop.write({"0002_more.sql": "create table shop.more (i integer);\n"})
    shop.write({"0002_more.rollback.sql": "drop table shop.more;\n"})
    shop.rows("create table shop.more (i integer)")
    shop.rows(
        "insert into mcp_migrate._yoyo_migration values (%s, 'shop/0002_more', now())",
        sha256("shop/0002_more"),
    )
    assert "zava-mcp migrate mark shop/0002_more" in shop.run("apply", code=2)
    shop.run("mark", "0002_more")
    assert shop.json("apply")["applied"] == []
    assert "no such versioned file" in shop.run("mark", "0009_none", code=64)


# --- files that break a rule ----------------------------------------------------------------------

UP = "create schema shop;\n"
DOWN = {"0001_shop.rollback.sql": "drop schema shop;\n"}
CONCURRENT = "create index concurrently item_idx on shop.item (price);\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"0001_shop.sql": UP}, "0001_shop.rollback.sql is missing or empty"),
        ({"0001_shop.sql": UP, "0001_shop.rollback.sql": "-- nothing\n"}, "is missing or empty"),
        ({"0001_shop.sql": "-- irreversible:\n" + UP}, ":1: 'irreversible:' needs a reason"),
        ({"0001_shop.sql": "-- irreversible: gone\n" + UP, **DOWN}, "says irreversible, but"),
        ({"0001_shop.sql": b"\xef\xbb\xbf" + UP.encode(), **DOWN}, "starts with a byte order mark"),
        ({"0001_shop.sql": b"-- caf\xe9\n" + UP.encode(), **DOWN}, "not UTF-8 at byte 6"),
        ({"0001_shop.sql": "/* Shop. */\n" + UP, **DOWN}, "starts with /*"),
        (
            {"0001_shop.sql": "-- Transactional: false\n" + UP, **DOWN},
            "'transactional:' in lower case",
        ),
        ({"0001_shop.sql": "-- transactional: no\n" + UP, **DOWN}, "must be true or false"),
        (
            {"0001_shop.sql": "-- depends: on the moon\n" + UP, **DOWN},
            "'depends:' names no earlier file: moon; shop has nothing before it",
        ),
        (
            {"0001_shop.sql": UP + "-- transactional: false\n", **DOWN},
            ":2: 'transactional:' must stand",
        ),
        (
            {"0001_shop.sql": "-- transactional: true\n-- transactional: true\n" + UP, **DOWN},
            ":2: 'transactional:' stands twice",
        ),
        ({"0001_shop.sql": UP + TOTAL, **DOWN}, ":2: 'create or replace function' belongs under"),
        (
            {"0001_shop.sql": UP + "create view shop.v as select 1;", **DOWN},
            "'create view' belongs",
        ),
        ({"0001_shop.sql": UP + POLICY, **DOWN}, ":5: 'create policy' belongs under"),
        ({"0001_shop.sql": UP + "commit;\n", **DOWN}, ":2: 'commit' would end the transaction"),
        (
            {"0001_shop.sql": "create table item (i int);\n", **DOWN},
            "'create table item' names no schema",
        ),
        (
            {"0001_shop.sql": "create table if not exists item (i int);\n", **DOWN},
            "'create table if not exists item' names no schema",
        ),
        (
            {"0001_shop.sql": UP + "create statistics s on a, b from shop.t;\n", **DOWN},
            ":2: 'create statistics s' names no schema",
        ),
        (
            {"0001_shop.sql": UP + "copy shop.t (i) from stdin;\n1\n\\.\n", **DOWN},
            ":2: copy from stdin or to stdout needs psql; write insert into ... values",
        ),
        (
            {"0001_shop.sql": "\\restrict secret\n" + UP, **DOWN},
            ":1: '\\restrict' is a command of psql; delete the line; pg_dump begins",
        ),
        (
            {"0001_shop.sql": UP, "0001_shop.rollback.sql": "drop schema shop \\g\n"},
            "(rollback:1: '\\g' is a command of psql",
        ),
        (
            {"functions/shop/t.sql": TOTAL + "copy shop.t from stdin;\n1\t\\N\n\\.\n"},
            ":8: copy from stdin or to stdout needs psql",
        ),
        ({"functions/shop/t.sql": "\\restrict secret\n" + TOTAL}, "is a command of psql"),
        ({"schema.sql": UP}, "sql/schema.sql: not a name that apply knows"),
        (
            {"functions/total.sql": TOTAL},
            "sql/functions/total.sql: not a name that apply knows",
        ),
        (
            {
                "0001_a.sql": "-- irreversible: test\n" + UP,
                "0001_b.sql": "-- irreversible: test\n" + UP,
            },
            "sql/0001_b.sql: has the number of sql/0001_a.sql",
        ),
        (
            {"0002_gone.rollback.sql": "drop schema gone;\n"},
            "rolls back a file that does not exist",
        ),
        ({"0001_shop.sql": CONCURRENT, **DOWN}, "say '-- transactional: false'"),
        (
            {"0001_shop.sql": "-- transactional: false\n" + CONCURRENT, **DOWN},
            "start with 'drop index concurrently if exists'",
        ),
        (
            {"0001_shop.sql": "-- transactional: false\n" + CONCURRENT + CONCURRENT, **DOWN},
            "must be alone in its file",
        ),
        (
            {"functions/shop/item.sql": "create table shop.item (i integer);\n"},
            "functions/shop/item.sql:1: 'create table' belongs into a versioned file",
        ),
        (
            {"functions/shop/item.sql": TOTAL + "alter table shop.item add column i integer;\n"},
            ":8: 'alter table shop.item add' belongs into a versioned file",
        ),
        (
            {"functions/shop/item.sql": TOTAL + "commit;\n"},
            ":8: 'commit' would end the transaction",
        ),
        (
            {"functions/shop/item.sql": "set search_path to public;\n" + TOTAL},
            ":1: 'set search_path' would hold for the files after it",
        ),
        ({"functions/shop/item.sql": TOTAL + "reset role;\n"}, ":8: 'reset role' would hold"),
        ({"functions/shop/item.sql": "-- nothing\n"}, "holds no statement"),
        ({"functions/shop/item.sql": b"\xef\xbb\xbf" + TOTAL.encode()}, "byte order mark"),
    ],
)
def test_file_that_breaks_a_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: Mapping[str, str | bytes], message: str
) -> None:
    monkeypatch.chdir(write_project(tmp_path, {}))
    write(tmp_path / "sql", files)
    problems = rule_problems(read_trees(read_project(tmp_path / "zava.toml").sources()))
    assert any(message in problem for problem in problems), problems


def test_nothing_runs_when_a_file_breaks_a_rule(project: Project) -> None:
    project.write({**SHOP, "functions/shop/item.sql": "create table shop.note (i integer);\n"})
    said = project.run("apply", code=65)
    assert "files break a rule, nothing was run" in said
    assert "sql/functions/shop/item.sql:1: 'create table' belongs into a versioned file" in said
    assert project.value("select to_regnamespace('mcp_migrate')") is None
    assert project.value("select to_regnamespace('shop')") is None


def test_what_only_looks_forbidden_is_accepted(project: Project) -> None:
    project.write(SHOP)
    project.write(
        {
            "0002_odd.sql": (
                "-- create function in a comment; commit;\n"
                "with n as (select 'create view v as; commit;' as t)\n"
                "insert into shop.item select 1, length(t) from n;\n"
                "do $do$ begin perform $q$;commit;$q$; end $do$;\n"
                "select E'it\\'s; create policy p' as \"begin; end\";\n"
                "/* a; /* commit; */ create view v; */\n"
                "do $Do$ begin perform 1; end $Do$; create table if not exists shop.odd (i int);\n"
                "create statistics if not exists shop.odd_s on (i + 1) from shop.odd;\n"
                "create statistics on item_id, price from shop.item;\n"
                "create function pg_temp.hello() returns integer language sql\n"
                "begin atomic select case when true then 1 end; end;\n"
            ),
            "0002_odd.rollback.sql": "truncate shop.item; drop table shop.odd;\n",
        }
    )
    assert project.json("apply")["applied"] == ["shop/0001_shop", "shop/0002_odd"]
    assert project.rows("select item_id, price from shop.item") == [(1, 25)]


def test_failing_versioned_file_names_file_line_and_hint(shop: Project) -> None:
    text = "-- More.\ncreate table shop.more (i integer);\n\nselect lenght('x');\n"
    shop.write({"0002_more.sql": text, "0002_more.rollback.sql": "drop table shop.more;\n"})
    said = shop.run("apply", code=70)
    assert "sql/0002_more.sql:4: 42883 function lenght(unknown) does not exist" in said
    assert "hint: No function matches" in said
    assert shop.value("select to_regclass('shop.more')") is None
    problem = shop.json("apply", code=70)["problems"][0]
    assert (problem["file"], problem["line"], problem["sqlstate"]) == (
        "sql/0002_more.sql",
        4,
        "42883",
    )


def test_warnings_of_a_versioned_file_are_shown_once(shop: Project) -> None:
    text = "do $$ begin raise warning 'look here'; raise notice 'not here'; end $$;\n"
    for number in ("0002_a", "0003_b"):
        shop.write({f"{number}.sql": text, f"{number}.rollback.sql": "select 1;\n"})
    _, said = shop.start("apply").communicate(timeout=300)
    assert said.count("warning: look here\n") == 2
    assert "not here" not in said


def test_rows_of_a_select_stay_off_standard_output(project: Project) -> None:
    project.write({"0001_shop.sql": UP + "select 'noise' as noise;\n", **DOWN})
    assert project.json("apply")["applied"] == ["shop/0001_shop"]


def test_concurrent_index_is_mended_by_a_second_apply(shop: Project) -> None:
    shop.rows("insert into shop.item values (1, 5), (2, 5)")
    shop.write(
        {
            "0002_index.sql": "-- transactional: false\n"
            "drop index concurrently if exists shop.item_price_idx;\n"
            "create unique index concurrently item_price_idx on shop.item (price);\n",
            "0002_index.rollback.sql": "drop index shop.item_price_idx;\n",
        }
    )
    said = shop.run("apply", code=70)
    assert "sql/0002_index.sql:3: 23505" in said
    assert "earlier statements may have stayed" in said
    valid = "select indisvalid from pg_index where indexrelid = to_regclass('shop.item_price_idx')"
    assert shop.rows(valid) == [(False,)]  # what the file drops first when it runs again
    shop.rows("delete from shop.item where item_id = 2")
    assert shop.json("apply")["applied"] == ["shop/0002_index"]
    assert shop.rows(valid) == [(True,)]


def test_statements_in_parentheses_are_not_cut(shop: Project) -> None:
    """A rule of two actions, in a file whose statements are sent one by one."""
    shop.write(
        {
            "0002_log.sql": "-- transactional: false\n"
            "create table shop.log (i integer);\n"
            "create rule item_log as on insert to shop.item do also (\n"
            "    insert into shop.log values (new.item_id);\n"
            "    delete from shop.log where i = 1\n"
            ");\n"
            "insert into shop.item values (1, 5), (2, 5);\n",
            "0002_log.rollback.sql": "drop rule item_log on shop.item;\ndrop table shop.log;\n",
        }
    )
    assert shop.json("apply")["applied"] == ["shop/0002_log"]
    assert shop.rows("select i from shop.log") == [(2,)]


# --- managed files --------------------------------------------------------------------------------


def function(
    name: str, body: str = "select 1", result: str = "integer", arguments: str = ""
) -> str:
    return (
        f"create or replace function shop.{name}({arguments}) returns {result}\n"
        f"language sql stable set search_path = pg_catalog\nbegin atomic\n    {body};\nend;\n"
    )


def test_syntax_error_in_one_of_thirty_files_keeps_none(shop: Project) -> None:
    files = {f"functions/shop/f{i:02}.sql": function(f"f{i:02}") for i in range(30)}
    files["functions/shop/f07.sql"] = function("f07", "selekt 1")
    shop.write(files)
    said = shop.run("apply", code=70)
    assert 'sql/functions/shop/f07.sql:4: 42601 syntax error at or near "selekt"' in said
    assert "nothing of them was kept" in said
    assert shop.rows("select proname from pg_proc where proname ~ '^f[0-9]'") == []
    assert shop.value("select count(*) from mcp_migrate.file") == 2


def test_error_without_a_position_still_has_a_line(shop: Project) -> None:
    shop.write(
        {"functions/shop/f.sql": function("f") + "grant execute on function shop.f() to nobody_;\n"}
    )
    said = shop.run("apply", code=70)
    assert 'sql/functions/shop/f.sql:6: 42704 role "nobody_" does not exist' in said


def test_files_wait_for_each_other(shop: Project) -> None:
    shop.write(
        {
            "functions/shop/a.sql": function("a", "select shop.b() + (select i from shop.w)"),
            "functions/shop/b.sql": function("b", "select i from shop.v"),
            "functions/shop/v.sql": "create or replace view shop.v as select shop.z() as i;\n",
            "functions/shop/w.sql": "create or replace view shop.w as select * from shop.v;\n",
            "functions/shop/z.sql": function("z", "select 20"),
        }
    )
    assert len(shop.json("apply")["managed"]) == 5
    assert shop.value("select shop.a()") == 40


def test_files_that_wait_in_vain_are_all_named(shop: Project) -> None:
    shop.write({"functions/shop/a.sql": function("a", "select shop.b()")})
    shop.write({"functions/shop/b.sql": function("b", "select shop.missing()")})
    said = shop.run("apply", code=70)
    assert "sql/functions/shop/a.sql:4: 42883 function shop.b() does not exist" in said
    assert "sql/functions/shop/b.sql:4: 42883 function shop.missing() does not exist" in said


def test_changed_return_type_recreates_what_depends_on_it(shop: Project) -> None:
    shop.write(
        {"functions/shop/twice.sql": function("twice", "select 2 * shop.total(0)", "numeric")}
    )
    shop.run("apply")
    shop.rows("grant execute on function shop.total(integer) to public")
    shop.write(
        {
            "functions/shop/total.sql": TOTAL.replace("returns numeric", "returns integer").replace(
                "sum(price)", "sum(price)::integer"
            )
        }
    )
    assert shop.json("apply")["managed"] == [
        "shop/functions/shop/total.sql",
        "shop/functions/shop/twice.sql",
        "shop/policies/shop.item.sql",
    ]
    assert shop.rows(
        "select oid::regprocedure::text, prorettype::regtype::text, proacl::text,"
        " obj_description(oid) from pg_proc where proname = 'total'"
    ) == [("shop.total(integer)", "integer", "{postgres=X/postgres}", "Sum of the prices.")]
    assert shop.rows("select polname from pg_policy where polrelid = 'shop.item'::regclass") == [
        ("item_select",)
    ]
    assert "0 versioned and 0 managed files applied in" in shop.run("apply")


def test_grants_and_comments_are_as_in_the_file(shop: Project) -> None:
    """Replacing a function keeps both, so what the file has lost would stay for ever."""
    role = f"migrate_{uuid.uuid4().hex[:8]}"
    shop.rows(f"create role {role}")
    told = (
        "select coalesce(proacl::text, ''), coalesce(obj_description(oid), '') from pg_proc"
        " where proname in ('total', 'open') order by proname desc"
    )
    try:
        granted = f"grant execute on function shop.total(integer) to {role};\n"
        view = "create or replace view shop.v as select 1 as i;\n"
        view_grant = f"grant select on shop.v to {role};\n"
        shop.write({"functions/shop/total.sql": TOTAL + granted})
        shop.write({"functions/shop/open.sql": function("open")})
        shop.write({"functions/shop/v.sql": view + view_grant})
        shop.run("apply")
        assert shop.rows(told)[0][0] == f"{{postgres=X/postgres,{role}=X/postgres}}"
        without = TOTAL.replace(
            "comment on function shop.total(integer) is 'Sum of the prices.';", ""
        )
        shop.write({"functions/shop/total.sql": without, "functions/shop/v.sql": view})
        planned = {(c["change"], c["identity"]) for c in shop.json("plan", code=1)["changes"]}
        assert planned == {("re-granted", "shop.total(integer)"), ("re-granted", "shop.v")}
        shop.run("apply")
        assert shop.rows(told) == [("{postgres=X/postgres}", ""), ("", "")]
        assert role not in shop.value("select relacl::text from pg_class where relname = 'v'")
        shop.rows(f"grant execute on function shop.open() to {role}")  # by hand
        shop.rows("revoke execute on function shop.open() from public")
        assert [row["state"] for row in shop.json("drift", code=1)["drift"]] == ["modified"]
        shop.run("apply", "--all")
        acl = "select proacl from pg_proc where proname = 'open'"
        assert sorted(shop.value(f"select ({acl})::text[]")) == [
            "=X/postgres",
            "postgres=X/postgres",
        ]
    finally:
        shop.rows(f"drop owned by {role}; drop role {role}")


@pytest.mark.parametrize("arguments", ["", "low integer, high integer default 9"])
def test_changed_arguments_leave_no_ghost_overload(shop: Project, arguments: str) -> None:
    text = function("total", "select 1.5", "numeric", arguments)
    shop.write({"functions/shop/total.sql": text})
    shop.write(
        {"policies/shop.item.sql": POLICY.replace("total(0)", f"total({arguments and '0, 9'})")}
    )
    report = shop.json("apply")
    assert report["dropped"] == ["routine shop.total(integer)"]
    types = "integer,integer" if arguments else ""
    assert shop.rows("select oid::regprocedure::text from pg_proc where proname = 'total'") == [
        (f"shop.total({types})",)
    ]
    assert report["managed"] == ["shop/functions/shop/total.sql", "shop/policies/shop.item.sql"]
    assert shop.run("drift") == "2 objects in the ledger, 0 differ\n"


def test_ambiguous_call_is_settled_by_dropping_the_ghost(shop: Project) -> None:
    shop.write({"functions/shop/caller.sql": function("caller", "select shop.total(1)", "numeric")})
    shop.run("apply")
    shop.write(
        {
            "functions/shop/caller.sql": function("caller", "select shop.total(2)", "numeric"),
            "functions/shop/total.sql": function(
                "total", "select 1.5", "numeric", "low integer, high integer default 9"
            ),
        }
    )
    assert shop.json("apply")["dropped"] == ["routine shop.total(integer)"]
    assert shop.value("select shop.caller()") == 1.5


def test_renamed_file_keeps_its_function(shop: Project) -> None:
    (shop.sql / "functions/shop/total.sql").rename(shop.sql / "functions/shop/sum.sql")
    report = shop.json("apply")
    assert (report["managed"], report["dropped"]) == (["shop/functions/shop/sum.sql"], [])
    assert shop.rows("select path from mcp_migrate.object where kind = 'routine'") == [
        ("functions/shop/sum.sql",)
    ]


LOUD = """\
create or replace trigger item_loud before update on shop.item
for each row execute function pg_catalog.suppress_redundant_updates_trigger();
"""
POLICIES = "select polname, polrelid::regclass::text from pg_policy order by 1"


@pytest.mark.parametrize("is_restored", [False, True], ids=["", "restored"])
def test_a_renamed_table_takes_its_policies_and_triggers_along(
    shop: Project, is_restored: bool
) -> None:
    """Also after a restore, which gives them other numbers."""
    shop.write({"policies/shop.item.loud.sql": LOUD})
    shop.run("apply")
    if is_restored:
        shop.rows("update mcp_migrate.object set oid = 1")
    for name in ("policies/shop.item.sql", "policies/shop.item.loud.sql"):
        (shop.sql / name).unlink()
    policy = POLICY.replace("item", "good").replace("good_select", "good_all")
    total = TOTAL.replace("shop.item", "shop.good")
    shop.write(
        {
            "0002_rename.sql": "alter table shop.item rename to good;\n",
            "0002_rename.rollback.sql": "alter table shop.good rename to item;\n",
            "policies/shop.good.sql": policy,
            "functions/shop/total.sql": total,
        }
    )
    assert shop.json("apply")["dropped"] == [
        "policy item_select on shop.good",
        "trigger item_loud on shop.good",
    ]
    assert shop.rows(POLICIES) == [("good_all", "shop.good")]
    assert shop.rows("select from pg_trigger where not tgisinternal") == []
    assert shop.run("drift") == "2 objects in the ledger, 0 differ\n"


def test_a_policy_may_keep_its_name_on_a_renamed_table(shop: Project) -> None:
    (shop.sql / "policies/shop.item.sql").unlink()
    shop.write(
        {
            "0002_rename.sql": "alter table shop.item rename to good;\n",
            "0002_rename.rollback.sql": "alter table shop.good rename to item;\n",
            "policies/shop.good.sql": POLICY.replace("shop.item", "shop.good"),
            "functions/shop/total.sql": TOTAL.replace("shop.item", "shop.good"),
        }
    )
    assert shop.json("apply")["dropped"] == []
    assert shop.rows(POLICIES) == [("item_select", "shop.good")]
    assert shop.run("drift") == "2 objects in the ledger, 0 differ\n"
    shop.run("rollback", "--to", "0", "--yes")
    assert shop.rows("select nspname from pg_namespace where nspname = 'shop'") == []


def test_a_renamed_type_takes_the_functions_of_it_along(shop: Project) -> None:
    paint = function("paint", "select 1", "int", "shade shop.color")
    shop.write({"0002_color.sql": "create type shop.color as enum ('red');\n"})
    shop.write({"0002_color.rollback.sql": "drop type shop.color;\n"})
    shop.write({"functions/shop/paint.sql": paint})
    shop.run("apply")
    shop.write({"0003_colour.sql": "alter type shop.color rename to colour;\n"})
    shop.write({"0003_colour.rollback.sql": "alter type shop.colour rename to color;\n"})
    shop.write({"functions/shop/paint.sql": paint.replace("color", "colour")})
    assert shop.json("apply")["dropped"] == []
    named = "select oid::regprocedure::text from pg_proc where proname = 'paint'"
    assert shop.rows(named) == [("shop.paint(shop.colour)",)]
    assert shop.run("drift") == "3 objects in the ledger, 0 differ\n"
    shop.write({"0004_hue.sql": "alter type shop.colour rename to hue;\n"})
    shop.write({"0004_hue.rollback.sql": "alter type shop.hue rename to colour;\n"})
    (shop.sql / "functions/shop/paint.sql").unlink()
    assert shop.json("apply")["dropped"] == ["routine shop.paint(shop.hue)"]
    assert shop.rows(named) == []


def test_apply_does_not_say_dropped_of_what_it_did_not_find(shop: Project) -> None:
    (shop.sql / "policies/shop.item.sql").unlink()
    shop.rows("drop policy item_select on shop.item")
    assert shop.json("apply")["dropped"] == []
    assert shop.run("drift") == "1 object in the ledger, 0 differ\n"


def test_plan_reads_a_ledger_of_an_older_version(shop: Project) -> None:
    shop.rows("alter table mcp_migrate.object drop column oid, drop column body_line")
    shop.write({"functions/shop/total.sql": TOTAL.replace("sum(price)", "max(price)")})
    changes = shop.json("plan", code=1)["changes"]
    assert [change["change"] for change in changes] == ["replaced"]
    shop.run("apply")
    assert shop.value("select count(oid) from mcp_migrate.object") == 2


def test_removed_file_takes_its_object_along(shop: Project) -> None:
    (shop.sql / "policies/shop.item.sql").unlink()
    assert shop.json("apply")["dropped"] == ["policy item_select on shop.item"]
    assert shop.rows("select from pg_policy where polrelid = 'shop.item'::regclass") == []


def test_removed_file_whose_function_is_still_used_is_refused(shop: Project) -> None:
    (shop.sql / "functions/shop/total.sql").unlink()
    said = shop.run("apply", code=70)
    assert "sql/policies/shop.item.sql:4: 42883 function shop.total(integer) does not exist" in said
    assert shop.value("select shop.total(0)") is None  # still there


def test_table_that_uses_a_function_is_in_the_way(shop: Project) -> None:
    shop.rows("alter table shop.item add constraint item_check check (shop.total(item_id) > -1)")
    shop.write({"functions/shop/total.sql": function("total", "select 1", "bigint", "low integer")})
    said = shop.run("apply", code=70)
    assert "sql/functions/shop/total.sql" in said
    assert (
        "constraint item_check on table shop.item depends on function shop.total(integer)" in said
    )
    assert (
        shop.value("select prorettype::regtype::text from pg_proc where proname = 'total'")
        == "numeric"
    )


def test_new_arguments_go_into_each_statement_of_the_file(shop: Project) -> None:
    changed = TOTAL.replace("(low integer)", "(low integer, high integer default null)")
    shop.write({"functions/shop/total.sql": changed})
    said = shop.run("apply", code=70)
    assert said == (
        "zava-mcp: sql/functions/shop/total.sql creates routine shop.total(integer,integer), but"
        " comments on routine shop.total(integer), or sets its owner or grants: write the new"
        " arguments there too\n"
    )
    assert shop.value("select to_regprocedure('shop.total(integer,integer)')") is None
    # who means both has both
    complete = changed.replace("total(integer)", "total(integer, integer)")
    shop.write({"functions/shop/total.sql": TOTAL + complete})
    shop.run("apply")
    assert shop.value("select count(*) from pg_proc where proname = 'total'") == 2
    shop.write({"functions/shop/total.sql": complete})
    shop.run("apply")
    assert shop.value("select oid::regprocedure::text from pg_proc where proname = 'total'") == (
        "shop.total(integer,integer)"
    )


def test_two_files_for_one_object_are_refused(shop: Project) -> None:
    shop.write(
        {"functions/shop/grants.sql": "grant execute on function shop.total(integer) to public;\n"}
    )
    said = shop.run("apply", code=70)
    assert "sql/functions/shop/grants.sql and sql/functions/shop/total.sql" in said
    assert "routine shop.total(integer): one object, one file" in said


def test_triggers_belong_to_the_file_of_their_function(shop: Project) -> None:
    text = (
        "create or replace function shop.touch() returns trigger language plpgsql as\n"
        "$$ begin return new; end $$;\n"
        "create or replace trigger touch before insert on shop.item\n"
        "for each row execute function shop.touch();\n"
    )
    shop.write({"functions/shop/touch.sql": text})
    shop.run("apply")
    assert shop.rows(
        "select kind, identity from mcp_migrate.object where path ~ 'touch' order by 1"
    ) == [
        ("routine", "shop.touch()"),
        ("trigger", "touch on shop.item"),
    ]
    shop.write({"functions/shop/touch.sql": text.partition("create or replace trigger")[0]})
    assert shop.json("apply")["dropped"] == ["trigger touch on shop.item"]


def test_versioned_file_makes_all_functions_run_again(shop: Project) -> None:
    shop.write({"0002_more.sql": "create table shop.more (i integer);\n"})
    shop.write({"0002_more.rollback.sql": "drop table shop.more;\n"})
    shop.write({"functions/shop/bad.sql": function("bad", "selekt 1")})
    said = shop.run("apply", code=70)
    assert "managed files failed, nothing of them was kept" in said
    # the last versioned file is one transaction with the managed files
    assert shop.rows("select id from mcp_migrate.version") == [("0001_shop",)]
    (shop.sql / "functions/shop/bad.sql").unlink()
    shop.run("apply", "--to", "2")
    assert len(shop.json("apply")["managed"]) == 0
    shop.write({"0003_most.sql": "create table shop.most (i integer);\n"})
    shop.write({"0003_most.rollback.sql": "drop table shop.most;\n"})
    done = shop.json("apply")
    assert (done["applied"], done["managed"]) == (
        ["shop/0003_most"],
        ["shop/functions/shop/total.sql"],
    )


def test_a_versioned_file_whose_checks_fail_is_not_kept(shop: Project) -> None:
    shop.write({"functions/mcp_migrate/check_comments.sql": CHECK})
    shop.run("apply")
    shop.write({"0002_more.sql": "create table shop.more (i integer);\n"})
    shop.write({"0002_more.rollback.sql": "drop table shop.more;\n"})
    shop.write({"functions/shop/silent.sql": function("silent")})
    said = shop.run("apply", code=70)
    assert "checks failed, nothing was kept:\ncomments shop.silent(): has no comment" in said
    assert "applied before" not in said
    assert shop.value("select to_regclass('shop.more')") is None
    # the same file may be edited, since it was not applied
    shop.write({"0002_more.sql": "create table shop.more (i bigint);\n"})
    (shop.sql / "functions/shop/silent.sql").unlink()
    assert shop.json("apply")["applied"] == ["shop/0002_more"]


def test_a_column_that_a_function_reads_is_told_of_without_cascade(shop: Project) -> None:
    body = "create or replace function shop.names() returns setof text language sql begin atomic "
    body += "select i.price::text from shop.item as i; end;\n"
    body += "revoke all on function shop.names() from public;\n"
    shop.write({"functions/shop/names.sql": body})
    shop.run("apply")
    drop = "alter table shop.item drop column price;\n"
    shop.write({"0002_drop.sql": drop, "0002_drop.rollback.sql": "select 1;\n"})
    said = shop.run("apply", code=70)
    assert "2BP01 cannot drop column price of table shop.item" in said
    assert "CASCADE" not in said
    assert (
        "    hint: drop in the versioned file, before this, what depends on it; apply creates"
        " functions, views and policies of managed files again\n" in said
    )


def test_a_failure_names_the_versioned_files_that_stay(shop: Project) -> None:
    for number in (2, 3, 4):
        shop.write({f"000{number}_more.sql": f"create table shop.more_{number} (i integer);\n"})
        shop.write({f"000{number}_more.rollback.sql": f"drop table shop.more_{number};\n"})
    shop.write({"functions/shop/bad.sql": function("bad", "selekt 1")})
    said = shop.run("apply", code=70)
    assert said.endswith(
        "\napplied before that, and kept: sql/0002_more.sql, sql/0003_more.sql\n"
        "to change the last of them: zava-mcp migrate rollback --to shop/0002, edit it, and apply"
        " again\n"
    )
    assert shop.rows("select id from mcp_migrate.version order by id") == [
        ("0001_shop",),
        ("0002_more",),
        ("0003_more",),
    ]
    assert shop.value("select to_regclass('shop.more_4')") is None


MCP = {
    "0002_mcp.sql": (
        "create schema mcp_catalog;\n"
        "create table mcp_catalog.catalog_refusal (function text, reason text);\n"
        "create table mcp_catalog.refreshed (at timestamptz default clock_timestamp());\n"
    ),
    "0002_mcp.rollback.sql": (
        "drop table mcp_catalog.refreshed;\n"
        "drop table mcp_catalog.catalog_refusal;\n"
        "drop schema mcp_catalog;\n"
    ),
    "functions/mcp_catalog/refresh_catalog.sql": """\
create or replace function mcp_catalog.refresh_catalog() returns void language plpgsql as $$
begin
    insert into mcp_catalog.refreshed default values;
    truncate mcp_catalog.catalog_refusal;
    insert into mcp_catalog.catalog_refusal
    select proname, 'it has no comment' from pg_proc
    where pronamespace = 'shop'::regnamespace and obj_description(oid) is null;
end
$$;
""",
}


def test_function_that_the_catalogue_refuses_fails_the_apply(shop: Project) -> None:
    shop.write(MCP)
    shop.run("apply")
    assert shop.value("select count(*) from mcp_catalog.refreshed") == 1
    shop.write({"functions/shop/silent.sql": function("silent")})
    said = shop.run("apply", code=70)
    assert "silent: it has no comment" in said
    assert shop.value("select to_regproc('shop.silent')") is None
    assert shop.value("select count(*) from mcp_catalog.refreshed") == 1
    assert shop.json("apply", code=70)["problems"] == [
        {"function": "silent", "reason": "it has no comment"}
    ]


# --- plan and drift -------------------------------------------------------------------------------


def spoil(project: Project) -> None:
    """Change a function, alter a policy, add a function, drop one: all by hand."""
    project.rows(TOTAL.replace("sum", "max"))
    project.rows("alter policy item_select on shop.item using (true)")
    project.rows("create function shop.stray() returns integer language sql return 1")
    project.rows("drop function shop.extra()")


def test_drift_names_what_was_done_by_hand_and_apply_all_mends_it(shop: Project) -> None:
    shop.write({"functions/shop/extra.sql": function("extra")})
    shop.run("apply")
    assert shop.run("drift") == "3 objects in the ledger, 0 differ\n"
    spoil(shop)
    assert shop.json("drift", code=1)["drift"] == [
        {
            "state": "missing",
            "object": "routine shop.extra()",
            "file": "shop/functions/shop/extra.sql",
        },
        {
            "state": "modified",
            "object": "policy item_select on shop.item",
            "file": "shop/policies/shop.item.sql",
        },
        {
            "state": "modified",
            "object": "routine shop.total(integer)",
            "file": "shop/functions/shop/total.sql",
        },
        {"state": "unmanaged", "object": "routine shop.stray()", "file": ""},
    ]
    before = snapshot(shop)
    planned = shop.json("plan", "--all", code=1)["changes"]
    assert [(change["change"], change["identity"]) for change in planned] == [
        ("replaced", "item_select on shop.item"),
        ("created", "shop.extra()"),
        ("replaced", "shop.total(integer)"),
    ]
    assert (
        "\n- SELECT max(item.price) AS max\n+ SELECT sum(item.price) AS sum\n" in planned[2]["diff"]
    )
    assert snapshot(shop) == before
    shop.run("apply", "--all")
    # what no file made is named, and stays
    drift = "unmanaged\troutine shop.stray()\t\n3 objects in the ledger, 1 differs\n"
    assert shop.run("drift", code=1) == drift
    shop.rows("drop function shop.stray()")
    assert shop.run("drift") == "3 objects in the ledger, 0 differ\n"


def test_drift_of_a_database_without_a_ledger_says_so(project: Project) -> None:
    said = project.run("drift", code=1)
    assert said == "zava-mcp: this database has no zava-mcp: zava-mcp migrate apply installs it\n"


def test_what_an_operator_calls_is_no_drift(shop: Project) -> None:
    """A managed function that an operator needs could not be dropped, so none can make it."""
    shop.run("apply")
    shop.rows("create function shop.same(a int, b int) returns bool language sql return a = b")
    assert "unmanaged\troutine shop.same(integer,integer)" in shop.run("drift", code=1)
    shop.rows("create operator shop.=== (function = shop.same, leftarg = int, rightarg = int)")
    assert shop.run("drift") == "2 objects in the ledger, 0 differ\n"


def test_apply_all_names_what_it_would_drop_and_asks(shop: Project) -> None:
    shop.write({"functions/shop/extra.sql": function("extra")})
    shop.run("apply")
    (shop.sql / "functions/shop/extra.sql").unlink()
    said = shop.run("apply", "--all", code=64)
    assert "would drop routine shop.extra()\nthere is no terminal to ask on: use --yes" in said
    assert shop.value("select to_regprocedure('shop.extra()')") is not None
    assert shop.json("apply", "--all", "--yes")["dropped"] == ["routine shop.extra()"]
    assert shop.value("select to_regprocedure('shop.extra()')") is None


def test_nobody_waits_while_apply_all_asks(shop: Project) -> None:
    """The last versioned file holds its locks only after the answer, and is applied once."""
    shop.write({"functions/shop/extra.sql": function("extra")})
    shop.run("apply")
    (shop.sql / "functions/shop/extra.sql").unlink()
    column = "select count(*) from pg_attribute where attrelid = 'shop.item'::regclass"
    column += " and attname = 'note'"
    shop.write(
        {
            "0002_note.sql": "alter table shop.item add column note text;\n",
            "0002_note.rollback.sql": "alter table shop.item drop column note;\n",
        }
    )
    for reply, code in (("n", 130), ("y", 0)):
        with on_terminal(shop, "apply", "--all") as (process, terminal):
            said = read_until(terminal, "[y/N]: ")
            assert "would drop routine shop.extra()" in said
            assert f"Drop them from {conninfo_to_dict(shop.uri)['dbname']} on " in said
            shop.rows("begin; set local lock_timeout = '5s'; lock table shop.item; commit")
            assert shop.value(column) == 0
            os.write(terminal, f"{reply}\n".encode())
            assert process.wait(60) == code
        assert shop.value(column) == (1 if code == 0 else 0)
    assert shop.value("select to_regprocedure('shop.extra()')") is None
    assert shop.value("select count(*) from mcp_migrate.version") == 2
    assert shop.run("status").count("applied") == 2


@pytest.mark.parametrize("header", ["", "-- transactional: false\n"], ids=["one", "none"])
def test_the_ledger_has_what_the_file_made_and_nothing_of_other_sessions(
    project: Project, gate: psycopg.Connection[Any], header: str
) -> None:
    """Also what a block with its own subtransaction made; in a transaction or without one."""
    role = f"role_{uuid.uuid4().hex[:8]}"
    block = (
        "do $$ begin create table shop.sub (n integer); exception when others then raise; end $$;\n"
    )
    text = header + TABLE + block + WAIT
    down = "drop table shop.sub;\n" + TABLE_DOWN
    project.write({"0001_shop.sql": text, "0001_shop.rollback.sql": down})
    process = project.start("apply")
    wait_at_gate(project)
    project.rows(f"create role {role}")
    try:
        project.rows("create schema crm")
        project.rows("create table crm.item (n integer)")
        gate.execute(OPEN)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err
        made = project.rows("select kind, name from mcp_migrate.made order by 1, 2")
        own = [("schema", "shop"), ("table", "shop.item")]
        assert made == (own if header else [*own, ("table", "shop.sub")])
        assert project.value("select array_agg(schema) from mcp_migrate.schema") == [
            "mcp_migrate",
            "shop",
        ]
        project.run("rollback", "--to", "0", "--yes")
        assert project.rows("select kind, name from mcp_migrate.made") == []
        assert project.value("select to_regclass('crm.item')") is not None
    finally:
        project.rows(f"drop role {role}")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("apply", "--to", "crm/0001"), 64),
        (("rollback", "--to", "0", "--yes"), 0),
        (("adopt", "--to", "0001"), 1),
        (("baseline", "nothing"), 64),
        (("lockdown", "on", "--yes"), 64),
        (("lockdown", "off"), 64),
    ],
)
def test_a_command_that_refuses_writes_no_ledger(
    project: Project, arguments: tuple[str, ...], code: int
) -> None:
    project.write(SHOP)
    if "adopt" in arguments:
        project.rows(TABLE)  # of somebody else, and without the function
    project.run(*arguments, code=code)
    assert project.value("select to_regnamespace('mcp_migrate')") is None


def test_managed_files_run_in_a_fresh_session(project: Project) -> None:
    """A dump as the last versioned file turns checks off, and becomes somebody else."""
    dump = (
        "set check_function_bodies = false;\nset row_security = off;\n"
        "select pg_catalog.set_config('search_path', '', false);\nset local work_mem = '64kB';\n"
    )
    project.write(SHOP | {"0001_shop.sql": dump + TABLE + "set role pg_monitor;\n"})
    head = "create or replace function shop.wrong() returns integer language sql stable as "
    project.write({"functions/shop/wrong.sql": head + "'select nothing from shop.item';\n"})
    assert '42703 column "nothing" does not exist' in project.run("apply", code=70)
    assert project.value("select to_regnamespace('shop')") is None
    settings = "concat_ws(' ', current_user, current_setting('row_security'))"
    comment = f"execute format('comment on function shop.wrong() is %L', {settings})"
    text = function("wrong") + f"do $$ begin {comment}; end $$;\n"
    project.write({"functions/shop/wrong.sql": text})
    project.run("apply")
    said = "select obj_description('shop.wrong()'::regprocedure)"
    assert project.value(said) == f"{conninfo_to_dict(project.uri)['user']} on"


@contextmanager
def on_terminal(project: Project, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a command on a terminal, which is yielded with it."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command_line("migrate", *arguments),
        cwd=project.root,
        env={**os.environ, "DATABASE_URL": project.uri},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        try:
            yield process, ours
        finally:
            process.kill()
    os.close(theirs)
    os.close(ours)


def read_until(terminal: int, end: str) -> str:
    """Return what a terminal shows up to these words; fail after 30 s of silence."""
    said = ""
    while end not in said:
        assert select.select([terminal], [], [], 30)[0], said
        said += os.read(terminal, 4096).decode()
    return said


def test_a_file_does_not_take_what_it_did_not_make(shop: Project) -> None:
    shop.rows("create function shop.extra() returns integer language sql return 7")
    shop.write({"functions/shop/extra.sql": function("extra")})
    said = shop.run("apply", code=70)
    assert "would replace what no file of this project made: routine shop.extra()" in said
    assert shop.value("select shop.extra()") == 7
    # nor when the file changes the path by which objects are named
    path = "select set_config('search_path', 'shop', false);\n"
    shop.write({"functions/shop/extra.sql": function("extra") + path})
    assert "would replace what no file of this project made" in shop.run("apply", code=70)
    assert shop.value("select shop.extra()") == 7
    # to grant on it is no change of it, and does not make it the file's
    shop.write(
        {"functions/shop/extra.sql": "grant execute on function shop.extra() to current_user"}
    )
    shop.run("apply")
    (shop.sql / "functions/shop/extra.sql").unlink()
    shop.run("apply")
    assert shop.value("select shop.extra()") == 7


@pytest.mark.parametrize(
    "change",
    [
        "alter table crm.item owner to pg_monitor",
        "do $$ begin alter table crm.item add note text; end $$",
        "do $$ begin alter table crm.item alter price set default 7; end $$",
        "do $$ begin create index on crm.item (price); end $$",
        "do $$ begin alter table crm.item alter price set not null;"
        " exception when others then raise; end $$",
        "select crm.change()",
    ],
)
def test_a_managed_file_changes_no_table_of_others(shop: Project, change: str) -> None:
    """However it is written; rights, policies and comments are what such a file is for."""
    shop.rows("create schema crm; create table crm.item (price integer)")
    shop.rows("insert into crm.item values (1)")
    shop.rows("create function crm.change() returns void language sql as 'drop table crm.item'")
    columns = "select attname, atthasdef, attnotnull from pg_attribute"
    columns += " where attrelid = 'crm.item'::regclass and attnum > 0"
    owner = "select relowner::regrole::text, relhasindex from pg_class where relname = 'item'"
    owner += " and relnamespace = 'crm'::regnamespace"
    before = [*shop.rows(columns), *shop.rows(owner)]
    policy = "grant select on crm.item to pg_monitor;\ncomment on table crm.item is 'Theirs.';\n"
    policy += "alter table crm.item enable row level security;\n"
    policy += "drop policy if exists own on crm.item;\n"
    policy += "create policy own on crm.item using (price > 0);\n"
    shop.write({"policies/crm.item.sql": policy + change + ";\n"})
    said = shop.run("apply", code=70)
    assert "managed files would change tables that no file made: crm.item" in said
    assert [*shop.rows(columns), *shop.rows(owner)] == before
    assert shop.rows("select price from crm.item") == [(1,)]
    shop.write({"policies/crm.item.sql": policy})
    shop.run("apply")
    assert [*shop.rows(columns), *shop.rows(owner)] == before


def test_a_plan_lists_nothing_of_others_on_whose_table_it_grants(shop: Project) -> None:
    """And all that changes otherwise: rights of others, and a policy where security comes on."""
    shop.rows("create schema crm; create table crm.item (price integer)")
    shop.rows('create policy "Users can view" on crm.item using (price > 0)')
    shop.rows('create view crm."OrderSummary" as select price from crm.item')
    shop.rows("create function crm.sums() returns integer language sql return 1")
    has_role = shop.value("select count(*) from pg_roles where rolname = 'mcp_tools'")
    if not has_role:
        shop.rows("create role mcp_tools")
    grants = (
        'grant select on crm.item, crm."OrderSummary" to mcp_tools;\n'
        "grant execute on function crm.sums() to mcp_tools;\n"
    )
    policy = "drop policy if exists own on crm.item;\ncreate policy own on crm.item using (true);\n"

    def planned() -> list[tuple[str, str]]:
        return [(each["change"], each["identity"]) for each in shop.json("plan", code=1)["changes"]]

    try:
        shop.write({"policies/crm.item.sql": policy + grants})
        assert planned() == [("created", "own on crm.item")]
        shop.write({"policies/crm.item.sql": policy + grants.replace("mcp_tools", "pg_monitor")})
        assert planned() == [
            ("created", "own on crm.item"),
            ("re-granted", "crm.sums()"),
            ("re-granted", 'crm."OrderSummary"'),
        ]
        secured = "alter table crm.item enable row level security;\n"
        shop.write({"policies/crm.item.sql": secured + policy + grants})
        assert planned() == [
            ("replaced", '"Users can view" on crm.item'),
            ("created", "own on crm.item"),
        ]
    finally:
        if not has_role:
            shop.rows("drop schema crm cascade; drop role mcp_tools")


def test_what_others_change_meanwhile_is_not_held_against_a_managed_file(
    shop: Project, gate: psycopg.Connection[Any]
) -> None:
    shop.rows("create schema crm; create table crm.item (price integer)")
    wait = function("waits") + f"do $$ begin perform pg_advisory_xact_lock({GATE}); end $$;\n"
    shop.write({"functions/shop/waits.sql": wait})
    process = shop.start("apply")
    wait_at_gate(shop)
    shop.rows("alter table crm.item add note text")
    gate.execute(OPEN)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert shop.value("select shop.waits()") == 1


def test_drift_sees_row_level_security_switched_off_and_a_grant(shop: Project) -> None:
    shop.rows("alter table shop.item disable row level security")
    shop.rows("grant execute on function shop.total(integer) to public")
    assert [row["object"] for row in shop.json("drift", code=1)["drift"]] == [
        "policy item_select on shop.item",
        "routine shop.total(integer)",
    ]
    changes = shop.json("plan", "--all", code=1)["changes"]
    assert [change["change"] for change in changes] == ["replaced", "re-granted"]


def test_no_comment_passes_for_an_object_in_the_schema(shop: Project) -> None:
    """A text like a heading of pg_dump stays in the comment, before an object as after one."""
    fake = (
        "--\n-- Name: fake; Type: TABLE; Schema: {}; Owner: x\n--\n\nCREATE TABLE {}.fake (n int);"
    )
    for name, schema in (("item", "aaa"), ("later", "shop")):
        shop.rows("create table if not exists shop.later (n integer)")
        text = f"It's a table.\n\n{fake.format(schema, schema)}\n\n\n--\n-- Name: "
        shop.rows(f"comment on table shop.{name} is '{text.replace(chr(39), chr(39) * 2)}'")
    found = shop.run("schema")
    for name, schema in (("item", "aaa"), ("later", "shop")):
        comment = found[found.index(f"COMMENT ON TABLE shop.{name} IS 'It''s a table.") :]
        assert fake.format(schema, schema) in comment[: comment.index("';\n")]
    assert found.index("CREATE TABLE shop.item") < found.index("CREATE TABLE aaa.fake")
    assert found.count("CREATE TABLE aaa.fake") == found.count("CREATE TABLE shop.fake") == 1


def test_schema_leaves_out_what_the_login_may_not_read(shop: Project) -> None:
    login = f"reader_{uuid.uuid4().hex[:8]}"
    shop.rows(
        'create schema wiki; create table wiki.pages (n integer); create schema "Other Wiki";'
        ' create table shop."Secret" (n integer); grant select on shop.item to public;'
        f" grant usage on schema shop, mcp_migrate to public; create role {login} login"
    )
    try:
        process = shop.start("schema", uri=as_login(shop.uri, login))
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "CREATE TABLE shop.item" in out
        assert "wiki" not in out.lower()
        assert "Secret" not in out
        assert err.startswith(
            f'left out, since {login} may not read it: schema "Other Wiki", schema wiki, table mcp_'
        )
        assert err.endswith(', table shop."Secret"\n')
        assert shop.start("schema").communicate(timeout=60)[1] == ""
    finally:
        shop.rows(f"drop role {login}")


def test_drift_neither_waits_nor_makes_wait(shop: Project) -> None:
    with psycopg.connect(shop.uri) as reader, psycopg.connect(shop.uri) as writer:
        reader.execute(b"select shop.total(0), count(*) from shop.item")
        writer.execute(b"insert into shop.item values (7, 7)")
        shop.run("drift", "--lock-timeout", "100ms")
        shop.run("status", "--lock-timeout", "100ms")


def test_plan_of_a_fresh_database_lists_and_writes_nothing(project: Project) -> None:
    project.write(SHOP)
    report = project.json("plan", code=1)
    assert (report["versioned"], report["changes"]) == (["shop/0001_shop"], [])
    assert report["managed"] == ["shop/functions/shop/total.sql", "shop/policies/shop.item.sql"]
    assert project.value("select to_regnamespace('mcp_migrate')") is None


def test_plan_without_a_ledger_lists_managed_files(project: Project) -> None:
    project.rows("create schema shop")
    project.write({"functions/shop/f.sql": function("f")})
    assert project.run("plan", code=1) == "apply\tshop/functions/shop/f.sql\n"


def test_plan_shows_the_difference_in_sql(shop: Project) -> None:
    shop.write({"functions/shop/total.sql": TOTAL.replace("sum(price)", "max(price)")})
    said = shop.run("plan", "--sql", code=1)
    assert "replaced\troutine\tshop.total(integer)\tshop/functions/shop/total.sql\n" in said
    assert "\n- SELECT sum(item.price) AS sum\n+ SELECT max(item.price) AS max\n" in said
    shop.run("apply")
    assert shop.run("plan") == "nothing to do\n"


def test_plan_tells_a_change_from_a_file_that_fails(shop: Project) -> None:
    for text, code in ((TOTAL.replace("sum", "max"), 1), (TOTAL.replace("price", "prize"), 70)):
        shop.write({"functions/shop/total.sql": text})
        assert "functions/shop/total.sql" in shop.run("plan", code=code)


# --- rollback, mark, adopt ------------------------------------------------------------------------


def test_down_and_up_again_gives_the_same_catalogue(shop: Project) -> None:
    one = snapshot(shop)
    shop.write(MCP)
    shop.rows("comment on function shop.total(integer) is 'Sum of the prices.'")
    shop.run("apply")
    two = snapshot(shop)
    report = shop.json("rollback", "--to", "1", "--yes")
    assert report["rolled_back"] == ["shop/0002_mcp"]
    assert [problem["file"] for problem in report["left_out"]] == [
        "sql/functions/mcp_catalog/refresh_catalog.sql"
    ]
    assert snapshot(shop) == one
    assert shop.json("apply")["applied"] == ["shop/0002_mcp"]
    assert snapshot(shop) == two
    assert report["exit"] == 0
    assert shop.json("rollback", "--to", "0", "--yes")["rolled_back"] == [
        "shop/0002_mcp",
        "shop/0001_shop",
    ]
    assert snapshot(shop) == []
    assert shop.rows("select from mcp_migrate.version") == []
    assert len(shop.json("apply")["applied"]) == 2
    assert snapshot(shop) == two


def test_rollback_refuses_what_cannot_be_undone(shop: Project) -> None:
    shop.write({"0002_gone.sql": "-- irreversible: the rows are gone\ntruncate shop.item;\n"})
    shop.run("apply")
    said = shop.run("rollback", "--to", "0", "--yes", code=1)
    assert "sql/0002_gone.sql: irreversible: the rows are gone" in said
    assert shop.value("select count(*) from mcp_migrate.object") == 2


def test_rollback_asks_first(shop: Project) -> None:
    for command in (["rollback", "--yes"], ["apply"], ["adopt"]):
        said = shop.run(*command, "--to", "0009", code=64)
        assert "--to: shop has no file 0009; the last is 0001" in said
    assert "use --yes" in shop.run("rollback", "--to", "0", code=64)
    assert shop.value("select count(*) from mcp_migrate.version") == 1


def test_adopt_takes_an_equal_database_and_refuses_a_different_one(project: Project) -> None:
    project.write(SHOP)
    for text in (TABLE, TOTAL, POLICY):
        project.rows(text)
    project.rows("alter policy item_select on shop.item using (true)")
    said = project.run("adopt", "--to", "0001", code=1)
    assert "the database differs from the files, nothing was kept" in said
    assert "-using true" in said
    assert project.value("select to_regnamespace('mcp_migrate')") is None
    project.rows(POLICY)
    project.run("adopt", "--to", "0001")
    assert project.run("drift") == "2 objects in the ledger, 0 differ\n"
    assert project.json("apply")["applied"] == []


# --- locks and killed runs ------------------------------------------------------------------------


def test_second_apply_waits_for_the_first(project: Project, gate: psycopg.Connection[Any]) -> None:
    project.write({**SHOP, "0001_shop.sql": TABLE + WAIT})
    first = project.start("apply", "--lock-timeout", "0")
    wait_at_gate(project)
    said = project.run("apply", "--wait", "0", code=75)
    assert "(migrate, from " in said
    assert "is migrating this database" in said
    second = project.start("apply")
    assert second.stderr
    assert "waiting up to 60s for pid" in second.stderr.readline()
    gate.execute(OPEN)
    assert "1 versioned and 2 managed files applied" in first.communicate(timeout=60)[0]
    assert "0 versioned and 0 managed files applied" in second.communicate(timeout=60)[0]
    assert (first.returncode, second.returncode) == (0, 0)


def test_an_apply_that_waits_is_not_in_the_way_of_concurrently(
    project: Project, gate: psycopg.Connection[Any]
) -> None:
    index = "index concurrently"
    project.write(
        {
            **SHOP,
            "0001_shop.sql": TABLE + WAIT,
            "0002_index.sql": "-- transactional: false\n"
            f"drop {index} if exists shop.item_price;\n"
            f"create {index} item_price on shop.item (price);\n",
            "0002_index.rollback.sql": "-- transactional: false\n"
            f"drop {index} if exists shop.item_price;\n",
        }
    )
    first = project.start("apply")
    wait_at_gate(project)
    second = project.start("apply")
    assert second.stderr
    assert "waiting up to 60s for pid" in second.stderr.readline()
    until = time.monotonic() + 20
    asks = "select exists (select from pg_stat_activity where query ~ '^select pg_(try_)?advisory'"
    while not project.value(f"{asks} and query ~ 'migrate' and pid <> pg_backend_pid())"):
        assert time.monotonic() < until, "the second asked for no lock"
    gate.execute(OPEN)
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, out + err
    assert "0 versioned and 0 managed files applied" in second.communicate(timeout=60)[0]
    assert second.returncode == 0


def test_an_apply_waits_no_longer_than_it_may(shop: Project) -> None:
    with psycopg.connect(shop.uri, autocommit=True) as busy:
        busy.execute(f"select pg_advisory_lock({lock_key('migrate')})".encode())
        said = shop.run("apply", "--wait", "300ms", code=75)
    assert "waiting up to 300ms for pid" in said
    assert "is migrating this database; waited 300ms, see --wait" in said


@pytest.mark.parametrize("path", ["functions/shop/b.sql", "0002_b.sql"])
def test_a_session_that_is_lost(shop: Project, gate: psycopg.Connection[Any], path: str) -> None:
    text = "create table shop.b (n integer);\n" if path.startswith("0") else function("b")
    shop.write({path: text + WAIT, "functions/shop/c.sql": function("c")})
    if path.startswith("0"):
        shop.write({"0002_b.rollback.sql": "drop table shop.b;\n"})
    process = shop.start("apply", "--lock-timeout", "0", "--json")
    wait_at_gate(shop)
    shop.rows(
        "select pg_terminate_backend(pid) from pg_locks"
        f" where locktype = 'advisory' and not granted and objid = {GATE}"
    )
    out, err = process.communicate(timeout=60)
    assert process.returncode == 69, out + err
    report = json.loads(out)
    assert report["exit"] == 69
    assert [problem["sqlstate"] for problem in report["problems"]] == ["57P01"]
    assert report["error"].endswith(
        "the connection to the database is lost: what was not committed is rolled back; run the"
        " command again"
    )
    assert "Traceback" not in err
    assert shop.rows("select proname from pg_proc where proname in ('b', 'c')") == []
    assert shop.value("select to_regclass('shop.b')") is None


@pytest.mark.skipif(cluster.major() < 17, reason="PostgreSQL 16 has no transaction_timeout")
def test_a_transaction_of_files_has_no_time_limit(shop: Project) -> None:
    shop.rows(f"alter database {name_of(shop.uri)} set transaction_timeout = '1min'")
    noted = "insert into shop.noted select current_setting('transaction_timeout');\n"
    shop.write(
        {
            "0002_noted.sql": f"create table shop.noted (found text);\n{noted}",
            "0002_noted.rollback.sql": "drop table shop.noted;\n",
            "functions/shop/b.sql": function("b") + noted,
            "functions/shop/c.sql": function("c") + noted,
        }
    )
    shop.run("apply")
    assert shop.rows("select found from shop.noted") == [("0",)] * 3


def test_a_defect_ends_with_a_code_of_its_own() -> None:
    """1 would mean that something is pending."""
    script = "from zava_mcp import cli; cli.cli.main = lambda *a, **k: 1 / 0; cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        70,
        "ZeroDivisionError: division by zero",
    )


def test_an_application_that_reads_two_tables_meets_no_deadlock(shop: Project) -> None:
    """It has read one of the tables whose policies change, and then reads the other."""
    policy = POLICY.replace("item", "later").replace("shop.total(0) > 0", "true")
    shop.write(
        {
            "0002_later.sql": "create table shop.later (item_id integer);\n",
            "0002_later.rollback.sql": "drop table shop.later;\n",
            "policies/shop.later.sql": policy,
        }
    )
    shop.run("apply")
    changed = {"policies/shop.item.sql": POLICY, "policies/shop.later.sql": policy}
    shop.write({path: text.replace("Callers", "All") for path, text in changed.items()})
    with psycopg.connect(shop.uri) as application:
        application.execute("select from shop.later")
        apply = shop.start("apply", "--lock-timeout", "0")
        waiting = "relation = 'shop.later'::regclass and not granted"
        until = time.monotonic() + 20
        while not shop.value(f"select exists (select from pg_locks where {waiting})"):
            assert apply.poll() is None, apply.communicate()
            assert time.monotonic() < until, "apply asked for no lock"
        application.execute("select from shop.item")  # as its turn comes
        application.commit()
        out, err = apply.communicate(timeout=60)
    assert (apply.returncode, err) == (0, "")
    assert "0 versioned and 2 managed files applied" in out


def test_apply_killed_in_a_versioned_file(project: Project, gate: psycopg.Connection[Any]) -> None:
    project.write({**SHOP, "0001_shop.sql": TABLE + WAIT})
    kill_at_gate(project, gate)
    assert project.json("apply")["applied"] == ["shop/0001_shop"]


def test_apply_killed_between_a_versioned_file_and_the_mark_of_yoyo(
    shop: Project, gate: psycopg.Connection[Any]
) -> None:
    shop.rows(
        "create function mcp_migrate.stop() returns trigger language plpgsql as"
        f" $$ begin perform pg_advisory_xact_lock({GATE}); return new; end $$"
    )
    shop.rows(
        "create trigger stop before insert on mcp_migrate._yoyo_migration"
        " for each row execute function mcp_migrate.stop()"
    )
    shop.write({"0002_more.sql": "create table shop.more (i integer);\n"})
    shop.write({"0002_more.rollback.sql": "drop table shop.more;\n"})
    kill_at_gate(shop, gate)
    assert shop.rows("select migration_id from mcp_migrate._yoyo_migration") == [
        ("shop/0001_shop",)
    ]
    assert shop.json("status")["versioned"][1] == {
        "id": "shop/0002_more",
        "state": "applied",
    }
    assert shop.json("apply")["applied"] == []
    assert shop.rows("select migration_id from mcp_migrate._yoyo_migration order by 1") == [
        ("shop/0001_shop",),
        ("shop/0002_more",),
    ]


def test_apply_killed_in_the_managed_files(shop: Project, gate: psycopg.Connection[Any]) -> None:
    shop.write({"functions/shop/a.sql": function("a")})
    shop.write({"functions/shop/b.sql": function("b") + WAIT})
    kill_at_gate(shop, gate)
    assert shop.rows("select proname from pg_proc where proname in ('a', 'b')") == []
    assert shop.json("apply")["managed"] == [
        "shop/functions/shop/a.sql",
        "shop/functions/shop/b.sql",
    ]


def kill_at_gate(project: Project, gate: psycopg.Connection[Any]) -> None:
    """Start an apply, kill -9 it while it waits at the gate, and open the gate."""
    process = project.start("apply", "--lock-timeout", "0")
    wait_at_gate(project)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    gate.execute(OPEN)


MORE = {
    "0002_more.sql": "create table shop.more (item_id integer);\n",
    "0002_more.rollback.sql": "drop table shop.more;\n",
}


def test_a_versioned_file_locks_no_table_whose_policies_stay(shop: Project) -> None:
    """An application reads on while a release is applied."""
    shop.write(MORE)
    with psycopg.connect(shop.uri) as application:
        application.execute("select from shop.item")
        done = shop.json("apply", "--lock-timeout", "100ms")
    assert (done["applied"], done["managed"]) == (
        ["shop/0002_more"],
        ["shop/functions/shop/total.sql"],
    )
    assert shop.json("status")["managed"] == [
        {"path": "shop/functions/shop/total.sql", "state": "same"},
        {"path": "shop/policies/shop.item.sql", "state": "same"},
    ]


@pytest.mark.parametrize(
    "change",
    [
        "alter policy item_select on shop.item using (true)",
        "alter policy item_select on shop.item to pg_monitor",
        "comment on policy item_select on shop.item is 'All.'",
        "drop policy item_select on shop.item",
        "alter table shop.item disable row level security",
        "alter table shop.item no force row level security",
        "grant select on shop.item to mcp_tools",
    ],
)
def test_a_policy_that_somebody_changed_is_applied_again_with_a_versioned_file(
    shop: Project, change: str
) -> None:
    definition = "select definition_sha256 from mcp_migrate.object where kind = 'policy'"
    before = shop.value(definition)
    # the core's role, which is there if a test before made it on this server
    is_new = not shop.value("select count(*) from pg_roles where rolname = 'mcp_tools'")
    if is_new:
        shop.rows("create role mcp_tools")
    try:
        shop.rows(f"{change}; select 1")
        shop.write(MORE)
        assert "shop/policies/shop.item.sql" in shop.json("apply")["managed"]
        if "grant" not in change:
            assert shop.value(definition) == before
        assert shop.run("drift") == "2 objects in the ledger, 0 differ\n"
    finally:
        if is_new:
            shop.rows("drop owned by mcp_tools; drop role mcp_tools")


def test_a_project_of_policies_alone_is_checked_after_its_tables_change(project: Project) -> None:
    files = {**SHOP, "policies/shop.item.sql": POLICY.replace("shop.total(0) > 0", "true")}
    del files["functions/shop/total.sql"]
    project.write(files)
    project.run("apply")
    project.write(MORE)
    assert project.json("apply")["managed"] == []
    project.run("apply")
    assert project.rows("select operation, subject from mcp_migrate.log order by log_id") == [
        ("apply", "shop/0001_shop"),
        ("manage", "shop/1 file"),
        ("apply", "shop/0002_more"),
        ("manage", "shop/0 files"),
    ]


def test_lock_that_is_not_free_in_time(shop: Project) -> None:
    shop.write({"policies/shop.item.sql": POLICY + "-- again\n"})
    with psycopg.connect(shop.uri) as conn:
        conn.execute(b"lock table shop.item in access share mode")
        for more in ({}, MORE):  # the versioned file shares its transaction with the policy
            shop.write(more)
            assert shop.run("apply", "--lock-timeout", "100ms", code=75) == (
                "zava-mcp: managed files failed, nothing of them was kept\n"
                "sql/policies/shop.item.sql:3: 55P03 canceling statement due to lock timeout\n"
                "    detail: table shop.item is in use\n"
                "another session holds a lock: try again, or raise --lock-timeout\n"
            )


def test_lock_beside_a_versioned_file_names_it(shop: Project) -> None:
    shop.write(MORE)
    with psycopg.connect(shop.uri) as conn:
        conn.execute(b"lock table pg_catalog.pg_proc in share mode")
        assert shop.run("apply", "--lock-timeout", "100ms", code=75) == (
            "zava-mcp: apply stopped at sql/0002_more.sql\n"
            "55P03 canceling statement due to lock timeout\n"
            "another session holds a lock: try again, or raise --lock-timeout\n"
        )


# --- the server -----------------------------------------------------------------------------------


def test_a_server_that_is_too_old_is_named() -> None:
    assert floor_problem(150018) == "PostgreSQL 15.18 is too old: 16 or newer is needed"
    assert [floor_problem(version) for version in (160000, 180004)] == ["", ""]


def test_server_that_cannot_be_reached(project: Project) -> None:
    said = project.run("status", code=69, uri="postgresql://dba:secret@127.0.0.1:1/shop")
    assert "cannot connect" in said
    assert "127.0.0.1" in said
    assert "secret" not in said


def test_uri_that_is_none(project: Project) -> None:
    assert "--database-url" in project.run("status", code=64, uri="mysql://shop")


def test_unknown_login(project: Project) -> None:
    uri = make_conninfo(project.uri, user="nobody_")
    assert 'role "nobody_" does not exist' in project.run("status", code=69, uri=uri)


def test_wrong_password(project: Project) -> None:
    role = f"migrate_{uuid.uuid4().hex[:8]}"
    rules = Path(project.value("show hba_file"))
    before = rules.read_text()
    project.rows(f"create role {role} login password 'right'")
    try:
        rules.write_text(
            f"local all {role} scram-sha-256\nhost all {role} all scram-sha-256\n{before}"
        )
        project.rows("select pg_reload_conf()")
        with psycopg.connect(project.uri) as conn:  # a new session has read the new rules
            conn.execute(b"select 1")
        uri = make_conninfo(project.uri, user=role, password="wrong")
        assert f'password authentication failed for user "{role}"' in project.run(
            "status", code=69, uri=uri
        )
    finally:
        rules.write_text(before)
        project.rows("select pg_reload_conf()")
        project.rows(f"drop role {role}")


def test_login_without_rights(project: Project) -> None:
    project.write(SHOP)
    role = f"migrate_{uuid.uuid4().hex[:8]}"
    project.rows(f"create role {role} login")
    try:
        said = project.run("apply", code=1, uri=make_conninfo(project.uri, user=role))
        assert "this database is not fit, nothing was run:\nlogin: migrate_" in said
        assert "may not create a schema in this database\n    its owner: grant create on" in said
        assert "all that a login needs: zava-mcp migrate bootstrap --print" in said
    finally:
        project.rows(f"drop role {role}")


def test_ordinary_login_hands_objects_over(project: Project) -> None:
    """The new owner needs CREATE on the schema, which apply gives it for this transaction alone."""
    login, owner = (f"migrate_{kind}_{uuid.uuid4().hex[:8]}" for kind in ("login", "owner"))
    name = project.value("select current_database()")
    project.rows(f"create role {owner}; create role {login} login; grant {owner} to {login}")
    project.rows(f"grant create on database {name} to {login}")
    try:
        project.write({"0001_shop.sql": UP + f"grant usage on schema shop to {owner};\n"})
        project.write(DOWN)
        text = function("mine", "select 1") + f"alter function shop.mine() owner to {owner};\n"
        project.write({"functions/shop/mine.sql": text})
        uri = make_conninfo(project.uri, user=login)
        project.run("apply", uri=uri)
        assert (
            project.value("select proowner::regrole::text from pg_proc where proname = 'mine'")
            == owner
        )
        assert not project.value(f"select has_schema_privilege('{owner}', 'shop', 'create')")
        project.write({"functions/shop/mine.sql": text.replace("integer", "bigint")})
        project.run("apply", uri=uri)
        assert project.value(
            "select prorettype::regtype::text from pg_proc where proname = 'mine'"
        ) == ("bigint")
        project.run("rollback", "--to", "0", "--yes", uri=uri)
        assert project.value("select to_regnamespace('shop')") is None
    finally:
        project.rows(
            f"drop owned by {login}; drop role {login}; drop owned by {owner}; drop role {owner}"
        )


# --- verify, new ---------------------------------------------------------------------------

CHECK = """\
create or replace view mcp_migrate.check_comments as
select oid::regprocedure::text as object, 'has no comment' as problem
from pg_proc where pronamespace = 'shop'::regnamespace and obj_description(oid) is null;
"""


def test_verify_runs_the_check_views(shop: Project) -> None:
    assert "no view mcp_migrate.check_*" in shop.run("verify", code=1)
    shop.write({"functions/mcp_migrate/check_comments.sql": CHECK})
    shop.run("apply")
    assert shop.run("verify") == "1 check, 0 findings\n"
    shop.rows("comment on function shop.total(integer) is null")
    assert shop.run("verify", code=1) == (
        "error\tcomments\tshop.total(integer)\thas no comment\n1 check, 1 finding: 1 error\n"
    )
    assert shop.json("verify", code=1)["findings"] == [
        {
            "level": "error",
            "check": "comments",
            "object": "shop.total(integer)",
            "problem": "has no comment",
        }
    ]


SHOP_CHECK = """\
create or replace view shop.check_sums as
select 'shop.sums' as object, 'they do not add up' as problem where exists (select from shop.wrong);
"""


def test_verify_runs_the_checks_of_the_application_and_apply_does_not(shop: Project) -> None:
    shop.write({"functions/mcp_migrate/check_comments.sql": CHECK})
    shop.rows("create table shop.wrong (id integer)")
    shop.write({"functions/shop/check_sums.sql": SHOP_CHECK})
    shop.run("apply")
    assert shop.run("verify") == "2 checks, 0 findings\n"
    shop.rows("insert into shop.wrong values (1)")
    shop.run("apply", "--all")
    assert shop.run("verify", code=1) == (
        "error\tshop.sums\tshop.sums\tthey do not add up\n2 checks, 1 finding: 1 error\n"
    )


def test_verify_runs_no_view_that_has_no_file(shop: Project) -> None:
    shop.write({"functions/mcp_migrate/check_comments.sql": CHECK})
    shop.run("apply")
    shop.rows("create view shop.check_me as select 1 / 0 as object, 'unread' as problem")
    assert shop.run("verify") == "1 check, 0 findings\n"


def test_apply_keeps_nothing_that_a_check_finds(shop: Project) -> None:
    shop.write({"functions/mcp_migrate/check_comments.sql": CHECK})
    shop.write({"functions/shop/silent.sql": function("silent")})
    said = shop.run("apply", code=70)
    assert "comments shop.silent(): has no comment" in said
    assert shop.value("select to_regproc('shop.silent')") is None
    shop.run("apply", "--no-verify")
    assert shop.value("select shop.silent()") == 1


# --- the command line -----------------------------------------------------------------------------


def test_help_has_examples_and_exit_codes(project: Project) -> None:
    commands = ("status", "plan", "apply", "rollback", "verify", "drift", "mark", "adopt")
    for command in commands:
        said = project.run(command, "--help")
        assert "2   an applied file was edited, is missing" in said
        assert f"\n  Example:\n    zava-mcp migrate {command}" in said


def test_heavy_packages_wait_until_they_are_needed() -> None:
    """A status that has nothing to say ends within a second of its start."""
    code = """
import sys
import zava_mcp.cli
import zava_mcp.migrate.console
import zava_mcp.migrate.files
print([name for name in ("yoyo", "rich", "numpy", "yaml", "mcp") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_misuse_has_a_code_of_its_own(project: Project) -> None:
    assert "No such option" in project.run("apply", "--force", code=64)
    assert "not a time such as 500ms" in project.run("apply", "--wait", "soon", code=64)
    assert "does not exist" in project.run("apply", "--project", "elsewhere", code=64)
    assert '"error": "No such option' in project.run("apply", "--force", "--json", code=64)
    # the project above is another one
    assert f"no zava.toml in {project.root / 'sql'}" in project.run(
        "status", "--project", str(project.root / "sql"), code=64
    )
    (project.root / "zava.toml").unlink()
    assert "zava-mcp init NAME writes a project" in project.run("apply", code=64)


def test_uri_of_another_form(shop: Project) -> None:
    parameters = conninfo_to_dict(shop.uri)
    keywords = " ".join(f"{key}='{value}'" for key, value in parameters.items())
    shop.write({"0002_more.sql": "create table shop.more (i integer);\n"})
    shop.write({"0002_more.rollback.sql": "drop table shop.more;\n"})
    shop.run("apply", uri=keywords)
    assert shop.value("select count(*) from mcp_migrate._yoyo_migration") == 2
