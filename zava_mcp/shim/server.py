"""``zava-mcp serve``: the shim, which carries messages between clients and the database.

A request comes over streamable HTTP or stdio, becomes one statement (mcp.handle), and its text goes
back. The database decides about tools, access, arguments and rows. The shim has the transports, the
pools, the passing of credentials, embeddings, and the translation of SQLSTATEs into errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import mmap
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import click
import structlog

from zava_mcp import embeddings
from zava_mcp.shim.answer.results import stamp_of
from zava_mcp.shim.call import parquet
from zava_mcp.shim.call.cache import open_cache
from zava_mcp.shim.call.calls import Calls
from zava_mcp.shim.call.database import open_database
from zava_mcp.shim.call.replica import replicated
from zava_mcp.shim.call.tasks import TASK_CHANGED, Tasks
from zava_mcp.shim.call.upkeep import RESOURCE_CHANGED, keep_up, watch
from zava_mcp.shim.identify.authorization import Gate
from zava_mcp.shim.identify.credentials import Identities
from zava_mcp.shim.identify.limits import Limits, SharedWindows
from zava_mcp.shim.observe.audit import recording
from zava_mcp.shim.observe.operators import Metrics, check_core, set_up_logs, show_gauges
from zava_mcp.shim.receive.protocol import Engine
from zava_mcp.shim.receive.serving import serve_http
from zava_mcp.shim.receive.stdio import serve_stdio
from zava_mcp.shim.settings import Refusal, Settings, load_settings, settings_help
from zava_mcp.signals import STOP

BACKLOG = 2048
COLLECTED = 10_000  # objects of which garbage is looked for; with 700 that takes 3 % of a call
PORT_TAKEN = 3  # exit code
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0  # seconds before a worker that ended is replaced
AGAIN_SECONDS = 5.0  # before background work that failed begins again
STEADY_SECONDS = 60.0  # after which it counts as the first again

PARENT_SECONDS = 0.5  # after which a worker notices that it was left alone

log = structlog.get_logger("zava-mcp")
Serve = Callable[[socket.socket, Callable[[], None]], None]  # the second is called once it serves


@click.command(epilog=settings_help())
@click.option("--stdio", is_flag=True, help="Serve one client over stdin and stdout.")
@click.option("--host", help="Address to listen on, instead of ZAVA_HOST.")
@click.option("--port", type=int, help="Port to listen on, instead of ZAVA_PORT.")
@click.option("--workers", type=int, help="Processes that serve, instead of ZAVA_WORKERS.")
@click.pass_context
def serve(
    ctx: click.Context, stdio: bool, host: str | None, port: int | None, workers: int | None
) -> None:
    """Serve the tools of a zava-mcp database to MCP clients.

    Over HTTP, at /mcp, each request has an API key (Authorization: Bearer zava_...) or an access
    token of the identity provider in ZAVA_OAUTH_ISSUER: see docs/authentication.md. Over stdio the
    key is ZAVA_API_KEY. Exit code 0: stopped. 1: the database cannot be reached, its login has too
    many rights, or its core is older than the server. 2: a setting or the API key is wrong. 3: the
    port is taken.
    """
    for number in STOP:
        signal.signal(number, lambda *_: sys.exit(0))
    settings = load_settings(host=host, port=port, workers=workers)
    set_up_logs(settings.log_level)
    if settings.workers == 1 or stdio:
        run(settings, stdio)
        return

    def work(listening: socket.socket, serves: Callable[[], None]) -> None:
        run(settings, False, listening, serves)

    ctx.exit(Workers(settings, work).run(settings.workers))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the factory of uvloop's event loop, None if it is not installed."""
    try:
        import uvloop
    except ImportError:  # on Windows
        return None
    return uvloop.new_event_loop


def run(
    settings: Settings,
    stdio: bool,
    listening: socket.socket | None = None,
    serves: Callable[[], None] = lambda: None,
) -> None:
    """Serve in this process until a signal comes. Raises Refusal."""

    async def work() -> None:
        async with open_parts(settings, stdio) as (calls, engine):
            if stdio:
                await serve_stdio(calls, engine)
            else:
                gate = Gate(settings, engine.identities, calls.limits, calls.metrics)
                calls.background.add(asyncio.create_task(gate.look()))
                await serve_http(calls, engine, gate, listening, serves)

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(work())


@contextlib.asynccontextmanager
async def open_parts(
    settings: Settings, stdio: bool = False
) -> AsyncIterator[tuple[Calls, Engine]]:
    """Open the parts that both transports share, and close them at the end. Raises Refusal."""
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    shared = SharedWindows(redis_url) if redis_url else None
    limits = Limits(shared, bad_tokens=settings.bad_tokens)
    database = await open_database(settings)
    try:
        await check_core(database.ask)
        async with replicated(database, settings) as replicas:
            vector, metrics = open_embedder(settings), Metrics()
            cache = open_cache(settings, metrics)
            await cache.look()
            calls = Calls(settings, database, vector, limits, metrics, cache, replicas)
            key = settings.assertion_key.get_secret_value() if settings.assertion_key else ""
            identities = Identities(calls.identify, key)
            engine = Engine(calls, identities, keeps_sessions=stdio or settings.sessions > 0)
            calls.stamp = stamp_of(engine.server.server_info_stamp)
            show_gauges(metrics, calls)
            await engine.reload()
            parquet.check(calls.catalog["tools"])
            tasks = Tasks(calls)
            handlers = {RESOURCE_CHANGED: engine.resource_changed, TASK_CHANGED: tasks.changed}
            calls.background = {
                asyncio.create_task(always(work))
                for work in (
                    partial(watch, settings, engine.reload, handlers, cache),
                    partial(keep_up, database, calls.exports, settings.maintain_seconds),
                    tasks.run,
                )
            }
            try:
                async with recording(calls.recorder):
                    gc.freeze()  # what is here stays: looking through it takes a tenth of a second
                    gc.set_threshold(COLLECTED)
                    yield calls, engine
            finally:
                await calls.end_background()
                await cache.close()
    finally:
        await database.close()


async def always(work: Callable[[], Awaitable[None]]) -> None:
    """Do the server's own work, and again after what nobody foresaw: calls go on beside it."""
    while True:
        try:
            await work()
            return
        except Exception:
            log.exception("background work failed", again_in_seconds=AGAIN_SECONDS)
        await asyncio.sleep(AGAIN_SECONDS)


def open_embedder(settings: Settings) -> Callable[[str], tuple[str, list[float]]] | None:
    """Return a function from a text to its model and vector, None if there is no embedder."""
    key = settings.embedding_api_key
    try:
        embedder = embeddings.load_embedder(
            settings.embedder,
            model=settings.embedding_model,
            base_url=settings.embedding_base_url,
            api_key=key.get_secret_value() if key else None,
            timeout=settings.embedding_timeout,
            max_retries=settings.embedding_retries,
        )
    except embeddings.EmbeddingError as error:
        log.warning("no embedder", reason=str(error))
        return None
    return embeddings.query_vectors(embedder) if embedder else None


class Workers:
    """Several processes on one listening socket, and their supervisor.

    Each process has its own pools, cache, metrics and listener, like a separate server. uvicorn's
    supervisor is not used: it restarts without a pause, has no exit codes, and its workers outlive
    it.
    """

    def __init__(self, settings: Settings, serve: Serve) -> None:
        self.serve = serve
        self.listening = listen(settings)
        self.running: dict[int, tuple[int, float]] = {}  # by process id: number, and since when
        self.served = mmap.mmap(-1, 1)  # shared by all: whether one of them ever served
        self.stopping = threading.Event()
        self.pause = FIRST_PAUSE

    def run(self, count: int) -> int:
        """Run ``count`` workers until a signal comes; return the exit code."""
        for each in STOP:
            signal.signal(each, self.stop)
        for number in range(1, count + 1):
            self.start(number)
        code = 0
        while self.running:
            process, status = os.wait()
            if process in self.running:
                number, began = self.running.pop(process)
                code = code or self.replace(number, began, os.waitstatus_to_exitcode(status))
        return code

    def stop(self, *_: Any) -> None:
        """Stop the workers, on a signal."""
        self.stopping.set()
        self.listening.close()  # else the kernel takes connections that nobody accepts
        for process in self.running:
            os.kill(process, signal.SIGTERM)

    def replace(self, number: int, began: float, code: int) -> int:
        """Restart a worker that ended. If none has ever served, stop, and return its exit code."""
        if self.stopping.is_set():
            return 0
        if not self.served[0] and code > 0:  # what it says will hold for all
            self.stop()
            return code
        is_steady = time.monotonic() - began > STEADY_SECONDS
        self.pause = FIRST_PAUSE if is_steady else self.pause
        log.error("a worker ended", number=number, code=code, again_in_seconds=self.pause)
        self.stopping.wait(self.pause)
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if not self.stopping.is_set():
            self.start(number)
        return 0

    def start(self, number: int) -> None:
        """Fork a worker."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # until it is known whom to tell
        gc.freeze()  # else the first collection in the new process copies all memory
        parent, process = os.getpid(), os.fork()
        if process == 0:
            self.be_worker(number, parent)
        self.running[process] = number, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)

    def be_worker(self, number: int, parent: int) -> None:
        """Serve in the forked process, and exit."""
        code = 1
        try:
            os.setpgid(0, 0)  # a Ctrl-C in the terminal reaches the parent alone, who tells us
            for each in STOP:
                signal.signal(each, lambda *_: sys.exit(0))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
            threading.Thread(target=end_with, args=[parent], daemon=True).start()
            structlog.contextvars.bind_contextvars(worker=number)
            self.serve(self.listening, lambda: self.served.__setitem__(0, 1))
            code = 0
        except Refusal as refusal:
            refusal.show()
            code = refusal.exit_code
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        except BaseException:
            log.exception("a worker failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def end_with(parent: int) -> None:
    """Send SIGTERM to this process when its parent is gone."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def listen(settings: Settings) -> socket.socket:
    """Return the listening socket of all workers. Raises SystemExit if the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        log.error("cannot listen", host=settings.host, port=settings.port, reason=str(error))
        raise SystemExit(PORT_TAKEN) from None
