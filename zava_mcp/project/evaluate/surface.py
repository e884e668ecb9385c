"""Where tools come from and answers are computed: a served URL, or a database."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

import psycopg

from zava_mcp.migrate.ledger import UNAVAILABLE, USAGE, Connection, Failure
from zava_mcp.project.call import connected, reason, text_of
from zava_mcp.project.evaluate.questions import Question
from zava_mcp.project.evaluate.rank import Tool

T = TypeVar("T")


class Result(NamedTuple):
    """The answer of a call, or why there is none."""

    answer: Any
    error: str | None = None


class Surface(ABC):
    """What callers are given: for each, the tools of tools/list."""

    tools: dict[str, list[Tool]]

    def caller_of(self, tools: tuple[str, ...], caller: str | None) -> str:
        """Return the caller: the named one, else the one with most tools that has one of these."""
        if caller is None:
            order = sorted(self.tools, key=lambda each: (-len(self.tools[each]), each))
            having = [
                each for each in order if {tool["name"] for tool in self.tools[each]} & {*tools}
            ]
            return (having or order)[0]
        if caller not in self.tools:
            have = ", ".join(sorted(self.tools))
            raise Failure(f'"caller" {caller!r} is none of {have}', USAGE)
        return caller

    def check(self, questions: Iterable[Question]) -> None:
        """Refuse questions whose tools do not exist. Raises Failure, which names them."""
        offered = {str(tool["name"]) for tools in self.tools.values() for tool in tools}
        wrong = [
            f"{each.place}: {name} is no tool of any caller"
            for each in questions
            for name in each.tools
            if name not in offered
        ]
        if wrong:
            raise Failure(
                "\n".join([*wrong, f"the tools are: {', '.join(sorted(offered))}"]), USAGE
            )

    @abstractmethod
    def ask(self, caller: str, tool: str, arguments: dict[str, Any]) -> Result | None:
        """Call a tool as a caller; None where it is not called."""


class Served(Surface):
    """A server: the callers are those whose keys are given, {caller: key}."""

    def __init__(self, url: str, keys: Mapping[str, str]) -> None:
        self.url, self.keys = url, keys
        self.tools = {caller: self._run(self._list(key)) for caller, key in keys.items()}

    def caller_of(self, tools: tuple[str, ...], caller: str | None) -> str:
        """Return the caller: that of the only key, else as Surface does."""
        return super().caller_of(tools, None if len(self.keys) == 1 else caller)

    def ask(self, caller: str, tool: str, arguments: dict[str, Any]) -> Result | None:
        """Call a tool that only reads."""
        reads = any(
            each["name"] == tool and (each.get("annotations") or {}).get("readOnlyHint")
            for each in self.tools[caller]
        )
        return self._run(self._call(self.keys[caller], tool, arguments)) if reads else None

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run(work)
        except BaseException as error:
            raise Failure(reason(error, self.url), UNAVAILABLE) from None

    async def _list(self, key: str) -> list[Tool]:
        found, cursor = list[Tool](), None
        async with connected(self.url, key) as client:
            while True:
                page = await client.list_tools(cursor=cursor)
                found += [
                    tool.model_dump(mode="json", by_alias=True, exclude_none=True)
                    for tool in page.tools
                ]
                cursor = page.next_cursor
                if not cursor:
                    return found

    async def _call(self, key: str, tool: str, arguments: dict[str, Any]) -> Result:
        async with connected(self.url, key) as client:
            result = await client.call_tool(tool, arguments)
        if result.is_error:
            return Result(None, text_of(result))
        answer = result.structured_content
        return Result(text_of(result) if answer is None else answer)


class Given(Surface):
    """A database: the callers are its audiences. Its owner rolls back what is called."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        rows = conn.execute(
            "select a.audience, mcp_catalog.offered_tools(a.audience) from mcp_auth.audiences as a"
        ).fetchall()
        self.tools = {
            caller: sorted(tools, key=lambda tool: str(tool["name"])) for caller, tools in rows
        }
        if not any(self.tools.values()):
            raise Failure("no audience of this database has a tool: apply the project first")
        self.keys = dict[str, str | None]()

    def ask(self, caller: str, tool: str, arguments: dict[str, Any]) -> Result | None:
        """Call a tool as the user of an audience who sees most; None where there is no user."""
        if caller not in self.keys:
            self.keys[caller] = self._key(caller)
        key = self.keys[caller]
        if key is None:
            return None
        try:
            with self.conn.transaction(force_rollback=True):
                row = self.conn.execute(
                    "select mcp.call_tool(%s, %s, %s)", [key, tool, json.dumps(arguments)]
                ).fetchone()
        except psycopg.Error as error:
            return Result(None, error.diag.message_primary or str(error))
        return Result(row[0] if row else None)

    def _key(self, caller: str) -> str | None:
        row = self.conn.execute(
            "select mcp_auth.create_api_key(u.user_id, 'zava-mcp eval') from mcp_auth.users as u"
            " where u.audience = %s and u.is_active order by cardinality(u.scope) desc, u.name"
            " limit 1",
            [caller],
        ).fetchone()
        return row[0] if row else None
