"""Let a language model choose the tool: any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from zava_mcp.migrate.ledger import UNAVAILABLE, Failure
from zava_mcp.project.evaluate.rank import Tool

INSTRUCTIONS = "Answer the user's question by calling the tool that fits it best."


class Choice(NamedTuple):
    """The tool that a model calls, None for none, and its arguments."""

    tool: str | None
    arguments: dict[str, Any]


def assistant(model: str) -> Callable[[Sequence[Tool], str], Choice]:
    """Return a function that asks ``model``, at OPENAI_BASE_URL, for its first call.

    It raises Failure when the endpoint does not answer.
    """
    try:
        from openai import OpenAI, OpenAIError
    except ImportError as error:
        hint = "install it with pip install 'zava-mcp[openai]'"
        raise Failure(f"{error}: {hint}", UNAVAILABLE) from error
    try:
        client = OpenAI()
    except OpenAIError as error:
        raise Failure(f"--model: {error}", UNAVAILABLE) from error

    def choose(tools: Sequence[Tool], question: str) -> Choice:
        functions: Any = [
            {
                "type": "function",
                "function": {
                    "name": tool["name"],
                    "description": tool.get("description") or "",
                    "parameters": tool["inputSchema"],
                },
            }
            for tool in tools
        ]
        messages: Any = [
            {"role": "system", "content": INSTRUCTIONS},
            {"role": "user", "content": question},
        ]
        try:
            answer: Any = client.chat.completions.create(
                model=model, messages=messages, tools=functions, temperature=0
            )
            calls = answer.choices[0].message.tool_calls or []
        except OpenAIError as error:
            text = str(error).replace(client.api_key, "***")
            raise Failure(f"--model: {client.base_url}: {text}", UNAVAILABLE) from error
        except (AttributeError, IndexError, TypeError) as error:
            raise Failure(f"--model: {client.base_url}: no chat completion", UNAVAILABLE) from error
        if not calls:
            return Choice(None, {})
        called = calls[0].function
        try:
            arguments = json.loads(called.arguments or "{}")
        except ValueError:
            arguments = {}
        return Choice(called.name, arguments if isinstance(arguments, dict) else {})

    return choose
