"""Where the tests of this folder take place: a database of their own with the suite's functions."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from proxy import adding
from test_server import another_server

from benchmarks import zava

HERE = Path(__file__).resolve().parent
DATABASE = "conformance"


class Place(NamedTuple):
    """Where the server answers whom."""

    direct: str  # who has the key
    open: str  # anybody on this machine, through the proxy
    keys: dict[str, Any]
    database: str  # URI of its owner
    server: subprocess.Popen[bytes]
    log: Path


@contextmanager
def opened(database: str, shim_url: str, folder: Path) -> Iterator[Place]:
    """Make a database with the functions, and run a server and a proxy before it.

    The server makes tasks and leaves it to others to run them.
    """
    owner, shim = (
        urlsplit(url)._replace(path=f"/{DATABASE}").geturl() for url in (database, shim_url)
    )
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"create database {DATABASE}".encode())
    try:
        zava.prepare(owner, 100, "none")
        with psycopg.connect(owner) as connection:
            for file in sorted(HERE.glob("*.sql")):
                connection.execute(file.read_bytes())
            connection.execute("update mcp_auth.limits set calls_per_minute = 1000000")
        keys, log = zava.demo_keys(owner, shim, folder / "keys.json"), folder / "log"
        with (
            another_server(shim, log, ZAVA_TASKS="0") as (url, server),
            adding(keys["head_office"], int(urlsplit(url).port or 0)) as port,
        ):
            yield Place(url, f"http://127.0.0.1:{port}/mcp", keys, owner, server, log)
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"drop database {DATABASE} with (force)".encode())


@contextmanager
def another_way(place: Place, shim_url: str, log: Path, **settings: str) -> Iterator[str]:
    """Run another server on the same database; give the URL for anybody on this machine."""
    shim = urlsplit(shim_url)._replace(path=f"/{DATABASE}").geturl()
    with (
        another_server(shim, log, **settings) as (url, _),
        adding(place.keys["head_office"], int(urlsplit(url).port or 0)) as port,
    ):
        yield f"http://127.0.0.1:{port}/mcp"
