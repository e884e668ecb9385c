"""The embedded server on folders of all kinds, and `zava-mcp local`."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from benchmarks import zava
from zava_mcp.local import cluster
from zava_mcp.local.cluster import LocalError
from zava_mcp.project.test import LOCK, drop_leftovers


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of zava-mcp in the project, with settings in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "zava_mcp", *arguments],
        cwd=zava.ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[str]:
    """A server whose data may be lost."""
    with cluster.server(data_dir, {**cluster.THROW_AWAY, **settings}) as uri:
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
    """Return whether a process has ended, reaped or not."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# The server -------------------------------------------------------------------------------------


def test_server_is_new_enough_and_set_up(private_dir: Path) -> None:
    with running(private_dir) as uri:
        assert ask(uri, "show server_version_num") >= "180000"
        assert ask(uri, "select current_database()::text") == "app"
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
        assert (private_dir / "postgres" / "server.log").stat().st_size > 0


@pytest.mark.needs("pgtap")
def test_server_has_pgtap(private_dir: Path) -> None:
    with running(private_dir) as uri:
        assert ask(uri, "select count(*) from pg_available_extensions where name = 'pgtap'") == 1


def test_nobody_else_can_enter(private_dir: Path) -> None:
    data_dir = private_dir / "data"
    with running(data_dir) as uri:
        assert ask(uri, "show listen_addresses") == ""
        inner = data_dir / "postgres"
        for folder in (inner, data_dir, private_dir):
            assert not folder.stat().st_mode & stat.S_IRWXO, f"{folder} is open to everyone"
            assert not folder.stat().st_mode & (stat.S_IRGRP | stat.S_IWGRP), (
                f"{folder} can be read"
            )
        assert stat.S_IMODE(inner.stat().st_mode) == 0o700
        assert stat.S_IMODE((inner / ".s.PGSQL.5432").stat().st_mode) == 0o700


def test_data_survive_a_restart(private_dir: Path) -> None:
    with running(private_dir) as uri, psycopg.connect(uri) as connection:
        connection.execute("create table kept as select 42 as answer")
    with running(private_dir) as uri:
        assert ask(uri, "select answer from kept") == 42


def test_stop_says_whether_it_ran(private_dir: Path) -> None:
    cluster.start(private_dir, cluster.THROW_AWAY)
    assert cluster.stop(private_dir)
    assert not cluster.stop(private_dir)
    assert processes_on(private_dir) == []


def test_stop_ends_open_sessions(private_dir: Path) -> None:
    uri = cluster.start(private_dir, cluster.THROW_AWAY)
    with closing(psycopg.connect(uri)) as connection:
        connection.execute("select 1")  # and the transaction stays open
        assert cluster.stop(private_dir)
    assert processes_on(private_dir) == []


def test_context_leaves_a_running_server_alone(private_dir: Path) -> None:
    with running(private_dir) as outer:
        with cluster.server(private_dir) as inner:
            assert inner == outer
        assert ask(outer, "select 1") == 1


def test_the_last_user_stops_the_server(private_dir: Path) -> None:
    first, second = (cluster.server(private_dir, cluster.THROW_AWAY) for _ in range(2))
    uri = first.__enter__()
    assert second.__enter__() == uri
    first.__exit__(None, None, None)
    assert ask(uri, "select 1") == 1
    second.__exit__(None, None, None)
    assert processes_on(private_dir) == []


def test_a_server_that_was_started_to_stay_stays(private_dir: Path) -> None:
    with running(private_dir) as uri:
        assert cluster.start(private_dir) == uri
    assert ask(uri, "select 1") == 1
    cluster.stop(private_dir)


def test_several_make_and_use_a_server_at_once(private_dir: Path) -> None:
    script = (
        "import sys, psycopg; from pathlib import Path; from zava_mcp.local import cluster\n"
        f"with cluster.server(Path({str(private_dir)!r}), cluster.THROW_AWAY) as uri:\n"
        "    with psycopg.connect(uri) as conn: print(conn.execute('select 1').fetchone()[0])\n"
    )
    several = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert [(*each.communicate(timeout=120), each.returncode) for each in several] == [
        ("1\n", "", 0)
    ] * 4
    assert processes_on(private_dir) == []


def test_databases_of_killed_runs_are_dropped(private_dir: Path) -> None:
    query = "select datname from pg_database where datname ~ '^test_' order by 1"
    with running(private_dir) as uri, psycopg.connect(uri, autocommit=True) as mine:
        used, left, own = "test_00000000000a", "test_00000000000b", "test_shop"
        for name in (used, left, own):
            mine.execute(f"create database {name}".encode())
        mine.execute(f"select pg_advisory_lock({LOCK})".encode(), [used])
        with psycopg.connect(uri, autocommit=True) as other:
            drop_leftovers(other)
        assert mine.execute(query.encode()).fetchall() == [(used,), (own,)]


def test_no_session_takes_all_the_memory(private_dir: Path) -> None:
    with (
        cluster.server(private_dir, cluster.THROW_AWAY) as uri,
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


def test_stop_leaves_a_folder_that_it_did_not_make(private_dir: Path) -> None:
    folder = private_dir / "sockets"
    folder.mkdir()
    folder.chmod(0o777)  # the server may run as another user
    with running(private_dir / ("long" * 40), unix_socket_directories=str(folder)) as uri:
        assert psycopg.conninfo.conninfo_to_dict(uri)["host"] == str(folder)
    assert list(folder.iterdir()) == []


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
    uri = cluster.start(private_dir)
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
        cluster.start(private_dir)


def test_failed_start_shows_the_server_log(private_dir: Path) -> None:
    with pytest.raises(LocalError, match=r"pg_ctl failed:[\s\S]*no_such_setting"):
        cluster.start(private_dir, {"no_such_setting": "1"})


def test_uri_without_a_server(private_dir: Path) -> None:
    with pytest.raises(LocalError, match=r"no database runs on .*: start it with zava-mcp dev"):
        cluster.uri(private_dir)


# The commands -----------------------------------------------------------------------------------


def test_uri_and_psql(private_dir: Path) -> None:
    with running(private_dir) as uri:
        settings = {"ZAVA_DATA_DIR": str(private_dir)}
        assert run("local", "uri", **settings).stdout.strip() == uri
        shim_uri = run("local", "uri", "--role", "zava_mcp", **settings).stdout.strip()
        assert psycopg.conninfo.conninfo_to_dict(shim_uri)["user"] == "zava_mcp"
        done = run("local", "psql", "-Atc", "select current_user, 6 * 7", **settings)
        assert done.stdout == "postgres|42\n"
        other = urlsplit(uri)._replace(path="/postgres").geturl()
        where = ("-Atc", "select current_database(), current_user")
        for arguments in (("postgres",), ("-d", "postgres"), (other,), ("dbname=postgres",)):
            done = run("local", "psql", *arguments, *where, **settings)
            assert (done.stdout, done.stderr) == ("postgres|postgres\n", "")
        done = run("local", "psql", *where, **settings, PGDATABASE="none", PGSERVICE="none")
        assert (done.stdout, done.stderr) == ("app|postgres\n", "")


def test_an_argument_of_a_call_that_is_none_is_a_wrong_command_line() -> None:
    for text in ("days", "=5"):
        done = run("call", "list_stores", "--arg", text, "--key", "zava_a_b")
        assert done.returncode == 64
        assert f"--arg: '{text}' is not NAME=VALUE" in done.stderr


def test_a_call_where_no_server_is_names_what_helps() -> None:
    url = "http://127.0.0.1:1/mcp"
    done = run("call", "--url", url, "--key", "zava_a_b")
    assert done.returncode == 1
    assert done.stderr.startswith(f"zava-mcp: {url} does not answer: ")
    assert done.stderr.endswith(
        "\nzava-mcp dev starts a server and prints its address; --url names another one\n"
    )


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("cal", "Error: No such command 'cal'. Did you mean call?\n"),
        ("xyzzy", "Error: No such command 'xyzzy'.\n"),
    ],
)
def test_an_unknown_command_names_the_nearest(word: str, message: str) -> None:
    done = run(word)
    assert done.returncode == 64
    assert done.stderr.endswith(message)


def test_start_and_stop(private_dir: Path) -> None:
    settings = {"ZAVA_DATA_DIR": str(private_dir)}
    try:
        done = run("local", "start", **settings)
        assert done.returncode == 0, done.stderr
        assert ask(done.stdout.strip(), "select 1") == 1
    finally:
        stopped = run("local", "stop", **settings)
    assert stopped.stdout == "stopped\n"
    assert processes_on(private_dir) == []


def test_commands_without_a_server(private_dir: Path) -> None:
    settings = {"ZAVA_DATA_DIR": str(private_dir)}
    for command in ("uri", "psql"):
        done = run("local", command, **settings)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "start it with zava-mcp dev" in done.stderr
    assert run("local", "stop", **settings).stdout == "no database was running\n"
