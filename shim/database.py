"""The connections: the pool, and the one that listens for changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, Protocol

import asyncpg
import structlog

from shim.errors import DATABASE_FAILURES, Json
from shim.settings import Refusal, Settings

CHECK_LOGIN = "select mcp.check_login()"
CATALOG_CHANGED = "mcp_catalog"  # NOTIFY channel
CONNECT_SECONDS, CLOSE_SECONDS = 10, 5

log = structlog.get_logger("zava-mcp")


class Reload(Protocol):
    """What reads the catalogue anew."""

    def __call__(self, told: bool = False) -> Coroutine[Any, Any, None]:
        """Read it; ``told`` when the database said that it changed."""


def connect_arguments(settings: Settings) -> Json:
    """Give what the pool and the listening connection have in common."""
    return {
        "dsn": settings.database_url.get_secret_value(),
        "timeout": CONNECT_SECONDS,
        "command_timeout": settings.command_timeout,
        "server_settings": {"application_name": "zava-mcp", "jit": "off"},
    }


async def open_pool(settings: Settings) -> Any:
    """Connect, and let the database judge our login. Raises Refusal."""
    limits = {"min_size": settings.pool_min, "max_size": settings.pool_max}
    locked = True  # until the database has said

    async def reset(connection: Any) -> None:
        if not locked:  # in a database that is locked down a call cannot leave anything behind
            await connection.execute(connection.get_reset_query())

    try:
        pool = await asyncpg.create_pool(
            max_inactive_connection_lifetime=300,
            reset=reset,
            **limits,
            **connect_arguments(settings),
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Refusal(f"cannot connect to the database of ZAVA_DATABASE_URL: {error}", 1) from None
    except (ValueError, asyncpg.InterfaceError):  # its text may repeat the password
        like = Settings.model_fields["database_url"].description
        raise Refusal(f"ZAVA_DATABASE_URL is not like {like}") from None
    try:
        async with pool.acquire() as connection:
            verdict = json.loads(await connection.fetchval(CHECK_LOGIN))
            locked = verdict["locked"]
    except asyncpg.PostgresError as error:
        pool.terminate()
        mend = "run `python migrate.py apply` and connect with the login that it makes"
        raise Refusal(f"the database is not ready for this login ({error}): {mend}", 1) from None
    if verdict["problems"]:
        pool.terminate()
        problems = "; ".join(verdict["problems"])
        raise Refusal(f"refusing to serve with the login {verdict['login']}: {problems}", 1)
    return pool


async def close_pool(pool: Any) -> None:
    """Close the pool, abandoning what is not done in time."""
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except TimeoutError:
        pool.terminate()


async def watch_catalog(settings: Settings, reload: Reload) -> None:
    """Reload the catalogue whenever the database says so; reconnect for ever."""
    delay = 1.0
    while True:
        try:
            connection = await asyncpg.connect(**connect_arguments(settings))
            try:
                woken = asyncio.Event()
                connection.add_termination_listener(lambda *_, woken=woken: woken.set())
                await connection.add_listener(CATALOG_CHANGED, lambda *_, woken=woken: woken.set())
                await reload()  # for what happened while nobody listened
                delay = 1.0
                while await woken.wait() and not connection.is_closed():
                    woken.clear()
                    await reload(told=True)
            finally:
                connection.terminate()
        except DATABASE_FAILURES as error:
            log.warning("not listening for changes", reason=str(error), again_in_seconds=delay)
        await asyncio.sleep(delay)
        delay = min(delay * 2, 30)
