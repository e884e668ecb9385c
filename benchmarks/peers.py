"""The servers that tool_call.py measures, each as its own documentation makes it fast.

All of them reach PostgreSQL over its Unix socket with a pool of ten connections a process, log no
more than they have to, and are one process, but for "2 workers": Python keeps to one CPU a process,
the others do not all.

zava-mcp   The settings as they come, but without a cache (ZAVA_CACHE_SIZE=0), without a line
           a call in the server's own log (ZAVA_LOG_LEVEL), and with the caller's limits out of the
           way (mcp_auth.limits). The API key is verified, arguments checked, policies hold, each
           call is in the call log. "cache": with its cache as it comes, which keeps answers for the
           callers of one scope; no peer has anything like it.
Toolbox    MCP Toolbox for Databases, the Go binary itself from PyPI: two postgres-sql tools,
           --disable-reload, --log-level WARN. "same work": its statement calls mcp.call_tool with
           an API key, so that the database does for it what it does for zava-mcp: identity,
           arguments, policies, read-only mode, but no log of calls.
DBHub      @bytebase/dbhub from npm on the Node.js from npm: two custom tools. It answers HTTP as an
           event stream, whatever is accepted, and has no setting for that.

But for "same work" the peers know no caller. The analytic tool gives nothing to nobody, so for them
a function of the benchmark writes, in every call and unverified, that head office calls.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import click
import httpx2
import psycopg
from psycopg import sql

from benchmarks import zava
from zava_mcp.local import cluster

TWICE, CACHED = "zava-mcp, 2 workers", "zava-mcp, cache"
BARE, SAME = "MCP Toolbox", "MCP Toolbox, same work"
TRIVIAL, ANALYTIC = "get_current_utc_date", "get_category_performance"
DIRECT = {  # what peers and asyncpg execute
    TRIVIAL: f"select api.{TRIVIAL}() as value",
    ANALYTIC: f"select * from bench.{ANALYTIC}()",
}
TOOLBOX, DBHUB, NODE = "toolbox-server==1.15.0", "@bytebase/dbhub@1.4.0", "node@22.23.3"
FOLDER = Path(sys.prefix, "share", "bench")  # where the peers are installed, once
BY_HAND = "select * from api.{tool}()"  # once mcp_auth.begin_request was called
REQUEST = '{"request_id": "0123456789abcdef0123456789abcdef", "client": "a", "capabilities": {}}'
LOGIN = "bench_peer"
FREE = "update mcp_auth.limits set calls_per_minute = 1000000, concurrent_calls = 1000"
REVISION = "2025-06-18"  # of MCP: all three speak it
START_SECONDS = 60
PEERS = """
create schema bench;
create table bench.row as select * from api.{tool}() with no data;
create function bench.{tool}() returns setof bench.row
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_auth.set_context({identity}::mcp_auth.identity);
    return query select * from api.{tool}();
end
$$;
create role {login} login;
grant connect on database {database} to {login};
grant usage on schema bench, api to {login};
grant execute on function bench.{tool}(), api.{trivial}() to {login};
"""
Json = dict[str, Any]
Command = Sequence[str | Path]


class Server(NamedTuple):
    """A server, and how to run it: its environment and its command for HTTP and for stdio."""

    name: str
    about: str
    environment: Mapping[str, str]
    http: Command
    stdio: Command
    port: int
    key: str = ""


def prepare(uri: str, orders: int) -> tuple[str, str]:
    """Make the demo, and what peers call; give head office's API key, and the peers' URI."""
    with redirect_stdout(sys.stderr):
        zava.prepare(uri, orders, "none")
    with psycopg.connect(uri) as connection:
        connection.execute(FREE)
        made = connection.execute("select retail_demo.create_keys() ->> 'head_office'").fetchone()
        assert made
        key = str(made[0])
        identity = connection.execute("select mcp_auth.identify(%s)::text", [key]).fetchone()
        assert identity
        connection.execute(
            sql.SQL(PEERS).format(
                tool=sql.Identifier(ANALYTIC),
                trivial=sql.Identifier(TRIVIAL),
                login=sql.Identifier(LOGIN),
                database=sql.Identifier(cluster.DATABASE),
                identity=sql.Literal(identity[0]),
            )
        )
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return key, login_of(uri, LOGIN)


def login_of(uri: str, login: str) -> str:
    """Return the URI of another login of the embedded server."""
    return uri.replace(f"{cluster.OWNER}@", f"{login}@", 1)


def same_work(key: str) -> dict[str, str]:
    """Return the statements by which a server that knows no caller has the database do as much."""
    return {
        tool: f"select mcp.call_tool('{key}', '{tool}', '{{}}', '{REQUEST}')" for tool in DIRECT
    }


def ours(uri: str, key: str) -> list[Server]:
    """Return zava-mcp as it runs here: one process, two, and one that keeps answers."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ZAVA_")},
        "ZAVA_DATABASE_URL": login_of(uri, zava.LOGIN),
        "ZAVA_EMBEDDER": "none",
        "ZAVA_LOG_LEVEL": "warning",
    }
    environment.pop("DATABASE_URL", None)
    ways = {
        "zava-mcp": {"ZAVA_CACHE_SIZE": "0"},
        TWICE: {"ZAVA_CACHE_SIZE": "0", "ZAVA_WORKERS": "2"},
        CACHED: {},
    }
    command: Command = [sys.executable, "-m", "zava_mcp", "serve"]
    servers = []
    for name, settings in ways.items():
        port = zava.free_port()
        servers.append(
            Server(
                name,
                "API key, checks, policies, call log"
                + "".join(f"; {k}={v}" for k, v in settings.items()),
                {**environment, **settings, "ZAVA_PORT": str(port), "ZAVA_API_KEY": key},
                command,
                [*command, "--stdio"],
                port,
                key,
            )
        )
    return servers


def toolbox(url: str, folder: Path, name: str, statements: Mapping[str, str]) -> Server:
    """Install MCP Toolbox where it is not yet, and let it offer the statements as tools."""
    home = FOLDER / "toolbox"
    binary = home / "toolbox_server" / "bin" / "toolbox"
    if not binary.exists():
        pip = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "-qq")
        install(*pip, "--no-deps", "--target", home, TOOLBOX)
    host, port = socket_of(url)
    tools = {
        tool: {"kind": "postgres-sql", "source": "bench", "description": tool, "statement": said}
        for tool, said in statements.items()
    }
    source = {
        "kind": "postgres",
        "host": "localhost",
        "port": port,
        "database": cluster.DATABASE,
        "user": urlsplit(url).username,
        "password": "none",
        "queryParams": {"host": host, "pool_max_conns": "10", "sslmode": "disable"},
    }
    file = folder / f"{name}.yaml"  # JSON is YAML
    file.write_text(json.dumps({"sources": {"bench": source}, "tools": tools}))
    command: Command = [
        *(binary, "--config", file),
        *("--disable-reload", "--disable-version-check", "--log-level", "WARN"),
    ]
    number = zava.free_port()
    return Server(
        name,
        TOOLBOX,
        {**os.environ},
        [*command, "--port", str(number)],
        [*command, "--stdio"],
        number,
    )


def dbhub(url: str, folder: Path) -> Server | None:
    """Install DBHub where it is not yet, and configure it; without npm there is none."""
    home = FOLDER / "dbhub"
    program = home / "node_modules" / "@bytebase" / "dbhub" / "dist" / "index.js"
    if not program.exists():
        if not shutil.which("npm"):
            return None
        home.mkdir(parents=True, exist_ok=True)
        quiet = ("--silent", "--no-audit", "--no-fund", "--no-package-lock")
        install("npm", "install", *quiet, "--prefix", home, DBHUB, NODE)
    host, port = socket_of(url)
    # without a host in the DSN its driver takes PGHOST, which may be a socket's folder
    source = f"postgres://{LOGIN}:none@/{cluster.DATABASE}?sslmode=disable"
    file = folder / "dbhub.toml"
    file.write_text(
        f'[[sources]]\nid = "bench"\ntype = "postgres"\ndsn = "{source}"\n'
        + "pool_max_connections = 10\n"
        + "".join(
            f'\n[[tools]]\nname = "{name}"\ndescription = "{name}"\nsource = "bench"\n'
            f'statement = "{said}"\n'
            for name, said in DIRECT.items()
        )
    )
    number = zava.free_port()
    command: Command = [
        home / "node_modules" / ".bin" / "node",
        program,
        "--config",
        file,
        "--transport",
    ]
    return Server(
        "DBHub",
        f"{DBHUB} on {NODE}",
        {**os.environ, "PGHOST": host, "PGPORT": str(port), "NODE_ENV": "production"},
        [*command, "http", "--port", str(number)],
        [*command, "stdio"],
        number,
    )


def install(*command: str | Path) -> None:
    """Run an installer. Raises click.ClickException."""
    click.echo(f"installing into {FOLDER}: {command[-1]}", err=True)
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode:
        raise click.ClickException(f"it was not installed (exit code {done.returncode})")


def socket_of(url: str) -> tuple[str, int]:
    """Return the folder and the number of the socket in a URI of the embedded server."""
    said = parse_qs(urlsplit(url).query)
    return said["host"][0], int(said["port"][0])


@contextmanager
def running(server: Server, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Run a server over HTTP; give its process, and the seconds from start to first answer."""
    began = time.monotonic()
    with log.open("ab") as said:
        process = subprocess.Popen(
            server.http,
            env=server.environment,
            cwd=zava.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        with httpx2.Client() as http:
            while not answers(http, server):
                if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                    tail = log.read_text(errors="replace")[-2000:]
                    raise click.ClickException(f"{server.name} did not start:\n{tail}")
                time.sleep(0.02)
        yield process, time.monotonic() - began
    finally:
        stop(process)


def answers(http: httpx2.Client, server: Server) -> bool:
    """Look whether a server answers a call yet."""
    head, body = parts(server, TRIVIAL)
    try:
        response = http.post(f"http://127.0.0.1:{server.port}/mcp", headers=head, content=body)
    except httpx2.TransportError:
        return False
    return response.status_code == 200 and b'"isError":true' not in response.content


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a server, at last by force."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def parts(server: Server, tool: str) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of a call; the same for all but for the key."""
    head = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": REVISION,
    }
    if server.key:
        head["Authorization"] = f"Bearer {server.key}"
    return head, call(tool).rstrip()


def call(tool: str) -> bytes:
    """Return a tools/call as a line."""
    params = {"name": tool, "arguments": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def request(server: Server, tool: str) -> bytes:
    """Return a call as it goes over the wire."""
    head, body = parts(server, tool)
    lines = [
        "POST /mcp HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        *(f"{name}: {value}" for name, value in head.items()),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def piped(server: Server, log: Path) -> subprocess.Popen[bytes]:
    """Run a server over stdio, up to where it is ready for calls."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            server.stdio,
            env=server.environment,
            cwd=zava.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
            bufsize=0,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    hello = {
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {
            "protocolVersion": REVISION,
            "capabilities": {},
            "clientInfo": {"name": "bench", "version": "1"},
        },
    }
    process.stdin.write(json.dumps(hello).encode() + b"\n")
    there, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    answer = process.stdout.readline() if there else b""
    if b'"result"' not in answer:
        raise click.ClickException(f"{server.name} did not start over stdio: {answer!r}")
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    process.stdin.write(json.dumps(ready).encode() + b"\n")
    return process
