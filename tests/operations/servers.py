"""The servers around ours: a pgbouncer before the database, a standby behind it, both real."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

from zava_mcp.local import cluster

POOLER_PORT = 6432  # a part of the socket's name


@contextmanager
def pooler(uri: str, sessions: int = 4, mode: str = "transaction", more: str = "") -> Iterator[str]:
    """A pgbouncer before the server of a URI; yields the URI through it.

    A client gets one of a few sessions, for one transaction or as ``mode`` says.
    ``more`` are further lines of its settings.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "pgbouncer is missing: apt install pgbouncer"
    parts = urlsplit(uri)
    place = parse_qs(parts.query)
    [host], [port] = place["host"], place["port"]
    account = Path(host).stat()
    with tempfile.TemporaryDirectory(prefix="zava-pooler-") as name:
        folder = Path(name)
        users, config, log = folder / "users", folder / "config", folder / "log"
        users.write_text(f'"{parts.username}" ""\n')
        config.write_text(
            f"[databases]\n* = host={host} port={port}\n[pgbouncer]\n"
            f"listen_addr =\nunix_socket_dir = {folder}\nlisten_port = {POOLER_PORT}\n"
            f"auth_type = trust\nauth_file = {users}\nlogfile = {log}\n"
            f"pool_mode = {mode}\ndefault_pool_size = {sessions}\nmax_client_conn = 200\n{more}\n"
        )
        for file in (folder, users, config):
            os.chown(file, account.st_uid, account.st_gid)
        through = (
            f"postgresql://{parts.username}@{parts.path}?host={quote(name)}&port={POOLER_PORT}"
        )
        with subprocess.Popen([program, "-q", config], **as_owner(Path(host))) as process:
            try:
                wait_for(through, process)
                yield through
            finally:
                process.terminate()


@contextmanager
def standby(uri: str, folder: Path) -> Iterator[str]:
    """A hot standby of the server of a URI, with the data in a folder; yields its own URI."""
    parts = urlsplit(uri)
    place = parse_qs(parts.query)
    [host], [port] = place["host"], place["port"]
    account = Path(host).stat()
    data = folder / "postgres"
    folder.mkdir(mode=0o755, exist_ok=True)
    folder.parent.chmod(0o755)  # PostgreSQL may run as another user, who must be able to pass
    data.mkdir(mode=0o700)
    os.chown(data, account.st_uid, account.st_gid)
    options = ("-h", host, "-p", port, "-U", cluster.OWNER, "-D", data, "-c", "fast", "-R")
    run_as_owner([cluster.bin_dir() / "pg_basebackup", *options], data)
    for left in (data / "postmaster.pid", *data.glob(".s.PGSQL.*")):  # the primary's
        left.unlink(missing_ok=True)
    try:
        cluster.start(folder, cluster.THROW_AWAY)
        yield cluster.uri(folder, str(parts.username))
    finally:
        cluster.stop(folder)


def run_as_owner(command: list[str | Path], folder: Path) -> None:
    """Run a program of PostgreSQL, which refuses root, as the owner of a folder."""
    subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **as_owner(folder)
    )


def as_owner(folder: Path) -> dict[str, Any]:
    """Return what makes a process of root one of a folder's owner."""
    info = folder.stat()
    if os.geteuid() != 0:
        return {}
    return {"user": info.st_uid, "group": info.st_gid, "extra_groups": []}


def wait_for(uri: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server takes connections."""
    deadline = time.monotonic() + 15
    while True:
        try:
            psycopg.connect(uri).close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None, "it ended"
            assert time.monotonic() < deadline, "it did not start in time"
            time.sleep(0.05)
