"""All ways to today's schema end in the same one: install, upgrade, down and up again."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from scratch import ROOT, SQL, difference, migrate, new_database, snapshot

FIRST_RELEASE = "v0.1.0"
TODAY = "today's files"  # they stand in for the first release too, and are all stated again
VERSIONED = sorted(path for path in SQL.glob("[0-9]*.sql") if "." not in path.stem)
ORDERS = 100

ROLES = """
select r.rolname, r.rolsuper, r.rolcanlogin, r.rolinherit, r.rolbypassrls,
array(select m.roleid::regrole::text from pg_auth_members as m where m.member = r.oid order by 1)
from pg_roles as r
order by r.rolname
"""

# One query a table, made before the upgrade, so that a column that comes with it does not count.
DATA = """
select
    c.oid::regclass::text,
    format(
        $$
        select count(*), md5(string_agg(r::text, e'\n' order by r::text))
        from (select %s from %s) as r
        $$,
        string_agg(quote_ident(a.attname), ', ' order by a.attnum),
        c.oid::regclass
    )
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind = 'r' and c.relnamespace in ('retail'::regnamespace, 'auth'::regnamespace)
group by c.oid
"""


def tags() -> list[str]:
    """Name the first release where its tag is at hand: not in an unpacked archive, for one."""
    if shutil.which("git") is None:
        return []
    done = git("tag", "--list", FIRST_RELEASE)
    return done.stdout.decode().split()


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git on the repository, whoever owns it."""
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def files_of(release: str, folder: Path) -> Path:
    """Give the folder sql/ as it was in a release."""
    if release == TODAY:
        return SQL
    done = git("archive", release, "sql")
    assert done.returncode == 0, done.stderr
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "sql"


def query(uri: str, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run one statement as the owner of the database."""
    with psycopg.connect(uri, autocommit=True) as connection:
        return connection.execute(statement.encode(), parameters or None).fetchall()


def load_demo(uri: str, sql_dir: Path) -> None:
    """Fill an empty database with the demo, by the functions and the catalogue of its release."""
    names = ("categories", "products")
    query(
        uri,
        "select retail.load_catalogue(%s::jsonb, %s::jsonb)",
        *(json.dumps(read_csv(sql_dir / "data" / f"{name}.csv")) for name in names),
    )
    query(uri, "select retail.generate_demo_data(42, date '2026-01-31', %s)", ORDERS)
    query(uri, "select retail.create_demo_keys()")


def read_csv(file: Path) -> list[dict[str, str | None]]:
    """Read a file of the catalogue; an empty field is null."""
    with file.open(newline="", encoding="utf-8") as lines:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(lines)]


@pytest.fixture(scope="module")
def fresh(database: str) -> Iterator[str]:
    """A database with today's files and nothing else, which no test changes."""
    with new_database(database) as uri:
        migrate(uri, "apply")
        yield uri


def test_every_versioned_file_goes_up_down_and_up(database: str, tmp_path: Path) -> None:
    for path in SQL.glob("[0-9]*.sql"):
        shutil.copy(path, tmp_path)
    with new_database(database) as uri:
        migrate(uri, "apply", "--to", "0", sql_dir=tmp_path)
        before = snapshot(uri)
        for file in VERSIONED:
            number = int(file.name[:4])
            migrate(uri, "apply", "--to", str(number), sql_dir=tmp_path)
            up = snapshot(uri)
            assert difference(before, up), f"{file.name} does nothing that a snapshot shows"
            migrate(uri, "rollback", "--to", str(number - 1), "--yes", sql_dir=tmp_path)
            assert difference(before, snapshot(uri)) == "", f"{file.name} was rolled back"
            migrate(uri, "apply", "--to", str(number), sql_dir=tmp_path)
            assert difference(up, snapshot(uri)) == "", f"{file.name} was applied again"
            before = up


def test_after_a_rollback_the_database_is_as_if_the_file_had_never_been(
    database: str, fresh: str, tmp_path: Path
) -> None:
    with new_database(database) as uri:
        migrate(uri, "apply")
        for file in reversed(VERSIONED):
            number = int(file.name[:4])
            report = json.loads(
                migrate(uri, "rollback", "--to", str(number - 1), "--yes", "--json")
            )
            older = tmp_path / file.stem
            older.mkdir()
            for path in VERSIONED:
                if int(path.name[:4]) < number:
                    shutil.copy(path, older)
                    shutil.copy(path.with_suffix(".rollback.sql"), older)
            for name in report["stated"]:
                (older / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(SQL / name, older / name)
            with new_database(database) as never:
                migrate(never, "apply", "--no-verify", sql_dir=older)
                assert difference(snapshot(never), snapshot(uri)) == "", file.name
        migrate(uri, "apply")
        assert difference(snapshot(fresh), snapshot(uri)) == ""


def test_a_second_database_on_the_server_leaves_the_first_alone(database: str, fresh: str) -> None:
    before, roles = snapshot(fresh), query(database, ROLES)
    assert ("zava_mcp", False, True, False, False, []) in roles
    with new_database(database) as second:
        empty = snapshot(second)
        migrate(second, "apply")
        assert difference(before, snapshot(second)) == ""
        assert migrate(second, "verify").endswith(" 0 findings\n")
        migrate(second, "rollback", "--to", "0", "--yes")
        ledger = re.compile(r" (.+ on )?migrate\b|rows of migrate\.")
        left = {name for name in snapshot(second) if not ledger.search(name)}
        assert left == empty.keys(), "of a database rolled back to 0 the ledger alone stays"
        assert query(database, ROLES) == roles
        assert difference(before, snapshot(fresh)) == ""
        assert migrate(fresh, "verify").endswith(" 0 findings\n")
        assert migrate(fresh, "drift").endswith(" 0 differ\n")


@pytest.mark.parametrize("release", [TODAY, *tags()])
def test_upgrade_gives_the_schema_of_a_fresh_install_and_keeps_the_data(
    release: str, database: str, fresh: str, tmp_path: Path
) -> None:
    sql_dir = files_of(release, tmp_path)
    with new_database(database) as uri:
        migrate(uri, "apply", sql_dir=sql_dir)
        load_demo(uri, sql_dir)
        queries = dict(query(uri, DATA))
        before = {table: query(uri, text) for table, text in queries.items()}
        assert before["retail.orders"][0][0] == ORDERS
        assert before["auth.api_keys"][0][0] == 10, "the demo has ten users with a key"

        migrate(uri, "apply", *(["--all"] if release == TODAY else []))

        assert difference(snapshot(fresh), snapshot(uri)) == ""
        assert {table: query(uri, text) for table, text in queries.items()} == before
        assert migrate(uri, "verify").endswith(" 0 findings\n")
        assert migrate(uri, "drift").endswith(" 0 differ\n")
