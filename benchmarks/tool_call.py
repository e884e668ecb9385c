"""What a call of a tool costs a client: zava-mcp, two peers, and the database alone.

    python -m benchmarks.tool_call [--json FILE]

The same two SQL functions, a trivial one and an analytic one, through zava-mcp (in one process, in
two, and the analytic one with its cache), MCP Toolbox and DBHub over HTTP with 1, 8 and 32 clients
and over stdio with one, and straight over asyncpg: the function alone, mcp.call_tool, and the four
statements by which a client would do without it (begin, mcp_auth.begin_request, the function,
commit). MCP Toolbox runs twice: with the function alone, and with a statement that has the database
do the same work as for zava-mcp. In a round everything has its turn, for a second or less each; the
order changes from round to round, so that other load on the machine affects all of them. Ratios are
those of a round, and of them the median.
benchmarks/load.py makes the calls, benchmarks/peers.py tells how each server is configured; the
peers are installed from PyPI and npm the first time.

PostgreSQL is this command's own, thrown away at the end, and reached over a Unix socket; the
servers listen on the loopback address. Load generator, server and database share the machine. CPU
is that of the server's processes, and of all of PostgreSQL's, in milliseconds a call.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import math
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx2
import psutil
import psycopg
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks import load, peers, zava
from zava_mcp.local import cluster

CLIENTS = (1, 8, 32)
TOOLS = {"trivial": peers.TRIVIAL, "analytic": peers.ANALYTIC}
ASYNCPG, HTTP, STDIO = "asyncpg", "HTTP", "stdio"
CALL = "select mcp.call_tool($1, $2, $3, $4)"
OURS = "zava-mcp"
AUDIT_SECONDS = 15
SETTINGS = {**cluster.THROW_AWAY, "max_connections": "200"}  # all servers keep their pools open
COMPARED = ("same_work", "toolbox", "asyncpg")  # in the table
Json = dict[str, Any]
Probe = Callable[[], Sequence[float]]
Run = Callable[[float, Probe], Any]


class Turn(NamedTuple):
    """What has its turn in every round."""

    server: str
    over: str
    tool: str
    clients: int


class Target(NamedTuple):
    """What was to be reached: a ratio of a turn, at least so much, or at most."""

    turn: Turn
    ratio: str
    least: float = 0.0
    most: float = math.inf


TARGETS = (
    Target(Turn(OURS, HTTP, peers.TRIVIAL, 8), "throughput_of_same_work", least=0.9),
    Target(Turn(OURS, HTTP, peers.TRIVIAL, 1), "p50_of_same_work", most=1.0),
    Target(Turn(OURS, HTTP, peers.ANALYTIC, 8), "throughput_of_same_work", least=1.0),
    Target(Turn(OURS, HTTP, peers.ANALYTIC, 1), "throughput_of_same_work", least=1.0),
    Target(Turn(peers.CACHED, HTTP, peers.ANALYTIC, 8), "throughput_of_toolbox", least=12.0),
    Target(Turn(OURS, STDIO, peers.TRIVIAL, 1), "p50_of_http", most=1.2),
)


class Seen(NamedTuple):
    """What a turn saw in one round; times in seconds."""

    rate: float
    times: list[float]
    cpu: float
    database_cpu: float
    answers: int
    failures: int


def cpu_of(processes: Sequence[psutil.Process]) -> float:
    """Return the CPU seconds of processes and their children, so far; of those that ended too."""
    total = 0.0
    for process in processes:
        ended = process.cpu_times()
        total += ended.children_user + ended.children_system
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                spent = one.cpu_times()
                total += spent.user + spent.system
    return total


def memory_of(process: psutil.Process) -> float:
    """Return the resident memory of a process and its children, in MB."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += one.memory_info().rss
    return total / 2**20


def postmaster(uri: str) -> psutil.Process:
    """Return the process of a PostgreSQL on this machine."""
    with psycopg.connect(uri) as connection:
        folder: Any = connection.execute("show data_directory").fetchone()
    return psutil.Process(int(Path(folder[0], "postmaster.pid").read_text().split("\n", 1)[0]))


class Bench:
    """The servers that run, and all that was seen."""

    def __init__(self, uri: str, folder: Path, names: Sequence[str]) -> None:
        self.uri, self.folder, self.names = uri, folder, names
        self.turns: dict[Turn, Run] = {}
        self.processes: dict[tuple[str, str], psutil.Process] = {}
        self.seen: dict[Turn, list[Seen]] = {}
        self.servers: dict[str, Json] = {}
        self.missing: list[str] = []

    async def open(self, stack: contextlib.AsyncExitStack, orders: int) -> None:
        """Make the database, start the servers, and see that they give the same answers."""
        key, url = peers.prepare(self.uri, orders)
        self.database = postmaster(self.uri)
        log = self.folder / "servers.log"
        servers = peers.ours(self.uri, key)
        if self.wants(peers.BARE):
            same, shim = peers.same_work(key), peers.login_of(self.uri, zava.LOGIN)
            servers.append(peers.toolbox(url, self.folder, peers.BARE, peers.DIRECT))
            servers.append(peers.toolbox(shim, self.folder, peers.SAME, same))
        if self.wants("DBHub"):
            hub = peers.dbhub(url, self.folder)
            servers += [hub] if hub else []
            self.missing += [] if hub else ["DBHub: npm is missing"]
        for server in servers:
            process, seconds = stack.enter_context(peers.running(server, log))
            self.processes[server.name, HTTP] = psutil.Process(process.pid)
            self.servers[server.name] = {"about": server.about, "start_seconds": round(seconds, 2)}
            self.check(server)
            for tool in TOOLS.values() if server.name != peers.CACHED else [peers.ANALYTIC]:
                request = peers.request(server, tool)
                for clients in CLIENTS:
                    self.turns[Turn(server.name, HTTP, tool, clients)] = partial(
                        load.over_http, server.port, request, clients
                    )
        for server in servers:
            if server.name not in (OURS, peers.BARE, "DBHub"):
                continue  # stdio is one process
            piped = peers.piped(server, log)
            stack.callback(end, piped)
            self.processes[server.name, STDIO] = psutil.Process(piped.pid)
            for tool in TOOLS.values():
                self.turns[Turn(server.name, STDIO, tool, 1)] = partial(
                    load.over_pipes, piped, peers.call(tool)
                )
        for tool, statement in peers.DIRECT.items():
            one: load.Statement = (CALL, key, tool, "{}", peers.REQUEST)
            four: list[load.Statement] = [
                *(("begin",), ("select mcp_auth.begin_request($1)", key)),
                *((peers.BY_HAND.format(tool=tool),), ("commit",)),
            ]
            for clients in CLIENTS:
                for name, login, statements in (
                    (ASYNCPG, url, [(statement,)]),
                    (f"{ASYNCPG}, mcp.call_tool", self.uri, [one]),
                    (f"{ASYNCPG}, 4 statements", self.uri, four),
                ):
                    if name == ASYNCPG or clients < max(CLIENTS):
                        self.turns[Turn(name, "socket", tool, clients)] = partial(
                            load.on_connections, login, statements, clients
                        )

    def wants(self, name: str) -> bool:
        """Return whether a peer is to be measured."""
        return not self.names or name in self.names

    def check(self, server: peers.Server) -> None:
        """Raise ClickException where a server's analytic answer is not that of the database."""
        with psycopg.connect(self.uri) as connection:
            rows: Any = connection.execute(peers.DIRECT[peers.ANALYTIC]).fetchall()
        head, body = peers.parts(server, peers.ANALYTIC)
        url = f"http://127.0.0.1:{server.port}/mcp"
        text = httpx2.post(url, headers=head, content=body, timeout=30).text
        # up to the &, which some write as an escape
        missing = [row[0] for row in rows if row[0].partition(" &")[0] not in text]
        if not rows or missing:
            raise click.ClickException(f"{server.name} did not give {missing} of {peers.ANALYTIC}")

    async def round(self, number: int, seconds: float, tell: Callable[[], None]) -> None:
        """Give everything its turn."""
        turns = list(self.turns.items())
        turns = turns[number % len(turns) :] + turns[: number % len(turns)]
        for turn, run in turns if number % 2 else turns[::-1]:
            process = self.processes.get((turn.server, turn.over))
            probe = self.probe([process] if process else [])
            try:
                window, (cpu, database) = await run(seconds, probe)
            except TimeoutError:
                raise click.ClickException(f"{turn}: a call was not answered") from None
            self.seen.setdefault(turn, []).append(
                Seen(
                    len(window.times) / window.seconds,
                    window.times,
                    cpu,
                    database,
                    window.answers,
                    window.failures,
                )
            )
            tell()

    def probe(self, processes: Sequence[psutil.Process]) -> Probe:
        """Return what tells the CPU seconds of the server and of PostgreSQL, so far."""
        return lambda: (cpu_of(processes), cpu_of([self.database]))

    def close(self) -> Json:
        """Note what is left to note while the servers run; give how complete the call log is."""
        for (name, over), process in self.processes.items():
            self.servers[name][f"memory_mb_{over.lower()}"] = round(memory_of(process), 1)
        ours = [
            s
            for turn, all_seen in self.seen.items()
            if turn.server in self.ours()
            for s in all_seen
        ]
        answers, until = sum(s.answers for s in ours), time.monotonic() + AUDIT_SECONDS
        extra = 2 * len(self.ours())  # of each HTTP server: the first answer, and the check
        logged = 0
        with psycopg.connect(self.uri, autocommit=True) as connection:
            while logged < answers + extra and time.monotonic() < until:
                time.sleep(0.2)
                count: Any = connection.execute(
                    "select count(*) from mcp_log.call_log where code = 'OK'"
                ).fetchone()
                logged = count[0]
        return {"answers": answers + extra, "rows": logged}

    def ours(self) -> list[str]:
        """Return the names under which zava-mcp runs."""
        return [name for name in self.servers if name.startswith(OURS)]

    def results(self) -> list[Json]:
        """Sum up what was seen, turn by turn."""
        return [self.summary(turn) for turn in self.turns]

    def summary(self, turn: Turn) -> Json:
        """Sum up what was seen of a turn."""
        seen = self.seen[turn]
        times = sorted(t for one in seen for t in one.times)
        calls = max(sum(len(one.times) for one in seen), 1)
        others = {
            "same_work": turn._replace(server=peers.SAME),
            "toolbox": turn._replace(server=peers.BARE),
            "asyncpg": turn._replace(server=ASYNCPG, over="socket"),
            "http": turn._replace(over=HTTP),
        }
        return {
            **turn._asdict(),
            "calls": calls,
            "failures": sum(one.failures for one in seen),
            "calls_per_second": round(statistics.median(one.rate for one in seen), 1),
            "p50_ms": rounded(statistics.median(p50(one) for one in seen) * 1e3, 3),
            "p99_ms": rounded(times[int(len(times) * 0.99)] * 1e3, 3) if times else None,
            "server_cpu_ms": round(sum(one.cpu for one in seen) / calls * 1e3, 3),
            "database_cpu_ms": round(sum(one.database_cpu for one in seen) / calls * 1e3, 3),
            **{
                f"{name}_of_{other}": value
                for other, against in others.items()
                for name, value in self.ratios(turn, against).items()
            },
        }

    def ratios(self, turn: Turn, other: Turn) -> dict[str, float | None]:
        """Compare a turn with another one, round by round."""
        against = self.seen.get(other)
        if not against:
            return {"throughput": None, "p50": None}
        pairs = list(zip(self.seen[turn], against, strict=True))
        return {
            "throughput": rounded(
                statistics.median(a.rate / b.rate if b.rate else math.nan for a, b in pairs)
            ),
            "p50": rounded(statistics.median(p50(a) / p50(b) for a, b in pairs)),
        }


def rounded(figure: float, digits: int = 2) -> float | None:
    """Round what was measured; None where nothing was."""
    return None if math.isnan(figure) else round(figure, digits)


def p50(seen: Seen) -> float:
    """Return the median time of a call, in seconds."""
    return statistics.median(seen.times) if seen.times else float("nan")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server over stdio: by the end of its input, or at last by force."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def measured(
    rounds: int, seconds: float, orders: int, names: Sequence[str], progress: Progress
) -> Json:
    """Measure; give all figures."""
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as name:
        folder = Path(name)
        with cluster.server(folder, SETTINGS) as uri:
            bench = Bench(uri, folder, names)
            async with contextlib.AsyncExitStack() as stack:
                await bench.open(stack, orders)
                task = progress.add_task("rounds", total=rounds * len(bench.turns))
                for number in range(rounds):
                    await bench.round(number, seconds, lambda: progress.advance(task))
                audit = await asyncio.to_thread(bench.close)
            results = bench.results()
    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "rounds": rounds,
        "seconds": seconds,
        "orders": orders,
        "servers": bench.servers,
        "missing": bench.missing,
        "results": results,
        "call_log": audit,
        "targets": targets(results),
    }


def event_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return the cheapest event loop there is, for the load generator."""
    try:
        made: Callable[[], asyncio.AbstractEventLoop]
        made = importlib.import_module("uvloop").new_event_loop
    except ImportError:
        return asyncio.new_event_loop
    return made


def targets(results: Sequence[Json]) -> list[Json]:
    """Compare what was measured with what was to be reached; nothing where the peer is missing."""
    by_turn = {Turn(*(r[name] for name in Turn._fields)): r for r in results}
    return [
        {
            **target.turn._asdict(),
            "ratio": target.ratio,
            "target": f"at least {target.least}" if target.least else f"at most {target.most}",
            "measured": ratio,
            "met": target.least <= ratio <= target.most,
        }
        for target in TARGETS
        if (ratio := by_turn[target.turn][target.ratio]) is not None
    ]


def table(said: Json, name: str, style: box.Box) -> Table:
    """Lay out the figures of one tool for people."""
    laid_out = Table(box=style)
    headings = ("", "over", "clients", "calls/s", "p50 ms", "p99 ms", "CPU ms", "database CPU ms")
    for heading in (*headings, "x calls/s", "x p50", "failed"):
        laid_out.add_column(heading, justify="left" if heading in ("", "over") else "right")
    for r in said["results"]:
        if r["tool"] != TOOLS[name]:
            continue
        laid_out.add_row(
            *(r["server"], r["over"], str(r["clients"]), f"{r['calls_per_second']:,.0f}"),
            *map(shown, (r["p50_ms"], r["p99_ms"], r["server_cpu_ms"], r["database_cpu_ms"])),
            *(
                " / ".join(shown(r[f"{figure}_of_{other}"]) for other in COMPARED)
                for figure in ("throughput", "p50")
            ),
            str(r["failures"]),
        )
    return laid_out


def shown(figure: float | None) -> str:
    """Return a figure as text."""
    return "-" if figure is None else f"{figure:.2f}"


@click.command(help=__doc__.partition("\n")[0])
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True)
@click.option(
    "--seconds", type=click.FloatRange(0.05, 60), default=0.7, show_default=True, help="A turn."
)
@click.option("--orders", type=click.IntRange(100), default=2000, show_default=True)
@click.option(
    "--peer",
    "names",
    multiple=True,
    type=click.Choice(["MCP Toolbox", "DBHub", "none"]),
    help="Only these; all of them when not given.",
)
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Also here.")
def main(rounds: int, seconds: float, orders: int, names: Sequence[str], file: Path | None) -> None:
    """Measure and print. Exit code 1 when a call failed or is not in the call log."""
    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        asyncio.Runner(loop_factory=event_loop()) as runner,
    ):
        said = runner.run(measured(rounds, seconds, orders, names, progress))
    is_terminal = Console().is_terminal
    console = Console(width=None if is_terminal else 160)
    console.print(
        f"{rounds} rounds of {seconds} s a line, {said['machine']['cpus']} CPUs; x: times"
        " MCP Toolbox with the same work / MCP Toolbox bare / asyncpg with as many clients, median"
    )
    for name, tool in TOOLS.items():
        console.print(f"\nThe {name} tool, {tool}\n")
        console.print(table(said, name, box.HEAVY_HEAD if is_terminal else box.MARKDOWN))
    console.print()
    for name, about in said["servers"].items():
        memory = ", ".join(
            f"{about[f'memory_mb_{over}']} MB over {over.upper() if over == 'http' else over}"
            for over in ("http", "stdio")
            if f"memory_mb_{over}" in about
        )
        console.print(f"{name}: {about['start_seconds']} s to the first answer; {memory}")
    for target in said["targets"]:
        state = "met" if target["met"] else "missed"
        what, _, whose = target["ratio"].partition("_of_")
        clients = f"{target['over']}, {target['tool']}, {target['clients']} client(s)"
        console.print(
            f"{target['server']}, {clients}: {what} of {whose.replace('_', ' ')},"
            f" {target['target']}: {state}, {target['measured']}"
        )
    log = said["call_log"]
    console.print(f"zava-mcp: {log['answers']} calls answered, {log['rows']} rows in the call log")
    for missing in said["missing"]:
        console.print(f"not measured: {missing}")
    if file:
        file.write_text(json.dumps(said, indent=2) + "\n")
    failures = sum(r["failures"] for r in said["results"])
    if failures or log["answers"] != log["rows"]:
        raise click.ClickException(f"{failures} calls failed, or the call log is not complete")


if __name__ == "__main__":
    main()
