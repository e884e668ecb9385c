"""Ask a question as a caller, and compare two answers byte for byte."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from zava_mcp.migrate.ledger import Connection
from zava_mcp.migrate.prove.questions import Question

Path = tuple[str | int, ...]
Row = tuple[str | None, ...]
ABSENT_TOOL = "prove_no_such_tool"

CALLS = {
    "tool": "select mcp.call_tool({}, {}, {}, {})::text",
    "resource": "select mcp.read_resource({}, {})::text",
    "prompt": "select mcp.get_prompt({}, {}, {})::text",
    "completion": "select mcp.complete({}, {}, {})::text",
    "tools": "select mcp.list_tools({}, groups => '{{all}}')::text",
    "resources": "select mcp.list_resources({})::text",
    "prompts": "select mcp.list_prompts({})::text",
    "skills": "select mcp.list_skills({})::text",
}


@dataclass(frozen=True)
class Answer:
    """The answer to a caller: a result or an error, and the notices.

    ``written`` is {table: digest of the rows outside the scope}, of the tables that were written.
    """

    content: dict[str, Any]
    written: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def text(self) -> str:
        """Return it as text."""
        return json.dumps(self.content, ensure_ascii=False)


class TooLongError(Exception):
    """A question took longer than it may."""


@dataclass
class Asker:
    """A connection that asks in a savepoint, so that a question changes nothing."""

    conn: Connection
    notices: list[str] = field(default_factory=list)
    seconds: float = 0  # that a question may take; 0: any time

    def __post_init__(self) -> None:
        """Listen to the notices of the connection."""
        self.conn.add_notice_handler(
            lambda diag: self.notices.append(f"{diag.severity} {diag.message_primary}")
        )

    def ask(self, question: Question, credential: str, before: str = "") -> Answer:
        """Ask once, and also for the second page of a paged tool. ``before`` runs first.

        Raises TooLongError.
        """
        first = self._ask(question, credential, before)
        cursor = None
        if question.kind == "tool" and isinstance(first.content.get("result"), dict):
            cursor = first.content["result"].get("next_cursor")
        if not cursor:
            return first
        arguments = {**question.arguments[0], "cursor": cursor}
        second = self._ask(
            Question("tool", question.name, (arguments, *question.arguments[1:])),
            credential,
            before,
        )
        return Answer({**first.content, "second page": second.content}, first.written)

    def _ask(self, question: Question, credential: str, before: str) -> Answer:
        statement = as_sql(self.conn, question, credential)
        watched = question.writes and not before
        if watched:
            statement = f"select pg_temp.prove_watch(); {statement}; select pg_temp.prove_written()"
        rows = list[list[Row]]()
        error, began = None, time.monotonic()
        limit = f"set local statement_timeout = {self.seconds * 1000:.0f}"
        try:
            self.conn.execute(f"savepoint question; {limit}; {before}".encode())
            self.notices.clear()  # those of ``before`` are not this caller's
            cursor = self.conn.execute(
                f"{statement}; rollback to savepoint question; release savepoint question".encode()
            )
            while True:
                if cursor.description:
                    rows.append(texts(cursor))
                if not cursor.nextset():
                    break
        except psycopg.Error as caught:
            error = shown_error(caught)
            self.conn.execute("rollback to savepoint question; release savepoint question")
            is_late = 0 < self.seconds <= time.monotonic() - began
            if is_late and isinstance(caught, psycopg.errors.QueryCanceled):
                raise TooLongError from caught
        content: dict[str, Any] = {"notices": list(self.notices)}
        if error:
            return Answer({**content, "error": error})
        written = json.loads(rows.pop()[0][0] or "{}") if watched else {}
        if question.kind == "table":
            content["rows"] = sorted(str(row) for row in rows[-1])
        else:
            text = rows[-1][0][0]
            content["result"] = json.loads(text, parse_float=str, parse_int=str) if text else None
        return Answer(content, written)


def texts(cursor: psycopg.Cursor[Any]) -> list[Row]:
    """Return the rows of a result as PostgreSQL writes them: Python has no date 'infinity'."""
    result, encoding = cursor.pgresult, cursor.connection.info.encoding
    if result is None:
        return []
    return [
        tuple(
            None if value is None else value.decode(encoding, "backslashreplace")
            for value in (result.get_value(row, column) for column in range(result.nfields))
        )
        for row in range(result.ntuples)
    ]


def shown_error(error: psycopg.Error) -> dict[str, str | None]:
    """Return the public part of an error, without detail and context."""
    diag = error.diag
    return {
        "code": error.sqlstate,
        "message": diag.message_primary,
        "hint": diag.message_hint,
        "position": diag.statement_position or diag.internal_position,
        "column": diag.column_name,
        "constraint": diag.constraint_name,
    }


def as_sql(conn: Connection, question: Question, credential: str) -> str:
    """Return the statement that asks a question."""
    if question.kind == "table":
        begin = sql.SQL("select mcp_auth.begin_request({}); set local role mcp_sandbox; ").format(
            credential
        )
        return begin.as_string(conn) + str(question.arguments[0])
    values = [
        value if isinstance(value, str) else json.dumps(value) for value in question.arguments
    ]
    parts = [credential, *values]
    kind = question.kind
    if kind in ("tool", "hidden tool"):
        kind, request = "tool", values[1] if len(values) > 1 else "{}"
        parts = [credential, question.name, values[0], request]
    elif kind == "prompt":
        parts = [credential, question.name, *values]
    elif kind == "list":
        kind, parts = question.name, [credential]
    return sql.SQL(CALLS[kind]).format(*map(sql.Literal, parts)).as_string(conn)


def differences(one: Any, other: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where two answers differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, (*path, place))
    elif one != other:
        yield path


def differs(one: Answer, other: Answer, volatile: frozenset[Path]) -> bool:
    """Return whether two answers differ in more than times and new ids."""
    return any(
        not any(path[: len(left_out)] == left_out for left_out in volatile)
        for path in differences(one.content, other.content)
    )
