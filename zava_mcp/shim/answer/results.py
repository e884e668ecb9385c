"""The database's text as a result object, without invisible characters."""

from __future__ import annotations

import json
import re
from typing import Any

import mcp_types as types
import msgspec
from mcp import MCPError as ProtocolError

from zava_mcp.shim.answer.errors import Json, MCPError, ValidationError

# Control characters; bidi marks, overrides and isolates; line and paragraph separators; what has
# no shape of its own (zero-width, fillers, variation selectors, tags), in which text can hide from
# people and not from models. Left as they are: U+200C and U+200D one at a time, which Persian,
# Indic scripts and emoji need inside words, and U+FE0F, which makes an emoji of a sign; a row of
# joiners joins nothing, and can only carry something.
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]|[\u200c\u200d]{2,}"
)
STRUCTURED, PLAIN_END = '{"structuredContent":', ',"isError":false}'
ASKS, TASK = '{"resultType": "input_required"', '{"resultType": "task"'
COUNTED = re.compile(r', "row_count": (\d+), "truncated": (?:true|false)\}\Z')
COUNTED_LENGTH = 70  # characters at the end of rows in which their number stands
DIGITS = 4300  # of the longest integer that Python reads
BLOCK = DIGITS // 2
KEPT_BYTES = 16_384  # of a finished result; a longer one is made again

encode = msgspec.json.encode
scan = msgspec.json.Decoder(msgspec.Raw).decode


class Result:
    """A result from mcp.handle. Raises ValidationError if a JSON parser would reject it."""

    __slots__ = ("data", "has_questions", "is_plain", "is_task", "kept")

    def __init__(self, text: str) -> None:
        try:
            scan(text)
            if len(text) > DIGITS and has_long_number(text):
                json.loads(text)
        except (ValueError, RecursionError):
            message = "The answer holds a number of thousands of digits, or is nested too deeply"
            raise ValidationError(message, hint="Round the number, or cast it to text.") from None
        self.is_plain = text.startswith(STRUCTURED)
        # what the SQL function returned, as JSON text; or else the whole result
        self.data = text[len(STRUCTURED) : -len(PLAIN_END)] if self.is_plain else text
        # for the client or its user
        self.has_questions = not self.is_plain and text.startswith(ASKS)
        # in the form of either revision
        self.is_task = not self.is_plain and text.startswith((TASK, '{"task": {"ttl": '))
        self.kept: dict[bytes, bytes] = {}  # the object by its stamp: a cached one is sent often

    @property
    def text(self) -> str:
        """The result as the database wrote it."""
        return f"{STRUCTURED}{self.data}{PLAIN_END}" if self.is_plain else self.data

    @property
    def rows(self) -> int | None:
        """The number of rows, or None if the result is no list of rows."""
        if not self.data.startswith('{"rows": ['):  # jsonb prints short names first
            return None
        counted = COUNTED.search(self.data, max(0, len(self.data) - COUNTED_LENGTH))
        if counted:
            return int(counted[1])
        count: int | None = json.loads(self.data).get("row_count")
        return count

    def finished(self, stamp: bytes) -> bytes:
        """Return the result object, with the members of its revision (``stamp``) appended."""
        if (body := self.kept.get(stamp)) is None:
            body = self.plain(stamp) if self.is_plain else self.other(stamp)
            if len(body) <= KEPT_BYTES:
                self.kept[stamp] = body
        return body

    def plain(self, stamp: bytes) -> bytes:
        """Return the result of a tool: its data as a value, and as text."""
        data = escaped_json(self.data)
        rest = b',"structuredContent":%b,"isError":false%b' % (data.encode(), stamp)
        return text_result(data, rest)

    def other(self, stamp: bytes) -> bytes:
        """Return a result that the database has shaped as a whole."""
        body = msgspec.json.format(self.data, indent=-1).encode()
        has_type = self.has_questions or self.is_task
        stamp = stamp.replace(COMPLETE, b"") if has_type else stamp
        return body[:-1] + (stamp.removeprefix(b",") if body == b"{}" else stamp) + b"}"


def has_long_number(text: str) -> bool:
    """Return whether there may be an integer of more than DIGITS digits: it fills a block."""
    return any(text[at : at + BLOCK].isdigit() for at in range(0, len(text) - BLOCK + 1, BLOCK))


COMPLETE = b',"resultType":"complete"'


def stamp_of(server_info: Json) -> bytes:
    """Return the members that each result of 2026-07-28 ends with."""
    return COMPLETE + b',"_meta":' + encode({types.SERVER_INFO_META_KEY: server_info})


def text_result(text: str, rest: bytes) -> bytes:
    """Return a result with one block of text."""
    return b'{"content":[{"type":"text","text":%b}]%b}' % (encode(text), rest)


def failed_result(failure: MCPError, stamp: bytes) -> bytes:
    """Return the result of a tool that failed.

    As text alone: clients hold structured content against the tool's output schema.
    """
    content = {"code": failure.code, "message": str(failure), **failure.details}
    text = escaped_json(json.dumps(content, ensure_ascii=False))
    return text_result(text, b',"isError":true' + stamp)


def error_object(error: ProtocolError) -> bytes:
    """Return an error of the protocol, whose texts may repeat what a client sent."""
    return encode(visible(error.error.model_dump(exclude_none=True)))


def visible(value: Any) -> Any:
    """Return a JSON value with invisible characters escaped, except line ends and tabs."""
    match value:
        case str():
            return "\n".join(
                "\t".join(map(escaped, line.split("\t"))) for line in value.split("\n")
            )
        case dict():
            return {visible(name): visible(item) for name, item in value.items()}
        case list():
            return [visible(item) for item in value]
        case _:
            return value


def escaped(text: str) -> str:
    """Return a text with invisible characters written as JSON escapes."""
    if text.isascii() and text.isprintable():  # most texts, and quickly seen
        return text
    return HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def escaped_json(text: str) -> str:
    """Return one line of JSON text with invisible characters escaped; its value is the same."""
    # what makes JSON escapes everything below U+0020 already
    return text if text.isascii() and "\x7f" not in text else escaped(text)
