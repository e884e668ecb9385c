"""The core's pgTAP files, against a server that has the core alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from scratch import (
    ROOT,
    Snapshot,
    command_line,
    difference,
    migrate,
    name_of,
    new_database,
    snapshot,
)

from zava_mcp.config import CORE_ROOT
from zava_mcp.local import cluster
from zava_mcp.migrate import pgtap

TESTS = CORE_ROOT / "tests"
MANAGED = ROOT / "docs" / "managed.md"
FILES = {str(path.relative_to(TESTS)): path for path in sorted(TESTS.rglob("test_*.sql"))}
# the roles of the fixture, which bootstrap gives to an ordinary login
NEUTRAL = """\
[project]
name = "neutral"
login = "demo_server"
roles = ["demo_owner"]
audiences = ["demo_members", "demo_admins"]
"""
ROLES = "select rolname from pg_roles where rolname ~ '^(demo|test)' order by 1"
NEEDS_SUPERUSER = [
    "mcp/test_check_login.sql",
    "mcp/test_export_files.sql",
    "mcp/test_health.sql",
    "mcp/test_maintain.sql",
    "mcp/test_skills.sql",
    "mcp/test_task_pairs.sql",
    "mcp/test_task_runs.sql",
    "mcp/test_tasks.sql",
    "mcp/test_wal_position.sql",
    "mcp_auth/test_audiences.sql",
    "mcp_auth/test_claims.sql",
    "mcp_auth/test_limits.sql",
    "mcp_auth/test_server_logins.sql",
    "mcp_catalog/test_groups.sql",
    "mcp_catalog/test_hidden_types.sql",
    "mcp_catalog/test_refusals.sql",
    "mcp_log/test_call_log.sql",
    "mcp_log/test_call_log_seals.sql",
    "mcp_log/test_performance.sql",
    "mcp_log/test_unmet.sql",
    "mcp_migrate/test_access_lists.sql",
    "mcp_migrate/test_bypass.sql",
    "mcp_migrate/test_checks.sql",
    "mcp_migrate/test_core_access.sql",
    "mcp_migrate/test_distribution.sql",
    "mcp_migrate/test_hidden_rows.sql",
    "mcp_migrate/test_open_policies.sql",
    "mcp_migrate/test_reach.sql",
    "mcp_migrate/test_system_columns.sql",
    "mcp_tool/test_search_tools.sql",
    "security/test_lockdown.sql",
    "security/test_locked_procedures.sql",
    "security/test_masked_columns.sql",
    "security/test_security_catalog.sql",
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL of its own: its owner's URI."""
    folder = Path(tempfile.mkdtemp(prefix="zava-core-"))  # short, as a socket's name must be
    try:
        with cluster.server(folder, cluster.THROW_AWAY) as uri:
            yield uri
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def neutral(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without a file of its own."""
    folder = tmp_path_factory.mktemp("neutral")
    (folder / "sql").mkdir()
    (folder / "zava.toml").write_text(NEUTRAL)
    return folder


@pytest.fixture(scope="module")
def core(server: str, neutral: Path) -> Iterator[str]:
    """The core, applied, with the helpers of its tests, which leave nothing: its owner's URI."""
    migrate(server, "apply", project=neutral)
    before = state(server)
    with (
        psycopg.connect(server, autocommit=True) as connection,
        pgtap.helpers(connection, TESTS / "helpers", nullcontext(), nullcontext()),
    ):
        yield server
    after = state(server)
    assert difference(before[0], after[0]) == ""
    assert before[1] == after[1] == []


def state(uri: str) -> tuple[Snapshot, list[str]]:
    """Read all objects of a database, and the roles that the helpers might have left."""
    with psycopg.connect(uri) as connection:
        roles = [name for (name,) in connection.execute(ROLES.encode()).fetchall()]
    return snapshot(uri), roles


@pytest.mark.parametrize("name", FILES)
def test_file_passes(core: str, name: str) -> None:
    result = pgtap.run_file(core, name, FILES[name].read_text())

    assert result.is_ok, pgtap.tap_block(result, 1)


def test_nothing_names_an_application_or_an_extension() -> None:
    files = sorted(CORE_ROOT.rglob("*.sql"))
    assert len(files) > len(FILES)
    words = re.compile(
        r"\bretail\b|store_managers|regional_managers|head_office|zava_owner|zava://|\bext\.",
        re.IGNORECASE,
    )
    assert [path.name for path in files if words.search(path.read_text())] == []


def test_ordinary_login_runs_them_too(core: str, neutral: Path) -> None:
    """But for those that only a superuser can, which are counted as skipped."""
    login = "ordinary"
    with new_database(core, is_ours=False) as uri:
        options = ("--print", "--login", login, "--database", name_of(uri))
        script = subprocess.run(
            command_line("migrate", "bootstrap", *options),
            cwd=neutral,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(script.encode())
        theirs = urlsplit(uri)._replace(netloc=f"{login}@").geturl()
        migrate(theirs, "apply", project=neutral)
        migrate(uri, "lockdown on", "--yes", project=neutral)
        before = snapshot(uri)

        report = migrate(theirs, "test", "--json", "--tree", "core", project=neutral)

        files = json.loads(report)["files"]
        assert len(files) == len(FILES)
        skipped = [neutral.joinpath(file["file"]).resolve() for file in files if file["skipped"]]
        assert sorted(skipped) == [TESTS / name for name in NEEDS_SUPERUSER]
        assert f"The core has {len(skipped)} of them" in MANAGED.read_text()
        assert difference(before, snapshot(uri)) == ""
