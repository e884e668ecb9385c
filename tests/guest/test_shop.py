"""A guest beside django-oscar: a real application goes on, and so does its owner's pg_dump."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from guest import HERE, NAME, Guest, new_project, theirs
from psycopg import sql
from scratch import as_login, difference, name_of, new_database

from zava_mcp.local import cluster

SHOP = "shop_of_others"
ORDERED = r"public\.(basket|order|partner|analytics|catalogue)_\w+"


@pytest.fixture
def role(server: str) -> Iterator[None]:
    """The shop's own login."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create role {SHOP} login".encode())
        yield
        connection.execute(f"drop role {SHOP}".encode())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    with new_project(tmp_path) as folder:
        yield folder


class Shop:
    """django-oscar, as a process that places orders while the guest comes and goes."""

    def __init__(self, uri: str) -> None:
        with psycopg.connect(as_login(uri, SHOP)) as connection:
            info = connection.info
            place = [name_of(uri), SHOP, info.host, str(info.port)]
        self.command = [sys.executable, str(HERE / "shop.py"), *place]

    def migrate(self) -> None:
        subprocess.run([*self.command, "migrate"], check=True, capture_output=True)

    def __enter__(self) -> Shop:
        self.process = subprocess.Popen(
            [*self.command, "work"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def say(self, line: str) -> str:
        """Send a line and give the answer: how many orders were placed, or what went wrong."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def dump(uri: str, *options: str) -> str:
    """Dump a schema as the owner of the database does, without what pg_dump makes up."""
    command = [str(cluster.bin_dir() / "pg_dump"), "-s", *options, as_login(uri, SHOP)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return re.sub(r"^\\(un)?restrict .*\n", "", done.stdout, flags=re.MULTILINE)


def test_a_shop_goes_on(server: str, role: None, project: Path) -> None:
    with new_database(server, is_ours=False) as uri:
        with psycopg.connect(uri, autocommit=True) as connection:
            database = sql.Identifier(name_of(uri))
            connection.execute(
                sql.SQL("alter database {} owner to {}").format(database, sql.Identifier(SHOP))
            )
        shop, guest = Shop(uri), Guest(uri, project, SHOP)
        shop.migrate()
        with shop:
            assert shop.say("order") == "1"
            before, dumped = theirs(uri, ORDERED), dump(uri)
            assert sum(name.startswith("relation ") for name in before) > 100
            for step in (guest.install, guest.upgrade, guest.uninstall):
                assert shop.say("start").isdigit()
                step()
                assert int(shop.say("stop")) > 0, "orders were placed meanwhile"
                assert shop.say("order") == "1"
                assert difference(before, theirs(uri, ORDERED)) == "", step.__name__
                dump(uri)
                assert (
                    dump(uri, "-N", "mcp*", "-N", NAME, "-N", f"{NAME}_api").replace(EVENT, "")
                    == dumped
                )


EVENT = ""
