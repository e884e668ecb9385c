"""Zava Retail as tests and benchmarks run it: its project, its demo and its server."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from zava_mcp.config import read_project
from zava_mcp.local import cluster
from zava_mcp.project import demo
from zava_mcp.project.serving import serving

ROOT = Path(__file__).resolve().parents[1]
PROJECT = read_project(ROOT / "zava.toml")
LOGIN = PROJECT.login
SEED = demo.SEED

__all__ = ["LOGIN", "PROJECT", "ROOT", "SEED", "demo_keys", "prepare", "served", "serving"]


class Served(NamedTuple):
    """A server on a database of its own, with the demo."""

    origin: str
    keys: dict[str, Any]  # as demo_keys has them
    uri: str  # of the database, for its owner


def prepare(
    uri: str, orders: int, embedder: str, history: timedelta = timedelta(days=2192)
) -> bool:
    """Apply the core, Zava and its demo, and load ``orders`` where the database is empty."""
    return demo.prepare(PROJECT, uri, embedder, orders, history=f"{history.days} days")


def demo_keys(uri: str, server_uri: str, file: Path) -> dict[str, Any]:
    """Return {"head_office": key, "regional_manager": key, "stores": {store name: key}}."""
    return demo.demo_keys(PROJECT, uri, server_uri, file)


@contextmanager
def served(orders: int, **settings: str) -> Iterator[Served]:
    """Serve a new database with the demo, without embedder; ``settings`` are the server's."""
    with (
        tempfile.TemporaryDirectory(prefix="zava-bench-") as name,
        cluster.server(Path(name), cluster.THROW_AWAY) as uri,
    ):
        prepare(uri, orders, "none")
        login = cluster.uri(Path(name), LOGIN)
        keys, port = demo_keys(uri, login, Path(name) / "keys.json"), free_port()
        quiet = {"ZAVA_EMBEDDER": "none", "ZAVA_LOG_LEVEL": "warning"}
        with serving(login, "127.0.0.1", port, Path(name) / "log", **quiet, **settings):
            yield Served(f"http://127.0.0.1:{port}", keys, uri)


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
