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
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

from benchmarks.zava import as_owner, run_as_owner, standby

__all__ = ["as_owner", "pooler", "run_as_owner", "standby", "wait_for"]

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
