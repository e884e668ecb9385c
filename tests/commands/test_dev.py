"""`zava-mcp dev` and `zava-mcp demo`: the project with its demo, on the embedded server."""

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
from pathlib import Path
from typing import Any

import psutil
import pytest
from psycopg.conninfo import conninfo_to_dict
from test_local import ask, processes_on, run, running

from benchmarks import zava
from zava_mcp.local import cluster
from zava_mcp.local.cluster import exclusive

ORDERS = {"ZAVA_DEMO_SIZE": "300", "ZAVA_EMBEDDER": "none"}


@pytest.mark.parametrize(
    ("setting", "value", "code", "message"),
    [
        ("ZAVA_PORT", "70000", 64, "70000 is not in the range 1<=x<=65535"),
        ("ZAVA_DEMO_SIZE", "many", 64, "'many' is not a valid integer"),
        ("ZAVA_DEMO_SIZE", "0", 64, "0 is not in the range x>=1"),
        ("ZAVA_DEMO_SIZES", "500", 2, "did you mean ZAVA_DEMO_SIZE"),
        ("ZAVA_EMBEDDER", "magic", 64, "'magic' is not one of 'local', 'openai', 'none'"),
        ("ZAVA_HOST", "no-such-host.invalid", 1, "choose another with ZAVA_PORT"),
        ("ZAVA_DATA_DIR", "/proc/nowhere", 1, "choose another folder with ZAVA_DATA_DIR"),
        ("DATABASE_URL", "postgresql://127.0.0.1:9/x", 1, "dev works on the embedded server alone"),
    ],
)
def test_bad_setting_is_one_clear_message(
    private_dir: Path, free_port: int, setting: str, value: str, code: int, message: str
) -> None:
    usual = {"ZAVA_DATA_DIR": str(private_dir), "ZAVA_PORT": str(free_port)}
    done = run("dev", **{**usual, setting: value})
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert processes_on(private_dir) == []


def test_it_needs_a_project(private_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zava_mcp", "dev"],
        cwd=private_dir,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 64
    assert "no zava.toml here or in a folder above" in done.stderr


# Serving ----------------------------------------------------------------------------------------


class Served:
    """A `zava-mcp dev` in a process group of its own, as a terminal would start it."""

    def __init__(
        self, data_dir: Path, port: int, project: Path = zava.ROOT, **settings: str
    ) -> None:
        self.output = data_dir.with_name(f"{time.monotonic_ns()}.txt")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "zava_mcp", "dev"],
                cwd=project,
                env={
                    **os.environ,
                    "ZAVA_DATA_DIR": str(data_dir),
                    "ZAVA_PORT": str(port),
                    **ORDERS,
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
    """Yield the function that starts `serve` on one data folder and port, again and again."""
    started: list[Served] = []

    def start(**settings: Any) -> Served:
        started.append(Served(private_dir / "data", free_port, **settings))
        return started[-1]

    yield start
    for served in started:
        if served.process.poll() is None:
            served.stop(signal.SIGTERM)
    cluster.stop(private_dir / "data")


READY = "Ctrl-C stops everything"


def status_of(url: str) -> int:
    request = urllib.request.Request(url, data=b"{}")  # noqa: S310 - http, as serve printed it
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def configuration(said: str) -> dict[str, Any]:
    """Read the client configuration out of what dev printed."""
    start = said.index('{\n  "mcpServers"')
    found: dict[str, Any] = json.JSONDecoder().raw_decode(said, start)[0]
    return found["mcpServers"]["zava"]  # type: ignore[no-any-return]


def test_it_prints_what_a_client_needs(
    private_dir: Path, free_port: int, serve: Callable[..., Served]
) -> None:
    served = serve()
    said = served.wait_for(READY)
    done = [line for line in said.splitlines() if line.startswith("✓")]
    assert re.match(r"✓ PostgreSQL started \d", done[0])
    assert re.match(r"✓ schema applied: \d+ versioned and \d{3} managed files \d", done[1])
    assert re.match(r"✓ demo data loaded: .*\b300 orders\b.* \d", done[2])
    assert len(said.splitlines()) < 40
    file = private_dir / "data" / "keys.json"
    keys = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(keys) == {"head_office", "regional_manager", "stores"}
    assert len(keys["stores"]) == 8
    assert keys["head_office"] in said
    assert keys["regional_manager"] in said
    assert sum(key in said for key in keys["stores"].values()) == 1, "one store is enough to start"
    entry = configuration(said)
    assert entry["url"] == f"http://127.0.0.1:{free_port}/mcp"
    assert (
        entry["headers"]["Authorization"].removeprefix("Bearer ")
        in said.partition("Client configuration")[0]
    )
    assert status_of(entry["url"]) == 401

    question = re.search(r"^zava-mcp (call .+)$", said, re.MULTILINE)
    assert question
    answer = run(*question[1].split(), ZAVA_PORT=str(free_port))
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["metrics"]

    assert served.stop(signal.SIGTERM) == 0
    assert processes_on(private_dir) == []


def test_serve_again_reuses_everything(private_dir: Path, serve: Callable[..., Served]) -> None:
    first = serve()
    assert "300 orders" in first.wait_for(READY)
    file = private_dir / "data" / "keys.json"
    keys = file.read_text()
    assert first.stop(signal.SIGINT) == 0
    assert processes_on(private_dir) == []

    second = serve()
    assert "kept as they are" in second.wait_for(READY)
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
        run("dev", ZAVA_DATA_DIR=data_dir, ZAVA_PORT=other_port),
        run("demo", ZAVA_DATA_DIR=data_dir),
        run("local", "stop", ZAVA_DATA_DIR=data_dir),
    ):
        assert said.returncode == 1
        assert f"{data_dir} is in use by process {served.process.pid}" in said.stderr
        assert said.stderr.count("\n") == 1
    said = run("dev", ZAVA_DATA_DIR=str(private_dir / "other"), ZAVA_PORT=str(free_port))
    assert said.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {free_port}" in said.stderr
    assert served.process.poll() is None


def test_interrupted_preparation_leaves_nothing_behind(
    private_dir: Path, serve: Callable[..., Served]
) -> None:
    first = serve(ZAVA_DEMO_SIZE="100000")
    first.wait_for("schema applied")
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
    assert "zava-mcp serve ended by itself" in served.output.read_text()
    assert processes_on(private_dir) == []


def test_a_function_is_applied_when_its_file_is_saved(
    private_dir: Path, serve: Callable[..., Served]
) -> None:
    command = [sys.executable, "-m", "zava_mcp", "init", "shop"]
    subprocess.run(command, cwd=private_dir, check=True, stdout=subprocess.DEVNULL)
    folder = private_dir / "shop"
    served = serve(project=folder)
    served.wait_for(READY)
    uri = cluster.uri(private_dir / "data")
    said = "select obj_description('shop_api.list_notes(integer)'::regprocedure)"
    file = folder / "sql" / "functions" / "shop_api" / "tools" / "list_notes.sql"
    text = file.read_text()

    file.write_text(text.replace("newest first.", "newest first. Ten of them."))
    served.wait_for("✓ sql/functions/shop_api/tools/list_notes.sql ")
    served.wait_for('"event": "catalogue changed"')
    assert "Ten of them." in ask(uri, said)

    file.write_text(text + "selec 1;\n")
    served.wait_for("✗ managed files failed, nothing of them was kept")
    served.wait_for(f"list_notes.sql:{text.count(chr(10)) + 1}: 42601 syntax error")
    assert "Ten of them." in ask(uri, said)

    table = "-- irreversible: it may hold rows\ncreate table shop.m ();"
    (folder / "sql" / "0002_more.sql").write_text(table)
    file.write_text(text)
    served.wait_for("! sql/0002_more.sql is not applied, and all else waits")
    assert "Ten of them." in ask(uri, said)
    assert ask(uri, "select to_regclass('shop.m') is null")
    assert served.stop(signal.SIGTERM) == 0
    assert processes_on(private_dir) == []


def test_demo_on_a_database_of_ones_own(private_dir: Path) -> None:
    """It asks first, and takes nothing of the data folder but its lock."""
    held = private_dir / "held"
    settings = {"ZAVA_DATA_DIR": str(held), **ORDERS}
    with running(private_dir / "own") as uri:
        refused = run("demo", "--database-url", uri, **settings)
        assert refused.returncode == 130
        folder = conninfo_to_dict(uri)["host"]
        assert f"Fill app on {folder}:5432 as postgres with demo data?" in refused.stdout
        assert ask(uri, "select to_regclass('retail.orders') is null")
        secret = uri.replace("postgres@", "postgres:s3cret@")
        done = run("demo", "--yes", "--verbose", "--database-url", secret, **settings)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == f"app on {folder}:5432 as postgres"
        assert "s3cret" not in done.stdout + done.stderr
        assert ask(uri, "select count(*)::int from retail.orders") == 300
        assert "\napplied sql/functions/api/tools/list_stores.sql\n" in done.stdout
        assert [file.name for file in held.iterdir()] == ["lock"]


def test_demo_leaves_the_database_running(private_dir: Path) -> None:
    settings = {"ZAVA_DATA_DIR": str(private_dir), **ORDERS}
    try:
        done = run("demo", **settings)
        assert done.returncode == 0, done.stderr
        assert ask(done.stdout.splitlines()[-1], "select exists (select from retail.orders)")
    finally:
        assert run("local", "stop", **settings).stdout == "stopped\n"
    assert processes_on(private_dir) == []


def test_a_project_that_runs_is_not_prepared_a_second_time(private_dir: Path) -> None:
    settings = {"ZAVA_DATA_DIR": str(private_dir), **ORDERS}
    with exclusive(private_dir):
        done = run("demo", **settings)
    assert done.returncode == 1
    assert f"{private_dir} is in use by process {os.getpid()}" in done.stderr
