"""How the user typed the command: ``zava-mcp migrate X``, or ``python migrate.py X`` for it."""

from __future__ import annotations

import sys
from pathlib import Path

_names: dict[str, str] = {}  # what messages say: what this user types


def note(prefix: tuple[str, ...]) -> None:
    """Record the words that follow ``zava-mcp`` for the running script, such as ("migrate",)."""
    if prefix:
        _names[" ".join(("zava-mcp", *prefix))] = f"python {Path(sys.argv[0]).name}"


def as_typed(text: str) -> str:
    """Return a message with the commands in it as this user types them."""
    for name, typed in _names.items():
        text = text.replace(name, typed)
    return text
