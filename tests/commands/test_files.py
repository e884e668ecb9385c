"""Files and folders that cannot be read, or not as they should: nothing is run, all stays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from scratch import Project, command_line, new_database, write, write_project

from zava_mcp.config import Source
from zava_mcp.migrate.files import files_in, read_trees
from zava_mcp.migrate.ledger import Failure, file_failure
from zava_mcp.migrate.pgtap import run_script

ONE = "create or replace function shop.one() returns integer language sql as 'select 1';\n"
SHOP = {
    "0001_shop.sql": "create schema shop;\n",
    "0001_shop.rollback.sql": "drop schema shop;\n",
    "functions/shop/one.sql": ONE,
}
FUNCTIONS = "select string_agg(proname, ' ' order by proname) from pg_proc"
FUNCTIONS += " where pronamespace = 'shop'::regnamespace"


@pytest.fixture
def shop(server: str, tmp_path: Path) -> Iterator[Project]:
    """A project with one versioned file and a function, applied."""
    with new_database(server) as uri:
        made = Project(uri, write_project(tmp_path / "project", {}))
        made.write(SHOP)
        made.run("apply")
        yield made


@contextmanager
def as_nobody() -> Iterator[None]:
    """Have no right to what the mode of a file denies, as root has."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


# --- folders --------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["sql", "sql/functions", "sql/functions/shop", "sql/policies"])
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_folder_without_access_is_not_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, mode: int
) -> None:
    write(tmp_path / "sql", {"functions/shop/one.sql": ONE, "policies/shop.item.sql": "select 1;"})
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    (tmp_path / folder).chmod(mode)
    try:
        with as_nobody(), pytest.raises(PermissionError) as caught:
            read_trees([Source("shop", Path("sql"))])
    finally:
        (tmp_path / folder).chmod(0o755)
    failure = file_failure(caught.value)
    assert failure
    assert failure.code == 65
    assert failure.message.startswith(folder)
    assert failure.message.endswith(": Permission denied; let this user read and write it")


@pytest.mark.parametrize(
    ("link", "leads", "problem"),
    [
        (
            "functions",
            "gone",
            "No such file or directory; restore what it links to, or remove the link",
        ),
        ("functions/shop", "gone", "A link, which is not followed; put the files in its place"),
        ("functions/shop", "../moved", "A link, which is not followed; put the files in its place"),
        ("functions/shop", "shop", "Too many levels of symbolic links; put the files in its place"),
    ],
)
def test_link_in_place_of_a_folder_drops_nothing(
    shop: Project, link: str, leads: str, problem: str
) -> None:
    (shop.sql / link).rename(shop.sql / "moved")
    (shop.sql / link).symlink_to(leads)
    for command in ("apply --yes", "apply --all --yes", "plan", "status", "lint"):
        assert shop.run(*command.split(), code=65) == f"zava-mcp: sql/{link}: {problem}\n"
    text = f"sql/{link}: {problem}"
    assert shop.json("apply", code=65) == {"error": text, "problems": [text], "exit": 65}
    assert shop.value(FUNCTIONS) == "one"


def test_missing_folder_of_the_project_drops_nothing(shop: Project) -> None:
    shop.sql.rename(shop.root / "moved")
    assert shop.run("apply", "--yes", code=65) == (
        "zava-mcp: a folder is missing, nothing was run:\n"
        "sql: No such file or directory; restore it, or say in zava.toml where it is\n"
    )
    assert shop.value(FUNCTIONS) == "one"


def test_folder_that_was_deleted_drops_what_it_made(shop: Project) -> None:
    (shop.sql / "functions/shop/one.sql").unlink()
    (shop.sql / "functions/shop").rmdir()
    (shop.sql / "functions").rmdir()
    assert "dropped routine shop.one()" in shop.run("apply", "--yes")
    assert shop.value(FUNCTIONS) is None


def test_tests_in_a_folder_that_is_a_link_are_not_left_out(shop: Project) -> None:
    shop.write({"tests/test_one.sql": "begin;\nrollback;\n"})
    (shop.sql / "tests/more").symlink_to("gone")
    problem = "A link, which is not followed; put the files in its place"
    assert shop.run("test", code=65) == f"zava-mcp: sql/tests/more: {problem}\n"


def test_files_in_is_sorted_and_has_what_its_folders_have(tmp_path: Path) -> None:
    write(tmp_path, {"b/a.sql": "", "a.sql": "", "b.txt": "", "b/c/d.sql": "", ".a/b.sql": ""})
    (tmp_path / "link").symlink_to("b.txt")
    found = [path.relative_to(tmp_path).as_posix() for path in files_in(tmp_path)]
    assert found == [".a/b.sql", "a.sql", "b/a.sql", "b/c/d.sql"]
    assert files_in(tmp_path, ".txt", deep=False) == [tmp_path / "b.txt"]
    assert files_in(tmp_path / "none") == []


# --- files ----------------------------------------------------------------------------------------

FOLDER = "Is a directory; a file is expected there: rename the folder"


def test_file_without_access_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "sql", {"functions/shop/one.sql": ONE})
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    Path("sql/functions/shop/one.sql").chmod(0o000)
    with as_nobody(), pytest.raises(PermissionError) as caught:
        read_trees([Source("shop", Path("sql"))])
    failure = file_failure(caught.value)
    assert failure
    assert failure.problems == [
        "sql/functions/shop/one.sql: Permission denied; let this user read and write it"
    ]


@pytest.mark.parametrize("command", ["apply --yes", "plan", "status", "lint", "new migration more"])
def test_file_that_is_none_is_named(shop: Project, command: str) -> None:
    path = shop.sql / "functions/shop/one.sql"
    path.rename(shop.sql / "moved")
    path.mkdir()
    assert shop.run(*command.split(), code=65) == (
        f"zava-mcp: sql/functions/shop/one.sql: {FOLDER}\n"
    )
    path.rmdir()
    path.symlink_to("gone")
    problem = "No such file or directory; restore what it links to, or remove the link"
    assert shop.run(*command.split(), code=65) == (
        f"zava-mcp: sql/functions/shop/one.sql: {problem}\n"
    )
    assert shop.value(FUNCTIONS) == "one"


def test_file_that_cannot_be_written_is_named(shop: Project) -> None:
    (shop.sql / "policies").write_text("")
    said = "Not a directory; a folder is expected there: rename the file"
    for command in ("new policy shop.item", "apply --yes"):
        assert shop.run(*command.split(), code=65) == f"zava-mcp: sql/policies: {said}\n"
    (shop.sql / "policies").unlink()
    (shop.sql / "landed.sha256").mkdir()
    for command in ("lint", "land"):
        assert shop.run(command, code=65) == f"zava-mcp: sql/landed.sha256: {FOLDER}\n"
    (shop.sql / "tests").symlink_to("gone")
    said = "File exists; a folder is expected there: rename the file"
    assert shop.run("new", "policy", "shop.item", code=65) == f"zava-mcp: sql/tests: {said}\n"


def test_list_of_landed_files_that_is_no_text_is_a_finding(tmp_path: Path) -> None:
    shop = Project("", write_project(tmp_path, {}))
    shop.write(SHOP)
    (shop.sql / "landed.sha256").write_bytes(b"# caf\xe9\n\xff\n")
    report = shop.json("lint", code=1)
    found = [each for each in report["findings"] if each["rule"] == "landed"]
    assert found == [
        {
            "file": "sql/landed.sha256",
            "line": 2,
            "rule": "landed",
            "message": "not a SHA-256, two blanks and the name of a file",
        }
    ]


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_output_that_is_full(shop: Project, more: tuple[str, ...]) -> None:
    shop.write({"functions/shop/one.sql": f"-- Again.\n{ONE}"})
    with (shop.root / "output").open("w") as full:
        done = subprocess.run(
            ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *command_line("migrate", "apply", *more)],
            cwd=shop.root,
            env={**os.environ, "DATABASE_URL": shop.uri},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    problem = "File too large; what the command did stays"
    assert done.stderr == f"zava-mcp: the output cannot be written: {problem}\n"
    assert done.returncode == 65
    assert "same" in shop.run("status")


# --- texts ----------------------------------------------------------------------------------------

NUL = "a NUL byte, after which PostgreSQL reads nothing; save it as plain UTF-8"
MERGE = "marks a conflict of a merge; resolve it, and delete the marks"


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("0002_more.sql", "select 1;\n\0create table shop.t ();\n", f":2: {NUL}"),
        ("0002_more.rollback.sql", "select 1;\r\n\r\n\0\r\n", f":3: {NUL}"),
        ("functions/shop/one.sql", ONE + "\0" + ONE, f":2: {NUL}"),
        ("functions/shop/one.sql", ONE.encode("utf-16-le"), f":1: {NUL}"),
        (
            "functions/shop/one.sql",
            f"{ONE}/*\n<<<<<<< HEAD\n*/\n",
            f":3: '<<<<<<<' {MERGE}",
        ),
        ("0002_more.sql", "select 1;\n/*\n>>>>>>> main\n*/\n", f":3: '>>>>>>>' {MERGE}"),
    ],
)
def test_text_that_would_not_run_as_it_stands(
    shop: Project, path: str, text: str | bytes, problem: str
) -> None:
    more = {"0002_more.sql": "select 1;\n", "0002_more.rollback.sql": "select 1;\n"}
    shop.write({**(more if path.startswith("0002") else {}), path: text})
    expected = f"zava-mcp: files break a rule, nothing was run:\nsql/{path}{problem}\n"
    assert shop.run("plan", code=65) == shop.run("apply", code=65) == expected
    assert shop.json("status", code=65)["problems"] == [f"sql/{path}{problem}"]
    applied = "select string_agg(id, ' ') from mcp_migrate.version where tree = 'shop'"
    assert shop.value(applied) == "0001_shop"


def test_arrows_in_a_text_are_no_marks_of_a_merge(shop: Project) -> None:
    shop.write({"functions/shop/one.sql": f"-- <<<<<<< a\n--\n/*\n>>>>>>>>\n<<<<<<<\n*/\n{ONE}"})
    assert shop.json("apply")["managed"] == ["shop/functions/shop/one.sql"]


def test_text_of_a_test_is_not_cut(shop: Project) -> None:
    """What a NUL cuts off would be a test that never fails."""
    shop.write({"tests/test_one.sql": "begin;\nselect plan(0);\n--\0\nrollback;\n"})
    problem = f"sql/tests/test_one.sql:3: {NUL}"
    assert problem in shop.json("test", code=65)["problems"]


def test_text_of_a_helper_is_not_cut(shop: Project) -> None:
    path = shop.sql / "tests/helpers/setup.sql"
    shop.write({"tests/helpers/setup.sql": "create table shop.t ();\n\0\nselect no_such();\n"})
    with psycopg.connect(shop.uri) as conn, pytest.raises(Failure) as caught:
        run_script(conn, path)
    assert (caught.value.code, caught.value.problems) == (65, [f"{path}:2: {NUL}"])
    assert shop.value("select to_regclass('shop.t')") is None
