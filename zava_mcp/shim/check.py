"""What `zava-mcp check` looks at before a server is started, and how to mend what is wrong."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import click

from zava_mcp.migrate.files import read_trees
from zava_mcp.shim.cache import open_cache
from zava_mcp.shim.database import Database, open_database
from zava_mcp.shim.errors import DATABASE_FAILURES, DatabaseError, Json
from zava_mcp.shim.health import HEALTH, local_sources, local_versions
from zava_mcp.shim.metrics import Metrics
from zava_mcp.shim.settings import Refusal, Settings

POSTGRESQL = 16  # the lowest that serves
MAINTAINED = timedelta(hours=3)  # upkeep is hourly
DRIFT_SECONDS = 120
APPLY = "run `zava-mcp migrate apply` as the login that owns the database"


class Finding(NamedTuple):
    """What was looked at, whether it is as it should be (None: nobody looked), and how to mend it.

    A remark is for who reads; it makes no check fail.
    """

    part: str
    is_good: bool | None
    found: str
    mend: str = ""


async def check(settings: Settings, embedder: Any) -> list[Finding]:
    """Look at all that a server needs; ``embedder`` is what open_embedder gave."""
    findings = []
    try:
        database = await open_database(settings)
    except Refusal as refusal:
        findings.append(Finding("database", False, refusal.message, "see the message"))
    else:
        try:
            findings += await check_database(database)
        finally:
            await database.close()
        findings.append(await check_drift())
    return [*findings, await check_embedder(settings, embedder), await check_cache(settings)]


async def check_database(database: Database) -> list[Finding]:
    """Look at the server, the files applied, the catalogue, the lock-down and the upkeep."""
    async with database.connection(own=True) as connection:
        server = connection.get_server_version()
        login = connection.get_settings().session_authorization
    number = f"{server.major}.{server.micro}"
    mend = f"use PostgreSQL {POSTGRESQL} or newer"
    findings = [
        Finding("database", server.major >= POSTGRESQL, f"PostgreSQL {number}", mend),
        Finding("role", True, f"{login} has no power that a server must not have"),
    ]
    try:
        health = json.loads(await database.ask(HEALTH))
    except (DatabaseError, *DATABASE_FAILURES) as error:
        return [*findings, Finding("migrations", False, f"older than this server: {error}", APPLY)]
    return [
        *findings,
        *check_files(health),
        check_catalogue(health["catalog"]),
        Finding(
            "lock-down",
            bool(health["lockdown"]),
            "done" if health["lockdown"] else "skipped: docs/lockdown.md says what is exposed",
            "run `select mcp_migrate.lock_down()` as a superuser",
        ),
        check_upkeep(health),
    ]


def check_files(health: Json) -> list[Finding]:
    """Compare the files that were applied with those of the core and of the project here."""
    tree = read_trees(local_sources())
    pending = sorted(local_versions() - set(health["versions"]))
    versions = f"pending: {', '.join(pending)}" if pending else f"{len(tree.versioned)} applied"
    found = [Finding("migrations", not pending, versions, APPLY)]
    for source in tree.sources:
        lines = sorted(
            f"{file.path} {file.sha256}"
            for file in tree.managed.values()
            if file.tree == source.name
        )
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        same = digest == health["files_digests"].get(source.name)
        functions = "as they are here" if same else "of another version than the files here"
        found.append(Finding(f"functions and policies of {source.name}", same, functions, APPLY))
    return found


def check_catalogue(catalogue: Json) -> Finding:
    """Look at the tools."""
    found = f"{catalogue['tools']} tools"
    if catalogue["refusals"]:
        mend = "change what it says, or move the function out of the exposed schema"
        return Finding("catalogue", False, f"{found}; {'; '.join(catalogue['refusals'])}", mend)
    if catalogue["is_stale"] or not catalogue["tools"]:
        state = "older than the functions" if catalogue["is_stale"] else "none to offer"
        return Finding("catalogue", False, f"{found}, {state}", APPLY)
    return Finding("catalogue", True, found)


def check_upkeep(health: Json) -> Finding:
    """Look at when the upkeep ran last, and what came of it."""
    if problems := health["maintain_problems"]:
        return Finding("upkeep", False, "; ".join(problems), "mend it, then wait for the next run")
    if health["maintained_at"] is None:
        return Finding("upkeep", None, "has not run yet; a server runs it within minutes")
    ago = datetime.now(UTC) - datetime.fromisoformat(health["maintained_at"])
    mend = "run a server with ZAVA_MAINTAIN_SECONDS over 0, or mcp.maintain() by cron"
    found = f"ran {ago.total_seconds() / 60:.0f} minutes ago"
    return Finding("upkeep", ago < MAINTAINED, found, mend)


async def check_drift() -> Finding:
    """Compare the database with its ledger, where the owner's login is in DATABASE_URL."""
    if not os.environ.get("DATABASE_URL"):
        return Finding("drift", None, "DATABASE_URL is not set: `zava-mcp migrate drift` asks")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "zava_mcp", "migrate", "drift"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), DRIFT_SECONDS)
    lines = output.decode(errors="replace").splitlines() or [""]
    remedy = "run `zava-mcp migrate drift`, then apply or write down what was changed by hand"
    return Finding("drift", process.returncode == 0, lines[-1], remedy)


async def check_embedder(settings: Settings, embedder: Any) -> Finding:
    """Embed a word."""
    if settings.embedder == "none":
        return Finding("embedder", None, "none: product search compares words")
    mend = "see ZAVA_EMBEDDER and its sisters; until then search compares words"
    if embedder is None:
        return Finding("embedder", False, "it cannot be loaded", mend)
    try:
        model, vector = await asyncio.to_thread(embedder, "hammer")
    except Exception as error:  # whatever a remote service or a model may raise
        return Finding("embedder", False, f"{type(error).__name__}: {error}", mend)
    return Finding("embedder", True, f"{model}, {len(vector)} dimensions")


async def check_cache(settings: Settings) -> Finding:
    """Keep an answer, and find it again."""
    try:
        cache = open_cache(settings, Metrics())
    except Refusal as refusal:
        return Finding("cache", False, refusal.message, "see the message")
    if cache.store is None:
        return Finding("cache", None, "none: ZAVA_CACHE_SIZE is 0")
    name = f"zava:check:{uuid.uuid4().hex}"
    await cache.put(name, "kept", 5)
    is_kept = await cache.get(name) == "kept"
    await cache.close()
    where = "Redis" if settings.redis_url else "memory"
    found = where if is_kept else f"{where} does not keep an answer"
    mend = "see that the Redis of ZAVA_REDIS_URL runs; until then nothing is kept"
    return Finding("cache", is_kept, found, mend)


def report(findings: list[Finding], as_json: bool) -> None:
    """Print what was found."""
    if as_json:
        said = [finding._asdict() for finding in findings]
        click.echo(json.dumps({"ok": is_good(findings), "findings": said}, indent=2))
        return
    words = {True: "ok", False: "WRONG", None: "-"}
    for finding in findings:
        click.echo(f"{words[finding.is_good]:<6} {finding.part}: {finding.found}")
        if finding.is_good is False and finding.mend:
            click.echo(f"{'':<6} to mend it: {finding.mend}")


def is_good(findings: list[Finding]) -> bool:
    """Say whether nothing is wrong."""
    return all(finding.is_good is not False for finding in findings)
