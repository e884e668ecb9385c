"""Tasks: calls that outlive their request, claimed from the database and run here.

The database decides which task is next, under whose rights it runs and how it ends, and commits its
result with what it wrote. This module has the connection of a task, the heartbeat that renews its
lease, and the cancellation of its statement.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec
import structlog

from zava_mcp.shim.answer.client import PROGRESS
from zava_mcp.shim.answer.errors import DATABASE_FAILURES, Call, Json, MCPError, is_lost
from zava_mcp.shim.answer.results import error_object, failed_result
from zava_mcp.shim.call.calls import Calls
from zava_mcp.shim.call.database import transaction
from zava_mcp.shim.call.exports import BEGUN
from zava_mcp.shim.identify.credentials import Caller
from zava_mcp.shim.observe.audit import Entry

TASK_CHANGED = "mcp_task"  # NOTIFY channel: the id of a cancelled task, or nothing for a new one
CLAIM = "select mcp.claim_task()"
PREPARE = "select mcp.prepare_task($1, $2)"
RUN = "select mcp.run_task($1, $2)"
RENEW = "select mcp.renew_task($1, $2, $3)"
FAIL = "select mcp.fail_task($1, $2, $3::jsonb)"
RELEASE = "select mcp.release_task($1, $2)"
IDLE_SECONDS = 5.0  # between two looks for tasks whose notification was missed
BEATS = 3  # heartbeats in the time of one lease
PROGRESS_SECONDS = 0.5  # between two reports of progress
ORIGIN = ("user_id", "credential_id", "client", "trace_id")  # columns of the call log
RELEASE_SECONDS = 2.0  # for giving back a task when the server stops

log = structlog.get_logger("zava-mcp")


@dataclass
class Tasks:
    """The tasks that this process runs."""

    calls: Calls
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)  # by the id of the task
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def changed(self, task_id: str) -> None:
        """Handle a notification: cancel the task of that id, or look for a new one."""
        if running := self.running.get(task_id):
            running.cancel()
        self.wake.set()

    async def run(self) -> None:
        """Run tasks, ZAVA_TASKS at once, for ever; when cancelled, release those that run."""
        most = self.calls.settings.tasks
        try:
            while most:
                self.wake.clear()
                while len(self.running) < most and (task := await self.claim()):
                    self.begin(task)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self.wake.wait()
        finally:
            for running in self.running.values():
                running.cancel()
            if self.running:
                await asyncio.wait(self.running.values())

    def begin(self, task: Json) -> None:
        """Start a claimed task."""
        running = asyncio.create_task(self.work(task))
        self.running[task["task_id"]] = running

        def ended(_: asyncio.Task[None]) -> None:
            if self.running.get(task["task_id"]) is running:  # and not claimed again
                del self.running[task["task_id"]]
            self.wake.set()

        running.add_done_callback(ended)

    async def claim(self) -> Json | None:
        """Claim a task; None if there is none, or the database is away."""
        if self.calls.stopping:
            return None
        try:
            text = await self.calls.database.ask(CLAIM)
        except (MCPError, *DATABASE_FAILURES) as error:
            log.warning("no tasks", reason=repr(error))
            return None
        return json.loads(text) if text else None

    async def work(self, task: Json) -> None:
        """Run a task, and report to the database how it ended."""
        arguments, limit = msgspec.json.encode(task["arguments"]), task["timeout_ms"] / 1000
        call = Call("tools/call", task["tool"], "{}", arguments, limit, id=task["request_id"])
        entry = Entry(call.logged_as, call.id)
        entry.add_arguments(arguments)
        ask = self.calls.database.ask
        lease = task["task_id"], task["lease"]
        try:
            done = await self.once(task, call)
            entry.add_answer("", done.get("rows"))
            entry.code, entry.size = done["code"], done.get("bytes", 0)
        except asyncio.CancelledError:
            with contextlib.suppress(MCPError, *DATABASE_FAILURES):
                async with asyncio.timeout(RELEASE_SECONDS):
                    await ask(RELEASE, *lease)  # of no effect where its caller cancelled it
            raise
        except asyncpg.ObjectNotInPrerequisiteStateError:
            log.info("task lost", task=task["task_id"])
        except Exception as error:
            failure = self.calls.failure(error, call, Caller("", {}))
            entry.add_failure(failure)
            if is_lost(error):  # the server that finds it begins it again
                return
            if isinstance(failure, MCPError):
                result = failed_result(failure, b"")
            else:
                result = error_object(failure)
            with contextlib.suppress(MCPError, *DATABASE_FAILURES):
                await ask(FAIL, *lease, result.decode())
        finally:
            self.calls.recorder.add(entry, {name: task[name] for name in ORIGIN if task[name]})

    async def once(self, task: Json, call: Call) -> Json:
        """Execute the statement of a task, with a heartbeat meanwhile."""
        messages: asyncio.Queue[str] = asyncio.Queue()

        def listener(_: Any, notice: Any) -> None:
            if notice.sqlstate == PROGRESS:
                messages.put_nowait(notice.message)

        database, this = self.calls.database, asyncio.current_task()
        lease = task["task_id"], task["lease"]
        async with database.connection(database.task_pool) as connection:
            connection.add_log_listener(listener)
            heart = asyncio.create_task(self.heartbeat(task, messages, this))
            try:
                async with transaction(connection):
                    await connection.fetchval(PREPARE, *lease)
                    with self.calls.metrics.query(call.name):
                        text = await connection.fetchval(RUN, *lease, timeout=call.limit)
                        if text.startswith(BEGUN):
                            text = await self.calls.exports.carry(connection, text, call.limit)
            finally:
                heart.cancel()
                with contextlib.suppress(asyncpg.InterfaceError):  # it is gone
                    connection.remove_log_listener(listener)
            if self.calls.facts(call.method, call.name)["writes"]:
                self.calls.cache.changed(task["request_id"])
            done: Json = json.loads(text)
            return done

    async def heartbeat(
        self, task: Json, messages: asyncio.Queue[str], running: asyncio.Task[None] | None
    ) -> None:
        """Renew the lease of a task and store its progress; cancel it if the lease is lost."""
        seconds = task["lease_ms"] / 1000 / BEATS
        while True:
            progress = None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    progress = await messages.get()
                    await asyncio.sleep(PROGRESS_SECONDS)
            while not messages.empty():
                progress = messages.get_nowait()
            with contextlib.suppress(MCPError, *DATABASE_FAILURES):
                renewed = await self.calls.database.ask(
                    RENEW, task["task_id"], task["lease"], progress
                )
                if not renewed and running is not None:
                    running.cancel()
                    return
