"""The database: its connection pools, and what happens while it does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import random
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import anyio
import asyncpg
import stamina
import structlog
from pydantic import SecretStr

from zava_mcp.config import SESSION
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
from zava_mcp.shim.observe.operators import running_call
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
    """A circuit breaker: a lost connection opens it, a successful probe closes it.

    Calls wait for it during a restart of the database; after that they fail at once.
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
        """Whether the database is known to be away."""
        return not self.closed.is_set()

    def trip(self) -> None:
        """Open the circuit after a lost connection, and begin to probe."""
        if not self.is_open:
            self.closed.clear()
            self.opened += 1
            self.since, self.pause = time.monotonic(), FIRST_PAUSE
            self.probing = asyncio.create_task(self.recover())

    async def recover(self) -> None:
        """Probe until the database answers."""
        running_call.set(None)  # that found it away, and is not what the log is about from now on
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

    async def wait_until_closed(self, patience: float) -> None:
        """Wait until it is closed, at most ``patience`` seconds after it opened.

        Raises DatabaseError, whose retry_after is the time of the next probe.
        """
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
    """The connections of this process to one database, in three pools.

    Calls share ``pool_max`` connections. The server's own work has OWN_CONNECTIONS, so that
    writing the call log never queues behind calls or upkeep. Each task has one connection. A
    connection that needs no reset stays out of the pool between two calls, up to WARM_SECONDS.
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
        self.queue: deque[asyncio.Future[None]] = deque()  # of calls that wait for a slot
        self.circuit = Circuit(url, self.probe)
        self.in_use, self.busy = 0, 0  # slots now, and calls refused so far
        self.given_up = 0  # connections whose statement did not end

    @property
    def size(self) -> int:
        """How many connections there are."""
        return sum(pool.get_size() for pool in (self.pool, self.own_pool, self.task_pool))

    def connection(self, pool: Any = None) -> Lease:
        """Return a context with a connection for a call, or with one of another ``pool``.

        It raises BusyError, DatabaseError.
        """
        return Lease(self, pool)

    async def give_back(self, pool: Any, connection: Any) -> None:
        """Release a connection once its backend is idle; until then the call keeps its slot.

        The client may be gone, and the statement may run on after its cancellation. After
        GIVE_UP_SECONDS the connection is abandoned, logged and counted, and the slot is free.
        """
        pid = None if is_gone(connection) else connection.get_server_pid()
        late = partial(log.warning, "a cancelled statement does not end", pid=pid)
        timer = asyncio.get_running_loop().call_later(LATE_SECONDS, late)
        releasing = asyncio.ensure_future(pool.release(connection, timeout=GIVE_UP_SECONDS))
        try:
            await finish(releasing)
        except TimeoutError:
            self.given_up += 1
            log.error("a connection is given up, its backend goes on", pid=pid)
        finally:
            timer.cancel()

    async def take(self) -> Any:
        """Return a connection for a call, a warm one if there is one.

        Raises BusyError, UnreachableError.
        """
        while self.warm:
            connection = self.warm.pop()
            if not is_gone(connection):
                return connection
            await self.release(connection)
        return await self.acquire_from(self.pool)

    async def acquire_from(self, pool: Any) -> Any:
        """Acquire a connection from a pool. Raises BusyError, UnreachableError."""
        try:
            return await pool.acquire(timeout=CONNECT_SECONDS)
        except asyncpg.TooManyConnectionsError as error:  # the role's limit, or the server's
            self.busy += 1
            log.warning("no further connection", database=self.url, reason=str(error))
            raise BusyError(BUSY, retry_after=1) from None
        except DATABASE_FAILURES as error:
            self.circuit.trip()
            raise UnreachableError(UNAVAILABLE) from error

    def keep_warm(self, connection: Any) -> None:
        """Keep a connection for the next call."""
        self.warm.append(connection)
        if self.cooling is None:
            self.cooling = asyncio.get_running_loop().call_later(WARM_SECONDS, self.cool)

    def cool(self) -> None:
        """Release the warm connections to the pool, which closes old and idle ones."""
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

    async def take_slot(self) -> None:
        """Take one of ``pool_max`` slots. Raises BusyError if none is free within ``pool_wait``."""
        if self.in_use < self.settings.pool_max:  # and nobody waits
            self.in_use += 1
            return
        place = asyncio.get_running_loop().create_future()
        self.queue.append(place)
        try:
            async with asyncio.timeout(self.settings.pool_wait):
                await place
        except BaseException as error:
            if not place.cancelled():  # it got a slot at that moment
                self.free_slot()
            if not isinstance(error, TimeoutError):
                raise
            self.busy += 1
            raise BusyError(BUSY, retry_after=1) from None

    def free_slot(self) -> None:
        """Free a slot, or pass it on to who waits for longest."""
        while self.queue:
            place = self.queue.popleft()
            if not place.done():
                place.set_result(None)
                return
        self.in_use -= 1

    @property
    def waiting(self) -> int:
        """How many calls wait for a slot."""
        return sum(not place.done() for place in self.queue)

    async def fetchval(self, connection: Any, *statement: Any, seconds: float | None = None) -> Any:
        """Return the value of a statement, which is its own transaction."""
        seconds = self.settings.command_timeout if seconds is None else seconds
        if not self.is_pooled:
            return await connection.fetchval(*statement, timeout=seconds)
        async with transaction(connection):  # else it could be prepared here and executed there
            return await connection.fetchval(*statement, timeout=seconds)

    async def ask(self, *statement: Any, listener: Callable[[Any, Any], None] | None = None) -> Any:
        """Return the value of a statement of the server itself; ``listener`` gets its notices.

        Raises DatabaseError, DATABASE_FAILURES.
        """
        async with self.connection(self.own_pool) as connection:
            if listener is None:
                return await self.fetchval(connection, *statement)
            connection.add_log_listener(listener)
            try:
                return await self.fetchval(connection, *statement)
            finally:
                connection.remove_log_listener(listener)

    async def read(self, *statement: Any) -> str:
        """Return the value of a read-only statement for a caller, repeated if it failed."""

        async def once() -> str:
            async with self.connection() as connection:
                return str(await self.fetchval(connection, *statement))

        return await repeated(once, True, self.settings.retry_seconds)

    async def probe(self) -> None:
        """Open a new connection and execute a statement."""
        connection = await asyncpg.connect(**connect_arguments(self.settings, self.url))
        try:
            await self.fetchval(connection, WAL_POSITION)
        finally:
            connection.terminate()

    async def close(self) -> None:
        """Close the pools; after CLOSE_SECONDS, terminate their connections."""
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


class Lease:
    """A connection of a pool for the length of a block; calls take slots, and warm ones first."""

    __slots__ = ("connection", "database", "is_call", "pool")

    def __init__(self, database: Database, pool: Any) -> None:
        self.database, self.is_call, self.pool = database, pool is None, pool or database.pool

    async def __aenter__(self) -> Any:
        """Wait for a slot and a connection. Raises BusyError, DatabaseError."""
        database = self.database
        if database.circuit.is_open:
            patience = database.settings.retry_seconds if self.is_call else 0
            await database.circuit.wait_until_closed(patience)
        if not self.is_call:
            self.connection = await database.acquire_from(self.pool)
            return self.connection
        await database.take_slot()
        try:
            self.connection = await database.take()
        except BaseException:
            database.free_slot()
            raise
        return self.connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Release the connection, then its slot."""
        database = self.database
        try:
            if error is None and self.is_call and database.stays_warm:
                database.keep_warm(self.connection)
                return
            if isinstance(error, Exception) and is_lost(error):
                database.circuit.trip()
            await database.give_back(self.pool, self.connection)
        finally:
            if self.is_call:
                database.free_slot()


@contextlib.asynccontextmanager
async def transaction(connection: Any) -> AsyncIterator[None]:
    """A transaction that tolerates a terminated connection, which has no ROLLBACK to send.

    A cancelled one is rolled back by the release, which has a time limit: its statement may not
    end.
    """
    transaction = connection.transaction()
    await transaction.__aenter__()
    try:
        yield
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        if not is_gone(connection):
            await transaction.__aexit__(type(error), error, None)
        raise
    await transaction.__aexit__(None, None, None)


async def finish(work: asyncio.Future[None]) -> None:
    """Wait for work to end, also when this task is cancelled meanwhile. Raises what it raised."""
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):  # whose cancellation comes again and again
        while not work.done():
            try:
                await asyncio.wait({work})
            except asyncio.CancelledError as error:
                cancelled = error
    work.result()
    if cancelled is not None:
        raise cancelled


def is_gone(connection: Any) -> bool:
    """Return whether a connection is closed, or released to the pool already."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


async def repeated(once: Callable[[], Awaitable[T]], repeatable: bool, seconds: float) -> T:
    """Call ``once``, and again if that is safe, until ``seconds`` have passed.

    It is safe if nothing was sent or all was rolled back; if it is ``repeatable``, also after a
    lost connection, when the outcome is unknown.
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


NO_PORT = re.compile(r"(?:^|,)(?:\[[^]]*\]|[^][:,]*):[^,]*[^,\d]")  # of one of the hosts
ENCODED = (
    "in a user or password write %23 for #, %2F for /, %3A for :, %3F for ?, %40 for @,"
    " %5B and %5D for [ and ]"
)


def dsn_of(settings: Settings, url: Url) -> str:
    """Return a connection string without the parameters that asyncpg would misread.

    Raises Refusal.
    """
    secret: SecretStr = settings.replica_url[0] if url == "replica_url" else getattr(settings, url)
    try:
        parts = urlsplit(secret.get_secret_value())
    except ValueError:  # a bracket, or what Unicode makes one: its text has the password
        raise Refusal(f"{variable(url)} is no URL; {ENCODED}") from None
    if parts.netloc.count("@") > 1:
        raise Refusal(f"{variable(url)}: user or password holds an @: write %40 for it")
    # also of a password with # ? or /, at which the part with the hosts ends
    if NO_PORT.search(parts.netloc.rpartition("@")[2]):
        raise Refusal(f"{variable(url)}: its port is no number; {ENCODED}")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(name, value) for name, value in pairs if name not in LIBPQ_ALONE])
    return parts._replace(query=query).geturl()


def connect_arguments(settings: Settings, url: Url) -> Json:
    """Return the arguments of each connection; time limits are settings of the login role."""
    return {
        "dsn": dsn_of(settings, url),
        "timeout": CONNECT_SECONDS,
        "command_timeout": CANCEL_SECONDS,
        "server_settings": {"application_name": "zava-mcp"},  # a pooler would refuse more
        "statement_cache_size": 0 if settings.direct_url else 100,
    }


async def open_database(settings: Settings, url: Url = "database_url") -> Database:
    """Open the pools, if the database accepts the login role as safe. Raises Refusal."""
    verdict = await check_login(settings, url)
    if verdict["problems"]:
        problems = "; ".join(verdict["problems"])
        raise Refusal(f"refusing to serve with the login {verdict['login']}: {problems}", 1)
    locked, is_pooled = verdict["locked"], verdict["is_pooled"]
    if is_pooled and not settings.direct_url:
        raise Refusal(
            f"{variable(url)} leads to a pooler: set ZAVA_DIRECT_URL to the database itself, which"
            " tells of changes there"
        )
    if settings.direct_url and url == "database_url":
        direct = verdict
        with contextlib.suppress(Refusal):  # who listens says so, and tries again
            direct = await check_login(settings, "direct_url")
        if direct.get("database") != verdict.get("database"):
            raise Refusal(
                "ZAVA_DIRECT_URL leads to another database than ZAVA_DATABASE_URL: it would tell of"
                " no change here"
            )
    if is_pooled and not locked and not verdict["is_reset"]:
        raise Refusal(
            f"{variable(url)} leads to a pooler, and this database is not locked down: what one"
            " call leaves in a session would reach others. Have the pooler reset its sessions"
            " (pgbouncer: server_reset_query_always = 1), lock the database down, or leave the"
            " pooler out; docs/managed.md"
        )

    async def reset(connection: Any) -> None:
        # where the database is locked down a call leaves nothing; a pooler resets by itself
        if not (locked or is_pooled):
            await connection.execute(connection.get_reset_query())

    arguments = connect_arguments(settings, url)
    if not is_pooled:
        arguments["server_settings"] |= SESSION
    make_pool = partial(
        asyncpg.create_pool,
        max_inactive_connection_lifetime=IDLE_SECONDS,
        reset=reset,
        **arguments,
    )
    try:
        pool = await make_pool(min_size=settings.pool_min, max_size=settings.pool_max)
        own_pool = await make_pool(min_size=0, max_size=OWN_CONNECTIONS)
        task_pool = await make_pool(min_size=0, max_size=max(1, settings.tasks))
    except DATABASE_FAILURES as error:
        raise Refusal(f"cannot connect to the database of {variable(url)}: {error}", 1) from None
    needs_reset = not (locked or is_pooled)
    pools = (pool, own_pool, task_pool)
    return Database(*pools, settings, url, is_pooled, needs_reset=needs_reset)


async def check_login(settings: Settings, url: Url) -> Json:
    """Return the verdict of mcp.check_login, is_pooled and is_reset. Raises Refusal."""
    arguments = connect_arguments(settings, url) | {"statement_cache_size": 0}
    if problem := file_problem(arguments["dsn"]):
        raise Refusal(f"{variable(url)}: {problem}")
    try:
        connection = await asyncpg.connect(**arguments)
    except (OSError, asyncpg.PostgresError) as error:
        raise Refusal(f"cannot connect to the database of {variable(url)}: {error}", 1) from None
    except (ValueError, asyncpg.InterfaceError):  # its text may repeat the password
        like = Settings.model_fields["database_url"].description
        raise Refusal(f"{variable(url)} is not like {like}") from None
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


def file_problem(dsn: str) -> str:
    """Return which file of TLS cannot be read, "" if all can: asyncpg does not name it."""
    query = {f"PG{name.upper()}": value for name, value in parse_qsl(urlsplit(dsn).query)}
    found = {**os.environ, **query}
    mode = found.get("PGSSLMODE", "prefer")
    if mode in ("verify-ca", "verify-full"):
        found.setdefault("PGSSLROOTCERT", os.path.expanduser("~/.postgresql/root.crt"))  # noqa: PTH111
    is_read = mode in ("require", "verify-ca", "verify-full")
    for name in ("sslrootcert", "sslcrl", "sslcert", "sslkey"):
        file = found.get(f"PG{name.upper()}", "")
        if (name, file) == ("sslrootcert", "system"):
            return "sslrootcert=system is not supported: name a file of CA certificates"
        if file and is_read and not os.access(file, os.R_OK):
            return f"the file {file} ({name}) of sslmode={mode} is missing or not readable"
    return ""


async def is_reset_by_pooler(connection: Any) -> bool:
    """Return whether the pooler resets a session between transactions; False if unknown."""
    for probe in map(str, range(PROBES)):
        async with connection.transaction():
            pid = await connection.fetchval(LEAVE_PROBE, probe)
        async with connection.transaction():
            again, found = await connection.fetchrow(FIND_PROBE)
        if again == pid:
            return bool(found != probe)
    return False


def variable(url: Url) -> str:
    """Return the environment variable of a setting."""
    return f"ZAVA_{url.upper()}"
