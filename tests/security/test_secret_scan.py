"""No key, token or signing secret in the repository, in the logs, on command lines."""

from __future__ import annotations

import secrets
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from secret_scan import repository_files, scan_files, scan_processes, secrets_of
from world import message, send


@pytest.fixture(scope="session", autouse=True)
def logs_of_the_run(
    database: str, data_dir: Path, http_server: str, keys: dict[str, Any]
) -> Iterator[list[Path]]:
    """The logs of PostgreSQL and of the MCP server, scanned when all tests have ended."""
    logs = [data_dir / "postgres" / "server.log", data_dir / "server.log"]
    yield logs
    known = secrets_of(database) | dict.fromkeys(texts(keys), "API key of the demo")
    assert all(log.stat().st_size for log in logs)
    assert scan_files(logs, known) == []


def texts(value: Any) -> list[str]:
    """The texts of a JSON value."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    return [value]


def test_there_is_no_secret_in_the_repository_or_on_a_command_line(database: str) -> None:
    known = secrets_of(database)
    assert len(repository_files()) > 200
    assert scan_files(repository_files(), known) == []
    assert scan_processes(known) == []


def test_a_failing_call_leaves_no_credential_in_the_logs(
    http_server: str, keys: dict[str, Any], logs_of_the_run: list[Path]
) -> None:
    """What the scan at the end is for: calls that PostgreSQL and the server log as failures."""
    wrong = message("execute_sales_query", {"postgresql_query": "selec"})
    with httpx2.Client(base_url=http_server.removesuffix("/mcp")) as client:
        assert send(client, keys["head_office"], wrong).outcome == "VALIDATION_ERROR"
        assert send(client, keys["head_office"] + "0", wrong).outcome == "unauthorized"
    log = logs_of_the_run[0].read_text()
    assert "syntax error" in log
    assert keys["head_office"].rpartition("_")[2] not in log


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("API key", lambda: f"zava_{secrets.token_hex(8)}_{secrets.token_hex(32)}"),
        ("assertion", lambda: f"assert_{b'x'.hex()}_1790000000_{secrets.token_hex(32)}"),
        ("assertion key", lambda: f"ZAVA_ASSERTION_KEY={secrets.token_hex(32)}"),
        ("JSON web token", lambda: ".".join(b64encode(b'{"alg":"xx"}').decode() for _ in "123")),
        ("private key", lambda: "-----BEGIN " + "RSA PRIVATE KEY-----"),
        ("database password", lambda: f"postgresql://zava_mcp:{secrets.token_hex(4)}@db/zava"),
        ("GitHub Token", lambda: "ghp" + "_" + "a1B2" * 9),
    ],
)
def test_a_secret_is_found_and_not_repeated(tmp_path: Path, kind: str, made: Any) -> None:
    secret, file = made(), tmp_path / "notes.md"
    file.write_text(f"first line\nit is '{secret}' today\n")
    found = scan_files([file], {})
    assert f"{file}:2: {kind}" in found
    assert not any(secret in line for line in found)


def test_the_secrets_of_the_database_are_found_in_every_form(
    database: str, keys: dict[str, Any], tmp_path: Path
) -> None:
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "select inner_key, outer_key from mcp_auth.signing_keys where purpose = 'context'"
        ).fetchone()
    assert row is not None
    file = tmp_path / "log"
    lines = [row[0].hex(), b64encode(row[1]).decode(), bytes(b ^ 0x36 for b in row[0][:32]).hex()]
    file.write_text("\n".join(f"key {line}" for line in lines))
    found = scan_files([file], secrets_of(database))
    assert found == [f"{file}:{number}: signing key context" for number in (1, 2, 3)]


def test_a_secret_on_a_command_line_is_found() -> None:
    secret = f"zava_{secrets.token_hex(8)}_{secrets.token_hex(32)}"
    waiting = [sys.executable, "-c", "input()", secret]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as process:
        found = scan_processes({})
        process.communicate(b"\n")
    assert any(line.startswith(f"process {process.pid} ") for line in found)
    assert not any(secret in line for line in found)
