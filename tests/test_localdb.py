"""localdb.py: the embedded server on folders of all kinds, its commands, and serving the demo."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from mcp import Client, StdioServerParameters

import localdb
from localdb import LocalError


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of localdb.py with settings in its environment."""
    return subprocess.run(
        [sys.executable, localdb.ROOT / "localdb.py", *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[str]:
    """A server whose data may be lost."""
    with localdb.server(data_dir, {**localdb.THROW_AWAY, **settings}) as uri:
        yield uri


def ask(uri: str, query: str) -> Any:
    with psycopg.connect(uri) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def processes_on(folder: Path) -> list[str]:
    """Command lines of the processes that name a folder, zombies and the tests themselves aside."""
    return [
        line
        for process in psutil.process_iter(["pid", "cmdline"])
        if process.pid != os.getpid()
        and str(folder) in (line := " ".join(process.info["cmdline"] or []))
    ]


def ended(process: psutil.Process) -> bool:
    """Say whether a process has ended, reaped or not."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# The server -------------------------------------------------------------------------------------


def test_server_is_new_enough_and_set_up(private_dir: Path) -> None:
    with running(private_dir) as uri:
        assert ask(uri, "show server_version_num") >= "180000"
        assert ask(uri, "select current_database()::text") == "zava"
        assert (
            ask(
                uri,
                "select datlocprovider::text || ' ' || datlocale || ' ' || getdatabaseencoding()"
                " from pg_database where datname = current_database()",
            )
            == "b C.UTF-8 UTF8"
        )
        assert ask(uri, "show timezone") == "UTC"
        assert ask(uri, "show jit") == "off"
        assert ask(uri, "show fsync") == "off", "settings given win"
        assert ask(uri, "show log_parameter_max_length") == "0"
        assert ask(
            uri,
            "select default_version >= '0.8' from pg_available_extensions where name = 'vector'",
        )
        assert ask(uri, "select count(*) from pg_available_extensions where name = 'pgtap'") == 1
        assert (private_dir / "postgres" / "server.log").stat().st_size > 0


def test_nobody_else_can_enter(private_dir: Path) -> None:
    data_dir = private_dir / "data"
    with running(data_dir) as uri:
        assert ask(uri, "show listen_addresses") == ""
        cluster = data_dir / "postgres"
        for folder in (cluster, data_dir, private_dir):
            assert not folder.stat().st_mode & stat.S_IRWXO, f"{folder} is open to everyone"
            assert not folder.stat().st_mode & (stat.S_IRGRP | stat.S_IWGRP), (
                f"{folder} can be read"
            )
        assert stat.S_IMODE(cluster.stat().st_mode) == 0o700
        assert stat.S_IMODE((cluster / ".s.PGSQL.5432").stat().st_mode) == 0o700


def test_data_survive_a_restart(private_dir: Path) -> None:
    with running(private_dir) as uri, psycopg.connect(uri) as connection:
        connection.execute("create table kept as select 42 as answer")
    with running(private_dir) as uri:
        assert ask(uri, "select answer from kept") == 42


def test_stop_says_whether_it_ran(private_dir: Path) -> None:
    localdb.start(private_dir, localdb.THROW_AWAY)
    assert localdb.stop(private_dir)
    assert not localdb.stop(private_dir)
    assert processes_on(private_dir) == []


def test_stop_ends_open_sessions(private_dir: Path) -> None:
    uri = localdb.start(private_dir, localdb.THROW_AWAY)
    with closing(psycopg.connect(uri)) as connection:
        connection.execute("select 1")  # and the transaction stays open
        assert localdb.stop(private_dir)
    assert processes_on(private_dir) == []


def test_context_leaves_a_running_server_alone(private_dir: Path) -> None:
    with running(private_dir) as outer:
        with localdb.server(private_dir) as inner:
            assert inner == outer
        assert ask(outer, "select 1") == 1


def test_no_session_takes_all_the_memory(private_dir: Path) -> None:
    with (
        localdb.server(private_dir, localdb.THROW_AWAY) as uri,
        psycopg.connect(uri, autocommit=True) as connection,
    ):
        with pytest.raises(psycopg.errors.OutOfMemory):
            connection.execute(
                "select string_agg(repeat('x', 1000000), '') from generate_series(1, 1000)"
            )
        answer = connection.execute("select length(repeat('x', 100000000))").fetchone()
    assert answer == (100_000_000,), "the session lives, and has room for what is large"


def test_server_stops_when_the_block_fails(private_dir: Path) -> None:
    with pytest.raises(ZeroDivisionError), running(private_dir):
        _ = 1 / 0
    assert processes_on(private_dir) == []


def test_long_path_gets_a_socket_elsewhere(private_dir: Path) -> None:
    data_dir = private_dir / ("long" * 40)
    with running(data_dir) as uri:
        folder = Path(str(psycopg.conninfo.conninfo_to_dict(uri)["host"]))
        assert not folder.is_relative_to(data_dir)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert ask(uri, "select 1") == 1
    assert not folder.exists()


def test_strange_characters_in_the_path(private_dir: Path) -> None:
    with running(private_dir / "it's, 100%, a folder") as uri:
        assert ask(uri, "select 1") == 1


def test_port_in_the_environment_is_ignored(
    private_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6000")
    with running(private_dir) as uri:
        assert ask(uri, "show port") == "5432"


@pytest.mark.parametrize("pid_is", ["nobody's", "another program's"])
def test_start_after_a_kill(private_dir: Path, pid_is: str) -> None:
    uri = localdb.start(private_dir)
    with psycopg.connect(uri) as connection:
        connection.execute("create table kept as select 42 as answer")
    pid_file = private_dir / "postgres" / "postmaster.pid"
    server = psutil.Process(int(pid_file.read_text().splitlines()[0]))
    processes = [server, *server.children()]
    server.kill()
    wait_until(lambda: all(ended(process) for process in processes))
    if pid_is == "another program's":
        for file in (pid_file, pid_file.with_name(".s.PGSQL.5432.lock")):
            file.write_text("\n".join([str(os.getpid()), *file.read_text().splitlines()[1:], ""]))
    with running(private_dir) as again:
        assert ask(again, "select answer from kept") == 42


def test_interrupted_initdb_is_made_again(private_dir: Path) -> None:
    draft = private_dir / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with running(private_dir) as uri:
        assert ask(uri, "select 1") == 1
    assert not draft.exists()


def test_cluster_of_another_version_is_refused(private_dir: Path) -> None:
    (private_dir / "postgres").mkdir()
    (private_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(
        LocalError, match=r"PostgreSQL 17, this is 18: choose another ZAVA_DATA_DIR"
    ):
        localdb.start(private_dir)


def test_failed_start_shows_the_server_log(private_dir: Path) -> None:
    with pytest.raises(LocalError, match=r"pg_ctl failed:[\s\S]*no_such_setting"):
        localdb.start(private_dir, {"no_such_setting": "1"})


def test_uri_without_a_server(private_dir: Path) -> None:
    with pytest.raises(LocalError, match=r"no database runs on .*: start it with make serve"):
        localdb.uri(private_dir)


# The commands -----------------------------------------------------------------------------------


def test_uri_and_psql(private_dir: Path) -> None:
    with running(private_dir) as uri:
        settings = {"ZAVA_DATA_DIR": str(private_dir)}
        assert run("uri", **settings).stdout.strip() == uri
        shim_uri = run("uri", "--role", "zava_mcp", **settings).stdout.strip()
        assert psycopg.conninfo.conninfo_to_dict(shim_uri)["user"] == "zava_mcp"
        said = run("psql", "-Atc", "select current_user, 6 * 7", **settings)
        assert said.stdout == "postgres|42\n"


def test_database_url_takes_the_place_of_the_embedded_server(private_dir: Path) -> None:
    said = run("uri", ZAVA_DATA_DIR=str(private_dir), DATABASE_URL="postgresql://dba@db/zava")
    assert said.stdout == "postgresql://dba@db/zava\n"


def test_commands_without_a_server(private_dir: Path) -> None:
    settings = {"ZAVA_DATA_DIR": str(private_dir)}
    for command in ("uri", "psql"):
        said = run(command, **settings)
        assert (said.returncode, said.stderr.count("\n")) == (1, 1)
        assert "start it with make serve" in said.stderr
    assert run("stop", **settings).stdout == "no database was running\n"


@pytest.mark.parametrize(
    ("setting", "value", "code", "message"),
    [
        ("ZAVA_PORT", "70000", 2, "70000 is not in the range 1<=x<=65535"),
        ("ZAVA_DEMO_ORDERS", "many", 2, "'many' is not a valid integer"),
        ("ZAVA_DEMO_ORDERS", "99", 2, "99 is not in the range 100<=x<=5000000"),
        ("ZAVA_DEMO_ORDER", "500", 2, "did you mean ZAVA_DEMO_ORDERS"),
        ("ZAVA_EMBEDDER", "magic", 2, "'magic' is not one of 'local', 'openai', 'none'"),
        ("ZAVA_DATABASE_URL", "postgresql://x", 2, "without DATABASE_URL"),
        ("ZAVA_HOST", "no-such-host.invalid", 1, "choose another with ZAVA_PORT"),
        ("ZAVA_DATA_DIR", "/proc/nowhere", 1, "choose another folder with ZAVA_DATA_DIR"),
        ("DATABASE_URL", "postgresql://127.0.0.1:9/x", 1, "connection"),
    ],
)
def test_bad_setting_is_one_clear_message(
    private_dir: Path, free_port: int, setting: str, value: str, code: int, message: str
) -> None:
    usual = {"ZAVA_DATA_DIR": str(private_dir), "ZAVA_PORT": str(free_port)}
    said = run("serve", **{**usual, setting: value})
    assert said.returncode == code
    assert message in said.stderr
    assert "Traceback" not in said.stderr
    assert processes_on(private_dir) == []


# The login of the MCP server on somebody's server -----------------------------------------------


@pytest.fixture
def foreign(private_dir: Path, free_port: int) -> Iterator[str]:
    """A server that listens on TCP and wants zava_mcp's password; its superuser's URI."""
    with running(private_dir) as uri, psycopg.connect(uri) as connection:
        connection.execute("create role zava_mcp login")
    (private_dir / "postgres" / "pg_hba.conf").write_text(
        "local all all trust\n"
        "host all zava_mcp 127.0.0.1/32 scram-sha-256\n"
        "host all all 127.0.0.1/32 trust\n"
    )
    with running(private_dir, listen_addresses="127.0.0.1", port=str(free_port)):
        yield f"postgresql://postgres@127.0.0.1:{free_port}/zava"


def test_shim_login_gets_a_password_once(foreign: str, private_dir: Path) -> None:
    file = private_dir / "shim.json"
    url = localdb._shim_login(foreign, file)
    assert ask(url, "select current_user::text") == "zava_mcp"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert localdb._shim_login(foreign, file) == url
    with pytest.raises(psycopg.OperationalError):
        ask(re.sub(":[^:@]*@", ":wrong@", url), "select 1")
    log = (private_dir / "postgres" / "server.log").read_text()
    assert json.loads(file.read_text())["password"] not in log


def test_shim_login_that_is_in_use_is_left_alone(foreign: str, private_dir: Path) -> None:
    with psycopg.connect(foreign) as connection:
        connection.execute("alter role zava_mcp password 'of another deployment'")
    with pytest.raises(LocalError, match="set ZAVA_DATABASE_URL"):
        localdb._shim_login(foreign, private_dir / "shim.json")
    assert ask(foreign.replace("postgres@", "zava_mcp:of%20another%20deployment@"), "select 1") == 1


# Serving ----------------------------------------------------------------------------------------


class Served:
    """A `localdb.py serve` in a process group of its own, as a terminal would start it."""

    def __init__(self, data_dir: Path, port: int, **settings: str) -> None:
        self.output = data_dir.with_name(f"{time.monotonic_ns()}.txt")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, localdb.ROOT / "localdb.py", "serve"],
                env={
                    **os.environ,
                    "ZAVA_DATA_DIR": str(data_dir),
                    "ZAVA_PORT": str(port),
                    "ZAVA_DEMO_ORDERS": "300",
                    "ZAVA_EMBEDDER": "none",
                    **settings,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def wait_for(self, text: str) -> str:
        deadline = time.monotonic() + 120
        while text not in (said := self.output.read_text()):
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        return said

    def stop(self, number: signal.Signals) -> int:
        os.killpg(self.process.pid, number)
        return self.process.wait(60)


@pytest.fixture
def serve(private_dir: Path, free_port: int) -> Iterator[Callable[..., Served]]:
    """Give the function that starts `serve` on one data folder and port, again and again."""
    started: list[Served] = []

    def start(**settings: str) -> Served:
        started.append(Served(private_dir / "data", free_port, **settings))
        return started[-1]

    yield start
    for served in started:
        if served.process.poll() is None:
            served.stop(signal.SIGTERM)
    localdb.stop(private_dir / "data")


READY = "Ctrl-C stops everything"


def status_of(url: str) -> int:
    request = urllib.request.Request(url, data=b"{}")  # noqa: S310 - http, as serve printed it
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def configurations(said: str) -> list[dict[str, Any]]:
    """Read the client configurations out of what serve printed."""
    decoder = json.JSONDecoder()
    return [
        decoder.raw_decode(said, found.start())[0]["mcpServers"]["zava-retail"]
        for found in re.finditer(r'\{\s*"mcpServers"', said)
    ]


@pytest.mark.anyio
async def test_serve_prints_what_a_client_needs(
    private_dir: Path, free_port: int, serve: Callable[..., Served]
) -> None:
    served = serve()
    said = served.wait_for(READY)
    over_http, over_stdio = configurations(said)
    file = private_dir / "data" / "keys.json"
    keys = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(keys) == {"head_office", "regional_manager", "stores"}
    assert len(keys["stores"]) == 8
    for key in (keys["head_office"], keys["regional_manager"], *list(keys["stores"].values())[:1]):
        assert key in said
    assert over_http["url"] == f"http://127.0.0.1:{free_port}/mcp"
    assert over_http["headers"] == {
        "Authorization": f"Bearer {next(iter(keys['stores'].values()))}"
    }
    assert status_of(over_http["url"]) == 401

    async with Client(StdioServerParameters(**over_stdio)) as client:
        tools = (await client.list_tools()).tools
    assert "get_store_performance" in {tool.name for tool in tools}
    assert "--tool-name get_store_performance" in said

    assert served.stop(signal.SIGTERM) == 0
    assert processes_on(private_dir) == []


def test_serve_again_reuses_everything(private_dir: Path, serve: Callable[..., Served]) -> None:
    first = serve()
    assert "demo data generated" in first.wait_for(READY)
    file = private_dir / "data" / "keys.json"
    keys = file.read_text()
    assert first.stop(signal.SIGINT) == 0
    assert processes_on(private_dir) == []

    second = serve()
    assert "demo data generated" not in second.wait_for(READY)
    assert file.read_text() == keys
    assert second.stop(signal.SIGHUP) == 0

    file.write_text(keys.replace("zava_", "zava_0"))  # keys that nobody has
    third = serve()
    third.wait_for(READY)
    renewed = json.loads(file.read_text())
    assert renewed.keys() == json.loads(keys).keys()
    assert renewed["head_office"] not in (keys, json.loads(keys)["head_office"])
    assert third.stop(signal.SIGTERM) == 0
    assert processes_on(private_dir) == []


def test_second_serve_is_refused(
    private_dir: Path, free_port: int, serve: Callable[..., Served]
) -> None:
    served = serve()
    served.wait_for(READY)
    data_dir = str(private_dir / "data")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other_port = str(probe.getsockname()[1])
    for said in (
        run("serve", ZAVA_DATA_DIR=data_dir, ZAVA_PORT=other_port),
        run("stop", ZAVA_DATA_DIR=data_dir),
    ):
        assert said.returncode == 1
        assert f"{data_dir} is in use by process {served.process.pid}" in said.stderr
        assert said.stderr.count("\n") == 1
    said = run("serve", ZAVA_DATA_DIR=str(private_dir / "other"), ZAVA_PORT=str(free_port))
    assert said.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {free_port}" in said.stderr
    assert served.process.poll() is None


def test_interrupted_preparation_leaves_nothing_behind(
    private_dir: Path, serve: Callable[..., Served]
) -> None:
    first = serve(ZAVA_DEMO_ORDERS="100000")
    first.wait_for("sql/ applied")
    time.sleep(0.5)  # into the generation of the demo
    assert first.stop(signal.SIGINT) == 0
    assert processes_on(private_dir) == []
    second = serve()
    second.wait_for(READY)
    assert second.stop(signal.SIGTERM) == 0


def test_serve_ends_when_the_mcp_server_does(
    private_dir: Path, serve: Callable[..., Served]
) -> None:
    served = serve()
    served.wait_for(READY)
    (child,) = psutil.Process(served.process.pid).children()
    child.kill()
    assert served.process.wait(60) == 1
    assert "server.py ended by itself" in served.output.read_text()
    assert processes_on(private_dir) == []


def test_serve_on_a_server_of_ones_own(private_dir: Path, serve: Callable[..., Served]) -> None:
    with running(private_dir / "own") as uri:
        served = serve(DATABASE_URL=uri)
        served.wait_for(READY)
        assert not (private_dir / "data" / "postgres").exists()
        assert served.stop(signal.SIGTERM) == 0
        assert ask(uri, "select 1") == 1, "a server that serve did not start keeps running"


def test_prepare_leaves_the_database_running(private_dir: Path) -> None:
    settings = {
        "ZAVA_DATA_DIR": str(private_dir),
        "ZAVA_DEMO_ORDERS": "300",
        "ZAVA_EMBEDDER": "none",
    }
    try:
        said = run("prepare", **settings)
        assert said.returncode == 0, said.stderr
        assert ask(said.stdout.splitlines()[-1], "select exists (select from retail.orders)")
    finally:
        assert run("stop", **settings).stdout == "stopped\n"
    assert processes_on(private_dir) == []
