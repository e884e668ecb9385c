"""A set of questions: one JSON object a line, in files *.jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zava_mcp.migrate.ledger import USAGE, Failure

LONGEST = 2000


@dataclass(frozen=True)
class Question:
    """A question, the tools of which any is right, and what its answer must hold."""

    text: str
    tools: tuple[str, ...]
    caller: str | None
    arguments: dict[str, Any] | None
    holds: dict[str, Any] | None
    place: str  # file:line


def read_questions(files: Iterable[Path]) -> list[Question]:
    """Read the questions of files. Raise Failure for a line that is none, with its place."""
    found = [
        read_line(line, f"{file}:{number}")
        for file in files
        for number, line in enumerate(read_text(file).splitlines(), 1)
        if line.strip()
    ]
    if not found:
        raise Failure("there is no question: write one a line, as --questions FILE.jsonl", USAGE)
    return found


def read_text(file: Path) -> str:
    """Read a file. Raise Failure where it is no UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Failure(f"{file}: it is not UTF-8, at byte {error.start}", USAGE) from error


def read_line(line: str, place: str) -> Question:
    """Read one line: {"q", "tool"}, and "caller", "arguments", "holds"; other keys do not count."""
    try:
        read = json.loads(line)
    except json.JSONDecodeError as error:
        raise Failure(f"{place}: it is not JSON: {error}", USAGE) from error
    if not isinstance(read, dict):
        raise Failure(f'{place}: it must be an object: {{"q": question, "tool": name}}', USAGE)
    text, tools = read.get("q"), read.get("tool")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise Failure(f'{place}: "q" must be a question of 1 to {LONGEST} characters', USAGE)
    tools = [tools] if isinstance(tools, str) else tools
    if not (isinstance(tools, list) and tools and all(isinstance(each, str) for each in tools)):
        raise Failure(f'{place}: "tool" must be the name of a tool, or an array of names', USAGE)
    caller = read.get("caller")
    if not (caller is None or isinstance(caller, str)):
        raise Failure(f'{place}: "caller" must be the name of an audience', USAGE)
    for key in ("arguments", "holds"):
        if not (read.get(key) is None or isinstance(read[key], dict)):
            raise Failure(f'{place}: "{key}" must be an object', USAGE)
    return Question(text, tuple(tools), caller, read.get("arguments"), read.get("holds"), place)


def missing(expected: Any, answer: Any, path: str = "$") -> str | None:
    """Return the first path of ``expected`` that an answer does not hold; None when it holds all.

    Objects may have more keys, and arrays more entries, in any order.
    """
    if isinstance(expected, dict) and isinstance(answer, dict):
        lacks = (
            f"{path}.{key}" if key not in answer else missing(value, answer[key], f"{path}.{key}")
            for key, value in expected.items()
        )
        return next((each for each in lacks if each), None)
    if isinstance(expected, list) and isinstance(answer, list):
        for number, value in enumerate(expected):
            if all(missing(value, entry) for entry in answer):
                return f"{path}[{number}]"
        return None
    return None if expected == answer else path
