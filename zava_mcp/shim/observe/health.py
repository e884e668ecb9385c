"""How the server is: for balancers, which ask anybody's question and get little detail."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from starlette.responses import JSONResponse, Response

from zava_mcp.config import CORE, CORE_ROOT, ConfigError, Source, find_project
from zava_mcp.migrate.files import read_trees
from zava_mcp.shim.answer.errors import DATABASE_FAILURES, DatabaseError, Json

HEALTH = "select mcp.health()"
DATABASE_SECONDS = 2.0  # the database may take so long
KEPT_SECONDS = 1.0  # an answer is good for so long: asking more often is free
NEEDED = (
    "database",
    "migrations",
    "server",
)  # without the others calls are answered, if not as well

log = structlog.get_logger("zava-mcp")


@dataclass
class Readiness:
    """What is known about the parts of a server, and since when."""

    calls: Any
    known: dict[str, str] = field(default_factory=dict)
    until: float = 0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def response(self) -> Response:
        """Answer GET /readyz: 200 when calls are answered here, 503 else."""
        async with self.asking:
            if time.monotonic() >= self.until:
                self.known = await states(self.calls)
                self.until = time.monotonic() + KEPT_SECONDS
        ready = all(self.known[part] in ("healthy", "unknown") for part in NEEDED)
        said = {"status": "ready" if ready else "not ready", **self.known}
        return JSONResponse(said, 200 if ready else 503, {"Cache-Control": "no-store"})


async def states(calls: Any) -> dict[str, str]:
    """Say of each part whether it is healthy, unhealthy, disabled or unknown."""
    health: Json = {}
    with contextlib.suppress(DatabaseError, *DATABASE_FAILURES):
        async with asyncio.timeout(DATABASE_SECONDS):
            health = json.loads(await calls.database.ask(HEALTH))
    pending = sorted(local_versions() - set(health.get("versions", [])))
    if health and pending:
        log.warning("migrations are pending", files=pending)
    return {
        "server": "stopping" if calls.stopping else "healthy",
        "database": healthy(bool(health)),
        "ai_service": calls.embedder_state,
        "catalog": healthy(bool(calls.catalog.get("tools"))),
        "migrations": healthy(not pending) if health else "unknown",
        "cache": calls.cache.state,
        "replica": "disabled" if calls.replica is None else healthy(calls.replica.is_usable),
    }


def healthy(is_healthy: bool) -> str:
    """Say it in a word."""
    return "healthy" if is_healthy else "unhealthy"


@functools.cache
def local_versions() -> frozenset[str]:
    """Return tree and id of each versioned file of the core and, where one is here, the project."""
    return frozenset(read_trees(local_sources()).versioned)


def local_sources() -> list[Source]:
    """Return the trees that this server has the files of."""
    try:
        return find_project().sources()
    except ConfigError:
        return [Source(CORE, CORE_ROOT)]
