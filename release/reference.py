"""Write docs/settings.md and docs/commands.md from the code; a part of ``make docs``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from zava_mcp.cli import cli
from zava_mcp.shim.settings import Settings

WIDTH: dict[str, Any] = {"terminal_width": 96}  # of the reader, not of who runs this
DOCS = Path(__file__).resolve().parents[1] / "docs"
SETTINGS = """\
# Settings

The settings of `zava-mcp serve`, which `make docs` writes from `zava_mcp/shim/settings.py`.
[operations.md](operations.md#settings) says where to set them, [project.md](project.md) lists the
variables of the other commands.

| variable | default | meaning |
| --- | --- | --- |
"""
COMMANDS = """\
# Commands

What `--help` prints for each command, which `make docs` writes. `python migrate.py` is
`zava-mcp migrate`, and `python server.py` is `zava-mcp serve`.
"""


def settings() -> str:
    """Return the table of the server's settings."""
    rows = []
    for name, field in Settings.model_fields.items():
        has_none = field.is_required() or field.default in (None, [])
        default = "" if has_none else f"`{field.default}`"
        rows.append(f"| `ZAVA_{name.upper()}` | {default} | {field.description} |\n")
    return SETTINGS + "".join(rows)


def helps(command: click.Command, parent: click.Context | None, name: str) -> Iterator[str]:
    """Yield a section for a command and for each below it."""
    context = command.make_context(name, [], parent=parent, resilient_parsing=True, **WIDTH)
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found and not found.hidden:
                yield from helps(found, context, each)


def commands() -> str:
    """Return the help of every command."""
    return "\n".join([COMMANDS, *helps(cli, None, "zava-mcp")])


PAGES = {"settings.md": settings, "commands.md": commands}

if __name__ == "__main__":
    for file, make in PAGES.items():
        (DOCS / file).write_text(make())
        print(f"wrote docs/{file}")
