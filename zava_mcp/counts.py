"""Counts in texts for people."""

from __future__ import annotations


def some(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: 0 files, 1 file; ``many`` where an s does not do."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"
