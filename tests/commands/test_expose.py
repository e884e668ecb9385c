"""init --from and expose: tools over a database that nobody made for zava-mcp."""

from __future__ import annotations

import asyncio
import json
import shlex
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from click.testing import CliRunner
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from scratch import Project, as_login, name_of, new_database

from benchmarks import zava
from zava_mcp.cli import cli
from zava_mcp.migrate.ledger import Connection, Failure
from zava_mcp.project.catalogue import Exposable, reach_of
from zava_mcp.project.expose import tool_name
from zava_mcp.project.naming import words_of

HARBOUR = Path(__file__).with_name("harbour.sql")
OWNER = "harbour_owner"
AUDIENCE = "harbour_users"
GUARDED = "it goes around row-level security: it "
REFUSED = {
    "procedure public.purge()": "it ends the transaction (COMMIT, ROLLBACK)",
    "function public.on_move()": "a trigger function is called by its trigger alone",
    "function public.loose()": "it returns a bare record",
    "function public.cursor_of()": "it returns a cursor, which ends with the call",
    "aggregate public.product(integer)": "an aggregate needs rows",
    "table public.beacons": "it has no columns that a tool could give",
    "view public.owner_ledger": f"{GUARDED}reads public.ledger as harbour_owner, who sees every row"
    " whatever the caller may see (the owner, and row-level security is not forced). Safe:"
    " alter view public.owner_ledger set (security_invoker = on)",
    "view public.admin_ledger": f"{GUARDED}reads public.ledger as postgres, who sees every row"
    " whatever the caller may see (a superuser)",
    "view public.nested_ledger": f"{GUARDED}reads public.ledger as postgres",
    "materialized view public.ledger_sums": f"{GUARDED}keeps rows of public.ledger for everybody",
    "function public.owner_total()": f"{GUARDED}reads public.ledger as harbour_owner",
    "function public.admin_total()": f"{GUARDED}reads public.ledger as postgres",
    "function public.admin_query()": f"{GUARDED}may read public.ledger as postgres",
}
# what each was exposed as, the arguments, and what the tool answers
CALLS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("public.add_fee", "add_fee", {"fee": 10}, {"value": 12.5}),
    ("public.add_fee", "add_fee", {"fee": 10, "extra": 1}, {"value": 11}),
    ("public.depth_range", "depth_range", {}, {"shallowest": 7.25, "deepest": 15}),
    (
        "public.berth_names",
        "berth_names",
        {},
        {"rows": ["North", "East", "South", "West"], "row_count": 4, "truncated": False},
    ),
    (
        "public.free_berths",
        "free_berths",
        {"min_depth": 12},
        {
            "rows": [{"berth_id": 1, "depth": 12.5}, {"berth_id": 4, "depth": 15}],
            "row_count": 2,
            "truncated": False,
        },
    ),
    (
        "Port.findShip",
        "find_ship",
        {"ship_id": "ada"},
        {
            "ShipId": "ada",
            "Flag": "NO",
            "homeTown": "Bergen",
            "arrivedAt": "2026-01-01T08:00:00+00:00",
            "apiToken": "s1",
        },
    ),
    ("public.total", "total", {"numbers": [1, 2, 4]}, {"value": 7}),
    ("public.first_of --type text", "first_of", {"items": ["b", "a"]}, {"value": "b"}),
    (
        "'public.describe(integer)' --as describe_berth",
        "describe_berth",
        {"berth": 2},
        {"value": "East"},
    ),
    (
        "'public.describe(mood)' --as describe_sea",
        "describe_sea",
        {"weather": "rough"},
        {"value": "The sea is rough"},
    ),
    ("public.twice", "twice", {"argument_1": 5}, {"value": 15}),
    ("'public.weigh(text)' --as weigh", "weigh", {"argument_1": "y"}, {"value": "text y"}),
    ("'public.weigh(integer)' --as weigh_b", "weigh_b", {"b": 3}, {"value": "one 3"}),
    (
        "'public.weigh(integer, text)' --as weigh_more",
        "weigh_more",
        {"argument_1": 3},
        {"value": "3 and q"},
    ),
    (
        "public.gulls",
        "list_gulls",
        {},
        {"rows": [{"gull_id": 7}], "row_count": 1, "truncated": False, "next_cursor": None},
    ),
    ("'public.gulls(integer)'", "gulls", {"argument_1": 1}, {"value": 2}),
    ("public.swap", "swap", {"p_a": 1, "p_b": 2}, {"a": 2, "b": 1}),
    ("public.move_to", "move_to", {"berth": 3, "said": "in"}, {}),
    ("public.private_depth", "private_depth", {}, {"value": 15}),
    ("public.dock", "dock", {"ship": "ada", "p_fee": 4}, {"fee": 8, "berth": "North"}),
    ("public.clear_moves", "clear_moves", {}, {}),
    (
        "public.ship_flags",
        "list_ship_flags",
        {},
        {
            "rows": [{"flag": "NO", "ships": 2}, {"flag": "SE", "ships": 1}],
            "row_count": 2,
            "truncated": False,
        },
    ),
    (
        "public.deep_berths",
        "list_deep_berths",
        {"name_is": "West"},
        {
            "rows": [{"berth_id": 4, "name": "West", "said": "West"}],
            "row_count": 1,
            "truncated": False,
        },
    ),
    (
        "public.fees",
        "list_fees",
        {"ship_id_is": "ada"},
        {
            "rows": [{"ship_id": "ada", "fee": 220.00}],
            "row_count": 1,
            "truncated": False,
            "next_cursor": None,
        },
    ),
    (
        "public.own_ledger",
        "list_own_ledger",
        {},
        {"rows": [], "row_count": 0, "truncated": False},
    ),
    (
        "public.berths",
        "list_berths",
        {"depth_min": 8, "depth_max": 13},
        {
            "rows": [
                {"berth_id": 1, "name": "North", "depth": 12.5, "is_free": True},
                {"berth_id": 2, "name": "East", "depth": 9, "is_free": False},
            ],
            "row_count": 2,
            "truncated": False,
            "next_cursor": None,
        },
    ),
    (
        '\'"Port"."Ship"\' --as ships --columns ShipId,Flag,arrivedAt',
        "ships",
        {"arrived_at_from": "2026-01-02T00:00:00Z", "flag_is": "NO"},
        {
            "rows": [{"ShipId": "cid", "Flag": "NO", "arrivedAt": "2026-01-03T08:00:00+00:00"}],
            "row_count": 1,
            "truncated": False,
            "next_cursor": None,
        },
    ),
    (
        "visits",
        "list_visits",
        {"day_is": "2026-02-01"},
        {
            "rows": [{"day": "2026-02-01", "visit_id": 3, "ship_id": "ada", "fee": 120.00}],
            "row_count": 1,
            "truncated": False,
            "next_cursor": None,
        },
    ),
]
CALLS += [
    (
        "public.tides",
        "list_tides",
        {"mood_is": "calm"},
        {
            "rows": [{"mood": "calm", "height": 1.5, "heights": [1, 2]}],
            "row_count": 1,
            "truncated": False,
            "next_cursor": None,
        },
    ),
    (
        "public.tops",
        "list_tops",
        {},
        {
            "rows": [{"top_id": 1, "top": 9, "grade": "a"}],
            "row_count": 1,
            "truncated": False,
            "next_cursor": None,
        },
    ),
    ("public.tide_of", "tide_of", {"mood": "rough"}, {"value": 4}),
]
LOG = "date_on_which_the_harbour_master_signed_the_logs_of_this_ship_"
PAGE = "number_of_the_page_in_the_book_of_the_harbour_master_in_units"
CALLS += [
    (
        "public.logs",
        "list_logs",
        arguments,
        {
            "rows": [{"log_id": 2, f"{LOG}1": "2026-01-02", f"{LOG}2": "2026-01-04", PAGE: "ii"}],
            "row_count": 1,
            "truncated": False,
            "next_cursor": None,
        },
    )
    for arguments in (
        {f"{LOG[:58]}_from": "2026-01-02"},
        {f"{LOG[:58]}_to_2": "2026-01-04"},
        {f"{PAGE[:60]}_is": "ii"},
    )
]
CALLS += [
    (
        "Port.Kunde",
        "list_kunde",
        {"kunden_nr_is": 1},
        {
            "rows": [
                {"Kunden-Nr": 1, "Ort's Name": "Bremen", "n": 30},
                {"Kunden-Nr": 1, "Ort's Name": "Kiel", "n": 10},
            ],
            "row_count": 2,
            "truncated": False,
            "next_cursor": None,
        },
    ),
]
CALLS += [
    (
        "public.pilots --columns pilot_id,left_at,deleted_at",
        "list_pilots",
        arguments,
        {
            "rows": [{"pilot_id": 2, "left_at": "2026-02-01", "deleted_at": None}],
            "row_count": 1,
            "truncated": False,
            "next_cursor": None,
        },
    )
    for arguments in (
        {"deleted_at_is_null": True, "left_at_is_null": False},
        {"deleted_at_is_null": True, "left_at_from": "2026-01-01"},
    )
]
CALLS += [
    (
        "public.parcel",
        "parcel",
        {
            "box": {"width": 3, "note": None},
            "days": "empty",
            "host": "127.0.0.1",
            "raw": "\\x00",
            "price": "1",
        },
        {"value": "3 t 127.0.0.1 1 1.00"},
    ),
]
COMMANDS = list(dict.fromkeys(command for command, *_ in CALLS))


class Harbour(NamedTuple):
    """The database as its owner applies to it, and what a superuser sees."""

    project: Project
    admin: Project
    said: dict[str, str]  # what expose printed, by its arguments
    key: str


@pytest.fixture(scope="module")
def empty(
    server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Project, Project]]:
    """The database, and a project for it as init --from writes it."""
    folder = tmp_path_factory.mktemp("expose")
    with ExitStack() as stack:
        Project(server, folder).rows(f"create role {OWNER} login")
        stack.callback(Project(server, folder).rows, f"drop role {OWNER}")
        uri = stack.enter_context(new_database(server))
        admin = Project(uri, folder)
        stack.callback(admin.rows, f"drop owned by {OWNER} cascade")
        admin.rows(f"alter database {name_of(uri)} owner to {OWNER}")
        admin.rows(HARBOUR.read_text())
        mine = as_login(uri, OWNER)
        Project(mine, folder).run("init", "harbour", "--from", mine)
        script = Project(uri, folder / "harbour").run(
            "bootstrap", "--print", "--login", OWNER, "--database", name_of(uri)
        )
        admin.rows(script)
        yield Project(mine, folder / "harbour"), admin
        stack.callback(admin.rows, f"alter database {name_of(uri)} owner to postgres")


@pytest.fixture(scope="module")
def harbour(empty: tuple[Project, Project]) -> Harbour:
    """All of it exposed and applied by its owner, who is no superuser, with a caller."""
    project, admin = empty
    said = {
        command: project.run("expose", *shlex.split(command), "--to", AUDIENCE)
        for command in COMMANDS
    }
    project.run("apply", "--no-lockdown")
    key = project.run(
        "key",
        "create",
        "--quiet",
        project.run("user", "add", "Ada", "--audience", AUDIENCE).strip(),
    ).strip()
    return Harbour(project, admin, said, key)


def call(harbour: Harbour, tool: str, arguments: dict[str, Any]) -> Any:
    """Call a tool as a server does, and undo what it wrote."""
    with psycopg.connect(harbour.project.uri) as conn:
        query = "select mcp.call_tool(%s, %s, %s)"
        row = conn.execute(query.encode(), [harbour.key, tool, json.dumps(arguments)]).fetchone()
        conn.rollback()
    assert row is not None
    return row[0]


# --- what there is --------------------------------------------------------------------------------


def test_list_names_everything_and_why_something_cannot_be_a_tool(
    empty: tuple[Project, Project],
) -> None:
    found = empty[0].json("expose", "--list")["exposable"]
    why = {f"{each['kind']} {each['expose']}": each["reason"] for each in found if each["reason"]}
    assert why.keys() == REFUSED.keys()
    for name, reason in REFUSED.items():
        assert reason in why[name], name
    able = {each["expose"] for each in found if each["can_be_exposed"]}
    assert able == {
        "public.add_fee(numeric, numeric)",
        "public.depth_range()",
        "public.berth_names()",
        "public.free_berths(numeric)",
        '"Port"."findShip"(text)',
        '"Port".all_ships()',
        "public.total(integer[])",
        "public.first_of(anyarray)",
        "public.describe(integer)",
        "public.describe(public.mood)",
        "public.twice(integer, integer)",
        "public.weigh(text)",
        "public.weigh(integer)",
        "public.weigh(integer, text)",
        "public.gulls",
        "public.gulls(integer)",
        "public.swap(integer, integer)",
        "public.move_to(integer, text)",
        "public.private_depth()",
        "public.indirect()",
        "public.dock(text, numeric)",
        "public.clear_moves()",
        "public.ship_flags",
        "public.deep_berths",
        "public.own_ledger",
        "public.fees",
        "public.berths",
        '"Port"."Ship"',
        "public.visits",
        "public.tides",
        "public.tops",
        "public.pilots",
        "public.parcel(public.box, daterange, inet, bytea, money)",
        "public.port_of(public.port_code)",
        "public.logs",
        '"Port"."Kunde"',
        "public.tide_of(kinds.mood)",
        "public.moves",
        "public.ledger",
    }


def test_init_writes_each_of_them_as_a_comment(empty: tuple[Project, Project]) -> None:
    root = empty[0].root
    text = (root / "exposable.sh").read_text()
    assert '# zava-mcp expose \'"Port"."findShip"(text)\' --to harbour_users\n' in text
    assert "# public.purge(): it ends the transaction" in text
    assert all(line.startswith("#") for line in text.splitlines() if line)
    assert 'tools = "harbour_api"' in (root / "zava.toml").read_text()
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())[
        :6
    ] == [
        ".gitignore",
        "README.md",
        "exposable.sh",
        "sql/0001_harbour.rollback.sql",
        "sql/0001_harbour.sql",
        "sql/tests/helpers/fixture.sql",
    ]


def test_init_reads_only(empty: tuple[Project, Project], tmp_path: Path) -> None:
    project, admin = empty
    admin.rows(f"alter role {OWNER} set default_transaction_read_only = on")
    try:
        Project(project.uri, tmp_path).run("init", "--from", project.uri, "other")
        project.json("expose", "--list")
    finally:
        admin.rows(f"alter role {OWNER} reset default_transaction_read_only")
    assert (tmp_path / "other" / "zava.toml").exists()


# --- what they answer -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "arguments", "answer"),
    [(tool, arguments, answer) for _, tool, arguments, answer in CALLS],
    ids=[f"{tool}-{at}" for at, (_, tool, *_) in enumerate(CALLS)],
)
def test_tool_answers(
    harbour: Harbour, tool: str, arguments: dict[str, Any], answer: dict[str, Any]
) -> None:
    found = call(harbour, tool, arguments)
    if tool == "list_ship_flags":  # in no order
        found["rows"].sort(key=lambda row: row["flag"])
    next_cursor = found.get("next_cursor")
    assert {**found, **({"next_cursor": next_cursor} if "next_cursor" in found else {})} == answer


def test_pages_go_by_the_key(harbour: Harbour) -> None:
    first = call(harbour, "ships", {"page_size": 2})
    assert [row["ShipId"] for row in first["rows"]] == ["ada", "bea"]
    second = call(harbour, "ships", {"page_size": 2, "cursor": first["next_cursor"]})
    assert [row["ShipId"] for row in second["rows"]] == ["cid"]
    assert second["next_cursor"] is None


def test_pages_go_by_a_key_that_is_no_plain_word(harbour: Harbour) -> None:
    assert "has no key for pages" not in harbour.said["Port.Kunde"]
    seen, cursor = list[int](), None
    for _ in range(3):
        page = call(harbour, "list_kunde", {"page_size": 1, "cursor": cursor})
        seen += [row["n"] for row in page["rows"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == ([30, 10, 20], None)


def test_row_level_security_binds_what_was_exposed(harbour: Harbour) -> None:
    with psycopg.connect(harbour.admin.uri) as conn:
        conn.execute("""
            create policy ledger_mine on public.ledger for select to mcp_tools
            using (tenant = (select mcp_auth.current_user_id())::text);
            update public.ledger set tenant = (
                select u.user_id::text from mcp_auth.users as u where u.name = 'Ada'
            ) where entry_id = 2
        """)
        query = "select mcp.call_tool(%s, 'list_own_ledger', '{}') -> 'rows'"
        row = conn.execute(query.encode(), [harbour.key]).fetchone()
        conn.rollback()
    assert row == ([{"entry_id": 2, "amount": 20}],)


def test_the_tests_that_expose_writes_pass(harbour: Harbour) -> None:
    report = harbour.project.json("test")
    wrong = {
        file["file"]: file["problems"]
        for file in report["files"]
        if file["failed"] or file["problems"]
    }
    assert wrong == {}
    assert report["assertions"] == 2 * (len(COMMANDS))


def test_the_files_that_expose_writes_pass_the_linter(harbour: Harbour) -> None:
    report = harbour.project.json("lint", code=1)  # its tables have no policies
    assert [each for each in report["findings"] if each["rule"].startswith("sqlfluff")] == []


def test_a_real_client_sees_and_calls_them(harbour: Harbour) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    uri = as_login(harbour.admin.uri, "harbour_mcp")

    async def ask() -> tuple[dict[str, Any], Any]:
        headers = {"Authorization": f"Bearer {harbour.key}"}
        async with (
            asyncio.timeout(60),
            create_mcp_http_client(headers) as http,
            Client(
                streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)
            ) as client,
        ):
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            result = await client.call_tool("list_berths", {"is_free_is": True, "name_is": "East"})
            unknown = result.is_error
            result = await client.call_tool("list_berths", {"name_is": "East"})
            return tools, (unknown, result.structured_content)

    with zava.serving(uri, "127.0.0.1", port, ZAVA_EMBEDDER="none"):
        tools, (unknown, answer) = asyncio.run(ask())
    assert len(tools) == len(COMMANDS)
    assert unknown  # no index finds a berth by is_free
    assert [row["berth_id"] for row in answer["rows"]] == [2]
    berths = tools["list_berths"]
    assert berths.description.splitlines()[0] == "Where ships lie."
    assert "The port numbers them from the sea." in berths.description
    assert berths.annotations.read_only_hint is True
    assert tools["move_to"].annotations.read_only_hint is False
    properties = berths.input_schema["properties"]
    assert sorted(properties) == [
        "berth_id_is", "cursor", "depth_is", "depth_max", "depth_min", "name_is", "page_size",
    ]  # fmt: skip
    told = "Only rows whose berth_id is this; null for all. Number of the berth."
    assert properties["berth_id_is"]["description"] == told


def test_what_is_not_said_is_a_warning_and_no_block(harbour: Harbour) -> None:
    report = harbour.project.json("verify", code=1)  # tables without row-level security
    warned = {each["object"] for each in report["findings"] if each["check"] == "ZM303"}
    assert "harbour_api.depth_range()" in warned
    assert not any(name.startswith("harbour_api.list_berths(") for name in warned)


def test_who_exposes_is_told_that_every_row_is_seen(harbour: Harbour) -> None:
    seen = "has no row-level security: every caller of harbour_users sees every row"
    offer = "zava-mcp new policy public.berths --tenant COLUMN restricts it"
    for command in ("public.berths", "public.free_berths", "public.deep_berths"):
        assert f"notice: public.berths {seen}; {offer}" in harbour.said[command]
    assert "has row-level security, and no policy" not in harbour.said["public.own_ledger"]
    assert "no row-level security" not in harbour.said["public.add_fee"]


def test_a_policy_of_the_project_counts_before_it_is_applied(harbour: Harbour) -> None:
    harbour.project.write({"policies/public.berths.sql": "select 1;"})
    said = harbour.project.run("expose", "public.berths", "--to", AUDIENCE, "--dry-run")
    around = harbour.project.run("expose", "public.deep_berths", "--to", AUDIENCE, code=1)
    (harbour.project.sql / "policies/public.berths.sql").unlink()
    assert "no row-level security" not in said
    assert "public.deep_berths cannot be exposed: it reads public.berths with the rights" in around


def test_a_time_that_may_be_null_is_asked_for_by_null(harbour: Harbour) -> None:
    text = (harbour.project.sql / "functions/harbour_api/tools/list_pilots.sql").read_text()
    assert [line.split()[1] for line in text.splitlines() if line.startswith("@param")] == [
        "pilot_id_is", "left_at_is", "left_at_from", "left_at_to", "left_at_is_null",
        "deleted_at_is_null", "page_size", "cursor",
    ]  # fmt: skip
    said = harbour.project.run(
        "expose", "public.pilots", "--to", AUDIENCE, "--as", "a", "--dry-run"
    )
    assert "archived" not in said.partition("return query")[0].replace('"archivedAt" date', "")


def test_a_tool_that_writes_is_pointed_out(harbour: Harbour) -> None:
    writes = (
        "notice: {} is a tool that writes, without dry_run and idempotency_key: docs/authors.md"
    )
    for name in ("move_to", "dock", "clear_moves"):
        assert writes.format(name) in harbour.said[f"public.{name}"]
    for name in ("add_fee", "berths", "free_berths"):
        assert "a tool that writes" not in harbour.said[f"public.{name}"]


def test_a_domain_that_takes_no_sample_is_left_to_do(empty: tuple[Project, Project]) -> None:
    said = empty[0].run("expose", "public.port_of", "--to", AUDIENCE, "--dry-run")
    assert '{"code": "TODO: a value of public.port_code"}' in said
    said = empty[0].run("expose", "public.parcel", "--to", AUDIENCE, "--dry-run")
    assert "TODO: a value" not in said


def test_the_test_of_a_table_with_a_policy_fails_where_it_compares_no_row(
    harbour: Harbour,
) -> None:
    """The caller of the fixture has no scope, and sees rows as soon as it has one."""
    project, admin = harbour.project, harbour.admin
    test = "tests/harbour_api/tools/test_list_crews.sql"
    fixture = (project.sql / "tests/helpers/fixture.sql").read_text()
    admin.rows("create table public.crews (crew_id integer primary key, port text not null)")
    admin.rows("insert into public.crews values (1, 'a'), (2, 'b')")
    admin.rows(f"alter table public.crews owner to {OWNER}")

    def failed(code: int) -> tuple[int, int]:
        report = project.json("test", f"sql/{test}", code=code)
        [file] = report["files"]
        return file["assertions"], len(file["failed"])

    try:
        project.run("new", "policy", "public.crews", "--tenant", "port")
        said = project.run("expose", "public.crews", "--to", AUDIENCE)
        assert (
            "notice: the test of list_crews asks as a caller of tests/helpers/fixture.sql" in said
        )
        project.run("apply", "--no-lockdown")
        assert failed(1) == (3, 1)
        project.write({"tests/helpers/fixture.sql": fixture.replace("'{}'", "'{b}'")})
        assert failed(0) == (3, 0)
    finally:
        project.write({"tests/helpers/fixture.sql": fixture})
        for path in project.sql.rglob("*crews.sql"):
            path.unlink()
        project.run("apply", "--no-lockdown")
        admin.rows("drop table public.crews")


def test_secrets_are_pointed_out(harbour: Harbour) -> None:
    said = harbour.project.run("expose", '"Port"."Ship"', "--to", AUDIENCE, "--dry-run")
    assert "notice: the column apiToken looks like a secret: --columns leaves it out" in said
    columns = harbour.admin.value(
        "select string_agg(attname, ' ' order by attnum) from pg_attribute"
        ' where attrelid = \'"Port"."Ship"\'::regclass and attnum > 0'
        " and has_column_privilege('mcp_tools', attrelid, attnum, 'select')"
    )
    assert columns == "ShipId Flag homeTown arrivedAt apiToken"  # find_ship reads them all


def test_a_masked_column_is_left_out_and_its_view_has_it(harbour: Harbour) -> None:
    project = harbour.project
    harbour.admin.rows("comment on column public.berths.name is E'Quay.\\n@mask last4'")
    try:
        refused = project.run("expose", "free_berths", "--to", AUDIENCE, "--as", "leak", code=1)
        assert "it reads public.berths, which has masked columns, and may give them" in refused
        assert "public.berths, which" in project.run(
            "expose", "deep_berths", "--to", AUDIENCE, "--as", "leak", code=1
        )
        chosen = ("expose", "public.berths", "--to", AUDIENCE, "--columns", "berth_id,name")
        assert "--columns: name of public.berths is masked" in project.run(*chosen, code=64)
        text = project.run("expose", "public.berths", "--to", AUDIENCE, "--dry-run")
        assert "t.name" not in text
        assert "grant select (berth_id, depth, is_free) on public.berths to mcp_tools;" in text
        assert "notice: the column name is masked, and left out" in text
        project.write(
            {
                "policies/harbour_api.quays.sql": ""
                "grant usage on schema harbour_api to mcp_sandbox;"
                " grant select on public.berths to mcp_tools;"
                " grant select (berth_id) on public.berths to mcp_sandbox;"
                " select mcp_migrate.mask_table('public.berths', 'harbour_api.quays');"
            }
        )
        project.run("apply", "--no-lockdown")
        project.run("expose", "harbour_api.quays", "--to", AUDIENCE)
        project.run("apply", "--no-lockdown")
        rows = call(harbour, "list_quays", {})["rows"]
        assert sorted(row["name"] for row in rows) == ["****"] * 4
    finally:
        for path in project.sql.rglob("*quays*.sql"):
            path.unlink()
        harbour.admin.rows("comment on column public.berths.name is null")
        project.run("apply", "--no-lockdown")


def test_tools_over_schema_public_stand_under_a_lock_down(harbour: Harbour) -> None:
    """What expose grants mcp_tools on it is allowed, and to the sandbox by a file of a policy."""
    project, admin = harbour.project, harbour.admin
    lines = "select object from mcp_migrate.check_lockdown where number = 'ZM151' order by 1"
    policy = (
        "alter table public.tides enable row level security;\n"
        "drop policy if exists tides_select on public.tides;\n"
        "create policy tides_select on public.tides for select to mcp_tools, mcp_sandbox\n"
        "using (height > (select 0));\n"
        "comment on policy tides_select on public.tides is 'High ones.';\n"
        "grant usage on schema public to mcp_tools, mcp_sandbox;\n"
    )
    Project(admin.uri, project.root).run("lockdown", "on", "--yes")
    try:
        assert admin.rows(lines) == []
        admin.rows("grant usage on schema public to mcp_sandbox")
        assert admin.rows(lines) == [("mcp_sandbox",)]
        project.write({"policies/public.tides.sql": policy})
        project.run("apply")
        assert admin.rows(lines) == []
        admin.rows("grant usage on schema public to mcp_server")
        assert admin.rows(lines) == [("mcp_server",)]
    finally:
        admin.rows("revoke usage on schema public from mcp_server, mcp_sandbox")
        (project.sql / "policies" / "public.tides.sql").unlink(missing_ok=True)
        Project(admin.uri, project.root).run("lockdown", "off")
        project.run("apply", "--no-lockdown")


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REFUSED)
def test_expose_refuses_with_the_reason(empty: tuple[Project, Project], name: str) -> None:
    bare = name.split(" ", 2 if name.startswith("materialized") else 1)[-1]
    said = empty[0].run("expose", bare, "--to", AUDIENCE, "--as", "leak", code=1)
    assert f"{bare} cannot be exposed: {REFUSED[name]}" in said
    assert not list(empty[0].sql.rglob("*leak*"))


def test_a_schema_that_the_login_may_not_use(empty: tuple[Project, Project]) -> None:
    project, admin = empty
    admin.rows(
        "create schema wiki; create table wiki.pages (n integer);"
        " create function wiki.f() returns integer language sql return 1"
    )
    why = (
        f"{OWNER} may not use schema wiki; its owner: grant usage on schema wiki to {OWNER} with"
        " grant option"
    )
    try:
        found = project.json("expose", "--list")["exposable"]
        assert [(each["name"], each["reason"]) for each in found if each["schema"] == "wiki"] == [
            ("f", why),
            ("pages", why),
        ]
        said = project.run("expose", "wiki.pages", "--to", AUDIENCE, code=1)
        assert said == f"zava-mcp: wiki.pages cannot be exposed: {why}\n"
        admin.rows(f"grant usage on schema wiki to {OWNER} with grant option")
        assert project.run("expose", "wiki.pages", "--to", AUDIENCE, "--dry-run")
    finally:
        admin.rows("drop schema wiki cascade")


def test_expose_refuses_what_uses_such_a_view(empty: tuple[Project, Project]) -> None:
    said = empty[0].run("expose", "public.indirect", "--to", AUDIENCE, code=1)
    assert "it uses what goes around row-level security\n    public.owner_ledger: it reads" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name what to expose, or use --list"),
        (("berths",), "--to: name an audience; those of zava.toml: harbour_users"),
        (("berths", "--to", "clerks"), "--to: clerks is no audience of zava.toml, which has: harb"),
        (("nothing", "--to", AUDIENCE), "there is no nothing to expose: zava-mcp expose --list"),
        (
            ("describe", "--to", AUDIENCE),
            "describe is more than one: name one of\n    'public.describe(integer)'\n"
            "    'public.describe(public.mood)'",
        ),
        (
            ("gulls", "--to", AUDIENCE),
            "gulls is more than one: name one of\n    'public.gulls(integer)'\n    'public.gulls'",
        ),
        (("describe(bigint)", "--to", AUDIENCE), "there is no describe(bigint) to expose"),
        (("describe(", "--to", AUDIENCE), "there is no describe( to expose"),
        (("first_of", "--to", AUDIENCE), "takes any type: choose one with --type"),
        (("first_of", "--to", AUDIENCE, "--type", "nope"), "--type: there is no type nope"),
        (
            ("berths", "--to", AUDIENCE, "--as", "My Tool"),
            "--as: 'My Tool' is not lower_case_words",
        ),
        (("berths", "--to", AUDIENCE, "--columns", "x,name"), "public.berths has no column x"),
        (("berths", "moves", "--to", AUDIENCE, "--as", "a"), "--as and --columns are for one NAME"),
    ],
)
def test_a_wrong_choice_is_named(
    empty: tuple[Project, Project], arguments: tuple[str, ...], message: str
) -> None:
    before = sorted(empty[0].sql.rglob("*"))
    assert message in empty[0].run("expose", *arguments, code=64)
    assert sorted(empty[0].sql.rglob("*")) == before


def test_all_that_is_refused_is_said_at_once(empty: tuple[Project, Project]) -> None:
    project = empty[0]
    before = sorted(project.sql.rglob("*"))
    said = project.run(
        "expose", "nothing", "describe", "public.gulls", "public.weigh(text)", "indirect",
        "public.weigh(integer)", "owner_ledger", "first_of", "--to", AUDIENCE, "--dry-run", code=64,
    )  # fmt: skip
    lines = [line.removeprefix("zava-mcp: ") for line in said.splitlines()]
    assert [line for line in lines if not line.startswith("    ")] == [
        "not all can be exposed, nothing was run:",
        "there is no nothing to expose: zava-mcp expose --list shows all",
        "describe is more than one: name one of",
        next(line for line in lines if line.startswith("public.owner_ledger cannot be exposed")),
        "public.indirect() cannot be exposed: it uses what goes around row-level security",
        "public.first_of(anyarray) takes any type: choose one with --type, as in --type text",
        "two tools would have one name, use --as:",
        "weigh: public.weigh(text), public.weigh(integer)",
    ]
    assert sorted(project.sql.rglob("*")) == before


def test_the_database_is_asked_once_what_many_names_reach(
    empty: tuple[Project, Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each gets its own answer, in whatever order they are named."""
    project, admin = empty
    asked = list[list[str]]()

    def reach(conn: Connection, some: Sequence[Exposable]) -> list[dict[str, Any]]:
        asked.append([each.shown for each in some])
        return reach_of(conn, some)

    monkeypatch.setattr("zava_mcp.project.expose.reach_of", reach)
    monkeypatch.chdir(project.root)
    names = ["public.moves", "public.free_berths", "public.move_to", "public.add_fee"]
    options = ["--to", AUDIENCE, "--dry-run", "--database-url", admin.uri]
    done = CliRunner().invoke(cli, ["expose", *names, *options])
    assert done.exit_code == 0, done.output
    assert [len(some) for some in asked] == [4]
    granted = {
        part.partition("\n")[0].rpartition("/")[2]: [
            line
            for line in part.splitlines()
            if line.startswith("grant") and " on schema" not in line
        ]
        for part in done.output.split("-- sql/functions/")[1:]
    }
    assert {name: lines[:-1] for name, lines in granted.items()} == {
        "list_moves.sql": ["grant select on public.moves to mcp_tools;"],
        "free_berths.sql": ["grant select on public.berths to mcp_tools;"],
        "move_to.sql": [
            "grant select, update on public.berths to mcp_tools;",
            "grant insert, select on public.moves to mcp_tools;",
            "grant usage on sequence public.moves_move_id_seq to mcp_tools;",
        ],
        "add_fee.sql": [],
    }


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("table", "a" * 59, f"list_{'a' * 59} is longer than 63 characters"),
        ("function", "数", "no tool name follows from its name"),
        ("table", "顧客", "no tool name follows from its name"),
        ("view", "注文2", "no tool name follows from its name"),
    ],
)
def test_a_name_that_cannot_be_a_tool_s_says_why(kind: str, name: str, reason: str) -> None:
    each = Exposable(1, kind, "s", name, f"s.{name}", "", False, None)
    with pytest.raises(Failure) as caught:
        tool_name(each)
    assert caught.value.message == f"{each.shown}: {reason}: choose one with --as"
    assert tool_name(each._replace(name="a" * 58)).endswith("a" * 58)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Kunden Übersicht", "kunden_ubersicht"),
        ("größe", "grosse"),
        ("ArtikelGröße", "artikel_grosse"),
        ("Ærø_Łódź", "aero_lodz"),
        ("ﬁle", "file"),
        ("顧客_id", "id"),
        ("顧客", ""),
        ("列1", ""),
        ("2024", "2024"),
        ("-", ""),
    ],
)
def test_names_of_other_scripts_become_words_of_ascii(name: str, words: str) -> None:
    assert words_of(name) == words


def test_arguments_whose_names_have_no_letter_are_numbered(
    empty: tuple[Project, Project],
) -> None:
    project, admin = empty
    admin.rows(
        'create table public."顧客" (id integer primary key, "größe" numeric, "都市" text,'
        ' "名" text)'
    )
    for column in ("größe", "都市", "名"):
        admin.rows(f'create index on public."顧客" ("{column}")')
    admin.rows(
        'create function public."übersicht"("größe" integer, "都市" text) returns text language sql'
        " immutable as 'select $2'"
    )
    try:
        expose = ("expose", 'public."顧客"', "--to", AUDIENCE, "--dry-run")
        refused = project.run(*expose, code=64)
        assert 'public."顧客": no tool name follows from its name: choose one with --as' in refused
        said = project.run(*expose, "--as", "list_customers")
        assert [line.split()[1] for line in said.splitlines() if line.startswith("@param")] == [
            "id_is", "grosse_is", "grosse_min", "grosse_max", "column_3_is", "column_4_is",
            "page_size", "cursor",
        ]  # fmt: skip
        said = project.run("expose", "übersicht", "--to", AUDIENCE, "--dry-run")
        assert "harbour_api.ubersicht(grosse integer, argument_2 text)" in said
    finally:
        admin.rows('drop table public."顧客"')
        admin.rows('drop function public."übersicht"')


def test_what_apply_will_refuse_is_said_before(empty: tuple[Project, Project]) -> None:
    """A definer function of an owner of tables with row-level security, whatever its text reads."""
    project, admin = empty
    admin.rows(
        "create function public.one() returns int language sql security definer as 'select 1'"
    )
    try:
        said = project.run("expose", "public.one", "--to", AUDIENCE, "--dry-run")
        assert "notice: its owner postgres sees every row of tables with row-level security" in said
        admin.rows("alter function public.one() security invoker")
        said = project.run("expose", "public.one", "--to", AUDIENCE, "--dry-run")
        assert "ZM134" not in said
    finally:
        admin.rows("drop function public.one()")


def test_pages_go_by_no_array(empty: tuple[Project, Project]) -> None:
    """Its value as JSON is none that PostgreSQL reads back; another key serves, or none."""
    project, admin = empty
    admin.rows("create table public.routes (stops integer [] primary key, name text not null)")
    try:
        expose = ("expose", "public.routes", "--to", AUDIENCE, "--dry-run")
        said = project.run(*expose)
        assert "page_key" not in said
        assert "max_results mcp_tool.row_limit" in said
        notice = "notice: public.routes has no key for pages: the tool gives at most max_results"
        assert notice in said
        admin.rows("alter table public.routes add unique (name)")
        said = project.run(*expose)
        assert "page_key=name" in said
        assert notice not in said
    finally:
        admin.rows("drop table public.routes")


def test_nothing_is_written_over(harbour: Harbour) -> None:
    said = harbour.project.run("expose", "public.berths", "--to", AUDIENCE, code=64)
    assert "already there, use --as, nothing was run:\nsql/functions/harbour_api/tools/li" in said


HAND_MADE = """
create function harbour_api.leak() returns setof numeric
language {language} stable security definer set search_path = pg_catalog, pg_temp
as $$ {body} $$;
comment on function harbour_api.leak() is 'Leak.';
alter function harbour_api.leak() owner to mcp_tools;
revoke all on function harbour_api.leak() from public;
grant execute on function harbour_api.leak() to mcp_core, harbour_users
"""


@pytest.mark.parametrize(
    ("grant", "body", "check", "name"),
    [
        (
            "select on public.admin_ledger",
            "select amount from public.admin_ledger",
            "ZM121",
            "admin_ledger",
        ),
        (
            "select on public.ledger_sums",
            "select amount from public.ledger_sums",
            "ZM122",
            "ledger_sums",
        ),
        (
            "execute on function public.admin_total()",
            "select admin_total()",
            "ZM134",
            "admin_total()",
        ),
        ("usage on schema public", "select public.admin_total()", "ZM134", "admin_total()"),
    ],
)
def test_verify_finds_what_was_made_by_hand(
    harbour: Harbour, grant: str, body: str, check: str, name: str
) -> None:
    def errors() -> list[tuple[str, str]]:
        found = harbour.project.json("verify", code=1)["findings"]
        return [(each["check"], each["object"]) for each in found if each["level"] == "error"]

    harbour.admin.rows(f"grant {grant} to mcp_tools")
    harbour.admin.rows(
        "set check_function_bodies = off;" + HAND_MADE.format(language="sql", body=body)
    )
    try:
        assert errors() == [(check, f"public.{name}")]
    finally:
        harbour.admin.rows("drop function harbour_api.leak()")
        if not grant.startswith("usage"):
            harbour.admin.rows(f"revoke {grant} from mcp_tools")
    assert errors() == []


# --- what is theirs -------------------------------------------------------------------------------


def test_the_owner_changes_and_drops_the_original_as_before(harbour: Harbour) -> None:
    with psycopg.connect(harbour.project.uri) as conn:
        conn.execute('alter table "Port"."Ship" add column tons numeric')
        conn.execute('drop function "Port"."findShip"(text)')
        conn.execute("alter table public.berths rename column depth to metres")
        conn.execute("drop view public.ship_flags")
        conn.execute("drop procedure public.dock(text, numeric)")
        conn.execute("drop table public.visits cascade")
        conn.rollback()


def test_a_function_that_was_granted_stays_theirs(harbour: Harbour) -> None:
    project = harbour.project
    query = """
        select count(*) from mcp_migrate.object
        where kind = 'routine' and identity !~ '^(mcp|harbour_api)'
    """
    assert project.value(query) == 0
    file = project.sql / "functions/harbour_api/tools/private_depth.sql"
    assert "grant execute on function public.private_depth() to mcp_tools;" in file.read_text()
    text = file.read_text()
    file.unlink()
    try:
        assert "dropped routine harbour_api.private_depth()" in project.run(
            "apply", "--no-lockdown"
        )
        assert project.value("select public.private_depth()") == 15
    finally:
        file.write_text(text)
    project.run("apply", "--no-lockdown")
    assert call(harbour, "private_depth", {}) == {"value": 15}
    assert project.run("drift").endswith(" 0 differ\n")
