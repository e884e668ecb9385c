"""The database: the connections that calls share, those of the server's own work, its absence."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import anyio
import asyncpg
import stamina
import structlog
from pydantic import SecretStr

from zava_mcp.shim.answer.errors import (
    DATABASE_FAILURES,
    UNAVAILABLE,
    UNDONE,
    BusyError,
    DatabaseError,
    Json,
    UnreachableError,
    is_lost,
)
from zava_mcp.shim.settings import Refusal, Settings

CHECK_LOGIN = "select mcp.check_login()"
WAL_POSITION = "select mcp.wal_position()"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds between two probes of one that is away, doubled
CONNECT_SECONDS, CLOSE_SECONDS = 10, 5
IDLE_SECONDS = 300.0  # after which a connection that nobody uses is closed, but for ZAVA_POOL_MIN
OWN_CONNECTIONS = 2  # of the server itself, at most
WARM_SECONDS = 1.0
LATE_SECONDS, GIVE_UP_SECONDS = 2.0, 60.0  # for a cancelled statement to end
CANCEL_SECONDS = 2 * GIVE_UP_SECONDS  # after which asyncpg would give up, uncounted
ATTEMPTS = 4  # of a call, when each one loses its connection or meets another change
BUSY = "All connections to the database are in use, try again in a second."

log = structlog.get_logger("zava-mcp")
T = TypeVar("T")
Url = Literal["database_url", "direct_url", "replica_url"]  # settings that name a database


class Circuit:
    """Whether a database answers: opened by a lost connection, closed by a probe that succeeds.

    A restart is waited out by the calls that meet it; when it takes longer, calls fail at once.
    """

    def __init__(self, name: str, probe: Callable[[], Awaitable[Any]]) -> None:
        self.name = name  # of the database, in the log
        self.probe = probe  # raises while the database does not answer
        self.opened = 0  # how often
        self.since, self.pause = 0.0, 0.0  # it opened then; seconds to the next probe
        self.closed = asyncio.Event()
        self.closed.set()
        self.probing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the database is away, as far as is known."""
        return not self.closed.is_set()

    def trip(self) -> None:
        """Take note of a lost connection, and begin to probe."""
        if not self.is_open:
            self.closed.clear()
            self.opened += 1
            self.since, self.pause = time.monotonic(), FIRST_PAUSE
            self.probing = asyncio.create_task(self.recover())

    async def recover(self) -> None:
        """Probe until the database answers."""
        while True:
            try:
                await self.probe()
                break
            except Exception as error:  # whatever it is, the circuit must not stay open for ever
                if self.pause == FIRST_PAUSE:
                    log.warning("database away", database=self.name, reason=repr(error))
            await asyncio.sleep(self.pause * random.uniform(0.5, 1.0))  # noqa: S311
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if self.pause > FIRST_PAUSE:
            away = round(time.monotonic() - self.since, 1)
            log.info("database back", database=self.name, seconds=away)
        self.closed.set()

    async def passable(self, patience: float) -> None:
        """Wait until it is closed, if it has not been open for longer than ``patience`` seconds.

        Raises DatabaseError, which says when to try again.
        """
        if not self.is_open:
            return
        try:
            async with asyncio.timeout_at(self.since + patience):
                await self.closed.wait()
        except TimeoutError:
            raise DatabaseError(UNAVAILABLE, retry_after=math.ceil(self.pause)) from None

    def close(self) -> None:
        """Probe no more."""
        if self.probing is not None:
            self.probing.cancel()


class Database:
    """A database as this process has it: its pool, who waits for it, and whether it answers.

    Calls share ``pool_max`` connections. What the server does by itself has OWN_CONNECTIONS, so
    that writing the call log never queues behind the calls, nor behind the upkeep. Each task has
    one. A connection that needs no reset goes from call to call, up to WARM_SECONDS, past the pool.
    """

    def __init__(
        self,
        pool: Any,
        own_pool: Any,
        task_pool: Any,
        settings: Settings,
        url: Url,
        is_pooled: bool = False,
        needs_reset: bool = True,
    ) -> None:
        self.pool = pool
        self.own_pool = own_pool
        self.task_pool = task_pool
        self.stays_warm = not (needs_reset or is_pooled)
        self.warm: list[Any] = []  # connections between two calls
        self.cooling: asyncio.TimerHandle | None = None
        self.releasing: set[asyncio.Task[None]] = set()
        self.settings = settings
        self.url = url
        self.is_pooled = is_pooled  # by a pooler: each transaction may get another session
        self.room = asyncio.Semaphore(settings.pool_max)
        self.circuit = Circuit(url, self.probe)
        self.in_use, self.waiting, self.busy = 0, 0, 0  # calls now, and those refused so far
        self.given_up = 0  # connections whose statement did not end

    @property
    def size(self) -> int:
        """How many connections there are."""
        return sum(pool.get_size() for pool in (self.pool, self.own_pool, self.task_pool))

    @contextlib.asynccontextmanager
    async def connection(self, pool: Any = None) -> AsyncIterator[Any]:
        """Lend a connection to a call, or one of another ``pool``.

        Raises BusyError, DatabaseError.
        """
        is_call, pool = pool is None, pool or self.pool
        await self.circuit.passable(self.settings.retry_seconds if is_call else 0)
        async with self.place() if is_call else contextlib.nullcontext():
            connection = await (self.lent() if is_call else self.acquired(pool))
            is_done = False
            try:
                yield connection
                is_done = True
            except Exception as error:
                if is_lost(error):
                    self.circuit.trip()
                raise
            finally:
                if is_done and self.stays_warm and is_call:
                    self.keep_warm(connection)
                else:
                    await self.give_back(pool, connection)

    async def give_back(self, pool: Any, connection: Any) -> None:
        """Return a connection once its backend is idle: until then the caller keeps its place.

        The caller may be gone; the statement may run on, past its cancellation. After
        GIVE_UP_SECONDS the connection is given up, logged and counted, and the place is free.
        """
        pid = None if is_gone(connection) else connection.get_server_pid()
        late = partial(log.warning, "a cancelled statement does not end", pid=pid)
        timer = asyncio.get_running_loop().call_later(LATE_SECONDS, late)
        with anyio.CancelScope(shield=True):
            try:
                await pool.release(connection, timeout=GIVE_UP_SECONDS)
            except TimeoutError:
                self.given_up += 1
                log.error("a connection is given up, its backend goes on", pid=pid)
            finally:
                timer.cancel()

    async def lent(self) -> Any:
        """Take a connection for a call: a warm one where there is one. Raises UnreachableError."""
        while self.warm:
            connection = self.warm.pop()
            if not is_gone(connection):
                return connection
            await self.release(connection)
        return await self.acquired(self.pool)

    async def acquired(self, pool: Any) -> Any:
        """Take a connection from a pool. Raises UnreachableError."""
        try:
            return await pool.acquire(timeout=CONNECT_SECONDS)
        except DATABASE_FAILURES as error:
            if not isinstance(error, asyncpg.TooManyConnectionsError):  # others have theirs
                self.circuit.trip()
            raise UnreachableError(UNAVAILABLE) from error

    def keep_warm(self, connection: Any) -> None:
        """Have a connection ready for the next call."""
        self.warm.append(connection)
        if self.cooling is None:
            self.cooling = asyncio.get_running_loop().call_later(WARM_SECONDS, self.cool)

    def cool(self) -> None:
        """Return the warm connections to the pool, which closes those that are old or idle."""
        if self.cooling is not None:
            self.cooling.cancel()
            self.cooling = None
        while self.warm:
            task = asyncio.create_task(self.release(self.warm.pop()))
            self.releasing.add(task)
            task.add_done_callback(self.releasing.discard)

    async def release(self, connection: Any) -> None:
        """Return a connection to the pool."""
        with contextlib.suppress(*DATABASE_FAILURES):
            await self.pool.release(connection)

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Be one of the calls that have a connection. Raises BusyError when none ends in time."""
        if self.room.locked():
            self.waiting += 1
            try:
                async with asyncio.timeout(self.settings.pool_wait):
                    await self.room.acquire()
            except TimeoutError:
                self.busy += 1
                raise BusyError(BUSY, retry_after=1) from None
            finally:
                self.waiting -= 1
        else:
            await self.room.acquire()  # at once
        self.in_use += 1
        try:
            yield
        finally:
            self.in_use -= 1
            self.room.release()

    async def fetchval(self, connection: Any, *statement: Any, seconds: float | None = None) -> Any:
        """Return the one value of a statement that is all of its transaction."""
        seconds = self.settings.command_timeout if seconds is None else seconds
        if not self.is_pooled:
            return await connection.fetchval(*statement, timeout=seconds)
        async with connection.transaction():  # else it could be prepared here and executed there
            return await connection.fetchval(*statement, timeout=seconds)

    async def ask(self, *statement: Any, heard: Callable[[Any, Any], None] | None = None) -> Any:
        """Return the value of a statement of our own, whose notices are heard.

        Raises DatabaseError, DATABASE_FAILURES.
        """
        async with self.connection(self.own_pool) as connection:
            if heard is None:
                return await self.fetchval(connection, *statement)
            connection.add_log_listener(heard)
            try:
                return await self.fetchval(connection, *statement)
            finally:
                connection.remove_log_listener(heard)

    async def asked(self, *statement: Any) -> str:
        """Return the value of a statement for a caller, which changes nothing."""

        async def once() -> str:
            async with self.connection() as connection:
                return str(await self.fetchval(connection, *statement))

        return await repeated(once, True, self.settings.retry_seconds)

    async def probe(self) -> None:
        """Connect again, and see that a statement gets through."""
        connection = await asyncpg.connect(**connect_arguments(self.settings, self.url))
        try:
            await self.fetchval(connection, WAL_POSITION)
        finally:
            connection.terminate()

    async def close(self) -> None:
        """Close the pool, abandoning what is not done in time."""
        self.circuit.close()
        self.stays_warm = False
        self.cool()
        pools = (self.pool, self.own_pool, self.task_pool)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(*(pool.close() for pool in pools))
        except TimeoutError:
            for pool in pools:
                pool.terminate()


def is_gone(connection: Any) -> bool:
    """Return whether a connection was closed meanwhile, which the pool knows by then."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


async def repeated(once: Callable[[], Awaitable[T]], repeatable: bool, seconds: float) -> T:
    """Do something with the database, and again where it failed and twice is like once.

    So it is when nothing was sent, when all was rolled back, and for what is ``repeatable`` also
    when the connection was lost and the outcome is not known. Not after ``seconds``.
    """

    def again(error: Exception) -> bool:
        undone = isinstance(error, (UnreachableError, *UNDONE))
        return undone or (repeatable and is_lost(error))

    try:
        return await once()
    except Exception as error:
        if not again(error):
            raise
        failed = [error]

    async def once_more() -> T:
        if failed:  # the first attempt, which was made before there was anything to repeat
            raise failed.pop()
        return await once()

    retrying = stamina.AsyncRetryingCaller(
        attempts=ATTEMPTS, timeout=seconds, wait_initial=0.05, wait_max=1, wait_jitter=0.1
    )
    return await retrying(again, once_more)


PROBES = 20  # a pooler that is idle gives the session that it got back last
LEAVE_PROBE = "select pg_backend_pid() from set_config('zava_mcp.probe', $1, false)"
FIND_PROBE = "select pg_backend_pid(), current_setting('zava_mcp.probe', true)"


LIBPQ_ALONE = {  # parameters of connection strings that asyncpg would send to the database
    *("channel_binding", "client_encoding", "connect_timeout", "fallback_application_name"),
    *("gssencmode", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval"),
    *("load_balance_hosts", "requirepeer", "sslcompression", "sslsni", "tcp_user_timeout"),
}


def dsn_of(settings: Settings, url: Url) -> str:
    """Return a connection string as asyncpg takes it. Raises Refusal."""
    secret: SecretStr = settings.replica_url[0] if url == "replica_url" else getattr(settings, url)
    parts = urlsplit(secret.get_secret_value())
    if parts.netloc.count("@") > 1:
        raise Refusal(f"{named(url)}: user or password holds an @: write %40 for it")
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if name not in LIBPQ_ALONE]
    return parts._replace(query=urlencode(kept)).geturl()


def connect_arguments(settings: Settings, url: Url) -> Json:
    """Return what all connections have in common; their limits are the database's, by login."""
    return {
        "dsn": dsn_of(settings, url),
        "timeout": CONNECT_SECONDS,
        "command_timeout": CANCEL_SECONDS,
        "server_settings": {"application_name": "zava-mcp"},  # a pooler would refuse more
        "statement_cache_size": 0 if settings.direct_url else 100,
    }


async def open_database(settings: Settings, url: Url = "database_url") -> Database:
    """Connect, and let the database judge our login. Raises Refusal."""
    verdict = await check_login(settings, url)
    if verdict["problems"]:
        problems = "; ".join(verdict["problems"])
        raise Refusal(f"refusing to serve with the login {verdict['login']}: {problems}", 1)
    locked, is_pooled = verdict["locked"], verdict["is_pooled"]
    if is_pooled and not settings.direct_url:
        raise Refusal(
            f"{named(url)} leads to a pooler: set ZAVA_DIRECT_URL to the database itself, which"
            " tells of changes there"
        )
    if is_pooled and not locked and not verdict["is_reset"]:
        raise Refusal(
            f"{named(url)} leads to a pooler, and this database is not locked down: what one call"
            " leaves in a session would reach others. Have the pooler reset its sessions"
            " (pgbouncer: server_reset_query_always = 1), lock the database down, or leave the"
            " pooler out; docs/managed.md"
        )

    async def reset(connection: Any) -> None:
        # where the database is locked down a call leaves nothing; a pooler resets by itself
        if not (locked or is_pooled):
            await connection.execute(connection.get_reset_query())

    make_pool = partial(
        asyncpg.create_pool,
        max_inactive_connection_lifetime=IDLE_SECONDS,
        reset=reset,
        **connect_arguments(settings, url),
    )
    try:
        pool = await make_pool(min_size=settings.pool_min, max_size=settings.pool_max)
        own_pool = await make_pool(min_size=0, max_size=OWN_CONNECTIONS)
        task_pool = await make_pool(min_size=0, max_size=max(1, settings.tasks))
    except DATABASE_FAILURES as error:
        raise Refusal(f"cannot connect to the database of {named(url)}: {error}", 1) from None
    needs_reset = not (locked or is_pooled)
    pools = (pool, own_pool, task_pool)
    return Database(*pools, settings, url, is_pooled, needs_reset=needs_reset)


async def check_login(settings: Settings, url: Url) -> Json:
    """Return the verdict on our login, and whether a pooler is between. Raises Refusal."""
    arguments = connect_arguments(settings, url) | {"statement_cache_size": 0}
    try:
        connection = await asyncpg.connect(**arguments)
    except (OSError, asyncpg.PostgresError) as error:
        raise Refusal(f"cannot connect to the database of {named(url)}: {error}", 1) from None
    except (ValueError, asyncpg.InterfaceError):  # its text may repeat the password
        like = Settings.model_fields["database_url"].description
        raise Refusal(f"{named(url)} is not like {like}") from None
    try:
        async with connection.transaction():
            verdict: Json = json.loads(await connection.fetchval(CHECK_LOGIN))
        is_pooled = verdict["pid"] != connection.get_server_pid()
        is_reset = is_pooled and not verdict["locked"] and await is_reset_by_pooler(connection)
        return verdict | {"is_pooled": is_pooled, "is_reset": is_reset}
    except asyncpg.PostgresError as error:
        remedy = "run `zava-mcp migrate apply` and connect with the login that it makes"
        raise Refusal(f"the database is not ready for this login ({error}): {remedy}", 1) from None
    finally:
        connection.terminate()


async def is_reset_by_pooler(connection: Any) -> bool:
    """Whether a setting of a session is gone in its next transaction; false where none shows it."""
    for probe in map(str, range(PROBES)):
        async with connection.transaction():
            pid = await connection.fetchval(LEAVE_PROBE, probe)
        async with connection.transaction():
            again, found = await connection.fetchrow(FIND_PROBE)
        if again == pid:
            return bool(found != probe)
    return False


def named(url: Url) -> str:
    """Return the variable of a setting."""
    return f"ZAVA_{url.upper()}"
