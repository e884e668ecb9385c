"""What a command asks before it removes something: the question names the database."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from scratch import ROOT, command_line, migrate, name_of, new_database

# objects that the commands would remove
LEFT = """
select count(*) from mcp_auth.audiences where audience = 'head_office'
union all
select count(*) from mcp_migrate.version
"""


def answered_no(*arguments: str) -> str:
    """Run a command on a terminal, answer no, and return all that it printed."""
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    done = subprocess.run(
        command_line(*arguments),
        cwd=ROOT,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 130, done.stdout
    return done.stdout


@pytest.mark.parametrize(
    ("command", "question"),
    [
        (("migrate", "rollback", "--to", "0"), "{}: roll back sql/"),
        (("uninstall",), "Remove all of this from {}, with its data?"),
        (("audience", "remove", "head_office"), " with its 1 user and their keys from {}?"),
        (("demo",), "Fill {} with demo data?"),
    ],
)
def test_the_question_names_the_database_and_no_password(
    database: str, private_dir: Path, command: tuple[str, ...], question: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("ZAVA_DATA_DIR", str(private_dir))
    with psycopg.connect(database) as conn:
        before = conn.execute(LEFT.encode()).fetchall()
    assert (0,) not in before
    secret = database.replace("postgres@", "postgres:s3cret@")
    said = answered_no(*command, "--database-url", secret)
    place = f"app on {conninfo_to_dict(database)['host']}:5432 as postgres"
    assert question.format(place) in said
    assert "s3cret" not in said
    with psycopg.connect(database) as conn:
        assert conn.execute(LEFT.encode()).fetchall() == before


def test_the_lock_down_says_who_loses_what_and_asks(server: str) -> None:
    acls = "select oid, proacl::text from pg_proc union all select oid, relacl::text from pg_class"
    with new_database(server, is_ours=False) as uri, psycopg.connect(uri, autocommit=True) as conn:
        migrate(uri, "apply")
        before = conn.execute(f"{acls} order by 1".encode()).fetchall()
        said = answered_no("migrate", "lockdown", "on", "--database-url", uri)
        assert re.search(r"PUBLIC would lose \d{3} privileges; logins that lose something: ", said)
        assert f"Lock {name_of(uri)} on " in said
        assert " as postgres down? [y/N]: " in said
        assert conn.execute(f"{acls} order by 1".encode()).fetchall() == before
