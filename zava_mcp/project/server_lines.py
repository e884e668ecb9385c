"""The checks of zava-mcp doctor for a server, with the server's settings and login."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from zava_mcp.counts import some
from zava_mcp.migrate.facts import ERROR, NOTE, OK, WARNING, Line
from zava_mcp.migrate.files import read_trees
from zava_mcp.shim.answer.errors import DATABASE_FAILURES, DatabaseError, Json
from zava_mcp.shim.answer.results import Result
from zava_mcp.shim.call.cache import open_cache
from zava_mcp.shim.call.database import OWN_CONNECTIONS, Database, check_login, open_database
from zava_mcp.shim.call.replica import Replica
from zava_mcp.shim.call.storage import open_storage
from zava_mcp.shim.identify.authorization import FETCH_FAILURES, Issuer, assertion_problem
from zava_mcp.shim.identify.credentials import Identities
from zava_mcp.shim.observe.operators import (
    HEALTH,
    Metrics,
    local_sources,
    local_versions,
    set_up_logs,
)
from zava_mcp.shim.server import open_embedder
from zava_mcp.shim.settings import Refusal, Settings, load_settings

MAINTAINED = timedelta(hours=3)  # upkeep is hourly
APPLY = "zava-mcp migrate apply, as the login that owns the database"


async def server_lines() -> list[Line]:
    """Check everything that a server needs. Raises Refusal if a setting is wrong."""
    settings = load_settings()
    set_up_logs(settings.log_level)
    found = []
    try:
        database = await open_database(settings)
    except Refusal as refusal:
        found.append(Line("server: database", ERROR, refusal.message))
    else:
        try:
            found += await login_lines(settings)
            found += await database_lines(database)
            found += await other_database_lines(database, settings)
            found += await oauth_lines(database, settings)
        finally:
            await database.close()
    embedder = await embedder_line(settings, open_embedder(settings))
    return [*found, embedder, await cache_line(settings), *exports_lines(settings)]


async def login_lines(settings: Settings) -> list[Line]:
    """Check the rights and the limits of the login, and how many connections it has."""
    verdict = await check_login(settings, "database_url")
    way = "through a pooler" if verdict["is_pooled"] else "directly"
    name, allowed = verdict["login"], verdict.get("connections")  # a core of before has none
    found = [
        Line("server: database", OK, f"connected {way}"),
        Line("server: login", OK, f"{name} has no power that a server must not have"),
    ]
    remedy = "alter role ... in database ... set: docs/operations.md, Backup and restore"
    found += [Line("server: limits", WARNING, text, remedy) for text in verdict.get("warnings", [])]
    if not verdict["is_pooled"] and allowed is not None:
        found.append(connections_line(settings, name, allowed))
    return found


def connections_line(settings: Settings, login: str, allowed: int) -> Line:
    """Compare the connections that the login may have with those that a server opens."""
    part = "server: connections"
    used = settings.workers * (settings.pool_max + settings.tasks + OWN_CONNECTIONS + 1)
    found = f"{login} may have {allowed}, and this server opens up to {used}"
    if used <= allowed:
        return Line(part, OK, found)
    remedy = f"lower ZAVA_POOL_MAX, or: alter role {login} connection limit {used}"
    return Line(part, WARNING, found, remedy)


async def database_lines(database: Database) -> list[Line]:
    """Check the applied files, the catalogue, the lock-down and the upkeep."""
    try:
        health = json.loads(await database.ask(HEALTH))
    except (DatabaseError, *DATABASE_FAILURES) as error:
        return [Line("server: files", ERROR, f"older than this server: {error}", APPLY)]
    is_locked = bool(health["lockdown"])
    return [
        *file_lines(health),
        catalogue_line(health["catalog"]),
        Line("server: lock-down", OK, "done")
        if is_locked
        else Line("server: lock-down", NOTE, "none: docs/lockdown.md says what a query may see"),
        upkeep_line(health),
    ]


async def other_database_lines(database: Database, settings: Settings) -> list[Line]:
    """Check the connections of ZAVA_DIRECT_URL and ZAVA_REPLICA_URL, where they are set."""
    found = []
    if settings.direct_url:
        part = "server: direct connection"
        try:
            await check_login(settings, "direct_url")
            found.append(Line(part, OK, "connected"))
        except Refusal as refusal:
            remedy = "until then the server hears of no change"
            found.append(Line(part, ERROR, refusal.message, remedy))
    for number, url in enumerate(settings.replica_url, 1):
        part, one = f"server: replica {number}", settings.model_copy(update={"replica_url": [url]})
        replica = Replica(database, one, number)
        try:
            await replica.look()
            found.append(Line(part, OK, "follows the primary"))
        except (Refusal, DatabaseError, *DATABASE_FAILURES) as error:
            found.append(Line(part, WARNING, str(error), "until then the primary does its reads"))
        finally:
            if replica.database is not None:
                await replica.database.close()
    return found


async def oauth_lines(database: Database, settings: Settings) -> list[Line]:
    """Fetch the keys of the identity provider and try an assertion, where there is a provider."""
    if not settings.oauth_issuer or settings.assertion_key is None:
        return []
    part, found = "server: identity provider", []
    try:
        keys = await Issuer(settings).fetch()
        found.append(Line(part, OK, f"{settings.oauth_issuer} has {some(len(keys), 'key')}"))
    except FETCH_FAILURES as error:
        remedy = "see that this machine reaches it, and ZAVA_OAUTH_ISSUER is its exact name"
        found.append(Line(part, ERROR, f"{type(error).__name__}: {error}", remedy))
    part, key = "server: assertions", settings.assertion_key.get_secret_value()
    if problem := await assertion_problem(Identities(database.ask, key)):
        remedy = "set the key that zava-mcp key rotate assertion prints; docs/authentication.md"
        return [*found, Line(part, ERROR, problem, remedy)]
    return [*found, Line(part, OK, "the database accepts them")]


def file_lines(health: Json) -> list[Line]:
    """Compare the files that were applied with those of the core and of the project here."""
    tree = read_trees(local_sources())
    pending = sorted(local_versions() - set(health["versions"]))
    if pending:
        found = [Line("server: files", ERROR, f"pending: {', '.join(pending)}", APPLY)]
    else:
        found = [
            Line("server: files", OK, f"{some(len(tree.versioned), 'versioned file')} applied")
        ]
    for source in tree.sources:
        lines = sorted(
            f"{file.path} {file.sha256}"
            for file in tree.managed.values()
            if file.tree == source.name
        )
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        part = f"server: functions of {source.name}"
        if digest == health["files_digests"].get(source.name):
            found.append(Line(part, OK, "as they are here"))
        else:
            found.append(Line(part, WARNING, "of another version than the files here", APPLY))
    return found


def catalogue_line(catalogue: Json) -> Line:
    """Return the line about the catalogue: how many tools there are, or what is missing."""
    part, found = "server: catalogue", some(catalogue["tools"], "tool")
    if catalogue["refusals"]:
        remedy = "change what it says, or move the function out of the exposed schema"
        return Line(part, ERROR, f"{found}; {'; '.join(catalogue['refusals'])}", remedy)
    if catalogue["is_stale"] or not catalogue["tools"]:
        state = "older than the functions" if catalogue["is_stale"] else "none to offer"
        return Line(part, WARNING, f"{found}, {state}", APPLY)
    return Line(part, OK, found)


def upkeep_line(health: Json) -> Line:
    """Check the time and the result of the last upkeep."""
    part = "server: upkeep"
    if problems := health["maintain_problems"]:
        return Line(part, WARNING, "; ".join(problems), "fix it, then wait for the next run")
    if health["maintained_at"] is None:
        return Line(part, NOTE, "has not run yet; a server runs it within minutes")
    ago = datetime.now(UTC) - datetime.fromisoformat(health["maintained_at"])
    found = f"ran {ago.total_seconds() / 60:.0f} minutes ago"
    if ago < MAINTAINED:
        return Line(part, OK, found)
    remedy = "run a server with ZAVA_MAINTAIN_SECONDS over 0, or mcp.maintain() by cron"
    return Line(part, WARNING, found, remedy)


async def embedder_line(settings: Settings, embedder: Any) -> Line:
    """Embed a word."""
    part = "server: embedder"
    if settings.embedder == "none":
        return Line(part, NOTE, "none: search compares words")
    remedy = "see ZAVA_EMBEDDER and its sisters; until then search compares words"
    if embedder is None:
        return Line(part, WARNING, "it cannot be loaded", remedy)
    try:
        model, vector = await asyncio.to_thread(embedder, "hammer")
    except Exception as error:  # whatever a remote service or a model may raise
        return Line(part, WARNING, f"{type(error).__name__}: {error}", remedy)
    return Line(part, OK, f"{model}, {some(len(vector), 'dimension')}")


def exports_lines(settings: Settings) -> list[Line]:
    """Write a file into the folder of ZAVA_EXPORTS, if it is set."""
    if not settings.exports:
        return []
    part = "server: exports"
    try:
        problem = open_storage(settings).problem()
    except Refusal as refusal:
        problem = refusal.message
    if problem:
        return [Line(part, ERROR, problem, "let the account of the server write there")]
    return [Line(part, OK, settings.exports)]


async def cache_line(settings: Settings) -> Line:
    """Store an answer in the cache, and read it."""
    part = "server: cache"
    try:
        cache = open_cache(settings, Metrics())
    except Refusal as refusal:
        return Line(part, ERROR, refusal.message)
    if not cache.is_on:
        return Line(part, NOTE, "none: ZAVA_CACHE_SIZE is 0")
    name = ("check", uuid.uuid4().hex)
    await cache.put(name, Result('"kept"'), 5)
    kept = await cache.get(name)
    is_kept = kept is not None and kept.data == '"kept"'
    await cache.close()
    where = "Redis" if settings.redis_url else "memory"
    if is_kept:
        return Line(part, OK, where)
    remedy = "see that the Redis of ZAVA_REDIS_URL runs; until then nothing is kept"
    return Line(part, WARNING, f"{where} does not keep an answer", remedy)
