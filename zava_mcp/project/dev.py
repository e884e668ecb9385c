"""``zava-mcp dev``: the project on the embedded server, with its demo and the MCP server."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack, suppress
from typing import Any

import click

from zava_mcp.config import Project, find_project
from zava_mcp.local import cluster
from zava_mcp.local.cluster import LocalError
from zava_mcp.pages import page
from zava_mcp.project.demo import (
    EMBEDDER_OPTION,
    SIZE_OPTION,
    VERBOSE,
    console,
    default_embedder,
    demo_keys,
    named_keys,
    prepare,
    step,
)
from zava_mcp.project.serving import address, require_free, require_known_settings, serving
from zava_mcp.signals import interruptible


@click.command()
@click.option(
    "--host",
    envvar="ZAVA_HOST",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on (ZAVA_HOST).",
)
@click.option(
    "--port",
    envvar="ZAVA_PORT",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on (ZAVA_PORT).",
)
@SIZE_OPTION
@EMBEDDER_OPTION
@VERBOSE
def dev(host: str, port: int, size: int, embedder: str | None, verbose: bool) -> None:
    """Run this project: the embedded server, the schema, the demo and the MCP server.

    A function or policy whose file is saved is applied at once, and clients are told. A new
    versioned file waits for `zava-mcp migrate apply`.

    Ctrl-C stops what this command started. The next start continues with the same data, in .data
    (ZAVA_DATA_DIR). It never uses another database: for yours, use `zava-mcp migrate apply` and
    `zava-mcp serve`.

    \b
    Example:
      zava-mcp dev --port 8123
    """  # noqa: D301 (\b keeps the lines of the example)
    project = find_project()
    if os.environ.get("DATABASE_URL"):
        raise LocalError(
            "DATABASE_URL is set, and dev works on the embedded server alone: unset it, or use"
            " zava-mcp migrate apply and zava-mcp serve on that database"
        )
    cluster.require_programs()
    from zava_mcp.project.watch import apply_saved  # needs the extra, too

    embedder = embedder or default_embedder()
    with suppress(KeyboardInterrupt), interruptible(), ExitStack() as stack:
        began = time.monotonic()
        require_known_settings()
        # first, since the port of a second one here is taken by the first
        stack.enter_context(cluster.exclusive(project.data_dir))
        require_free(host, port)
        with step("PostgreSQL started"):
            uri = stack.enter_context(cluster.server(project.data_dir))
        if not prepare(project, uri, embedder, size, verbose):
            console.print("[yellow]![/] texts without vectors are searched by words alone")
        server_uri = cluster.uri(project.data_dir, project.login)
        keys = demo_keys(project, uri, server_uri, project.data_dir / "keys.json")
        with step("MCP server started"):
            child = stack.enter_context(serving(server_uri, host, port, ZAVA_EMBEDDER=embedder))
        console.print(f"Ready after {time.monotonic() - began:.1f} s.")
        click.echo(welcome(project, address(host, port), keys))
        apply_saved(project, uri, goes_on=lambda: child.poll() is None)
        raise LocalError(f"zava-mcp serve ended by itself with exit code {child.wait()}")
    console.print("Stopped.")


def welcome(project: Project, url: str, keys: dict[str, Any]) -> str:
    """Return the address, the keys and a first question."""
    people = [found[0] for value in keys.items() if (found := named_keys(dict([value])))]
    lines = ["", f"MCP server    {url}/mcp"]
    if page("workbench.html") is not None:
        lines.append(f"Workbench     {url}/")
    lines.append("")
    width = max((len(name) for name, _ in people), default=0)
    lines += [f"  {name:<{width}}  {key}" for name, key in people]
    if not people:
        lines.append(
            "No keys yet: zava-mcp user add NAME --audience AUDIENCE, then key create NAME"
        )
        return "\n".join(lines)
    if len(named_keys(keys)) > len(people):
        lines.append(f"All keys: {project.data_dir / 'keys.json'}")
    key = people[0][1]
    entry = {"type": "http", "url": f"{url}/mcp", "headers": {"Authorization": f"Bearer {key}"}}
    lines += [
        "",
        "Client configuration",
        json.dumps({"mcpServers": {project.name: entry}}, indent=2),
    ]
    if project.demo and project.demo.question:
        question = project.demo.question
        arguments = "".join(
            f" --arg {name}={value}" for name, value in question.get("arguments", {}).items()
        )
        lines += [
            "",
            "A first question",
            f"zava-mcp call {question['tool']}{arguments} --url {url}/mcp --key {key}",
        ]
    return "\n".join([*lines, "", "Ctrl-C stops everything."])
