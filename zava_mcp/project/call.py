"""``zava-mcp call``: ask a running server as any MCP client would."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import click
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult

SECONDS = 120
REFUSALS = (401, 403, 404, 429, 503)  # of the whole server, not of one call


@click.command()
@click.argument("tool", required=False)
@click.option(
    "--arg",
    "arguments",
    multiple=True,
    metavar="NAME=VALUE",
    help="An argument: JSON, or text if it is no JSON.",
)
@click.option("--key", envvar="ZAVA_API_KEY", show_envvar=True, required=True, help="An API key.")
@click.option(
    "--url",
    default=lambda: f"http://127.0.0.1:{os.environ.get('ZAVA_PORT', '8000')}/mcp/all",
    help="The server. Default: http://127.0.0.1:8000/mcp/all, with the tools of all groups, or the"
    " port of ZAVA_PORT.",
)
def call(tool: str | None, arguments: tuple[str, ...], key: str, url: str) -> None:
    """Call TOOL on a running server and print its result, or list the tools.

    Exit code 1: the tool returned an error, which is printed.

    \b
    Example:
      zava-mcp call list_notes --arg max_results=5 --key zava_...
    """  # noqa: D301 (\b keeps the lines of the example)
    given = dict(map(argument, arguments))
    try:
        answer, is_error = asyncio.run(ask(url, key, tool, given))
    except BaseException as error:
        raise click.ClickException(reason(error, url)) from None
    click.echo(answer)
    if is_error:
        raise SystemExit(1)


def reason(error: BaseException, url: str) -> str:
    """Return why a call failed. Raise other errors again."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, (MCPError, click.ClickException)):
        return error.message
    if isinstance(error, (OSError, TimeoutError, httpx2.HTTPError)):
        return (
            f"{url} does not answer: {error or type(error).__name__}\n"
            "zava-mcp dev starts a server and prints its address; --url names another one"
        )
    raise error


def argument(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE. Raises BadParameter."""
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--arg")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


async def ask(url: str, key: str, tool: str | None, arguments: dict[str, Any]) -> tuple[str, bool]:
    """Return what to print, and whether it is an error."""
    async with connected(url, key) as client:
        if tool is None:
            tools = (await client.list_tools()).tools
            lines = [f"{each.name}\t{(each.description or '').splitlines()[0]}" for each in tools]
            return "\n".join(lines), False
        result = await client.call_tool(tool, arguments)
        if result.structured_content is not None and not result.is_error:
            return json.dumps(result.structured_content, indent=2, ensure_ascii=False), False
        return text_of(result), bool(result.is_error)


@contextlib.asynccontextmanager
async def connected(url: str, key: str) -> AsyncIterator[Client]:
    """Yield a client of the server at a URL, for SECONDS at most."""
    headers = {"Authorization": f"Bearer {key}"}
    http = create_mcp_http_client(headers)
    http.event_hooks["response"].append(check)
    async with (
        asyncio.timeout(SECONDS),
        http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


async def check(response: httpx2.Response) -> None:
    """Raise ClickException with what a server says that refuses a request; the SDK drops it."""
    if response.status_code in REFUSALS and response.request.method == "POST":
        text = (await response.aread()).decode(errors="replace")
        with contextlib.suppress(ValueError, TypeError, KeyError):
            text = json.loads(text)["error_description"]
        refusal = f"{response.status_code} {response.reason_phrase}"
        raise click.ClickException(f"{response.url} answers {refusal}: {text.strip()[:500]}")


def text_of(result: CallToolResult) -> str:
    """Return the texts of a result, and the kinds of its other blocks."""
    return "\n".join(getattr(block, "text", f"[{block.type}]") for block in result.content)
